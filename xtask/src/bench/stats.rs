//! `stats`: what the statistics take while the ledger grows.

use super::contender::{self, Contender, Programs, Turn};
use super::figures::{counted, median, shown};
use super::machine::{Machine, commit, version};
use super::page::{Goal, Page, Table};
use crate::api::mismatch;
use crate::folder::Folder;
use crate::{Outcome, process};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// Charges of the largest ledger of a result that is kept.
pub(super) const ROWS: u32 = 10_000_000;
/// Of the smallest; each further one has ten times as many.
const LEAST: u32 = 100;
/// In the two years that they are spread over.
const HOURS: u32 = 730 * 24;
/// One caller, who asks again as soon as there is an answer: what it waits is what an answer takes.
const TURN: Turn = Turn { connections: 1, ms: 500 };
const PATH: &str = "/api/custom/financial/stats";
/// The slowest may take so many times what the quickest does.
const GOAL: f64 = 2.0;

/// Makes a ledger of each size, and asks by turns.
pub(super) fn run(rounds: u32, rows: u32) -> Outcome<Page> {
    let built = contender::build()?;
    let programs = Programs::of(&built)?;
    Folder::within(&process::workspace().join("target/bench"), |folder| {
        let ledgers: Vec<Ledger> =
            sizes(rows).map(|rows| Ledger::make(programs, folder, rows)).collect::<Outcome<_>>()?;
        let mut machine = Machine::look();
        let seen = measure(programs, &ledgers, rounds)?;
        machine.look_again();
        let sizes: Vec<(u32, f64)> = ledgers.iter().map(|ledger| (ledger.rows, ledger.mebibytes)).collect();
        page(&sizes, &seen, rounds, machine)
    })
}

/// Up to the largest.
fn sizes(largest: u32) -> impl Iterator<Item = u32> {
    std::iter::successors(Some(LEAST), |rows| rows.checked_mul(10)).take_while(move |rows| *rows <= largest)
}

/// A server with so many charges of its one user.
struct Ledger {
    rows: u32,
    mebibytes: f64,
    server: Contender,
}

impl Ledger {
    fn make(programs: Programs<'_>, folder: &Folder, rows: u32) -> Outcome<Self> {
        println!("Writing {} charges …", counted(rows));
        let (own, mut made) = (Folder::create(folder.path())?, Value::Null);
        let server = Contender::ours(programs, &own, &[], |database| {
            let mut fill = programs.bench(&["ledger-fill", "--rows", &rows.to_string(), "--database"]);
            fill.arg(database);
            made = process::document(fill)?;
            Ok(())
        })?;
        let answer = server.api.get(PATH)?.ok()?;
        let spent = made["spent_nano"].as_f64().unwrap_or_default() / 1e9;
        let is_right = answer["total_images"] == rows
            && answer["total_spent"].as_f64().is_some_and(|told| (told / spent - 1.0).abs() < 1e-12);
        if !is_right {
            return Err(mismatch(&format!("{rows} pictures for {spent}"), answer).into());
        }
        let mebibytes = size(&own.data())? / f64::from(1 << 20);
        Ok(Self { rows, mebibytes, server })
    }
}

/// Bytes of the database.
fn size(data: &Path) -> Outcome<f64> {
    // Exact to beyond any disk.
    Ok(fs::metadata(data.join("generatio.db"))?.len() as f64)
}

/// Milliseconds in the middle and at the slow end (p99) of each round, for each ledger.
fn measure(programs: Programs<'_>, ledgers: &[Ledger], rounds: u32) -> Outcome<Vec<[Vec<f64>; 2]>> {
    let mut all: Vec<[Vec<f64>; 2]> = ledgers.iter().map(|_| Default::default()).collect();
    // Round 0 fills caches; it does not count.
    for round in 0..=rounds {
        println!("Round {round} of {rounds}");
        for (ledger, seen) in ledgers.iter().zip(&mut all) {
            let figures = programs.load(&ledger.server, PATH, TURN)?;
            for (name, seen) in ["p50_us", "p99_us"].into_iter().zip(seen) {
                let us = figures[name].as_f64().ok_or_else(|| mismatch(name, &figures))?;
                if round > 0 {
                    seen.push(us / 1000.0);
                }
            }
        }
    }
    Ok(all)
}

fn page(sizes: &[(u32, f64)], seen: &[[Vec<f64>; 2]], rounds: u32, machine: Machine) -> Outcome<Page> {
    let middle = |figures: &[f64]| median(figures).ok_or("nothing was measured");
    let medians: Vec<f64> = seen.iter().map(|[p50, _]| middle(p50)).collect::<Result<_, _>>()?;
    let (least, most) =
        medians.iter().fold((f64::INFINITY, 0.0_f64), |(least, most), ms| (least.min(*ms), most.max(*ms)));
    let mut table = Table::new(&["charges", "database, MiB", "ms, median", "p99", "median / least"]);
    for (((rows, mebibytes), ms), [_, p99]) in sizes.iter().zip(medians).zip(seen) {
        table.row([counted(*rows), shown(*mebibytes), shown(ms), shown(middle(p99)?), shown(ms / least)]);
    }
    let times = most / least;
    Ok(Page {
        title: "Statistics of a growing ledger".into(),
        about: about(rounds, sizes.last().map_or(0, |(rows, _)| *rows)),
        table,
        goals: vec![Goal {
            aim: format!("the slowest at most {GOAL} times the quickest"),
            seen: format!("{} times", shown(times)),
            holds: times <= GOAL,
        }],
        machine,
        versions: vec![commit(), version(Path::new("rustc"))],
    })
}

fn about(rounds: u32, largest: u32) -> String {
    format!(
        "`GET {PATH}` over HTTP: totals, the last 30 days to the millisecond, the average and the forecast. All \
         charges are one user's, spread evenly over the two years until the ledger was made, with the roll-ups that \
         the server writes along; the jobs they are of are left out, which no sum reads. Each ledger is in a file and \
         a server of its own, whose total was seen to be right. The 30 days begin within an hour, whose rest is \
         summed up from its charges: {} an hour in the largest ledger, and the fewer the later in an hour one asks.\n\n\
         One caller on core 1 asks again as soon as it has its answer, all servers are on core 0 (`taskset`) and are \
         asked by turns, {} s each, {rounds} rounds: medians of the rounds' p50 and p99.",
        counted(largest / HOURS),
        f64::from(TURN.ms) / 1000.0
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ledger_has_ten_times_the_charges() {
        assert_eq!(sizes(ROWS).collect::<Vec<_>>(), [100, 1000, 10_000, 100_000, 1_000_000, 10_000_000]);
        assert_eq!(sizes(9999).collect::<Vec<_>>(), [100, 1000]);
        assert!(sizes(u32::MAX).count() > 0);
    }

    #[test]
    fn the_slowest_is_compared_with_the_quickest() {
        let of = |slowest: f64| {
            let seen = [[vec![0.2], vec![0.4]], [vec![0.1, 0.1, 9.0], vec![0.2]], [vec![slowest], vec![0.4]]];
            page(&[(100, 0.1), (1000, 0.4), (10_000, 3.0)], &seen, 9, Machine { lines: Vec::new() }).unwrap()
        };
        assert!(of(0.2).goals[0].holds && !of(0.21).goals[0].holds);
        assert!(of(0.2).table.to_string().contains("|   2.00 |") || of(0.2).table.to_string().contains("2.00 |"));
        assert!(page(&[(100, 0.1)], &[Default::default()], 9, Machine { lines: Vec::new() }).is_err());
    }
}
