//! `cargo xtask capi`: makes the C library's header and installs it. The work is done by a program of its own,
//! `xtask/capi`, so that no other command waits for cbindgen to compile.

use crate::{Outcome, process};
use clap::Args;
use std::path::PathBuf;
use std::process::Command;

/// Options of `cargo xtask capi`.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Options {
    /// Builds the libraries and installs them, their header, a pkg-config file and a CMake package below this folder.
    #[arg(long, value_name = "FOLDER")]
    prefix: Option<PathBuf>,
    /// Writes the header, its reference page and the list of what is exported, from the Rust behind them.
    #[arg(long)]
    header: bool,
}

/// Installs, or writes the header.
pub(crate) fn run(options: &Options) -> Outcome {
    let built = process::build(&["--package", "generatio-capi-build"])?;
    let mut command = Command::new(process::binary(&built, "generatio-capi-build")?);
    match &options.prefix {
        Some(prefix) => command.arg("install").arg(prefix),
        None => command.arg("header"),
    };
    process::run(command)
}
