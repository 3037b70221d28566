//! `gallery`: how many lists of a large gallery a second, and what each takes, beside a PocketBase that holds the same
//! rows. `tests/benches/gallery.rs` makes the rows and the load.

mod question;

use super::contender::{self, Contender, Programs, Turn};
use super::figures::{counted, median, shown};
use super::machine::{Machine, commit, version};
use super::page::{Goal, Page, Table};
use super::pocketbase::PocketBase;
use crate::api::mismatch;
use crate::folder::Folder;
use crate::{Outcome, process};
use question::{Question, questions};
use serde_json::Value;
use std::path::Path;

/// Pictures of a result that is kept: 100,000 of one user among a million.
pub(super) const ROWS: u32 = 1_000_000;
/// Of so many pictures one is the user's who asks.
const SHARE: u32 = 10;
/// How each contender is asked one question in a round.
const TURN: Turn = Turn { connections: 32, ms: 1000 };
/// Least times as many requests a second as PocketBase.
const GOAL: f64 = 10.0;

/// Prepares both, sees that they answer alike, and measures by turns.
pub(super) fn run(rounds: u32, rows: u32) -> Outcome<Page> {
    let built = contender::build()?;
    let (programs, pocketbase) = (Programs::of(&built)?, PocketBase::install()?);
    let folder = Folder::create(&process::workspace().join("target/bench"))?;
    let ours = Contender::ours(programs, &folder, &[], |database| programs.fill("ours", database, rows))?;
    let fill = |database: &Path| programs.fill("pocketbase", database, rows);
    let theirs = Contender::pocketbase(&pocketbase, &folder, fill)?;
    let questions = questions(rows / SHARE);
    answer_alike(&questions, &ours, &theirs)?;
    let mut machine = Machine::look();
    let seen = measure(programs, &questions, [&ours, &theirs], rounds)?;
    machine.look_again();
    drop((ours, theirs));
    folder.remove()?;
    page(&questions, &seen, rounds, rows, machine)
}

/// Figures of one contender for one question, one of each round.
#[derive(Default)]
struct Seen {
    per_second: Vec<f64>,
    p50_ms: Vec<f64>,
    p99_ms: Vec<f64>,
}

/// The same lists in the same order, whoever is asked; else nothing that follows would be a comparison.
fn answer_alike(questions: &[Question], ours: &Contender, theirs: &Contender) -> Outcome {
    for question in questions {
        let [(ids, total), (their_ids, their_total)] = [ours.answer(&question.ours)?, theirs.answer(&question.theirs)?];
        if ids.is_empty() || (&ids, total) != (&their_ids, their_total) {
            let told = |ids: &[String], total| format!("{total} in all: {}", ids.join(" "));
            let error = mismatch(&told(&their_ids, their_total), told(&ids, total));
            return Err(format!("{}, PocketBase's answer and ours:\n{error}", question.name).into());
        }
    }
    Ok(())
}

/// For each question, ours and PocketBase's figures.
fn measure(
    programs: Programs<'_>,
    questions: &[Question],
    contenders: [&Contender; 2],
    rounds: u32,
) -> Outcome<Vec<[Seen; 2]>> {
    let mut all: Vec<[Seen; 2]> = questions.iter().map(|_| Default::default()).collect();
    // Round 0 reads the files from the disk and opens connections; it does not count.
    for round in 0..=rounds {
        println!("Round {round} of {rounds}");
        for (question, seen) in questions.iter().zip(&mut all) {
            let paths = [&question.ours, &question.theirs];
            for ((contender, path), seen) in contenders.iter().zip(paths).zip(seen) {
                let figures = programs.load(contender, path, TURN)?;
                if round > 0 {
                    seen.add(&figures)?;
                }
            }
        }
    }
    Ok(all)
}

impl Seen {
    /// Adds what `generatio-bench gallery-load` printed.
    fn add(&mut self, figures: &Value) -> Outcome {
        let figure = |name: &str| figures[name].as_f64().ok_or_else(|| mismatch(name, figures));
        self.per_second.push(figure("per_second")?);
        self.p50_ms.push(figure("p50_us")? / 1000.0);
        self.p99_ms.push(figure("p99_us")? / 1000.0);
        Ok(())
    }

