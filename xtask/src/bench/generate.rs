//! `generate`: whole generations a second through the server, and what a thousand at the same time take of memory. With
//! `--profile`, where the server's instructions go.

mod flight;
mod profile;

use super::caller::{Caller, GENERATE, order};
use super::contender;
use super::figures::{counted, median, shown};
use super::machine::{Machine, commit, version};
use super::page::{Page, Table};
use super::usage::cpu_s;
use super::wrk::{self, Load, Request};
use crate::cores::{ON_LOAD, ON_SERVERS};
use crate::folder::Folder;
use crate::servers::{Servers, Setup};
use crate::{Outcome, process};
use flight::Flight;
use std::path::Path;

/// Callers at a time, one row each.
const CALLERS: [u32; 3] = [1, 8, 64];
/// How long each row is asked in a round, seconds.
const TURN_S: u32 = 2;

/// A stand-in that takes no time, on the load's core.
const SETUP: Setup<'_> =
    Setup { serve: &["--max-running-jobs", "1000"], under: [&ON_SERVERS, &ON_LOAD], ..Setup::QUICK };

/// Builds and measures.
pub(super) fn run(rounds: u32, profiled: bool) -> Outcome<Page> {
    wrk::is_there()?;
    let built = contender::build()?;
    let generatio = process::generatio(&built)?;
    let below = process::workspace().join("target/bench");
    let mut machine = Machine::look();
    let seen = Folder::within(&below, |folder| measure(generatio, folder, rounds))?;
    let flight = Folder::within(&below, |folder| Flight::look(generatio, folder))?;
    machine.look_again();
    let profile = if profiled { Some(Folder::within(&below, profile::profile)?) } else { None };
    page(&seen, &flight, profile.as_deref(), rounds, machine)
}

/// What was seen of so many callers, in each round.
#[derive(Default)]
struct Seen {
    per_second: Vec<f64>,
    /// Of the server's processor, milliseconds a generation.
    cpu_ms: Vec<f64>,
}

fn measure(generatio: &Path, folder: &Folder, rounds: u32) -> Outcome<Vec<Seen>> {
    let servers = Servers::start(generatio, folder, &SETUP)?;
    let caller = Caller::sign_up(&servers.url)?;
    caller.generate(&order("A heron"))?;
    let (body, headers) = (order("A heron on a jetty in the fog"), caller.headers());
    let requests = [Request::post(GENERATE, &headers, &body)];
    let load = Load::of(&servers.url, folder.path().join("requests"), &requests)?;
    let mut all: Vec<Seen> = CALLERS.iter().map(|_| Seen::default()).collect();
    // Round 0 fills caches; it does not count.
    for round in 0..=rounds {
        println!("Round {round} of {rounds}");
        for (callers, seen) in CALLERS.into_iter().zip(&mut all) {
            let before = cpu_s(servers.server_id())?;
            let rate = load.per_second(callers, TURN_S)?;
            let cpu = cpu_s(servers.server_id())? - before;
            if round > 0 {
                seen.per_second.push(rate);
                seen.cpu_ms.push(cpu * 1e3 / (rate * f64::from(TURN_S)));
            }
        }
    }
    Ok(all)
}

fn page(seen: &[Seen], flight: &Flight, profile: Option<&str>, rounds: u32, machine: Machine) -> Outcome<Page> {
    let mut table =
        Table::new(&["callers at a time", "generations/s", "server's core busy", "its ms a generation", "1 s / that"]);
    for (callers, Seen { per_second, cpu_ms }) in CALLERS.into_iter().zip(seen) {
        let middle = |figures: &[f64]| median(figures).ok_or("nothing was measured");
        let (rate, cpu_ms) = (middle(per_second)?, middle(cpu_ms)?);
        let busy = format!("{} %", shown(rate * cpu_ms / 10.0));
        table.row([counted(callers), shown(rate), busy, shown(cpu_ms), shown(1e3 / cpu_ms)]);
    }
    let profile = profile.map(|profile| format!("\n\n{}", profile.trim_end())).unwrap_or_default();
    Ok(Page {
        title: "Whole generations a second".into(),
        about: format!("{}\n\n{flight}{profile}", about(rounds)),
        table,
        goals: Vec::new(),
        machine,
        versions: vec![commit(), version(Path::new("rustc")), wrk::version()],
    })
}

fn about(rounds: u32) -> String {
    format!(
        "`POST {GENERATE}` from a session, one picture of the fast model: checked, reserved, submitted, followed to \
         its end, stored and charged, four durable commits, before the answer. FAL is the stand-in without latency; \
         the server is on core 0, the stand-in and the load (`wrk`) share core 1 (`taskset`), and may keep the server \
         waiting: its core would do what the last column says if it were never idle. Callers ask again as soon as \
         they have their pictures, over the same connection. {TURN_S} s each by turns, {rounds} rounds, medians; all \
         answers were good ones."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_tells_what_the_core_would_do() {
        let seen = |rate: f64| Seen { per_second: vec![rate, rate, 1.0], cpu_ms: vec![0.5] };
        let flight = Flight { before_mb: 20.0, flying_mb: 60.0, quick: 100 };
        let all = [seen(500.0), seen(1000.0), seen(1500.0)];
        let page = page(&all, &flight, Some("| a |\n"), 9, Machine { lines: Vec::new() }).unwrap();
        let table = page.table.to_string();
        let last: Vec<&str> = table.lines().last().unwrap_or_default().split('|').map(str::trim).collect();
        assert_eq!(last[1..6], ["64", "1,500", "75.0 %", "0.50", "2,000"], "{table}");
        assert!(page.about.contains("40,000 bytes") && page.about.ends_with("| a |"), "{}", page.about);
    }
}
