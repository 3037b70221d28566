//! Builds the npm package `generatio`: compiles, binds, optimises, and lays the files out as npm packs them.
//!
//! `generatio-wasm-build [--out FOLDER]`; `cargo xtask wasm` and the tests run it. Node is used where it is, for
//! `wasm-opt`; without it the package is the same, and larger.

#![expect(clippy::print_stdout, reason = "a command speaks to whoever typed it")]

mod assemble;
mod bind;
mod compile;
mod optimise;
mod order;
mod panics;
mod unused;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use unused::Pieces;

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// The two WebAssembly modules of the package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entry {
    /// `generatio`.
    Full,
    /// `generatio/slim`.
    Slim,
}

impl Entry {
    const ALL: [Self; 2] = [Self::Slim, Self::Full];

    /// The stem of its files.
    const fn name(self) -> &'static str {
        match self {
            Self::Full => "generatio",
            Self::Slim => "slim",
        }
    }
}

fn main() -> ExitCode {
    match run(&std::env::args_os().skip(1).map(PathBuf::from).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[PathBuf]) -> Outcome {
    let out = match arguments {
        [] => workspace().join("bindings/wasm/pkg"),
        [flag, folder] if flag.as_os_str() == "--out" => folder.clone(),
        _ => return Err("usage: generatio-wasm-build [--out FOLDER]".into()),
    };
    let optimiser = optimise::find()?;
    let mut parts = Vec::new();
    for entry in Entry::ALL {
        let linked = compile::compile(entry)?;
        let pieces = Pieces::of(&linked)?;
        let bound = bind::bind(entry, &unused::without_symbols(&linked)?)?;
        let optimised = optimiser.as_ref().map(|optimiser| optimiser.run(entry, &bound.wasm)).transpose()?;
        let mut wasm = order::by_likeness(optimised.as_ref().unwrap_or(&bound.wasm))?;
        let blanked = pieces.blank_unused(&mut wasm)?;
        println!(
            "{}.wasm: {} bytes, {} before wasm-opt; {blanked} blanked",
            entry.name(),
            wasm.len(),
            bound.wasm.len()
        );
        parts.push((entry, bound.glue, wasm));
    }
    assemble::assemble(&out, &parts)?;
    println!("{}", out.display());
    Ok(())
}

/// The folder of the workspace's `Cargo.toml`.
fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("xtask/wasm is two folders below the workspace")
}

/// Runs to the end, with this program's own input and output.
fn to_the_end(command: &mut Command) -> Outcome {
    let name = format!("`{}`", command.get_program().to_string_lossy());
    let status = command.status().map_err(|error| format!("{name} does not start: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name} ended with {status}").into()) }
}
