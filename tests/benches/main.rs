//! What `cargo xtask bench` needs from inside: `generatio-bench settle`, `gallery-fill`, `gallery-load`, `people`,
//! `ledger-fill`, `sessions`, `bare`; what `cargo xtask storm` needs: `storm-logins`, `storm-streams`; and `timing` and
//! `memory-scan`: `timing`, `wiping`.
//!
//! Each says how far it is on stderr and prints one JSON object: its figures. What they mean and how they are shown is
//! xtask's part.

#![expect(clippy::print_stdout, reason = "its output is its result")]

mod bare;
mod disk;
mod gallery;
mod ledger;
mod sessions;
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
    /// Adds accounts to a contender's database.
    People(gallery::People),
    /// Writes charges into the server's database.
    LedgerFill(ledger::Fill),
    /// Begins many sessions, and looks at what they cost.
    Sessions(sessions::Sessions),
    /// Has many log in at once while others read.
    StormLogins(storm::Logins),
    /// Has many listen, and looks at what they cost.
    StormStreams(storm::Streams),
    /// Whether the time of a refused login tells who has an account.
    Timing(timing::Timing),
    /// What it costs to wipe what is freed, beside a build that does not.
    Wiping(wiping::Wiping),
    /// Serves lists and takes folders with hyper and SQLite alone, for comparison.
    Bare(bare::Bare),
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
        Bench::People(people) => gallery::people(&people),
        Bench::LedgerFill(fill) => ledger::fill(&fill),
        Bench::Sessions(asked) => sessions::run(&asked),
        Bench::StormLogins(asked) => storm::logins(&asked),
        Bench::StormStreams(asked) => storm::streams(&asked),
        Bench::Timing(timing) => timing::run(&timing),
        Bench::Wiping(wiping) => wiping::run(&wiping),
        Bench::Bare(bare) => bare::serve(&bare),
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