    /// Medians over the rounds: requests a second, p50 and p99.
    fn medians(&self) -> Outcome<[f64; 3]> {
        let median = |figures| median(figures).ok_or("nothing was measured");
        Ok([median(&self.per_second)?, median(&self.p50_ms)?, median(&self.p99_ms)?])
    }
}

fn page(questions: &[Question], seen: &[[Seen; 2]], rounds: u32, rows: u32, machine: Machine) -> Outcome<Page> {
    let mut table =
        Table::new(&["list of 30", "ours/s", "PB/s", "ours / PB", "ours p50 ms", "p99", "PB p50 ms", "p99"]);
    let (mut least, mut slowest) = (f64::INFINITY, 0.0_f64);
    for (question, [ours, theirs]) in questions.iter().zip(seen) {
        let ([rate, p50, p99], [their_rate, their_p50, their_p99]) = (ours.medians()?, theirs.medians()?);
        (least, slowest) = (least.min(rate / their_rate), slowest.max(p99 / their_p99));
        let cells = [rate, their_rate, rate / their_rate, p50, p99, their_p50, their_p99].map(shown);
        let [a, b, c, d, e, f, g] = cells;
        table.row([question.name.clone(), a, b, c, d, e, f, g]);
    }
    Ok(Page {
        title: "Lists of a large gallery".into(),
        about: about(rounds, rows),
        table,
        goals: vec![
            Goal {
                aim: format!("at least {GOAL} times PocketBase's requests a second, in every row"),
                seen: format!("{} in the least", shown(least)),
                holds: least >= GOAL,
            },
            Goal {
                aim: "a better p99 in every row".into(),
                seen: format!("{} of PocketBase's at most", shown(slowest)),
                holds: slowest < 1.0,
            },
        ],
        machine,
        versions: vec![commit(), PocketBase::version()?, version(Path::new("rustc"))],
    })
}

fn about(rounds: u32, rows: u32) -> String {
    format!(
        "Pages of 30 of one user's {} pictures, among {} of {} users in all, newest first; both servers hold the same rows \
         and gave the same ids and totals before anything was measured. Where no totals are named, `skipTotal=1` was asked for. The filter is \
         `model = … && deleted_at = ''`, the folder's is `folder_id = …`; a search is `search=heron` for ours, \
         which finds words that begin so in title and prompt, and `prompt ~ 'heron'` for PocketBase, which has no other \
         than for a part of one text; in these rows they find the same. Ours remembers no answers: totals and far pages \
         come from rows per hour and day that each write changes along. PocketBase has the owner rules of `tests/pocketbase` and \
         indexes on (user_id, created) and (folder_id, created), and its file was analysed, as it does every night.\n\n\
         {} connections, each asking again as soon as it has its answer, over loopback. Both servers run all \
         the time, pinned to core 0 (`taskset`), and the load is on core 1; they take turns, {} s for each question, \
         {rounds} rounds, medians.",
        counted(rows / SHARE),
        counted(rows),
        counted(1 + (rows - rows / SHARE).div_ceil(1000)),
        TURN.connections,
        TURN.ms / 1000
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn seen(per_second: f64, p99_us: u32) -> Seen {
        let mut seen = Seen::default();
        seen.add(&json!({ "per_second": per_second, "p50_us": 500, "p99_us": p99_us })).unwrap();
        seen
    }

    #[test]
    fn the_worst_row_decides() {
        let questions = questions(1000);
        let rows = |second: Seen| [[seen(20_000.0, 900), seen(1000.0, 9000)], [second, seen(1000.0, 9000)]];
        let of = |second| page(&questions[..2], &rows(second), 9, 10_000, Machine { lines: Vec::new() }).unwrap();
        assert!(of(seen(10_000.0, 8999)).goals.iter().all(|goal| goal.holds));
        assert!(!of(seen(9999.0, 8999)).goals[0].holds);
        assert!(!of(seen(10_000.0, 9000)).goals[1].holds);
        assert!(of(seen(1.0, 1)).about.contains("one user's 1,000 pictures, among 10,000 of 10 users"));
        assert!(Seen::default().add(&json!({})).is_err() && Seen::default().medians().is_err());
    }
}
