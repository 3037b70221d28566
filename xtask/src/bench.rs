//! `cargo xtask bench NAME`: how fast it is, beside what people would use instead.
//!
//! Each benchmark is one file beside this one. It builds in release mode, lets its contenders take turns, and gives
//! back a [`Page`]: what was done, a table, the goals. The page is shown, and kept as a dated file in the repository,
//! with the machine, how busy that was, and the versions. A benchmark asserts nothing: figures depend on the machine,
//! and whoever reads them judges.

mod all;
mod caller;
mod capi;
mod contender;
pub(crate) mod figures;
mod gallery;
mod generate;
mod http;
mod lag;
mod machine;
pub(crate) mod page;
mod pinned;
mod pocketbase;
mod seal;
mod settle;
mod start;
mod stats;
mod usage;
mod wasm;
mod wrk;

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
    bench: Name,
    /// How often each contender has its turn; with fewer than 7 the result is shown and not kept.
    #[arg(long, value_name = "N", default_value_t = 9, value_parser = clap::value_parser!(u32).range(1..=99))]
    rounds: u32,
    /// Pictures in the gallery's databases, one of ten the user's who asks, or charges in the largest ledger of
    /// `stats`; with fewer than usual the result is shown and not kept.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2_000..=100_000_000))]
    rows: Option<u32>,
    /// `generate` counts under valgrind, too, where its instructions go. Takes minutes more.
    #[arg(long)]
    profile: bool,
    /// `all` measures nothing, and makes the page of those that are kept.
    #[arg(long)]
    kept: bool,
}

/// A benchmark, or all of them.
#[derive(Clone, Copy, ValueEnum)]
enum Name {
    /// All of them, one after the other, and a page of the newest results.
    All,
    /// What calls through the C library cost beside Rust's, and sealing beside OpenSSL's and libsodium's.
    Capi,
    /// Lists of a large gallery per second and what they take, beside PocketBase.
    Gallery,
    /// Whole generations per second, and memory with a thousand under way.
    Generate,
    /// Answers per second of one core, beside hyper and SQLite alone and beside PocketBase.
    Http,
    /// How long callers wait beyond FAL's own time, beside FAL's own clients.
    Lag,
    /// What sealing takes, beside OpenSSL, ring, aws-lc-rs and the plain crate.
    Seal,
    /// Jobs that the store settles per second, beside bare SQLite.
    Settle,
    /// How soon the server answers and what memory it takes, beside PocketBase.
    Start,
    /// What statistics take while the ledger grows.
    Stats,
    /// What the npm package weighs and what sealing takes in Chromium, beside others.
    Wasm,
}

impl Name {
    /// As it is typed.
    fn text(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    fn measure(self, Options { rounds, rows, profile, .. }: &Options) -> Outcome<Page> {
        match self {
            Name::All => Err("all is several".into()),
            Name::Capi => capi::run(*rounds),
            Name::Gallery => gallery::run(*rounds, rows.unwrap_or(gallery::ROWS)),
            Name::Generate => generate::run(*rounds, *profile),
            Name::Http => http::run(*rounds),
            Name::Lag => lag::run(*rounds),
            Name::Seal => seal::run(*rounds),
            Name::Settle => settle::run(*rounds),
            Name::Start => start::run(*rounds),
            Name::Stats => stats::run(*rounds, rows.unwrap_or(stats::ROWS)),
            Name::Wasm => wasm::run(*rounds),
        }
    }

    /// Why a result is not kept, if it is not.
    fn too_few(self, Options { rounds, rows, .. }: &Options) -> Option<String> {
        let usual = match self {
            Name::Gallery => gallery::ROWS,
            Name::Stats => stats::ROWS,
            _ => 0,
        };
        if *rounds < LEAST_ROUNDS {
            return Some(format!("of fewer than {LEAST_ROUNDS} rounds"));
        }
        rows.filter(|rows| *rows < usual).map(|_| format!("of fewer than {} rows", figures::counted(usual)))
    }
}

/// Measures, shows and keeps. A goal that was missed is said on the page and is no failure of the command.
pub(crate) fn run(options: &Options) -> Outcome {
    match options.bench {
        Name::All => all::run(options),
        one => keep(one, options),
    }
}

fn keep(bench: Name, options: &Options) -> Outcome {
    let (name, date) = (bench.text(), OffsetDateTime::now_utc().date().to_string());
    let text = bench.measure(options)?.text(&name, &date);
    println!("\n{text}");
    match bench.too_few(options) {
        Some(why) => println!("Not kept: {why}."),
        None => {
            println!("Kept as {}.", page::keep(&name, &date, &text)?.display());
            all::write_page()?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_less_than_usual_are_not_kept() {
        let options = |rounds, rows| Options { bench: Name::Stats, rounds, rows, profile: false, kept: false };
        assert_eq!(Name::Stats.too_few(&options(7, None)), None);
        assert_eq!(Name::Capi.too_few(&options(7, Some(2000))), None, "it has no rows");
        assert_eq!(Name::Stats.too_few(&options(7, Some(2000))).as_deref(), Some("of fewer than 10,000,000 rows"));
        assert_eq!(Name::Seal.too_few(&options(6, None)).as_deref(), Some("of fewer than 7 rounds"));
        assert_eq!([Name::Seal.text(), Name::All.text()], ["seal", "all"]);
    }
}
