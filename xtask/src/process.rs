//! Other programs: how cargo is called, and children that do not outlive this one.

use crate::Outcome;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a child may take to end by itself before it is killed.
const GRACE: Duration = Duration::from_secs(5);

/// The folder of the workspace's `Cargo.toml`.
pub(crate) fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of the workspace")
}

/// `cargo` with these arguments, in the workspace.
///
/// What cargo told *this* program through its environment is taken out again: build scripts that watch those variables
/// would otherwise run anew each time a command is called by hand and then by xtask.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    clean(Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())), arguments)
}

/// The same of the nightly toolchain, which rustup knows.
pub(crate) fn nightly_cargo(arguments: &[&str]) -> Command {
    toolchain_cargo("nightly", arguments)
}

/// The same of a toolchain that rustup knows by this name.
pub(crate) fn toolchain_cargo(name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new("rustup");
    command.args(["run", name, "cargo"]);
    clean(command, arguments)
}

fn clean(mut command: Command, arguments: &[&str]) -> Command {
    command.args(arguments).current_dir(workspace());
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_about_this_package) {
            command.env_remove(name);
        }
    }
    command
}

fn is_about_this_package(variable: &str) -> bool {
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"]
        .iter()
        .any(|prefix| variable.starts_with(prefix))
}

/// Runs to the end, with this program's own input and output.
pub(crate) fn run(mut command: Command) -> Outcome {
    let status = command.status().map_err(|error| format!("{} does not start: {error}", name_of(&command)))?;
    if status.success() { Ok(()) } else { Err(format!("{} ended with {status}", name_of(&command)).into()) }
}

/// Runs to the end and hands over each line of its output as it comes.
pub(crate) fn run_reading(mut command: Command, mut on_line: impl FnMut(&str)) -> Outcome<ExitStatus> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{} does not start: {error}", name_of(&command)))?;
    let output = child.stdout.take().expect("its output was asked for");
    for line in BufReader::new(output).split(b'\n') {
        on_line(&String::from_utf8_lossy(&line?));
    }
    Ok(child.wait()?)
}

/// The JSON document that a program prints.
pub(crate) fn document(command: Command) -> Outcome<Value> {
    let program = program_of(&command);
    let mut printed = String::new();
    let status = run_reading(command, |line| printed.push_str(line))?;
    if !status.success() {
        return Err(format!("{program} ended with {status}").into());
    }
    Ok(serde_json::from_str(&printed).map_err(|error| format!("{program} printed no JSON: {error}"))?)
}

/// The first word that names a program of its own.
fn program_of(command: &Command) -> String {
    let name = |path: &OsStr| Path::new(path).file_name().unwrap_or(path).to_string_lossy().into_owned();
    match command.get_program() {
        starter if starter == "taskset" => command.get_args().nth(2).map_or_else(|| name(starter), name),
        program => name(program),
    }
}

fn name_of(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    format!("`{}`", words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" "))
}

/// A program that cargo built.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Built {
    /// Folder of its package.
    pub(crate) package: PathBuf,
    /// Name of its target: the binary's, the library's, or the file's under `tests/`.
    pub(crate) target: String,
    /// Whether it is a test program.
    pub(crate) is_test: bool,
    /// Where it is.
    pub(crate) path: PathBuf,
}

/// `cargo build` with these arguments; cargo's own words go to stderr as usual.
pub(crate) fn build(arguments: &[&str]) -> Outcome<Vec<Built>> {
    build_by(cargo(&[&["build", "--message-format", "json-render-diagnostics"], arguments].concat()))
}

/// The same by a command that has cargo print its messages as JSON.
pub(crate) fn build_by(command: Command) -> Outcome<Vec<Built>> {
    let mut built = Vec::new();
    let status = run_reading(command, |line| built.extend(program_in(line)))?;
    if status.success() { Ok(built) } else { Err("the build failed".into()) }
}

/// Path of the `generatio` binary among what was built.
pub(crate) fn generatio(built: &[Built]) -> Outcome<&Path> {
    binary(built, "generatio")
}

/// Path of the binary of this name among what was built.
pub(crate) fn binary<'a>(built: &'a [Built], name: &str) -> Outcome<&'a Path> {
    let binary = built.iter().find(|program| program.target == name && !program.is_test);
    binary.map(|program| program.path.as_path()).ok_or_else(|| format!("cargo did not build {name}").into())
}

