//! The installed library, and the commands that build examples against it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// An installation below the target folder, made once for all tests.
pub(crate) fn prefix() -> &'static Path {
    static PREFIX: OnceLock<PathBuf> = OnceLock::new();
    PREFIX.get_or_init(|| {
        let prefix = Path::new(env!("CARGO_TARGET_TMPDIR")).join("examples-prefix");
        _ = fs::remove_dir_all(&prefix);
        well(cargo().args(["run", "--quiet", "--package", "generatio-capi-build", "--", "install"]).arg(&prefix));
        prefix
    })
}

/// cargo in the workspace.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(examples().parent().expect("it lies in the workspace"));
    cargo
}

/// The folder of the examples.
pub(crate) fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests lies in the workspace").join("examples")
}

/// A clean folder to build in.
pub(crate) fn workshop(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("examples").join(name);
    _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder below the target folder");
    folder
}

/// Flags of the C and C++ examples: warnings are errors.
const STRICT: [&str; 5] = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-g"];

/// Compiles sources of `examples/` with `compiler`, against these pkg-config packages.
pub(crate) fn compiled(name: &str, compiler: &[&str], sources: &[&str], packages: &[&str]) -> PathBuf {
    let program = workshop(name).join("story");
    let (compiler, flags) = compiler.split_first().expect("a compiler");
    let mut command = Command::new(compiler);
    command.args(flags).args(STRICT).current_dir(examples()).args(sources).arg("-o").arg(&program);
    let mut pkg_config = Command::new("pkg-config");
    pkg_config.args(["--cflags", "--libs"]).args(packages).env("PKG_CONFIG_PATH", pkg_config_path());
    well(command.args(well(&mut pkg_config).split_whitespace()));
    program
}

pub(crate) fn pkg_config_path() -> PathBuf {
    prefix().join("lib/pkgconfig")
}

/// Runs to the end, which must be a good one; with what it printed.
pub(crate) fn well(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (said, warned) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{command:?} ended with {}\n{said}\n{warned}", output.status);
    said
}
