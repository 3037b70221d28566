//! Nothing secret stays in the server's memory, nor in what it writes: real sessions, then a search through everything.
//!
//! `GENERATIO_MEMORY_SESSIONS` says how many; `cargo xtask memory-scan` has a thousand. What is found is printed.

mod caller;
mod crowd;
mod scan;
mod tls;

use caller::{Connection, Door};
use crowd::Person;
use generatio_fal_sim::Options;
use generatio_tests::{Ended, Server, World, binary, digest, run};
use scan::{Found, Scan};
use std::collections::HashSet;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;
use std::time::{Duration, Instant};
use tls::Certified;

/// For how long a small request may be remembered; the server takes half of it.
const MOMENT: Duration = Duration::from_millis(200);
/// Sessions, unless somebody wants more.
const FEW: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_secret_stays() {
    search("HTTP", None).await;
}

/// TLS decrypts in buffers of its own, which live as long as their connections.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_secret_stays_behind_tls() {
    search("HTTPS", Some(Certified::new())).await;
}

async fn search(name: &str, certified: Option<Certified>) {
    let count = std::env::var("GENERATIO_MEMORY_SESSIONS").map_or(FEW, |count| count.parse().expect("a number"));
    // A connection each, and some files more.
    generatio_server::open_files::raise();
    // Little work for each password, since its strength is not what is looked at; and all there is to be logged.
    let mut arguments = vec!["--pbkdf2-iterations", "100000", "--log-level", "trace"];
    arguments.extend(certified.iter().flat_map(Certified::arguments));
    let mut world = World::with_fal(Options::immediate(), &arguments).await;
    let door = Door::new(world.server().url(), certified.as_ref());
    let half = digest(&format!("half a request at {}", door.server));
    let mut people = crowd::gather(&door, count).await;
    let scan = Scan::new(&people, &half);
    let search = Search { world: &world, door: &door, half: &half, scan: &scan };

    // The server gives up connections on which nothing was asked for a while: those who came last are still there.
    let idle = search.of_idle_server(&people, FEW).await;
    say(name, "memory, sessions idle", &idle);
    let (data, backup) = (scan.files(world.data_dir()), backup(&world, &scan));
    crowd::leave(&mut people).await;
    let left = search.of_idle_server(&people, count).await;
    say(name, "memory, sessions deleted", &left);
    say(name, "data folder", &data);
    say(name, "backup", &backup);
    let ended = crash(world.take_server());
    let log = scan.text(&ended.log);
    say(name, "log, crash included", &log);

    assert_eq!(idle.count("label"), count, "the control is not found: the search looks in the wrong places");
    for found in [&idle, &left] {
        assert_eq!(found.count("half a request"), 1, "what connections hold is not found");
    }
    assert_eq!((data.count("e-mail"), backup.count("e-mail")), (count, count), "what files hold is not found");
    assert!(ended.log.contains("/api/custom/generate/image"), "what was logged is not there");
    for found in [idle, left, data, backup, log] {
        assert_eq!(found.secrets(), [""; 0]);
    }
}

/// What is looked through, and for what.
struct Search<'a> {
    world: &'a World,
    door: &'a Door,
    half: &'a str,
    scan: &'a Scan,
}

impl Search<'_> {
    /// The server's memory, while everybody keeps a connection open on which nothing goes on, `last` of them also the
    /// one that their secrets went over, and one more waits for the rest of a request.
    async fn of_idle_server(&self, people: &[Person], last: usize) -> Found {
        let mut connections = crowd::stay_connected(people).await;
        connections.push(crowd::hesitate(self.door, self.half).await);
        let pid = self.world.server().pid();
        // An answer is read here before the server has put away what it took, and small ones are followed by a moment
        // in which more may be asked.
        let answered = Instant::now();
        self.world.until(async || answered.elapsed() > MOMENT && is_asleep(pid)).await;
        signal(pid, "-STOP");
        // It stands still: what it has open is open for the whole search.
        let open = peers(self.door.server);
        let found = self.scan.memory(pid);
        signal(pid, "-CONT");
        let earlier = people.iter().rev().take(last).map(|person| &person.connection);
        let is_closed = |connection: &&Connection| !open.contains(&connection.own);
        assert_eq!(connections.iter().chain(earlier).filter(is_closed).count(), 0, "connections were closed");
        found
    }
}

fn backup(world: &World, scan: &Scan) -> Found {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let mut command = Command::new(binary());
    command.arg("backup").arg(folder.path().join("backup.tar")).arg("--data-dir").arg(world.data_dir());
    let made = run(&mut command);
    assert!(made.status.success(), "{}", made.log);
    scan.files(folder.path())
}

/// The image of a memory that is written after a crash is the memory, whatever is in use included.
fn crash(server: Server) -> Ended {
    let limits = fs::read_to_string(format!("/proc/{}/limits", server.pid())).expect("the process runs");
    let core = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).expect("a limit of the system");
    // One byte: neither a file nor a pipe to whoever collects them.
    assert_eq!(core.split_whitespace().collect::<Vec<_>>(), ["1", "1", "bytes"]);
    let ended = server.crash();
    assert!(ended.status.signal().is_some(), "{:?}", ended.status);
    assert!(!ended.status.core_dumped(), "the memory was written to a file");
    ended
}

fn say(name: &str, place: &str, found: &Found) {
    eprintln!("{name}, {place}: {found}");
    for place in found.secrets() {
        eprintln!("  {place}");
    }
}

fn signal(pid: u32, signal: &str) {
    assert!(Command::new("kill").args([signal, &pid.to_string()]).status().expect("kill runs").success());
}

/// Whether none of its threads has anything to do.
fn is_asleep(pid: u32) -> bool {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).expect("the process runs");
    // Behind the name in brackets stands the state. A thread that ends meanwhile is one less.
    let states = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("stat")).ok());
    states.into_iter().all(|stat| stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('S')))
}

/// Who has an open connection to a server of this machine, by the kernel's table of them.
fn peers(server: SocketAddr) -> HashSet<SocketAddr> {
    const ESTABLISHED: &str = "01";
    let address = |text: &str| {
        let (host, port) = text.split_once(':')?;
        let host = Ipv4Addr::from(u32::from_str_radix(host, 16).ok()?.to_ne_bytes());
        Some(SocketAddr::from((host, u16::from_str_radix(port, 16).ok()?)))
    };
    let table = fs::read_to_string("/proc/net/tcp").expect("the kernel's table");
    let rows = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let ours = rows.filter(|row| row[3] == ESTABLISHED && address(row[1]) == Some(server));
    ours.filter_map(|row| address(row[2])).collect()
}