/// Reads one line of cargo's JSON messages.
fn program_in(line: &str) -> Option<Built> {
    let message: Value = serde_json::from_str(line).ok()?;
    Some(Built {
        package: Path::new(message["manifest_path"].as_str()?).parent()?.to_path_buf(),
        target: message["target"]["name"].as_str()?.to_owned(),
        is_test: message["profile"]["test"].as_bool()?,
        path: message["executable"].as_str()?.into(),
    })
}

/// A child that ends when this value does.
pub(crate) struct Running {
    child: Child,
}

impl Running {
    /// Starts it.
    pub(crate) fn start(mut command: Command) -> Outcome<Self> {
        let child = command.spawn().map_err(|error| format!("{} does not start: {error}", name_of(&command)))?;
        Ok(Self { child })
    }

    /// The id of its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its input and output, once, where they are pipes.
    pub(crate) fn pipes(&mut self) -> Option<(ChildStdin, ChildStdout)> {
        self.child.stdin.take().zip(self.child.stdout.take())
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }
}

impl Drop for Running {
    /// Asks the child to end, so that a server closes its database in order; kills it after [`GRACE`].
    fn drop(&mut self) {
        let asked = Instant::now();
        if self.ended().is_none() && kill_process(Pid::from_child(&self.child), Signal::TERM).is_ok() {
            while self.ended().is_none() && asked.elapsed() < GRACE {
                sleep(Duration::from_millis(20));
            }
        }
        // Both fail only when it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_read_from_cargos_messages() {
        let line = r#"{"reason":"compiler-artifact","manifest_path":"/w/core/Cargo.toml","target":{"name":"vectors"},
            "profile":{"test":true},"executable":"/w/target/debug/deps/vectors-1"}"#;
        let expected = Built {
            package: "/w/core".into(),
            target: "vectors".into(),
            is_test: true,
            path: "/w/target/debug/deps/vectors-1".into(),
        };
        assert_eq!(program_in(line), Some(expected));
        let library = line.replace("\"/w/target/debug/deps/vectors-1\"", "null");
        for other in [library.as_str(), r#"{"reason":"build-finished","success":true}"#, "warning: words", ""] {
            assert_eq!(program_in(other), None, "{other}");
        }
    }

    #[test]
    fn a_child_ends_with_its_guard() {
        let mut command = Command::new("sleep");
        command.arg("600");
        let running = Running::start(command).unwrap();
        let pid = Pid::from_child(&running.child);
        assert!(rustix::process::test_kill_process(pid).is_ok());
        drop(running);
        assert!(rustix::process::test_kill_process(pid).is_err());
    }

    #[test]
    fn output_is_handed_over_by_line_with_the_status() {
        let mut command = Command::new("sh");
        command.args(["-c", "printf 'one\\ntwo'; exit 3"]);
        let mut lines = Vec::new();
        let status = run_reading(command, |line| lines.push(line.to_owned())).unwrap();
        assert_eq!((lines, status.code()), (vec!["one".to_owned(), "two".to_owned()], Some(3)));
    }

    #[test]
    fn a_document_is_read_or_the_program_that_failed_named() {
        let sh = |script: &str| {
            let mut command = Command::new("/bin/sh");
            command.args(["-c", script]);
            document(command)
        };
        assert_eq!(sh("echo '{\"a\":'; echo 1}").unwrap(), serde_json::json!({ "a": 1 }));
        assert_eq!(sh("exit 3").unwrap_err().to_string(), "sh ended with exit status: 3");
        assert!(sh("echo words").unwrap_err().to_string().starts_with("sh printed no JSON"));
        let mut pinned = Command::new("taskset");
        pinned.args(["--cpu-list", "1", "/w/generatio-bench", "--token", "secret"]);
        assert_eq!(program_of(&pinned), "generatio-bench");
    }

    #[test]
    fn only_this_packages_variables_are_withheld_from_cargo() {
        assert!(is_about_this_package("CARGO_PKG_NAME") && is_about_this_package("CARGO_MANIFEST_DIR"));
        assert!(!is_about_this_package("CARGO_TARGET_DIR") && !is_about_this_package("CARGO_HOME"));
    }
}
