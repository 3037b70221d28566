//! `start`: how soon a server answers, and what it takes of memory when nobody asks anything and with 100,000 sessions,
//! beside a PocketBase.

use super::contender::{self, Contender, Programs};
use super::figures::{counted, median, shown};
use super::machine::{Machine, commit, version};
use super::page::{Goal, Page, Table};
use super::pocketbase::PocketBase;
use super::usage::{own_mb, resident_mb};
use crate::api::mismatch;
use crate::folder::Folder;
use crate::process::Running;
use crate::servers::free_port;
use crate::{Outcome, process};
use serde_json::Value;
use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How many sessions there are in the end, 16 of a user.
const SESSIONS: u32 = 100_000;
const SESSIONS_EACH: u32 = 16;
/// How long a server may take to answer at all.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long it is left alone before its memory is looked at.
const IDLE: Duration = Duration::from_secs(1);
const HEALTH: &[u8] = b"GET /api/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";

const START_GOAL_MS: f64 = 10.0;
const IDLE_GOAL_MB: f64 = 12.0;
const SESSION_GOAL: f64 = 300.0;

/// What was seen of one contender, in each round.
#[derive(Default)]
struct Seen {
    /// Milliseconds to the first answer, in an empty folder.
    first_ms: Vec<f64>,
    /// The same where it has been before.
    again_ms: Vec<f64>,
    /// Resident megabytes after that.
    idle_mb: Vec<f64>,
    /// Those that are no pages of files.
    own_mb: Vec<f64>,
}

/// Starts both by turns, then begins sessions with ours.
pub(super) fn run(rounds: u32) -> Outcome<Page> {
    let built = contender::build()?;
    let (programs, pocketbase) = (Programs::of(&built)?, PocketBase::install()?);
    Folder::within(&process::workspace().join("target/bench"), |folder| {
        let mut machine = Machine::look();
        let mut seen = [Seen::default(), Seen::default()];
        // Round 0 reads the programs from the disk; it does not count.
        for round in 0..=rounds {
            println!("Round {round} of {rounds}");
            let (mut ours, mut theirs) = (Seen::default(), Seen::default());
            let own = Folder::create(folder.path())?;
            ours.look(&own, |port| serve(programs.generatio, &own.data(), port))?;
            theirs.look(&own, |port| {
                let mut serve = Command::new(pocketbase.program());
                serve.args(PocketBase::serve(&own.path().join("pb_data"), port));
                serve
            })?;
            if round > 0 {
                for (all, one) in seen.iter_mut().zip([ours, theirs]) {
                    all.add(one);
                }
            }
        }
        let sessions = sessions(programs, folder)?;
        machine.look_again();
        page(&seen, &sessions, rounds, machine)
    })
}

fn serve(generatio: &Path, data: &Path, port: u16) -> Command {
    let mut serve = Command::new(generatio);
    serve.args(["serve", "--http", &format!("127.0.0.1:{port}"), "--data-dir"]).arg(data);
    serve
}

impl Seen {
    /// Starts a server in an empty folder, ends it, and starts it again.
    fn look(&mut self, folder: &Folder, serve: impl Fn(u16) -> Command) -> Outcome {
        let (first_ms, running) = start(folder, &serve)?;
        drop(running);
        let (again_ms, running) = start(folder, &serve)?;
        sleep(IDLE);
        self.first_ms.push(first_ms);
        self.again_ms.push(again_ms);
        self.idle_mb.push(resident_mb(running.id())?);
        self.own_mb.push(own_mb(running.id())?);
        Ok(())
    }

    fn add(&mut self, other: Self) {
        self.first_ms.extend(other.first_ms);
        self.again_ms.extend(other.again_ms);
        self.idle_mb.extend(other.idle_mb);
        self.own_mb.extend(other.own_mb);
    }
}

/// Milliseconds from before the process is made to the end of its first answer.
fn start(folder: &Folder, serve: impl Fn(u16) -> Command) -> Outcome<(f64, Running)> {
    let port = free_port()?;
    let mut command = serve(port);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(folder.log("server"))?);
    command.current_dir(folder.path());
    let began = Instant::now();
    let mut running = Running::start(command)?;
    while began.elapsed() < PATIENCE && running.ended().is_none() {
        if is_well(port) {
            return Ok((began.elapsed().as_secs_f64() * 1e3, running));
        }
        sleep(Duration::from_micros(100));
    }
    Err("a server did not answer".into())
}

/// Whether there is an answer yet, and a good one.
fn is_well(port: u16) -> bool {
    let ask = || -> Outcome<Vec<u8>> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(HEALTH)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with(b"HTTP/1.1 200"))
}

