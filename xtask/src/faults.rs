//! `cargo xtask faults`: the crash runs of `cargo xtask test`, as long as one likes.

use crate::Outcome;
use crate::process::{self, Built};
use crate::test::{self, Summary};
use clap::Args;

/// The test program that kills the server.
const PROGRAM: &str = "crash";
/// The tests in it that `--kills` is for.
const TESTS: [&str; 2] =
    ["a_killed_server_loses_nothing_and_charges_nothing_twice", "webhooks_bring_home_what_a_kill_left_in_doubt"];

/// Options of `cargo xtask faults`.
#[derive(Args)]
pub(crate) struct Options {
    /// How often the server is killed in each run, without webhooks and with them: from 60 to 4000, which is what the
    /// stand-in's book has room for.
    #[arg(long, value_name = "COUNT", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(60..=4000))]
    kills: u32,
    /// What an earlier run printed, to ask for the same and kill at the same moments.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
}

/// Builds as `cargo xtask test` does and runs those tests, one after the other.
pub(crate) fn run(options: &Options) -> Outcome {
    let built = test::build()?;
    let is_it = |program: &&Built| program.is_test && program.target == PROGRAM;
    let program = built.iter().find(is_it).ok_or("cargo did not build the crash run")?;
    let mut command = test::test_program(program, process::generatio(&built)?);
    command.args(TESTS).args(["--exact", "--test-threads", "1"]);
    command.env("GENERATIO_CRASH_KILLS", options.kills.to_string());
    command.envs(options.seed.map(|seed| ("GENERATIO_CRASH_SEED", seed.to_string())));
    let mut sum = Summary::default();
    let status = process::run_reading(command, |line| {
        println!("{line}");
        sum += Summary::in_line(line).unwrap_or_default();
    })?;
    // A test that was renamed is not run, and must not pass.
    sum.verdict(status.success(), u64::try_from(TESTS.len())?).map(drop)
}
