//! `cargo xtask capi`: makes the C library's header and installs it. The work is done by a program of its own,
//! `xtask/capi`, so that no other command waits for cbindgen to compile.

use crate::{Outcome, process};
use clap::Args;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
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
    match &options.prefix {
        Some(prefix) => install(prefix),
        None => builder(&["header".as_ref()]),
    }
}

/// Installs the library below `prefix`.
pub(crate) fn install(prefix: &Path) -> Outcome {
    builder(&["install".as_ref(), prefix.as_ref()])
}

fn builder(arguments: &[&OsStr]) -> Outcome {
    let built = process::build(&["--package", "generatio-capi-build"])?;
    let mut command = Command::new(process::binary(&built, "generatio-capi-build")?);
    command.args(arguments);
    process::run(command)
}