/// What `generatio-bench sessions` saw.
fn sessions(programs: Programs<'_>, folder: &Folder) -> Outcome<Value> {
    println!("Beginning {} sessions …", counted(SESSIONS));
    let server = Contender::ours(programs, folder, &[], |database| {
        let mut people = programs.bench(&["people", "--contender", "ours", "--database"]);
        people.arg(database).args(["--count", &SESSIONS.div_ceil(SESSIONS_EACH).to_string()]);
        process::document(people).map(drop)
    })?;
    let mut sessions = programs.bench(&["sessions", "--address", server.address(), "--data-dir"]);
    sessions.arg(folder.data()).args(["--pid", &server.id().to_string(), "--count", &SESSIONS.to_string()]);
    let seen = process::document(sessions)?;
    if seen["active"] != SESSIONS {
        return Err(mismatch(&format!("{SESSIONS} sessions"), seen).into());
    }
    Ok(seen)
}

fn page([ours, theirs]: &[Seen; 2], sessions: &Value, rounds: u32, machine: Machine) -> Outcome<Page> {
    let middle = |figures: &[f64]| median(figures).ok_or("nothing was measured");
    let figure = |name: &str| sessions[name].as_f64().ok_or_else(|| mismatch(name, sessions));
    let mut table = Table::new(&["", "ours", "PocketBase"]);
    for (name, ours, theirs) in [
        ("first answer, started in an empty folder, ms", &ours.first_ms, &theirs.first_ms),
        ("first answer, started again, ms", &ours.again_ms, &theirs.again_ms),
        ("memory when idle, MB", &ours.idle_mb, &theirs.idle_mb),
        ("of it, without pages of its own file, MB", &ours.own_mb, &theirs.own_mb),
    ] {
        table.row([name.into(), shown(middle(ours)?), shown(middle(theirs)?)]);
    }
    let with_sessions = format!("memory with {} sessions, MB", counted(SESSIONS));
    table.row([with_sessions, shown(figure("after_kb")? * 1024.0 / 1e6), String::new()]);
    let each = figure("bytes_each")?;
    table.row(["a session, bytes".into(), shown(each), String::new()]);
    let (again_ms, idle_mb) = (middle(&ours.again_ms)?, middle(&ours.idle_mb)?);
    let at_most = |what: &str, most: f64, seen: f64, unit: &str| Goal {
        aim: format!("{what} at most {most} {unit}"),
        seen: format!("{} {unit}", shown(seen)),
        holds: seen <= most,
    };
    Ok(Page {
        title: "Start and memory".into(),
        about: about(rounds),
        table,
        goals: vec![
            at_most("the first answer after", START_GOAL_MS, again_ms, "ms"),
            at_most("idle memory", IDLE_GOAL_MB, idle_mb, "MB"),
            at_most("a session", SESSION_GOAL, each, "bytes"),
        ],
        machine,
        versions: vec![commit(), PocketBase::version()?, version(Path::new("rustc"))],
    })
}

fn about(rounds: u32) -> String {
    format!(
        "From before the process is made to the end of its first answer to `GET /api/health`, asked for every tenth \
         of a millisecond; in an empty folder, where database and keys are made, and again where they are. The \
         programs' files are in memory by then. Idle memory is what the system counts as resident (VmRSS, pages of \
         the program's file included, which Linux shares between processes and drops when it needs room) {} s after \
         that answer. Both have any core; by turns, {rounds} rounds, medians.\n\n\
         Sessions are begun over HTTP, {} each of {} people, by handing over a FAL key, as a client does that seals \
         and opens it itself: the server derives nothing then, and keeps what it keeps of every session. (Logins and \
         opening stored keys, 60 ms and more each, would take hours for so many; the people's tokens are signed with \
         the server's key, without a login.) A session's bytes are what resident memory grew by, after everybody had \
         begun and ended one, through the number of sessions. Once.",
        IDLE.as_secs(),
        SESSIONS_EACH,
        counted(SESSIONS.div_ceil(SESSIONS_EACH)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn goals_are_ours() {
        let seen = |ms: f64, mb: f64| Seen {
            first_ms: vec![30.0],
            again_ms: vec![ms, ms, 99.0],
            idle_mb: vec![mb],
            own_mb: vec![2.0],
        };
        let of = |ours: Seen, each: u32| {
            let sessions = json!({ "after_kb": 50_000, "bytes_each": each });
            let page = page(&[ours, seen(15.0, 30.0)], &sessions, 9, Machine { lines: Vec::new() }).unwrap();
            page.goals.iter().map(|goal| goal.holds).collect::<Vec<_>>()
        };
        assert_eq!(of(seen(10.0, 12.0), 300), [true, true, true]);
        assert_eq!(of(seen(10.1, 12.1), 301), [false, false, false]);
        let none = page(&Default::default(), &json!({}), 9, Machine { lines: Vec::new() });
        assert!(none.is_err());
    }

    #[test]
    fn a_program_that_ends_is_not_waited_for() {
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::create(parent.path()).unwrap();
        let ends = |_| {
            let mut command = Command::new("sh");
            command.args(["-c", "exit 1"]);
            command
        };
        assert!(start(&folder, ends).is_err());
    }
}
