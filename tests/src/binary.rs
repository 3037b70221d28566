//! The real `generatio` binary as a child process.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;

/// A running server. It is killed when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    url: String,
    log: Arc<Mutex<String>>,
}

impl Server {
    /// Starts `generatio serve` on a free port with `arguments`, and waits until it listens.
    ///
    /// # Panics
    /// When it does not start; the message holds its log.
    #[must_use]
    pub fn start(data_dir: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(binary());
        command.args(["serve", "--http", "127.0.0.1:0", "--log-level", "debug", "--data-dir"]).arg(data_dir);
        command.args(arguments).env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        let log = collect(child.stderr.take().expect("stderr is piped"));
        let mut output = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let mut line = String::new();
        output.read_line(&mut line).expect("stdout is text");
        let Some(at) = line.find("http://") else {
            let _ = child.wait();
            panic!("the server did not start: {line}\n{}", log.lock().expect("the log is whole"));
        };
        let url = line[at..].trim().to_owned();
        // What follows is part of the log: nothing the server prints may hold a secret.
        append(output, log.clone());
        Self { child, url, log }
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Everything it has printed so far, on both streams.
    ///
    /// # Panics
    /// Never in practice: the collecting threads do not panic.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.lock().expect("the log is whole").clone()
    }

    /// Asks it to stop, as an operator would, and waits until it has.
    ///
    /// # Panics
    /// When it cannot be signalled.
    pub fn stop(mut self) -> ExitStatus {
        let signalled = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(signalled.expect("kill runs").success());
        self.child.wait().expect("the server ends")
    }

    /// Kills it without warning.
    ///
    /// # Panics
    /// When it cannot be killed.
    pub fn kill(mut self) {
        self.child.kill().expect("the server can be killed");
        self.child.wait().expect("the server ends");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The binary under test: `GENERATIO_BIN`, else built now beside this test.
///
/// # Panics
/// When it cannot be built.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(path) = std::env::var_os("GENERATIO_BIN") {
            return PathBuf::from(path);
        }
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo).args(["build", "--quiet", "--package", "generatio-server"]).status();
        assert!(built.expect("cargo runs").success(), "the server does not build");
        let test = std::env::current_exe().expect("this test has a path");
        let profile = test.ancestors().nth(2).expect("tests lie in target/PROFILE/deps");
        profile.join(format!("generatio{}", std::env::consts::EXE_SUFFIX))
    })
}

fn collect(stream: impl Read + Send + 'static) -> Arc<Mutex<String>> {
    let log = Arc::new(Mutex::new(String::new()));
    append(BufReader::new(stream), log.clone());
    log
}

fn append(stream: impl BufRead + Send + 'static, log: Arc<Mutex<String>>) {
    thread::spawn(move || {
        for line in stream.lines().map_while(Result::ok) {
            let mut log = log.lock().expect("nobody panics while holding it");
            log.push_str(&line);
            log.push('\n');
        }
    });
}
