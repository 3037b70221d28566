//! `cargo xtask faults`: the crash run of `cargo xtask test`, as long as one likes.

use crate::Outcome;
use crate::process::{self, Built};
use crate::test;
use clap::Args;

/// The test program that kills the server.
const PROGRAM: &str = "crash";
/// The test in it that `--kills` is for.
const TEST: &str = "a_killed_server_loses_nothing_and_charges_nothing_twice";

/// Options of `cargo xtask faults`.
#[derive(Args)]
pub(crate) struct Options {
    /// How often the server is killed: at least 60, and at most 2500, which is what the stand-in's book has room for.
    #[arg(long, value_name = "COUNT", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(60..=2500))]
    kills: u32,
    /// What an earlier run printed, to ask for the same and kill at the same moments.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
}

/// Builds as `cargo xtask test` does and runs that one test.
pub(crate) fn run(options: &Options) -> Outcome {
    let built = test::build()?;
    let is_it = |program: &&Built| program.is_test && program.target == PROGRAM;
    let program = built.iter().find(is_it).ok_or("cargo did not build the crash run")?;
    let mut command = test::test_program(program, process::generatio(&built)?);
    command.args([TEST, "--exact", "--nocapture"]);
    command.env("GENERATIO_CRASH_KILLS", options.kills.to_string());
    command.envs(options.seed.map(|seed| ("GENERATIO_CRASH_SEED", seed.to_string())));
    process::run(command)
}
