//! `http`: answers a second of one core, beside hyper and SQLite alone (`generatio-bench bare`) and beside a PocketBase.

mod asked;
mod world;

use super::contender::{self, Programs};
use super::figures::{counted, median, shown};
use super::machine::{Machine, commit, version};
use super::page::{Goal, Page, Table};
use super::pocketbase::PocketBase;
use super::wrk;
use crate::folder::Folder;
use crate::{Outcome, process};
use asked::{Asked, Kind};
use std::path::Path;
use world::World;

/// Callers at a time.
const CONNECTIONS: u32 = 32;
/// How long each contender is asked one thing in a round, seconds.
const TURN_S: u32 = 1;

/// Of bare hyper's answers, the public status gives so many at least.
const STATUS_GOAL: f64 = 0.8;
/// Of bare hyper's and SQLite's, so many at least.
const BARE_GOAL: f64 = 0.5;
/// At least so many times PocketBase's.
const HEALTH_TIMES: f64 = 7.0;
const LIST_TIMES: f64 = 10.0;
const CREATE_TIMES: f64 = 15.0;

/// Prepares all three, sees that they answer alike, and measures by turns.
pub(super) fn run(rounds: u32) -> Outcome<Page> {
    wrk::is_there()?;
    let built = contender::build()?;
    let (programs, pocketbase) = (Programs::of(&built)?, PocketBase::install()?);
    Folder::within(&process::workspace().join("target/bench"), |folder| {
        let world = World::prepare(programs, &pocketbase, folder)?;
        world.answers_alike()?;
        let asked = world.asked(folder)?;
        let mut machine = Machine::look();
        let seen = measure(&asked, rounds)?;
        machine.look_again();
        let of = asked.iter().map(|asked| (asked.name, asked.kind)).collect::<Vec<_>>();
        page(&of, &seen, rounds, machine)
    })
}

/// Answers a second of ours, bare and PocketBase, of each round; none of who is not asked.
type Seen = [Vec<f64>; 3];

fn measure(asked: &[Asked], rounds: u32) -> Outcome<Vec<Seen>> {
    let mut all: Vec<Seen> = asked.iter().map(|_| Seen::default()).collect();
    // Round 0 opens files and fills caches; it does not count.
    for round in 0..=rounds {
        println!("Round {round} of {rounds}");
        for (asked, seen) in asked.iter().zip(&mut all) {
            for (load, seen) in asked.loads.iter().zip(seen) {
                let Some(load) = load else { continue };
                let rate = load.per_second(CONNECTIONS, TURN_S).map_err(|error| format!("{}: {error}", asked.name))?;
                if round > 0 {
                    seen.push(rate);
                }
            }
        }
    }
    Ok(all)
}

fn page(asked: &[(&str, Kind)], seen: &[Seen], rounds: u32, machine: Machine) -> Outcome<Page> {
    let mut table =
        Table::new(&["answers a second", "ours", "hyper + SQLite", "ours / bare", "PocketBase", "ours / PB"]);
    let mut goals = vec![
        Least::of("the public status of bare hyper", STATUS_GOAL),
        Least::of("authenticated reads of bare hyper + rusqlite, in every row", BARE_GOAL),
        Least::of("durable creates of bare hyper + rusqlite", BARE_GOAL),
        Least::of("health checks times PocketBase's", HEALTH_TIMES),
        Least::of("lists of 30 times PocketBase's, in every row", LIST_TIMES),
        Least::of("durable creates times PocketBase's", CREATE_TIMES),
    ];
    for ((name, kind), [ours, bare, pocketbase]) in asked.iter().zip(seen) {
        let ours = median(ours).ok_or_else(|| format!("nothing was seen of {name}"))?;
        let (bare, pocketbase) = (median(bare), median(pocketbase));
        let (of_bare, times) = (bare.map(|bare| ours / bare), pocketbase.map(|theirs| ours / theirs));
        let cell = |figure: Option<f64>| figure.map(shown).unwrap_or_default();
        table.row([(*name).to_owned(), shown(ours), cell(bare), cell(of_bare), cell(pocketbase), cell(times)]);
        let [bare_goal, pocketbase_goal] = kind.goals();
        for (goal, seen) in [(bare_goal, of_bare), (pocketbase_goal, times)] {
            if let (Some(goal), Some(seen)) = (goal.and_then(|goal| goals.get_mut(goal)), seen) {
                goal.lower(seen);
            }
        }
    }
    Ok(Page {
        title: "Answers a second of one core".into(),
        about: about(rounds),
        table,
        goals: goals.into_iter().map(Least::goal).collect(),
        machine,
        versions: vec![commit(), PocketBase::version()?, version(Path::new("rustc")), wrk::version()],
    })
}

