//! What `cargo xtask bench` needs from inside: `generatio-bench settle`, `gallery-fill`, `gallery-load`; and what
//! `cargo xtask timing`, `memory-scan` and `storm` need: `timing`, `wiping`, `storm-logins`, `storm-streams`.
//!
//! Each says how far it is on stderr and prints one JSON object: its figures. What they mean and how they are shown is
//! xtask's part.

#![expect(clippy::print_stdout, reason = "its output is its result")]

mod disk;
mod gallery;
mod settle;
mod storm;
mod timing;
mod wiping;
mod wire;

use clap::{Args, Parser, Subcommand};
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// Measures from inside, for `cargo xtask bench`.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    bench: Bench,
}

#[derive(Subcommand)]
enum Bench {
    /// Jobs settled per second by the store, beside bare SQLite.
    Settle(Settle),
    /// Writes a gallery into a contender's database.
    GalleryFill(gallery::Fill),
    /// Asks a server for one page again and again, over several connections.
    GalleryLoad(gallery::Load),
    /// Has many log in at once while others read.
    StormLogins(storm::Logins),
    /// Has many listen, and looks at what they cost.
    StormStreams(storm::Streams),
    /// Whether the time of a refused login tells who has an account.
    Timing(timing::Timing),
    /// What it costs to wipe what is freed, beside a build that does not.
    Wiping(wiping::Wiping),
}

#[derive(Args)]
struct Settle {
    /// Where files may be made; the disk under it is what is measured.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// How often each contender has its turn.
    #[arg(long, value_name = "N", default_value_t = 9)]
    rounds: u32,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().bench {
        Bench::Settle(Settle { dir, rounds }) => settle::run(&dir, rounds),
        Bench::GalleryFill(fill) => gallery::fill(&fill),
        Bench::GalleryLoad(load) => gallery::load(&load),
        Bench::StormLogins(asked) => storm::logins(&asked),
        Bench::StormStreams(asked) => storm::streams(&asked),
        Bench::Timing(timing) => timing::run(&timing),
        Bench::Wiping(wiping) => wiping::run(&wiping),
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
