//! `settle`: how fast the store records jobs, beside bare SQLite. `tests/benches/settle.rs` does the measuring.

use super::figures::{median, shown};
use super::machine::{Machine, commit, version};
use super::page::{Goal, Page, Table};
use crate::folder::Folder;
use crate::{Outcome, process};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// Least share of bare SQLite's settlements.
const GOAL: f64 = 0.5;

/// Runs `generatio-bench settle`.
pub(super) fn run(rounds: u32) -> Outcome<Page> {
    println!("Building …");
    let built = process::build(&["--release", "--package", "generatio-tests", "--bin", "generatio-bench"])?;
    let program = process::binary(&built, "generatio-bench")?;
    // Not the system's folder for temporary files, which may be in memory.
    let folder = Folder::create(&process::workspace().join("target/bench"))?;
    let mut machine = Machine::look();
    let figures = measure(program, folder.path(), rounds)?;
    machine.look_again();
    folder.remove()?;
    page(&figures, machine)
}

fn measure(program: &Path, folder: &Path, rounds: u32) -> Outcome<Value> {
    let mut command = Command::new(program);
    command.arg("settle").arg("--dir").arg(folder).args(["--rounds", &rounds.to_string()]);
    process::document(command)
}

/// The page of what `generatio-bench` printed.
fn page(figures: &Value, machine: Machine) -> Outcome<Page> {
    let [settle, bare_settle, whole, bare_whole, flushes] =
        ["settle", "bare_settle", "whole", "bare_whole", "flushes"].map(|name| rate(figures, name));
    let (settle, bare_settle, whole, bare_whole) = (settle?, bare_settle?, whole?, bare_whole?);
    let mut table = Table::new(&["jobs per second", "store", "bare SQLite", "ratio"]);
    for (name, ours, bare) in [("settled", settle, bare_settle), ("whole way, four commits", whole, bare_whole)] {
        table.row([name.into(), shown(ours), shown(bare), shown(ours / bare)]);
    }
    Ok(Page {
        title: "Settled jobs per second".into(),
        about: about(figures, &shown(flushes?)),
        table,
        goals: vec![Goal {
            aim: format!("settled, at least {GOAL} of bare SQLite"),
            seen: shown(settle / bare_settle),
            holds: settle / bare_settle >= GOAL,
        }],
        machine,
        versions: vec![
            commit(),
            format!("SQLite {}", figures["sqlite"].as_str().unwrap_or_default()),
            version(Path::new("rustc")),
        ],
    })
}

fn about(figures: &Value, flushes: &str) -> String {
    let Value::Object(figures) = figures else { return String::new() };
    let count = |name: &str| figures.get(name).map(ToString::to_string).unwrap_or_default();
    format!(
        "The server's store with {in_flight} jobs in flight for {users} users, one picture each, on a file of its own \
         in each round; every call returns once it is durable. `settled`: jobs that are at FAL get their picture, \
         their charge and their state, in one call. `whole way`: reserved, submitting, submitted, settled, in four.\n\n\
         Bare SQLite is one thread with the same tables, the same settings (WAL, `synchronous=FULL`) and the same \
         statements, {in_flight} jobs to a transaction. It looks at no row before it changes it and reads none back, \
         and nobody waits for its answers. Its whole way has the same four durable steps.\n\n\
         Medians of {rounds} rounds of {jobs} jobs, the contenders by turns. Beside them the disk made {flushes} \
         appends of 4 KiB durable per second.",
        in_flight = count("in_flight"),
        users = count("users"),
        jobs = count("jobs"),
        rounds = figures.get("settle").and_then(Value::as_array).map_or(0, Vec::len),
    )
}

/// Median of the rounds' figures under this name.
fn rate(figures: &Value, name: &str) -> Outcome<f64> {
    let rounds: Option<Vec<f64>> = figures[name].as_array().map(|all| all.iter().filter_map(Value::as_f64).collect());
    rounds.as_deref().and_then(median).ok_or_else(|| format!("generatio-bench gave no figures for {name}").into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_page_is_made_of_what_the_program_prints() {
        let mut figures = json!({
            "sqlite": "3.54.1", "users": 8, "in_flight": 64, "jobs": 6400,
            "settle": [1.0, 12_000.0, 13_000.0], "bare_settle": [20_000.0, 20_000.0, 1.0],
            "whole": [5000.0], "bare_whole": [10_000.0], "flushes": [7000.0],
        });
        let of = |figures: &Value| page(figures, Machine { lines: Vec::new() });
        let page = of(&figures).unwrap();
        assert!(page.goals[0].holds && page.about.contains("3 rounds of 6400 jobs"), "{}", page.about);
        assert!(page.table.to_string().contains("12,000 |      20,000 |  0.60 |"), "{}", page.table);
        figures["bare_settle"] = json!([25_000.0]);
        assert!(!of(&figures).unwrap().goals[0].holds);
        figures["whole"] = json!([]);
        assert!(of(&figures).err().unwrap().to_string().ends_with("no figures for whole"));
    }
}
