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

/// Builds the package into a folder, or where it usually goes: by the program that `GENERATIO_WASM_BUILD` names, as tests
/// have it, else by the same one built now.
pub(crate) fn build(out: Option<&Path>) -> Outcome {
    tools::wasm_target()?;
    let program = match std::env::var_os("GENERATIO_WASM_BUILD") {
        Some(program) => PathBuf::from(program),
        None => {
            process::binary(&process::build(&["--package", "generatio-wasm-build"])?, "generatio-wasm-build")?.into()
        }
    };
    let mut command = Command::new(program);
    if let Some(out) = out {
        command.arg("--out").arg(out);
    }
    process::run(command)
}
