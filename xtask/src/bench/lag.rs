//! `lag`: how long a caller waits beyond FAL's own time, through the whole server and with FAL's own clients.
//!
//! All ask the same stand-in for the same small pictures, one call at a time and by turns. What a call took beyond
//! FAL's own time is the moment it returned, less the moment its request ended in the stand-in's book; both are
//! microseconds of this machine's clock.

mod clients;
mod contender;
mod ours;

use super::caller::Caller;
use super::figures::{median, p90, shown};
use super::machine::{Machine, commit, version};
use super::page::{Goal, Page, Table};
use crate::api::{Api, mismatch};
use crate::folder::Folder;
use crate::servers::{Servers, Setup};
use crate::{Outcome, process};
use clients::Clients;
use contender::{Call, Contender};
use serde_json::Value;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

/// Most milliseconds of our median.
const GOAL_MS: f64 = 5.0;
/// Calls of each contender in a round.
const CALLS: u32 = 8;

/// Latency of the stand-in's pictures in milliseconds: from [`SHORTEST_MS`] to half a second longer, so that a client
/// that polls twice a second is met at every phase of it.
const SHORTEST_MS: u32 = 300;
const SPREAD_MS: u32 = 500;
/// Between one call's latency and the next one's; has no divisor in common with the spread.
const STEP_MS: u32 = 191;

/// Any free ports; the latency is each request's own.
const SETUP: Setup<'_> = Setup { latency_ms: SHORTEST_MS, ..Setup::QUICK };

/// Builds, installs FAL's clients, starts the servers and makes all calls.
pub(super) fn run(rounds: u32) -> Outcome<Page> {
    println!("Building …");
    let built = process::build(&["--release", "--package", "generatio-server", "--bin", "generatio"])?;
    let clients = Clients::install(&process::workspace().join("target/bench-clients"))?;
    let folder = Folder::create(&process::workspace().join("target/bench"))?;
    let mut machine = Machine::look();
    let measured = measure(process::generatio(&built)?, &clients, &folder, rounds)
        .map_err(|error| format!("{error}\n{}", folder.last_log_lines()))?;
    machine.look_again();
    folder.remove()?;
    page(&measured, rounds, machine, clients.versions()?)
}

/// What was seen of one contender.
struct Measured {
    name: &'static str,
    /// Milliseconds beyond FAL's own time, of each call.
    lags_ms: Vec<f64>,
}

/// All contenders, ours last.
fn measure(generatio: &Path, clients: &Clients, folder: &Folder, rounds: u32) -> Outcome<Vec<Measured>> {
    let servers = Servers::start(generatio, folder, &SETUP)?;
    let mut contenders = clients.contenders(&servers.fal_url)?;
    contenders.push(Contender::new("Generatio, the whole server", Caller::sign_up(&servers.url)?));
    println!("Warming up");
    // The first calls read programs from the disk, make connections and compile; they do not count.
    turns(&mut contenders, 0..2)?;
    let before = ends_us(&servers.fal_url)?.len();
    let mut calls = Vec::new();
    for round in 0..rounds {
        println!("Round {} of {rounds}", round + 1);
        calls.extend(turns(&mut contenders, round * CALLS..(round + 1) * CALLS)?);
    }
    let lags_ms = lags_ms(&calls, &ends_us(&servers.fal_url)?[before..])?;
    let of = |index: usize| lags_ms.iter().skip(index).step_by(contenders.len()).copied().collect();
    Ok(contenders.iter().enumerate().map(|(index, one)| Measured { name: one.name, lags_ms: of(index) }).collect())
}

/// Each contender makes a call, then each makes the next, one at a time.
fn turns(contenders: &mut [Contender], numbers: Range<u32>) -> Outcome<Vec<Call>> {
    let mut calls = Vec::new();
    for number in numbers {
        for contender in &mut *contenders {
            calls.push(contender.call(&prompt(number)).map_err(|error| format!("{}: {error}", contender.name))?);
        }
    }
    Ok(calls)
}

/// The same for every contender; its end tells the stand-in how long to take, and is not painted.
fn prompt(number: u32) -> String {
    let latency_ms = SHORTEST_MS + number * STEP_MS % SPREAD_MS;
    format!("A lighthouse on a cliff at dusk [[sim: {{\"latency_ms\": {latency_ms}}}]]")
}

/// When each request of the stand-in's book ended, microseconds since 1970.
fn ends_us(fal_url: &str) -> Outcome<Vec<u64>> {
    let book = Api::new(fal_url).get("/sim/book")?.ok()?;
    let requests = book["requests"].as_array().map_or(&[][..], Vec::as_slice);
    let end = |request: &Value| request["ended_us"].as_u64().ok_or_else(|| mismatch("a request that ended", request));
    Ok(requests.iter().map(end).collect::<Result<_, _>>()?)
}

