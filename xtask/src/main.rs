//! Developer commands of Generatio: `cargo xtask demo`, `test` and `lint`.
//!
//! Each is one file beside this one. What they share: [`process`] starts and ends other programs, [`tools`] installs or
//! names what a machine lacks, [`report`] prints what took how long. No product code lives here, and none is called
//! but through the built binary.

#![expect(clippy::print_stdout, reason = "commands speak to whoever typed them")]

mod demo;
mod lint;
mod process;
mod report;
mod test;
mod tools;

use clap::{Parser, Subcommand};
use std::error::Error;
use std::process::ExitCode;

/// What every command gives back; the message is shown to whoever typed the command.
type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// Developer commands of Generatio.
#[derive(Parser)]
#[command(bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Shows the main job: account, sealed key, pictures, exact costs. Needs no FAL key and spends nothing.
    Demo(demo::Options),
    /// Runs the tests and prints the seconds each suite took.
    Test(test::Options),
    /// Checks format, lints, docs, dependencies, and that core compiles for WebAssembly.
    Lint(lint::Options),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Demo(options) => demo::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Lint(options) => lint::run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }
}
