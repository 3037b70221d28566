//! The npm package under test: what `GENERATIO_PACKAGE` names, else built now, once for all topics.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The package's entry.
///
/// # Panics
/// When it cannot be built.
pub(crate) fn built() -> &'static Path {
    static ENTRY: OnceLock<PathBuf> = OnceLock::new();
    ENTRY.get_or_init(|| std::env::var_os("GENERATIO_PACKAGE").map_or_else(build, PathBuf::from))
}

/// As `cargo xtask wasm` does it: by the same program, built beside this one when a suite runs, else now.
fn build() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("client-package");
    let mut build = match std::env::var_os("GENERATIO_WASM_BUILD") {
        Some(program) => Command::new(program),
        None => {
            let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
            cargo.args(["run", "--quiet", "--package", "generatio-wasm-build", "--"]);
            cargo
        }
    };
    let output = build.arg("--out").arg(&folder).output().expect("it runs");
    assert!(output.status.success(), "the package does not build\n{}", String::from_utf8_lossy(&output.stderr));
    folder.join("index.js")
}
