//! The page as a folder of files.

use generatio_tests::npm;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// `GENERATIO_PAGE`, else put together now by `xtask page`: the one that runs this test, or another by cargo.
///
/// # Panics
/// When it cannot be.
pub(crate) fn assembled() -> PathBuf {
    static PAGE: OnceLock<PathBuf> = OnceLock::new();
    PAGE.get_or_init(|| std::env::var_os("GENERATIO_PAGE").map_or_else(put_together, PathBuf::from)).clone()
}

fn put_together() -> PathBuf {
    let target = npm::target();
    let out = target.join("tmp/page-under-test");
    fs::create_dir_all(target.join("tmp")).expect("the target folder can be written to");
    // Another process may be about to do the same.
    let guard = File::create(target.join("tmp/page-under-test.guard")).expect("a file to lock");
    guard.lock().expect("the lock");
    let status = xtask(&target).args(["page", "--out"]).arg(&out).status();
    assert!(status.expect("xtask runs").success(), "the page cannot be put together");
    out
}

fn xtask(target: &Path) -> Command {
    if let Some(program) = std::env::var_os("GENERATIO_XTASK") {
        return Command::new(program);
    }
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["run", "--quiet", "--package", "xtask", "--target-dir"]).arg(target).arg("--");
    cargo
}
