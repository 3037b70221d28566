//! `cargo xtask timing`: whether the time that a refused login takes tells who has an account.

use crate::{Outcome, process};
use clap::Args;
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Command;

/// What a classifier's area under the curve may be: guessing is one half.
const GUESSING: std::ops::RangeInclusive<f64> = 0.48..=0.52;
/// Rounds at one endpoint; of so many, all but one have to be within.
const ROUNDS: usize = 3;

/// Options of `cargo xtask timing`.
#[derive(Args)]
pub(crate) struct Options {
    /// Logins of each kind, for each endpoint and round. With fewer, chance alone leaves the bounds.
    #[arg(long, value_name = "COUNT", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(100..=100_000))]
    samples: u32,
}

/// Builds in release mode and measures.
pub(crate) fn run(options: &Options) -> Outcome {
    println!("Building …");
    let packages = ["--release", "--package", "generatio-server", "--package", "generatio-tests", "--bins"];
    let built = process::build(&packages)?;
    let mut command = Command::new(process::binary(&built, "generatio-bench")?);
    command.args(["timing", "--rounds", &ROUNDS.to_string(), "--samples", &options.samples.to_string()]);
    command.env("GENERATIO_BIN", process::generatio(&built)?);
    judge(&process::document(command)?, options.samples)
}

/// Shows the rounds, and fails when more than one of an endpoint's are out of bounds.
fn judge(figures: &Value, samples: u32) -> Outcome {
    println!("\n{samples} logins with an account and as many without, one at a time; answers byte for byte alike");
    println!("{:<55} {:>6} {:>14} {:>17}", "endpoint", "AUC", "account, ms", "no account, ms");
    let mut within: BTreeMap<&str, usize> = BTreeMap::new();
    for round in figures["rounds"].as_array().into_iter().flatten() {
        let endpoint = round["endpoint"].as_str().ok_or("a round without an endpoint")?;
        let number = |name: &str| round[name].as_f64().ok_or("a figure is missing");
        let (auc, known, unknown) = (number("auc")?, number("known_ms")?, number("unknown_ms")?);
        println!("{endpoint:<55} {auc:>6.3} {known:>14.3} {unknown:>17.3}");
        *within.entry(endpoint).or_default() += usize::from(GUESSING.contains(&auc));
    }
    match within.iter().find(|(_, count)| **count + 1 < ROUNDS) {
        Some((endpoint, count)) => Err(format!("{endpoint}: {count} of {ROUNDS} rounds are guessing").into()),
        None if within.is_empty() => Err("nothing was measured".into()),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rounds(aucs: &[f64]) -> Value {
        let round = |auc: &f64| json!({ "endpoint": "/login", "auc": auc, "known_ms": 20.1, "unknown_ms": 20.0 });
        json!({ "rounds": aucs.iter().map(round).collect::<Vec<_>>() })
    }

    #[test]
    fn one_round_may_be_out_of_bounds() {
        assert!(judge(&rounds(&[0.5, 0.481, 0.519]), 1).is_ok());
        assert!(judge(&rounds(&[0.5, 0.53, 0.5]), 1).is_ok());
        assert!(judge(&rounds(&[0.47, 0.53, 0.5]), 1).is_err());
        assert!(judge(&rounds(&[]), 1).is_err());
    }
}
