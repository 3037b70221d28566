//! `cargo xtask release`: the server as one file, its page inside.

mod alone;

use crate::Outcome;
use crate::{page, process, tools};
use clap::Args;
use std::path::Path;

/// Options of `cargo xtask release`.
#[derive(Args)]
pub(crate) struct Options {
    /// Link everything in (musl), and try the program where there is nothing else.
    #[arg(long = "static")]
    linked_in: bool,
}

/// Builds the page, then the program around it.
pub(crate) fn run(options: &Options) -> Outcome {
    let page = page::build()?;
    let target = if options.linked_in { Some(tools::musl()?) } else { None };
    let mut arguments = vec!["build", "--release", "--package", "generatio-server"];
    arguments.extend(target.iter().flat_map(|target| ["--target", target.as_str()]));
    let mut cargo = process::cargo(&arguments);
    cargo.env("GENERATIO_PAGE_DIR", page);
    process::run(cargo)?;
    let folder = target.as_deref().map_or(Path::new("target").to_path_buf(), |target| Path::new("target").join(target));
    let program = folder.join("release/generatio");
    if options.linked_in {
        alone::start(&process::workspace().join(&program))?;
        println!("It starts in a folder where nothing else is, and is ready.");
    }
    let shown = program.display();
    println!("The server is {shown}; `{shown} serve` shows its page at /.");
    Ok(())
}