/// A goal for the least of some figures.
struct Least {
    what: &'static str,
    aim: f64,
    seen: f64,
}

impl Least {
    const fn of(what: &'static str, aim: f64) -> Self {
        Self { what, aim, seen: f64::INFINITY }
    }

    fn lower(&mut self, seen: f64) {
        self.seen = self.seen.min(seen);
    }

    /// What was never seen was not reached.
    fn goal(self) -> Goal {
        let Self { what, aim, seen } = self;
        let holds = seen.is_finite() && seen >= aim;
        Goal { aim: format!("{what}: at least {aim}"), seen: shown(seen), holds }
    }
}

fn about(rounds: u32) -> String {
    format!(
        "Each server runs on core 0 and the load, `wrk`, on core 1 (`taskset`), over loopback: {CONNECTIONS} connections, \
         each asking again as soon as it has its answer, {TURN_S} s for each contender and question by turns, {rounds} \
         rounds, medians. Every answer was a good one.\n\n\
         Ours checks as it always does: routing, limits, the token's signature, whose the row is, the schema, how many \
         folders somebody has. `hyper + SQLite` is `generatio-bench bare`, hyper and rusqlite on a copy of the same file: it \
         runs the same statements, gives the same bodies byte for byte but for the forecast, and is as durable, but knows \
         nothing of who asks and checks nothing; for the status it gives those bytes from memory. It sends two headers with \
         an answer, ours some ten. PocketBase holds the same pictures, with the owner rules of `tests/pocketbase` and indexes \
         on (user_id, created).\n\n\
         Lists are of {pictures} pictures and of {folders} folders of the one who asks, both with totals. A folder is created \
         by {people} people by turns, each under their own token, and is on the disk before the answer (WAL, \
         `synchronous=FULL`, writes that wait share a flush) with ours and bare; PocketBase runs SQLite with \
         `synchronous=NORMAL`, which flushes nothing for a commit: its creates are lost when the power goes, and are compared \
         all the same. The statistics are over {charges} charges.",
        pictures = counted(world::PICTURES / world::SHARE),
        folders = counted(world::FOLDERS),
        people = counted(world::PEOPLE),
        charges = counted(world::CHARGES),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: [(&str, Kind); 4] =
        [("status", Kind::Public), ("health", Kind::Health), ("folders", Kind::List), ("create", Kind::Create)];

    fn goals(folders: Seen) -> Vec<bool> {
        let seen = [
            [vec![80.0, 81.0, 1.0], vec![100.0], vec![]],
            [vec![70.0], vec![], vec![10.0]],
            folders,
            [vec![49.0], vec![100.0], vec![3.0]],
        ];
        let page = page(&ROWS, &seen, 9, Machine { lines: Vec::new() }).unwrap();
        page.goals.iter().map(|goal| goal.holds).collect()
    }

    #[test]
    fn each_row_counts_for_its_goals() {
        assert_eq!(goals([vec![50.0], vec![100.0], vec![5.0]]), [true, true, false, true, true, true]);
        assert_eq!(goals([vec![49.0], vec![100.0], vec![5.0]]), [true, false, false, true, false, true]);
    }

    #[test]
    fn what_nobody_saw_is_no_goal_reached() {
        assert!(!goals([vec![50.0], vec![], vec![5.0]])[1]);
        assert!(page(&ROWS[..1], &[Seen::default()], 9, Machine { lines: Vec::new() }).is_err());
    }
}
