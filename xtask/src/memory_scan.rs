//! `cargo xtask memory-scan`: the search through the server's memory of `cargo xtask test`, with as many sessions as one
//! likes and the server as it is released; and what it costs that the server wipes what it frees.

use crate::Outcome;
use crate::folder::Folder;
use crate::process::{self, Built};
use crate::test::{self, Summary};
use clap::Args;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The test program that searches.
const PROGRAM: &str = "memory";

/// Options of `cargo xtask memory-scan`.
#[derive(Args)]
pub(crate) struct Options {
    /// People with a session and open connections that their secrets went over.
    #[arg(long, value_name = "COUNT", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(10..=10_000))]
    sessions: u32,
    /// Also builds the server without wiping and measures both.
    #[arg(long)]
    cost: bool,
}

/// Builds, searches, measures. A release build lets none but root read its memory.
pub(crate) fn run(options: &Options) -> Outcome {
    if !rustix::process::geteuid().is_root() {
        return Err(
            "the server's memory can be read by root alone: run this as root, or `cargo xtask test memory`".into()
        );
    }
    let folder = Folder::create(&process::workspace().join("target/memory-scan"))?;
    let plain = folder.path().join("generatio-plain");
    if options.cost {
        println!("Building without wiping …");
        let built = build(&["--features", "generatio-server/plain-allocator"])?;
        fs::copy(process::generatio(&built)?, &plain)?;
    }
    println!("Building …");
    let built = build(&[])?;
    search(&built, options.sessions)?;
    if options.cost {
        measure(&built, &plain)?;
    }
    folder.remove()
}

fn build(more: &[&str]) -> Outcome<Vec<Built>> {
    let both = ["--release", "--package", "generatio-server", "--package", "generatio-tests"];
    process::build(&[&both, ["--bins", "--test", PROGRAM].as_slice(), more].concat())
}

fn search(built: &[Built], sessions: u32) -> Outcome {
    let is_it = |program: &&Built| program.is_test && program.target == PROGRAM;
    let program = built.iter().find(is_it).ok_or("cargo did not build the search")?;
    let mut command = test::test_program(program, process::generatio(built)?);
    command.args(["--nocapture", "--test-threads", "1"]).env("GENERATIO_MEMORY_SESSIONS", sessions.to_string());
    let mut sum = Summary::default();
    let status = process::run_reading(command, |line| {
        println!("{line}");
        sum += Summary::in_line(line).unwrap_or_default();
    })?;
    // A search that was renamed is not run, and must not pass: there is one over HTTP and one over HTTPS.
    sum.verdict(status.success(), 2).map(drop)
}

fn measure(built: &[Built], plain: &Path) -> Outcome {
    let mut command = Command::new(process::binary(built, "generatio-bench")?);
    command.arg("wiping").arg("--plain").arg(plain).env("GENERATIO_BIN", process::generatio(built)?);
    let figures = process::document(command)?;
    println!("\nmicroseconds, medians of rounds by turns   wiping      plain   cost");
    for (name, what) in [
        ("list_us", "list of 20 pictures"),
        ("list_cpu_us", "  of the server's processor"),
        ("login_us", "login"),
        ("login_cpu_us", "  of the server's processor"),
    ] {
        let (wiping, plain) = (median(&figures["wiping"][name])?, median(&figures["plain"][name])?);
        println!("{what:<38} {wiping:>10.1} {plain:>10.1}   {:+.1} %", (wiping / plain - 1.0) * 100.0);
    }
    Ok(())
}

fn median(rounds: &Value) -> Outcome<f64> {
    let mut rounds: Vec<f64> = rounds.as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    rounds.sort_by(f64::total_cmp);
    rounds.get(rounds.len() / 2).copied().ok_or_else(|| "a figure is missing".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_of_whatever_order() {
        assert_eq!(median(&serde_json::json!([3.0, 1.0, 2.0])).unwrap(), 2.0);
        assert!(median(&serde_json::json!([])).is_err());
    }
}
