//! Developer commands of Generatio: `cargo xtask demo`, `test`, `capi`, `faults`, `memory-scan`, `timing`, `fuzz`, `sbom`,
//! `storm`, `wasm`, `page`, `release`, `lint` and `bench`.
//!
//! Each is one file beside this one. What they share: [`process`] starts and ends other programs, [`servers`] the server
//! and its stand-in for FAL in a [`folder`] of the run's own, [`api`] talks to them, [`tools`] installs or names what a
//! machine lacks, [`report`] prints what took how long. No product code lives here, and none is called but through the
//! built binary.

#![expect(clippy::print_stdout, reason = "commands speak to whoever typed them")]

mod api;
mod bench;
mod capi;
mod cores;
mod demo;
mod faults;
mod folder;
mod fuzz;
mod lint;
mod memory_scan;
mod metadata;
mod page;
mod process;
mod release;
mod report;
mod sbom;
mod servers;
mod storm;
mod test;
mod timing;
mod tools;
mod wasm;

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
    /// Makes the C library's header, or installs the library.
    Capi(capi::Options),
    /// Kills the server again and again and compares what is left with what FAL billed.
    Faults(faults::Options),
    /// Searches the server's memory and files for what a thousand people have secret. Takes root.
    MemoryScan(memory_scan::Options),
    /// Whether the time of a refused login tells who has an account.
    Timing(timing::Options),
    /// Feeds parsers and the C library what nobody would think of. Takes a nightly compiler.
    Fuzz(fuzz::Options),
    /// Lists what a package is built from, as CycloneDX has it.
    Sbom(sbom::Options),
    /// Has many come at once, and measures what becomes of those who are there.
    Storm(storm::Options),
    /// Builds the npm package into `bindings/wasm/pkg`.
    Wasm(wasm::Options),
    /// Builds the server as one file, with its page inside: `target/release/generatio`.
    Release(release::Options),
    /// Checks format, lints, docs, dependencies, and the same for WebAssembly.
    Lint(lint::Options),
    /// Puts the page together as a folder of files, with the npm package it runs on.
    Page(page::Options),
    /// Measures how fast it is, beside what people would use instead, and keeps the result.
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Demo(options) => demo::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Capi(options) => capi::run(&options),
        Command::Faults(options) => faults::run(&options),
        Command::MemoryScan(options) => memory_scan::run(&options),
        Command::Timing(options) => timing::run(&options),
        Command::Fuzz(options) => fuzz::run(&options),
        Command::Sbom(options) => sbom::run(&options),
        Command::Storm(options) => storm::run(&options),
        Command::Wasm(options) => wasm::run(&options),
        Command::Release(options) => release::run(&options),
        Command::Lint(options) => lint::run(&options),
        Command::Page(options) => page::run(&options),
        Command::Bench(options) => bench::run(&options),
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
    use std::path::Path;

    const PAGES: [(&str, &str); 7] = [
        ("README.md", include_str!("../../README.md")),
        ("server/docs/api.md", include_str!("../../server/docs/api.md")),
        ("server/docs/configuration.md", include_str!("../../server/docs/configuration.md")),
        ("server/docs/install.md", include_str!("../../server/docs/install.md")),
        ("CONTRIBUTING.md", include_str!("../../CONTRIBUTING.md")),
        ("bindings/c/README.md", include_str!("../../bindings/c/README.md")),
        ("CHANGELOG.md", include_str!("../../CHANGELOG.md")),
    ];

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    /// `cargo xtask` up to what ends a command in running text, a table or a block. Capitals stand for names.
    fn commands(page: &str) -> impl Iterator<Item = &str> {
        page.split("cargo xtask ").skip(1).map(|rest| rest.split(['`', '#', '\n']).next().unwrap_or_default().trim())
    }

    #[test]
    fn commands_of_the_pages_are_understood() {
        let mut count = 0;
        for (name, page) in PAGES {
            for command in commands(page).map(|line| line.replace("SUITE", "core").replace("NAME", "fmt")) {
                let words = std::iter::once("xtask").chain(command.split(' '));
                assert!(Arguments::try_parse_from(words).is_ok(), "{name}: cargo xtask {command}");
                count += 1;
            }
        }
        assert!(count >= 10, "{count} commands were found");
    }

    #[test]
    fn links_of_the_pages_lead_somewhere() {
        let mut count = 0;
        for (name, page) in PAGES {
            let targets = page.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
            for (target, _) in targets.filter(|(target, _)| !target.starts_with("https://")) {
                let folder = Path::new(name).parent().expect("a page is a file");
                assert!(process::workspace().join(folder).join(target).exists(), "{name} links to {target}");
                count += 1;
            }
        }
        assert!(count >= 4, "{count} links were found");
    }
}
