//! The real `generatio` binary as a child process. Nothing here waits for it without a bound.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How long the binary may take to come to its end: more than the half minute it grants its own last answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often its end is looked for.
const INTERVAL: Duration = Duration::from_millis(5);

/// A running server. It is killed when dropped.
#[derive(Debug)]
pub struct Server {
    process: Process,
    url: String,
}

/// How a server is started, beside its arguments.
#[derive(Clone, Copy, Debug, Default)]
pub struct Setup<'a> {
    /// Where each of its jobs stops for ever: a name of `server/src/fault_points.rs`. It says so on stderr.
    pub fault_point: Option<&'a str>,
    /// Another build of it than [`binary`].
    pub program: Option<&'a Path>,
    /// A program that runs it, with that program's arguments.
    pub under: &'a [&'a str],
}

/// A server that does not listen yet. It is killed when dropped.
#[derive(Debug)]
pub struct Starting(Process);

/// A process that came to its end.
#[derive(Debug)]
pub struct Ended {
    /// How.
    pub status: ExitStatus,
    /// All it ever printed, on both streams.
    pub log: String,
}

impl Server {
    /// Starts `generatio serve` on a free port with `arguments`, and waits until it listens. It logs at `debug` unless
    /// they say otherwise.
    ///
    /// # Panics
    /// When it does not start; the message holds its log.
    #[must_use]
    pub fn start(data_dir: &Path, arguments: &[&str]) -> Self {
        Starting::spawn(data_dir, arguments, Setup::default()).listening()
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The id of its process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.child.id()
    }

    /// What it has printed so far, on both streams; the last lines may still be on their way.
    #[must_use]
    pub fn log(&self) -> String {
        self.process.log.text()
    }

    /// Asks it to stop, as an operator would, and waits until it has.
    ///
    /// # Panics
    /// When it cannot be signalled, or does not stop within a minute.
    #[must_use]
    pub fn stop(self) -> Ended {
        let signalled = Command::new("kill").args(["-TERM", &self.pid().to_string()]).status();
        assert!(signalled.expect("kill runs").success());
        self.process.end()
    }

    /// Has it crash, as it would by a fault of its own, and waits until it has.
    ///
    /// # Panics
    /// When it cannot be signalled, or goes on for a minute.
    #[must_use]
    pub fn crash(self) -> Ended {
        let signalled = Command::new("kill").args(["-ABRT", &self.pid().to_string()]).status();
        assert!(signalled.expect("kill runs").success());
        self.process.end()
    }

    /// Kills it without warning.
    ///
    /// # Panics
    /// When it cannot be killed.
    pub fn kill(self) {
        self.process.kill();
    }
}

impl Starting {
    /// Begins what [`Server::start`] does, as `setup` says.
    ///
    /// # Panics
    /// When there is no such program.
    #[must_use]
    pub fn spawn(data_dir: &Path, arguments: &[&str], setup: Setup<'_>) -> Self {
        let program = match setup.program {
            Some(program) => program,
            None => binary(),
        };
        let mut words = setup.under.iter().map(AsRef::as_ref).chain([program.as_os_str()]);
        let mut command = Command::new(words.next().expect("the binary is the last word"));
        command.args(words).args(["serve", "--http", "127.0.0.1:0", "--data-dir"]).arg(data_dir).args(arguments);
        command.env_clear().env("GENERATIO_LOG_LEVEL", "debug");
        command.envs(setup.fault_point.map(|name| ("GENERATIO_FAULT_POINT", name)));
        Self(Process::spawn(&mut command))
    }

    /// Waits until it listens.
    ///
    /// # Panics
    /// When it does not; the message holds its log.
    #[must_use]
    pub fn listening(self) -> Server {
        let Self(mut process) = self;
        match process.wait_for("Generatio is listening on ") {
            Some(url) => Server { process, url },
            None => panic!("the server did not start: {}", process.end().log),
        }
    }

