//! The program in an empty directory tree: no libraries, no shell, no `/proc`, no `/tmp`.

use crate::Outcome;
use crate::folder::Folder;
use crate::process::{self, Running};
use rustix::process::geteuid;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// Starts it there, asks it whether it is ready, and ends it. A program of another machine has the `emulator` beside it.
pub(super) fn start(program: &Path, emulator: Option<&str>) -> Outcome {
    let root = Folder::create(&process::workspace().join("target/alone"))?;
    fs::copy(program, root.path().join("generatio"))?;
    if let Some(emulator) = emulator {
        fs::copy(Path::new("/usr/bin").join(emulator), root.path().join(emulator))?;
    }
    let inside = || inside(root.path(), emulator);
    // Without certificates of authorities there is no way to FAL itself, and nothing is asked of it here.
    let mut serve = inside();
    serve.args(["serve", "--data-dir", "/data", "--http", "127.0.0.1:0", "--fal-url", "http://127.0.0.1:9"]);
    serve.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut running = Running::start(serve)?;
    let (_stdin, stdout) = running.pipes().ok_or("its output was asked for")?;
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line)?;
    let address = line.trim().rsplit("http://").next().filter(|address| address.contains(':'));
    let address = address.ok_or_else(|| format!("it did not say where it listens: {line:?}"))?;
    let mut health = inside();
    health.args(["health", "--http", address]);
    process::run(health)?;
    drop(running);
    root.remove()
}

/// The program with `root` as all that it sees: as root, or in a user namespace where the system gives one.
fn inside(root: &Path, emulator: Option<&str>) -> Command {
    let words: &[&str] = if geteuid().is_root() { &["chroot"] } else { &["unshare", "--map-root-user", "chroot"] };
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).arg(root);
    if let Some(emulator) = emulator {
        command.arg(Path::new("/").join(emulator));
    }
    command.arg("/generatio");
    command.env_clear();
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}
