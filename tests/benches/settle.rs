//! `settle`: how many jobs a second the store takes to their end, with 64 in flight for 8 users, beside bare SQLite that
//! runs the same statements on the same tables, as durable, 64 to a transaction, and looks at nothing first.
//!
//! Each contender begins each of its rounds in a new file, which the store has brought up to date.

mod bare;
mod through_store;
mod work;

use crate::{Outcome, disk};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use work::Maker;

/// Users that jobs run for.
const USERS: usize = 8;
/// Jobs under way at a time; the bare contender's jobs of one transaction.
const IN_FLIGHT: usize = 64;
/// Jobs of one round: enough for a hundred full transactions.
const JOBS: usize = 100 * IN_FLIGHT;

/// Jobs per second, a figure for each round.
#[derive(Default)]
struct Figures {
    settle: Vec<f64>,
    bare_settle: Vec<f64>,
    whole: Vec<f64>,
    bare_whole: Vec<f64>,
    flushes: Vec<f64>,
}

/// Runs all rounds in `folder`, the contenders by turns.
pub(crate) fn run(folder: &Path, rounds: u32) -> Outcome<Value> {
    let runtime = tokio::runtime::Builder::new_multi_thread().build()?;
    let mut make = Maker::new();
    let mut figures = Figures::default();
    for round in 1..=rounds {
        eprintln!("round {round} of {rounds}");
        figures.settle.push(rate(runtime.block_on(through_store::settle(fresh(folder)?.path(), &mut make))?));
        figures.bare_settle.push(rate(bare::settle(&runtime, fresh(folder)?.path(), &mut make)?));
        figures.whole.push(rate(runtime.block_on(through_store::whole(fresh(folder)?.path(), &mut make))?));
        figures.bare_whole.push(rate(bare::whole(&runtime, fresh(folder)?.path(), &mut make)?));
        figures.flushes.push(disk::flushes_per_second(folder)?);
    }
    Ok(figures.report())
}

/// A folder for one round of one contender.
fn fresh(parent: &Path) -> Outcome<tempfile::TempDir> {
    Ok(tempfile::tempdir_in(parent)?)
}

fn rate(took: Duration) -> f64 {
    let jobs = u32::try_from(JOBS).unwrap_or(u32::MAX);
    f64::from(jobs) / took.as_secs_f64()
}

impl Figures {
    fn report(&self) -> Value {
        json!({
            "sqlite": rusqlite::version(),
            "users": USERS,
            "in_flight": IN_FLIGHT,
            "jobs": JOBS,
            "settle": self.settle,
            "bare_settle": self.bare_settle,
            "whole": self.whole,
            "bare_whole": self.bare_whole,
            "flushes": self.flushes,
        })
    }
}
