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

fn build() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("client-package");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["run", "--quiet", "--package", "generatio-wasm-build", "--", "--out"]).arg(&folder);
    assert!(build.status().expect("cargo runs").success(), "the package does not build");
    folder.join("index.js")
}
