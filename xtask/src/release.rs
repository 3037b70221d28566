//! `cargo xtask release`: the server as one file, its page inside.

use crate::{Outcome, page, process};

/// Builds the page, then the program around it.
pub(crate) fn run() -> Outcome {
    let page = page::build()?;
    let mut cargo = process::cargo(&["build", "--release", "--package", "generatio-server"]);
    cargo.env("GENERATIO_PAGE_DIR", page);
    process::run(cargo)?;
    println!("The server is target/release/generatio; `target/release/generatio serve` shows its page at /.");
    Ok(())
}
