//! `http`: answers a second of one core, beside hyper and SQLite alone (`generatio-bench bare`) and beside a
//! PocketBase.

mod asked;
mod world;

use super::contender::{self, Programs};
use super::figures::{counted, median, shown};
use super::machine::{Machine, commit, version};
use super::page::{Goal, Page, Table};
use super::pocketbase::PocketBase;
use super::usage::cpu_s;
use super::wrk;
use crate::folder::Folder;
use crate::{Outcome, process};
use asked::{Asked, Kind};
use std::path::Path;
use world::World;

/// Callers at a time.
const CONNECTIONS: u32 = 32;
/// Those that create folders where more of them share a flush.
const CROWD: u32 = 256;
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
        let seen = measure(&world, &asked, rounds)?;
        machine.look_again();
        let of = asked.iter().map(|asked| (asked.name, asked.kind)).collect::<Vec<_>>();
        page(&of, &seen, rounds, machine)
    })
}

/// Of ours, bare and PocketBase, of each round; nothing of who is not asked.
type Seen = [Rates; 3];

/// Of one contender.
#[derive(Default)]
struct Rates {
    per_second: Vec<f64>,
    /// How much of its core the server had, of 1. Less than all: the load was slower.
    busy: Vec<f64>,
}

fn measure(world: &World, asked: &[Asked], rounds: u32) -> Outcome<Vec<Seen>> {
    let mut all: Vec<Seen> = asked.iter().map(|_| Seen::default()).collect();
    // Round 0 opens files and fills caches; it does not count.
    for round in 0..=rounds {
        println!("Round {round} of {rounds}");
        for (row, contender) in turns(asked, round) {
            let (asked, seen) = (&asked[row], &mut all[row][contender]);
            let Some(load) = &asked.loads[contender] else { continue };
            let before = cpu_s(world.id(contender))?;
            let rate = load.per_second(asked.callers, TURN_S).map_err(|error| format!("{}: {error}", asked.name))?;
            let busy = (cpu_s(world.id(contender))? - before) / f64::from(TURN_S);
            if round > 0 {
                seen.per_second.push(rate);
                seen.busy.push(busy);
            }
        }
    }
    Ok(all)
}

/// Rows and contenders in the order of this round. Every other one goes backwards: who comes behind a server that wrote
/// shares the machine with what is left of that, and it must not be the same one each time.
fn turns(asked: &[Asked], round: u32) -> Vec<(usize, usize)> {
    let mut turns: Vec<_> =
        asked.iter().enumerate().flat_map(|(row, asked)| (0..asked.loads.len()).map(move |one| (row, one))).collect();
    if !round.is_multiple_of(2) {
        turns.reverse();
    }
    turns
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
    let mut idlest = (f64::INFINITY, String::new());
    for ((name, kind), [ours, bare, pocketbase]) in asked.iter().zip(seen) {
        for (whose, rates) in [("ours", ours), ("bare", bare), ("PocketBase", pocketbase)] {
            if let Some(busy) = median(&rates.busy).filter(|busy| *busy < idlest.0) {
                idlest = (busy, format!("{whose}, {name}"));
            }
        }
        let [ours, bare, pocketbase] = [ours, bare, pocketbase].map(|rates| median(&rates.per_second));
        let ours = ours.ok_or_else(|| format!("nothing was seen of {name}"))?;
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
        about: about(rounds, &format!("{} % ({})", shown(idlest.0 * 100.0), idlest.1)),
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

fn about(rounds: u32, idlest: &str) -> String {
    format!(
        "Each server runs on core 0 and the load, `wrk`, on core 1 (`taskset`), over loopback: {CONNECTIONS} \
         connections (in one row {CROWD}), each asking again as soon as it has its answer, {TURN_S} s for each contender \
         and question by turns, in every other round the other way about, {rounds} rounds, medians. Every answer was a good one. Of its core's time a server used {idlest} \
         where it was the least: where that is not nearly all, the load was slower than the server, or the machine \
         had other work.\n\n\
         Ours checks as it always does: routing, limits, the token's signature, whose the row is, the schema, how many \
         folders somebody has. `hyper + SQLite` is `generatio-bench bare`, hyper and rusqlite on a copy of the same \
         file: it runs the same statements, gives the same JSON but for the forecast (of the status the same bytes), \
         and is as durable, but knows nothing of who asks and checks nothing (of the token's status it reads the token \
         alone, ours in one statement whose it is, too); for the status it gives those bytes from memory. \
         It sends two headers with an answer, ours some ten; it logs nothing, ours a line for each answer, as it does \
         unless told otherwise, and PocketBase a row in a database of its own. PocketBase holds the same pictures, \
         with the owner rules of `tests/pocketbase` and indexes on (user_id, created).\n\n\
         Lists are of {pictures} pictures and of {folders} folders of the one who asks, both with totals. A folder is \
         created by {people} people by turns, each under their own token, and is on the disk before the answer (WAL, \
         `synchronous=FULL`, writes that wait share a flush) with ours and bare; PocketBase runs SQLite with \
         `synchronous=NORMAL`, which flushes nothing for a commit: its creates are lost when the power goes, and are \
         compared all the same. The statistics are over {charges} charges.",
        pictures = counted(world::PICTURES / world::SHARE),
        folders = counted(world::FOLDERS),
        people = counted(world::PEOPLE),
        charges = counted(world::CHARGES),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: [(&str, Kind); 5] = [
        ("status", Kind::Public),
        ("health", Kind::Health),
        ("folders", Kind::List),
        ("pictures", Kind::List),
        ("create", Kind::Create),
    ];

    fn rates<const N: usize>(rates: [[f64; N]; 3]) -> Seen {
        // Zero stands for who was not asked.
        let given = |rates: [f64; N]| rates.into_iter().filter(|rate| *rate > 0.0).collect::<Vec<_>>();
        rates.map(|all| Rates { busy: given(all).iter().map(|_| 0.98).collect(), per_second: given(all) })
    }

    fn goals(folders: [f64; 3]) -> Vec<bool> {
        let seen = [
            rates([[80.0, 81.0, 1.0], [100.0; 3], [0.0; 3]]),
            rates([[70.0], [0.0], [10.0]]),
            rates(folders.map(|rate| [rate])),
            rates([[60.0], [100.0], [5.0]]),
            rates([[49.0], [100.0], [3.0]]),
        ];
        let page = page(&ROWS, &seen, 9, Machine { lines: Vec::new() }).unwrap();
        page.goals.iter().map(|goal| goal.holds).collect()
    }

    #[test]
    fn every_other_round_goes_backwards() {
        let asked =
            ["status", "health"].map(|name| Asked { name, kind: Kind::Public, callers: 1, loads: [const { None }; 3] });
        let forwards = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)];
        assert_eq!(turns(&asked, 2), forwards);
        assert!(turns(&asked, 3).iter().eq(forwards.iter().rev()));
    }

    #[test]
    fn each_row_counts_for_its_goals() {
        assert_eq!(goals([50.0, 100.0, 5.0]), [true, true, false, true, true, true]);
        assert_eq!(goals([49.0, 100.0, 5.0]), [true, false, false, true, false, true]);
    }

    #[test]
    fn what_nobody_saw_is_no_goal_reached() {
        let status = [rates([[80.0], [100.0], [0.0]])];
        let page_of = page(&ROWS[..1], &status, 9, Machine { lines: Vec::new() }).unwrap();
        assert_eq!(page_of.goals.iter().filter(|goal| goal.holds).count(), 1);
        assert!(page(&ROWS[..1], &[Seen::default()], 9, Machine { lines: Vec::new() }).is_err());
    }
}