/// Calls were made one at a time, so the first is the first of the book; an end outside of its call would say otherwise.
fn lags_ms(calls: &[Call], ends_us: &[u64]) -> Outcome<Vec<f64>> {
    if calls.len() != ends_us.len() {
        return Err(mismatch(&format!("{} requests in the stand-in's book", calls.len()), ends_us.len()).into());
    }
    let lag = |(call, end): (&Call, &u64)| match call.returned_us.checked_sub(*end) {
        Some(lag) if call.began_us <= *end => Ok(Duration::from_micros(lag).as_secs_f64() * 1000.0),
        _ => Err(mismatch(&format!("an end during {call:?}"), end).into()),
    };
    calls.iter().zip(ends_us).map(lag).collect()
}

fn page(measured: &[Measured], rounds: u32, machine: Machine, mut versions: Vec<String>) -> Outcome<Page> {
    let medians: Option<Vec<f64>> = measured.iter().map(|one| median(&one.lags_ms)).collect();
    let medians = medians.ok_or("no call was measured")?;
    let ours = *medians.last().ok_or("nobody was measured")?;
    let mut table = Table::new(&["caller waits, ms", "median", "p90", "calls", "median / ours"]);
    for (Measured { name, lags_ms }, median) in measured.iter().zip(medians) {
        let p90 = p90(lags_ms).unwrap_or_default();
        table.row([(*name).into(), shown(median), shown(p90), lags_ms.len().to_string(), shown(median / ours)]);
    }
    versions.splice(..0, [commit(), version(Path::new("rustc"))]);
    Ok(Page {
        title: "What a caller waits beyond FAL's own time".into(),
        about: about(rounds),
        table,
        goals: vec![Goal {
            aim: format!("ours at most {GOAL_MS} ms in the median"),
            seen: format!("{} ms", shown(ours)),
            holds: ours <= GOAL_MS,
        }],
        machine,
        versions,
    })
}

fn about(rounds: u32) -> String {
    format!(
        "From the moment a request ended in the book of the stand-in for FAL to the moment the call for it returned to \
         its caller, on one machine, over loopback. FAL's clients speak with the stand-in, unchanged but for where \
         their requests go, and hand over the picture's link. Ours is `POST /api/custom/generate/image` by a plain \
         HTTP client: the server does the same, and has stored the picture and charged for it before it answers.\n\n\
         {rounds} rounds of {CALLS} calls of each contender, one call at a time, by turns. A picture takes {SHORTEST_MS} \
         to {} ms, spread evenly, so that polling is met at every phase. Over a network with a round trip of r, polling \
         adds 2 r and a status stream 1.5 r.",
        SHORTEST_MS + SPREAD_MS
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lag_is_what_a_call_took_beyond_the_end() {
        let call = |began_us, returned_us| Call { began_us, returned_us };
        let calls = [call(1000, 5500), call(6000, 9000)];
        assert_eq!(lags_ms(&calls, &[3000, 9000]).unwrap(), [2.5, 0.0]);
        for ends in [&[3000, 9001][..], &[999, 9000], &[3000], &[3000, 7000, 8000]] {
            assert!(lags_ms(&calls, ends).is_err(), "{ends:?}");
        }
    }

    #[test]
    fn latencies_meet_every_phase_of_polling() {
        let latency = |number| (SHORTEST_MS + number * STEP_MS % SPREAD_MS) / 50;
        let phases: std::collections::HashSet<u32> = (0..7 * CALLS).map(latency).collect();
        assert_eq!(phases.len(), usize::try_from(SPREAD_MS / 50).unwrap());
    }

    #[test]
    fn a_page_compares_all_with_the_last() {
        let measured = |ours: f64| {
            [
                Measured { name: "peer", lags_ms: vec![200.0, 220.0, 240.0] },
                Measured { name: "ours", lags_ms: vec![ours; 3] },
            ]
        };
        let of = |ours| page(&measured(ours), 9, Machine { lines: Vec::new() }, Vec::new()).unwrap();
        assert!(of(4.0).table.to_string().contains("|    220 |  240 |     3 |          55.0 |"), "{}", of(4.0).table);
        assert!(of(5.0).goals[0].holds && !of(5.1).goals[0].holds);
        assert!(page(&[], 9, Machine { lines: Vec::new() }, Vec::new()).is_err());
    }
}
