//! An installation below the target folder, and C programs built against it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// Where it is; installed once for all tests.
pub(crate) fn prefix() -> &'static Path {
    static PREFIX: OnceLock<PathBuf> = OnceLock::new();
    PREFIX.get_or_init(|| {
        let prefix = Path::new(env!("CARGO_TARGET_TMPDIR")).join("capi-prefix");
        _ = fs::remove_dir_all(&prefix);
        let mut cargo = Command::new(option_env!("CARGO").unwrap_or("cargo"));
        cargo.args(["run", "--quiet", "--package", "generatio-capi-build", "--", "install"]).arg(&prefix);
        well(cargo.current_dir(workspace()));
        prefix
    })
}

pub(crate) fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The file beside this one.
pub(crate) fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("capi/c").join(name)
}

/// Flags of every compilation: warnings are errors.
pub(crate) const STRICT: [&str; 5] = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic"];

/// Builds a program of `c/` against the static library.
pub(crate) fn built(folder: &Path, name: &str, flags: &[&str]) -> PathBuf {
    built_of(folder, name.trim_end_matches(".c"), &[source(name)], flags)
}

/// The same of several sources.
pub(crate) fn built_of(folder: &Path, name: &str, sources: &[PathBuf], flags: &[impl AsRef<OsStr>]) -> PathBuf {
    let program = folder.join(name);
    let mut gcc = Command::new("gcc");
    gcc.args(STRICT).args(flags).arg("-g").arg("-I").arg(prefix().join("include")).args(sources).arg("-o");
    gcc.arg(&program).arg(prefix().join("lib/libgeneratio.a")).args(private());
    well(&mut gcc);
    program
}

/// What the static library needs, as its pkg-config file says.
pub(crate) fn private() -> Vec<String> {
    let file = fs::read_to_string(prefix().join("lib/pkgconfig/generatio.pc")).unwrap();
    let line = file.lines().find_map(|line| line.strip_prefix("Libs.private: ")).unwrap();
    line.split(' ').map(ToOwned::to_owned).collect()
}

/// Runs to the end, which must be a good one; with what it printed.
pub(crate) fn well(command: &mut Command) -> String {
    let output = ran(command);
    assert!(output.status.success(), "{command:?} ended with {}\n{}", output.status, all(&output));
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) fn ran(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|error| panic!("{command:?} does not start: {error}"))
}

/// Both streams.
pub(crate) fn all(output: &Output) -> String {
    [&output.stdout[..], &output.stderr].map(String::from_utf8_lossy).concat()
}
