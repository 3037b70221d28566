//! `cargo xtask wasm`: builds the npm package. The work is done by a program of its own, `xtask/wasm`, so that no other
//! command waits for wasm-bindgen to compile.

use crate::{Outcome, process, tools};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Options of `cargo xtask wasm`.
#[derive(Args)]
pub(crate) struct Options {
    /// Where the package goes; `bindings/wasm/pkg` when not given. The folder is emptied before.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

/// Builds the package.
pub(crate) fn run(options: &Options) -> Outcome {
    build(options.out.as_deref())
}

/// Builds the package into a folder, or where it usually goes.
pub(crate) fn build(out: Option<&Path>) -> Outcome {
    tools::wasm_target()?;
    let built = process::build(&["--package", "generatio-wasm-build"])?;
    let mut command = Command::new(process::binary(&built, "generatio-wasm-build")?);
    if let Some(out) = out {
        command.arg("--out").arg(out);
    }
    process::run(command)
}
