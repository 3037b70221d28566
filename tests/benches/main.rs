//! What `cargo xtask bench` measures from inside: `generatio-bench settle`.
//!
//! It does its work in the folder it is given, says how far it is on stderr, and prints one JSON object: every round's
//! figure of every contender. What the figures mean and how they are shown is xtask's part.

#![expect(clippy::print_stdout, reason = "its output is its result")]

mod disk;
mod settle;

use clap::{Parser, Subcommand};
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// Measures from inside, for `cargo xtask bench`.
#[derive(Parser)]
struct Arguments {
    /// Where files may be made; the disk under it is what is measured.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// How often each contender has its turn.
    #[arg(long, value_name = "N", default_value_t = 9)]
    rounds: u32,
    #[command(subcommand)]
    bench: Bench,
}

#[derive(Subcommand)]
enum Bench {
    /// Jobs settled per second by the store, beside bare SQLite.
    Settle,
}

fn main() -> ExitCode {
    let Arguments { dir, rounds, bench } = Arguments::parse();
    let outcome = match bench {
        Bench::Settle => settle::run(&dir, rounds),
    };
    match outcome {
        Ok(figures) => {
            println!("{figures}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
