//! `cargo xtask bench NAME`: how fast it is, beside what people would use instead.
//!
//! Each benchmark is one file beside this one. It builds in release mode, lets its contenders take turns, and gives back
//! a [`Page`]: what was done, a table, the goals. The page is shown, and kept as a dated file in the repository, with
//! the machine, how busy that was, and the versions. A benchmark asserts nothing: figures depend on the machine, and
//! whoever reads them judges.

mod capi;
mod figures;
mod gallery;
mod lag;
mod machine;
mod page;
mod pinned;
mod settle;
mod wasm;

use crate::Outcome;
use clap::{Args, ValueEnum};
use page::Page;
use time::OffsetDateTime;

/// Medians of fewer rounds are shown, and not kept.
const LEAST_ROUNDS: u32 = 7;

/// Options of `cargo xtask bench`.
#[derive(Args)]
pub(crate) struct Options {
    /// What is measured.
    #[arg(value_name = "NAME")]
    bench: Bench,
    /// How often each contender has its turn; with fewer than 7 the result is shown and not kept.
    #[arg(long, value_name = "N", default_value_t = 9, value_parser = clap::value_parser!(u32).range(1..=99))]
    rounds: u32,
    /// Pictures in the gallery's databases, one of ten the user's who asks; with fewer the result is shown and not kept.
    #[arg(long, value_name = "N", default_value_t = gallery::ROWS, value_parser = clap::value_parser!(u32).range(2_000..=100_000_000))]
    rows: u32,
}

#[derive(Clone, Copy, ValueEnum)]
enum Bench {
    /// What calls through the C library cost beside Rust's, and sealing beside OpenSSL's and libsodium's.
    Capi,
    /// Lists of a large gallery per second and what they take, beside PocketBase.
    Gallery,
    /// How long callers wait beyond FAL's own time, beside FAL's own clients.
    Lag,
    /// Jobs that the store settles per second, beside bare SQLite.
    Settle,
    /// What the npm package weighs and what sealing takes in Chromium, beside others.
    Wasm,
}

impl Bench {
    const fn name(self) -> &'static str {
        match self {
            Bench::Capi => "capi",
            Bench::Gallery => "gallery",
            Bench::Lag => "lag",
            Bench::Settle => "settle",
            Bench::Wasm => "wasm",
        }
    }

    fn run(self, rounds: u32, rows: u32) -> Outcome<Page> {
        match self {
            Bench::Capi => capi::run(rounds),
            Bench::Gallery => gallery::run(rounds, rows),
            Bench::Lag => lag::run(rounds),
            Bench::Settle => settle::run(rounds),
            Bench::Wasm => wasm::run(rounds),
        }
    }
}

/// Measures, shows and keeps. A goal that was missed is said on the page and is no failure of the command.
pub(crate) fn run(options: &Options) -> Outcome {
    let (name, date) = (options.bench.name(), OffsetDateTime::now_utc().date().to_string());
    let measured = options.bench.run(options.rounds, options.rows)?;
    let text = measured.text(name, &date);
    println!("\n{text}");
    if options.rounds < LEAST_ROUNDS {
        println!("Not kept: of fewer than {LEAST_ROUNDS} rounds.");
    } else if options.rows < gallery::ROWS {
        println!("Not kept: of fewer than {} pictures.", gallery::ROWS);
    } else {
        println!("Kept as {}.", page::keep(name, &date, &text)?.display());
    }
    Ok(())
}
