//! The package and its polyfill, of the versions that `package-lock.json` pins, installed once below the target folder.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What pins the versions.
const LOCK: &str = "package-lock.json";

/// The folder in which the drivers are beside what they import.
///
/// # Panics
/// When npm is missing or fails.
pub(crate) fn installed() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sdk");
    fs::create_dir_all(&folder).expect("the target folder can be written to");
    // Tests run side by side, in several processes: one installs, the others wait.
    let guard = File::create(folder.join("guard")).expect("a file to lock");
    guard.lock().expect("the lock");
    let wanted = fs::read_to_string(source().join(LOCK)).expect("the lock file of npm");
    let mark = folder.join("installed");
    if !is(&mark, &wanted) {
        install(&folder);
        fs::write(mark, wanted).expect("it is remembered");
    }
    for driver in drivers() {
        place(&driver, &folder);
    }
    folder
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sdk")
}

fn install(folder: &Path) {
    for file in ["package.json", LOCK] {
        place(&source().join(file), folder);
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(folder);
    let output = npm.output().expect("npm runs; `cargo xtask test` installs it where it can");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// All that node runs, also what they share.
fn drivers() -> Vec<PathBuf> {
    let files = fs::read_dir(source()).expect("the folder of this program");
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
