//! The real server, killed again and again while users ask for pictures, over one data directory and one stand-in for
//! FAL that outlives it. In the end what is stored is compared with what FAL billed and what callers were told.
//!
//! `cargo xtask faults --kills N` sets [`KILLS`]. What happens at which millisecond differs from run to run; what is
//! asked for and when the server is killed follows from a seed, which is printed and may be given by [`SEED`].

mod audit;
mod life;
mod orders;
mod plan;
mod records;
mod syncs;
mod table;

use audit::{CHECKS, Check, WITH_WEBHOOK, audit};
use generatio_tests::Door;
use life::{Counts, Run};
use plan::{Dice, LEAST, POINTS, moments};
use records::Records;
use std::io::Write as _;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Names the variable that says how often the server is killed.
const KILLS: &str = "GENERATIO_CRASH_KILLS";
/// Names the variable that gives the seed.
const SEED: &str = "GENERATIO_CRASH_SEED";
/// Kills of a run that nobody asked for.
const USUAL_KILLS: usize = 64;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_loses_nothing_and_charges_nothing_twice() {
    crash("without webhooks", None, &CHECKS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn webhooks_bring_home_what_a_kill_left_in_doubt() {
    let checks = [&CHECKS[..], &[WITH_WEBHOOK]].concat();
    crash("with webhooks", Some(Door::open().await), &checks).await;
}

/// A whole run. With a `door`, FAL sends its webhooks there.
async fn crash(name: &str, door: Option<Door>, checks: &[Check]) {
    let (kills, seed) = (variable(KILLS).unwrap_or(USUAL_KILLS), variable(SEED).unwrap_or_else(any_seed));
    let began = Instant::now();
    let mut dice = Dice::new(seed);
    let moments = moments(kills, &mut dice);
    let mut run = Run::begin(dice, door).await;
    for moment in moments {
        run.live(moment).await;
    }
    let records = settled(&mut run).await;
    let findings = audit(checks, &records);
    let figures = table::table(&run.counts, &records, &findings, began.elapsed());
    say(&format!("\ncrash run {name}, {SEED}={seed}\n{figures}"));
    let broken: Vec<String> = findings.iter().flat_map(|(name, found)| examples(name, found)).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    enough_happened(&run.counts, &records, kills);
}

/// Everything that has to agree, after all has come to rest.
async fn settled(run: &mut Run) -> Records {
    let server = run.come_to_rest().await;
    let mut records = Records { told: run.told.clone(), ..Records::default() };
    for user in run.users(&server) {
        let stats = user.get("/api/custom/financial/stats").await;
        stats.ok();
        records.totals.insert(user.id, records::total(&stats));
    }
    assert!(server.stop().status.success());
    let database = run.database();
    (records.jobs, records.charges) = (records::jobs(&database), records::charges(&database));
    records.requests = records::requests(&run.book());
    records
}

/// The first of what a check found.
fn examples(name: &str, found: &[String]) -> Vec<String> {
    found.iter().take(3).map(|found| format!("{name}: {found}")).collect()
}

/// A run in which nothing was at stake proves nothing.
fn enough_happened(counts: &Counts, records: &Records, kills: usize) {
    assert!(POINTS.into_iter().all(|point| counts.struck(point) >= LEAST), "{counts:?}");
    assert!(counts.all() == kills && counts.random() >= LEAST * POINTS.len(), "{counts:?}");
    assert!(counts.answered > kills && counts.cut_off > kills && counts.repeated > kills, "{counts:?}");
    let completed = records.jobs.iter().filter(|job| job.state == "completed").count();
    assert!(completed > kills && records.charges.len() >= completed, "{completed} of {kills}");
}

fn variable<T: std::str::FromStr<Err: std::fmt::Debug>>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|error| panic!("{name}={text}: {error:?}")))
}

fn any_seed() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is set");
    u64::from(now.subsec_nanos()) ^ now.as_secs()
}

/// Prints whether or not the test passes: the figures are what it is for.
fn say(text: &str) {
    writeln!(std::io::stdout(), "{text}").expect("stdout is open");
}
