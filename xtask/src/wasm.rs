//! `cargo xtask wasm`: builds the npm package. The work is done by a program of its own, `xtask/wasm`, so that no other
//! command waits for wasm-bindgen to compile.

use crate::{Outcome, process, tools};
use clap::Args;
use std::path::PathBuf;
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
    tools::wasm_target()?;
    let built = process::build(&["--package", "generatio-wasm-build"])?;
    let mut command = Command::new(process::binary(&built, "generatio-wasm-build")?);
    if let Some(out) = &options.out {
        command.arg("--out").arg(out);
    }
    process::run(command)
}
