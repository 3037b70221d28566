//! Programs of node's own test runner, beside the npm packages that they import.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What pins the versions.
const LOCK: &str = "package-lock.json";

/// The folder below the target folder in which the drivers of `tests/NAME` are beside what they import, of the versions
/// that `tests/NAME/package-lock.json` pins; installed once.
///
/// # Panics
/// When npm is missing or fails.
#[must_use]
pub fn drivers(name: &str) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let folder = target().join("tmp").join(name);
    fs::create_dir_all(&folder).expect("the target folder can be written to");
    // Tests run side by side, in several processes: one installs, the others wait.
    let guard = File::create(folder.join("guard")).expect("a file to lock");
    guard.lock().expect("the lock");
    let wanted = fs::read_to_string(source.join(LOCK)).expect("the lock file of npm");
    let mark = folder.join("installed");
    if !is(&mark, &wanted) {
        install(&source, &folder);
        fs::write(mark, wanted).expect("it is remembered");
    }
    for driver in scripts(&source) {
        place(&driver, &folder);
    }
    folder
}

/// The target folder of this test program.
///
/// # Panics
/// When the program does not lie in one.
#[must_use]
pub fn target() -> PathBuf {
    let test = std::env::current_exe().expect("this test has a path");
    test.ancestors().nth(3).expect("tests lie in TARGET/PROFILE/deps").to_path_buf()
}

/// What `program`, a driver's run, printed at the end: how many tests node's runner counted as passed.
#[must_use]
pub fn passed(said: &str) -> u32 {
    let count = |line: &str| line.split_once("pass ")?.1.trim().parse().ok();
    said.lines().rev().find_map(count).unwrap_or_default()
}

fn install(source: &Path, folder: &Path) {
    for file in ["package.json", LOCK] {
        place(&source.join(file), folder);
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(folder);
    let output = npm.output().expect("npm runs; `cargo xtask test` installs it where it can");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// All that node runs, also what the drivers share.
fn scripts(source: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(source).expect("the folder of this program");
    let paths = files.map(|file| file.expect("a file").path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "mjs")).collect()
}

/// Copies unless it is there already: another process may be running it.
fn place(file: &Path, folder: &Path) {
    let text = fs::read_to_string(file).expect("a text");
    let path = folder.join(file.file_name().expect("a file has a name"));
    if !is(&path, &text) {
        fs::write(path, text).expect("the target folder can be written to");
    }
}

fn is(path: &Path, text: &str) -> bool {
    match fs::read_to_string(path) {
        Ok(found) => found == text,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::NotFound, "{}", path.display());
            false
        }
    }
}