    /// Kills it without warning.
    ///
    /// # Panics
    /// When it cannot be killed.
    pub fn kill(self) {
        self.0.kill();
    }
}

/// Runs a command that ends by itself.
///
/// # Panics
/// When it does not start, or does not end within a minute.
#[must_use]
pub fn run(command: &mut Command) -> Ended {
    Process::spawn(command).end()
}

/// The binary under test: `GENERATIO_BIN`, else built now as this test was, beside it.
///
/// # Panics
/// When it cannot be built.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| std::env::var_os("GENERATIO_BIN").map_or_else(built, PathBuf::from))
}

fn built() -> PathBuf {
    let test = std::env::current_exe().expect("this test has a path");
    let folder = test.ancestors().nth(2).expect("tests lie in TARGET/PROFILE/deps");
    let name = folder.file_name().and_then(|name| name.to_str()).expect("profiles have names of text");
    let profile = if name == "debug" { "dev" } else { name };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args([
        "build",
        "--quiet",
        "--package",
        "generatio-server",
        "--features",
        "generatio-server/fault-points",
        "--profile",
        profile,
        "--target-dir",
    ]);
    build.arg(folder.parent().expect("a profile's folder lies in the target folder"));
    assert!(build.status().expect("cargo runs").success(), "the server does not build");
    folder.join(format!("generatio{}", std::env::consts::EXE_SUFFIX))
}

/// A child whose two streams are read as it writes them. It is killed when dropped.
#[derive(Debug)]
struct Process {
    child: Child,
    log: Log,
    readers: Vec<JoinHandle<()>>,
}

impl Process {
    fn spawn(command: &mut Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the command starts");
        let log = Log::default();
        let output = log.collect(child.stdout.take().expect("stdout is piped"));
        let errors = log.collect(child.stderr.take().expect("stderr is piped"));
        Self { child, log, readers: vec![output, errors] }
    }

    /// What follows `start` in the line that begins so; `None` when the process ended without one.
    fn wait_for(&mut self, start: &str) -> Option<String> {
        let found = |log: &str| log.lines().find_map(|line| line.strip_prefix(start)).map(ToOwned::to_owned);
        let mut is_over = false;
        self.bounded(|this| {
            let line = found(&this.log.text());
            if line.is_none() && is_over {
                return Some(None);
            }
            // One more look after the end: its last words may have come in between.
            is_over = this.readers.iter().all(JoinHandle::is_finished);
            line.map(Some)
        })
    }

    fn kill(mut self) {
        self.child.kill().expect("the process can be killed");
        let _ = self.end();
    }

    /// Waits for its end, and for its last words.
    fn end(mut self) -> Ended {
        let status = self.bounded(|this| this.child.try_wait().expect("the process can be waited for"));
        for reader in self.readers.drain(..) {
            reader.join().expect("readers do not panic");
        }
        Ended { status, log: self.log.text() }
    }

    fn bounded<T>(&mut self, mut look: impl FnMut(&mut Self) -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            if let Some(seen) = look(self) {
                return seen;
            }
            assert!(start.elapsed() < PATIENCE, "the process goes on and on\n{}", self.log.text());
            thread::sleep(INTERVAL);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a process has printed so far, in whole lines.
#[derive(Clone, Debug, Default)]
struct Log(Arc<Mutex<String>>);

impl Log {
    fn text(&self) -> String {
        self.0.lock().expect("nobody panics while holding it").clone()
    }

    /// Appends all that comes out of `stream`, until it ends.
    fn collect(&self, stream: impl Read + Send + 'static) -> JoinHandle<()> {
        let log = self.0.clone();
        thread::spawn(move || {
            let mut stream = BufReader::new(stream);
            let mut line = Vec::new();
            while stream.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                log.lock().expect("nobody panics while holding it").push_str(&String::from_utf8_lossy(&line));
                line.clear();
            }
        })
    }
}
