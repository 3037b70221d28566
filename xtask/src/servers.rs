//! The server and the stand-in for FAL, as children of this program.

use crate::Outcome;
use crate::folder::Folder;
use crate::process::Running;
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a program may take to say where it listens.
const START: Duration = Duration::from_secs(30);

/// How both are started.
pub(crate) struct Setup<'a> {
    /// Port of the server when it is free; 0 for any.
    pub(crate) port: u16,
    /// The stand-in's.
    pub(crate) fal_port: u16,
    /// Milliseconds a picture takes at the stand-in.
    pub(crate) latency_ms: u32,
    /// What the server is asked for besides.
    pub(crate) serve: &'a [&'a str],
    /// Words before the server's program and before the stand-in's: what holds it to a core, or watches it.
    pub(crate) under: [&'a [&'a str]; 2],
}

impl Setup<'_> {
    /// Any free ports, no latency, the defaults of all else.
    pub(crate) const QUICK: Self = Self { port: 0, fal_port: 0, latency_ms: 0, serve: &[], under: [&[], &[]] };
}

/// Both, running; they end with this value.
pub(crate) struct Servers {
    /// Where the server is, `http://127.0.0.1:PORT`.
    pub(crate) url: String,
    /// Where the stand-in is.
    pub(crate) fal_url: String,
    // Fields are dropped in this order: the server ends before the stand-in it may still be talking to.
    server: Running,
    fal: Running,
}

impl Servers {
    /// Starts both, each in its turn, and waits until they listen.
    pub(crate) fn start(generatio: &Path, folder: &Folder, setup: &Setup<'_>) -> Outcome<Self> {
        let command = |under: &[&str], name: &str, port: u16| -> Command {
            let mut words = under.iter().map(AsRef::as_ref).chain([generatio.as_os_str()]);
            let mut command = Command::new(words.next().unwrap_or(generatio.as_os_str()));
            command.args(words).arg(name).args(["--http", &address(port)]);
            command
        };
        let [under_server, under_stand_in] = setup.under;
        let mut stand_in = command(under_stand_in, "fal-sim", free(setup.fal_port));
        stand_in.args(["--latency", &setup.latency_ms.to_string()]);
        let (fal_url, fal) = start(stand_in, folder, "fal-sim")?;
        let mut serve = command(under_server, "serve", free(setup.port));
        serve.arg("--data-dir").arg(folder.data()).args(["--fal-url", &fal_url]).args(setup.serve);
        let (url, server) = start(serve, folder, "server")?;
        Ok(Self { url, fal_url, server, fal })
    }

    /// The id of the server's process.
    pub(crate) fn server_id(&self) -> u32 {
        self.server.id()
    }

    /// Fails when one of them has ended.
    pub(crate) fn are_running(&mut self) -> Outcome {
        for (name, running) in [("server", &mut self.server), ("stand-in for FAL", &mut self.fal)] {
            if let Some(status) = running.ended() {
                return Err(format!("the {name} has ended with {status}").into());
            }
        }
        Ok(())
    }
}

fn address(port: u16) -> String {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port)).to_string()
}

/// A port that nobody has.
pub(crate) fn free_port() -> Outcome<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// `port`, or 0, which stands for any, when somebody has it.
fn free(port: u16) -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_or(0, |_| port)
}

/// Starts a server, whose output and log are called `name`, and waits until it says where it listens.
pub(crate) fn start(mut command: Command, folder: &Folder, name: &str) -> Outcome<(String, Running)> {
    let (output, log) = (folder.output(name), folder.log(name));
    command.stdin(Stdio::null()).stdout(File::create(&output)?).stderr(File::create(&log)?).current_dir(folder.path());
    for (variable, _) in std::env::vars_os() {
        // Defaults are what is shown and measured, whatever is set up here for another server.
        if variable.to_string_lossy().starts_with("GENERATIO_") {
            command.env_remove(variable);
        }
    }
    let mut running = Running::start(command)?;
    match wait_for_address(&mut running, &output) {
        Some(url) => Ok((url, running)),
        None => Err(format!("{name} did not say where it listens:\n{}", fs::read_to_string(log)?).into()),
    }
}

fn wait_for_address(running: &mut Running, output: &Path) -> Option<String> {
    let began = Instant::now();
    while began.elapsed() < START && running.ended().is_none() {
        if let Some(url) = fs::read_to_string(output).ok().as_deref().and_then(url_in) {
            return Some(url);
        }
        sleep(Duration::from_millis(20));
    }
    None
}

/// The first `http://ADDRESS:PORT` in the lines that are complete.
fn url_in(output: &str) -> Option<String> {
    let (lines, _) = output.rsplit_once('\n')?;
    lines.match_indices("http://").find_map(|(start, scheme)| {
        let rest = &lines[start + scheme.len()..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !".:[]".contains(c)).unwrap_or(rest.len());
        let address: SocketAddr = rest[..end].trim_end_matches('.').parse().ok()?;
        Some(format!("http://{address}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_read_from_a_complete_line() {
        let cases = [
            ("Generatio is listening on http://127.0.0.1:8090\n", Some("http://127.0.0.1:8090")),
            ("Listening on http://127.0.0.1:41234/. See http://example.com\n", Some("http://127.0.0.1:41234")),
            ("Docs: http://example.com/\nOn http://127.0.0.1:80.\nmore", Some("http://127.0.0.1:80")),
            ("On http://[::1]:8090, as asked\n", Some("http://[::1]:8090")),
            ("Generatio is listening on http://127.0.0.1:80", None),
            ("Generatio is starting\n", None),
            ("", None),
        ];
        for (output, expected) in cases {
            assert_eq!(url_in(output).as_deref(), expected, "{output:?}");
        }
    }

    #[test]
    fn a_port_in_use_is_left_to_its_owner() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        assert_eq!(free(port), 0);
    }

    #[test]
    fn a_program_that_ends_at_once_is_reported_with_its_words() {
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::create(parent.path()).unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "echo no such option >&2; exit 2"]);
        let error = start(command, &folder, "server").err().unwrap().to_string();
        assert!(error.contains("did not say where it listens") && error.contains("no such option"), "{error}");
    }
}
