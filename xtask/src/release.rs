//! `cargo xtask release`: the server as one file, its page inside.

mod alone;
mod machine;

use crate::Outcome;
use crate::{page, process};
use clap::Args;
use machine::Machine;
use std::path::Path;

/// Options of `cargo xtask release`.
#[derive(Args)]
pub(crate) struct Options {
    /// Link everything in (musl), and try the program where there is nothing else.
    #[arg(long = "static")]
    linked_in: bool,
    /// Link it for this machine instead of the one that this is, and try it by emulation.
    #[arg(long, requires = "linked_in")]
    target: Option<Machine>,
}

/// Builds the page, then the program around it.
pub(crate) fn run(options: &Options) -> Outcome {
    let machine = match options.linked_in {
        true => Some(options.target.map_or_else(Machine::here, Ok)?),
        false => None,
    };
    let mut cargo = process::cargo(&["build", "--release", "--package", "generatio-server"]);
    let mut folder = Path::new("target").to_path_buf();
    if let Some(machine) = machine {
        machine.prepare(&mut cargo)?;
        cargo.args(["--target", &machine.target()]);
        folder.push(machine.target());
    }
    cargo.env("GENERATIO_PAGE_DIR", page::build()?);
    process::run(cargo)?;
    let program = folder.join("release/generatio");
    if let Some(machine) = machine {
        alone::start(&process::workspace().join(&program), machine.emulator()?.as_deref())?;
        println!("It starts in a folder where nothing else is, and is ready.");
    }
    let shown = program.display();
    println!("The server is {shown}; `{shown} serve` shows its page at /.");
    Ok(())
}
