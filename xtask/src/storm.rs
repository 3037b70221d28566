//! `cargo xtask storm`: what becomes of those who are here when many come at once, and what many cost who only listen.
//!
//! The server has a core for itself and the load another, so that what is measured is the server. `tests/benches/storm.rs`
//! makes the load.

use crate::api::{Api, mismatch, text};
use crate::bench::figures::{counted, shown};
use crate::bench::page::{Goal, Table};
use crate::cores::{self, pinned_to};
use crate::folder::Folder;
use crate::process::{self, Running};
use crate::{Outcome, servers};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use std::error::Error;
use std::path::Path;

const EMAIL: &str = "ann@example.com";
const PASSWORD: &str = "quartz-harbour-27";
/// What readers ask for: a page of folders, as a gallery does all the time.
const READ: &str = "/api/collections/folders/records?perPage=30";
const FOLDERS: u32 = 30;
/// Readers may wait so many times as long as when it is quiet, one in a hundred longer.
const MOST_TIMES: f64 = 5.0;
/// The C library keeps what is freed for the next ones; more than this would be a leak.
const MOST_AGAIN: f64 = 1.15;

/// Options of `cargo xtask storm`.
#[derive(Args)]
pub(crate) struct Options {
    /// What comes; all of it when nothing is named.
    #[arg(value_name = "PART")]
    part: Option<Part>,
    /// How many log in at once.
    #[arg(long, value_name = "COUNT", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=5000))]
    logins: u32,
    /// How many read meanwhile.
    #[arg(long, value_name = "COUNT", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=1000))]
    readers: u32,
    /// How many listen.
    #[arg(long, value_name = "COUNT", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=12_000))]
    streams: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Many log in while others read.
    Logins,
    /// Many listen for changes, and nothing changes.
    Sse,
}

/// Builds, lets it come, and shows what was seen beside what was to be reached.
pub(crate) fn run(options: &Options) -> Outcome {
    cores::can_be_chosen()?;
    println!("Building …");
    let packages = ["--package", "generatio-server", "--package", "generatio-tests"];
    let programs = ["--bin", "generatio", "--bin", "generatio-bench"];
    let built = process::build(&[&["--release"][..], &packages, &programs].concat())?;
    let (generatio, bench) = (process::generatio(&built)?, process::binary(&built, "generatio-bench")?);
    let mut goals = Vec::new();
    for (part, come) in [(Part::Logins, logins as fn(&_, &_, &_) -> _), (Part::Sse, sse)] {
        if options.part.is_none_or(|asked| asked == part) {
            let folder = Folder::create(&process::workspace().join("target/storm"))?;
            goals.extend(come(options, &Server::start(generatio, &folder)?, bench)?);
            folder.remove()?;
        }
    }
    println!();
    goals.iter().for_each(|goal| println!("{goal}"));
    if goals.iter().all(|goal| goal.holds) { Ok(()) } else { Err("a goal was missed".into()) }
}

/// A server on a core of its own.
struct Server {
    url: String,
    running: Running,
}

impl Server {
    fn start(generatio: &Path, folder: &Folder) -> Outcome<Self> {
        let mut serve = pinned_to(cores::SERVERS, generatio);
        serve.args(["serve", "--http", "127.0.0.1:0", "--log-level", "warn", "--data-dir"]).arg(folder.data());
        let (url, running) = servers::start(serve, folder, "server")?;
        Ok(Self { url, running })
    }

    fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// Somebody with a page of folders; what their `Authorization` says.
    fn reader(&self) -> Outcome<String> {
        let mut api = Api::new(&self.url);
        let account = json!({ "email": EMAIL, "password": PASSWORD, "passwordConfirm": PASSWORD });
        api.post("/api/collections/generatio_users/records", &account)?.ok()?;
        let login = json!({ "identity": EMAIL, "password": PASSWORD });
        let login = api.post("/api/collections/generatio_users/auth-with-password", &login)?.ok()?;
        let token = text(&login, "/token")?.to_owned();
        api.token = Some(token.clone());
        for number in 1..=FOLDERS {
            api.post("/api/custom/collections/create", &json!({ "name": format!("Birds {number}") }))?.ok()?;
        }
        Ok(token)
    }
}

fn logins(options: &Options, server: &Server, bench: &Path) -> Outcome<Vec<Goal>> {
    let token = server.reader()?;
    let (readers, logins) = (options.readers.to_string(), options.logins.to_string());
    let asked = ["--readers", &readers, "--logins", &logins, "--quiet-ms", "5000", "--path", READ, "--token", &token];
    let seen = load(bench, "storm-logins", server, &asked)?;
    let figure = |path: &str| seen.pointer(path).and_then(Value::as_f64).ok_or_else(|| mismatch(path, &seen));
    let mut table = Table::new(&["readers", "requests/s", "p50 ms", "p99 ms", "longest ms"]);
    for (name, part) in [("quiet", "/quiet"), ("in the storm", "/storm")] {
        let of = |name: &str| figure(&format!("{part}/{name}"));
        let [p50, p99, max] = [of("p50_us")?, of("p99_us")?, of("max_us")?].map(|us| shown(us / 1000.0));
        table.row([name.to_owned(), shown(of("per_second")?), p50, p99, max]);
    }
    let (logged_in, refused, lost) = (figure("/logged_in")?, figure("/refused")?, figure("/lost")?);
    println!(
        "\n{} readers; {} logins at once, all in after {} s\n\n{table}\n{} logged in; {} times told to come again later \
         (429 with Retry-After); {} lost; the last one after {} s\n",
        counted(options.readers),
        counted(options.logins),
        shown(figure("/seconds")?),
        shown(logged_in),
        shown(refused),
        shown(lost),
        shown(figure("/slowest_login_ms")? / 1000.0),
    );
    let times = figure("/storm/p99_us")? / figure("/quiet/p99_us")?;
    Ok(vec![
        Goal {
            aim: format!("readers' p99 at most {MOST_TIMES} times that when quiet"),
            seen: format!("{} times", shown(times)),
            holds: times <= MOST_TIMES,
        },
        Goal {
            aim: "every login answered, or refused with Retry-After and answered later".into(),
            seen: format!("{} of {}", shown(logged_in), counted(options.logins)),
            holds: lost == 0.0 && logged_in >= f64::from(options.logins),
        },
    ])
}

/// They come twice: what the first ones leave to the process, the second ones have to be content with.
fn sse(options: &Options, server: &Server, bench: &Path) -> Outcome<Vec<Goal>> {
    let (pid, count) = (server.running.id().to_string(), options.streams.to_string());
    let wave = || load(bench, "storm-streams", server, &["--pid", &pid, "--count", &count]);
    let (first, second) = (wave()?, wave()?);
    let figure = |wave: &Value, name: &str| wave[name].as_f64().ok_or_else(|| mismatch(name, wave));
    let mut table = Table::new(&["the server's memory", "MiB"]);
    for (row, wave, name) in [
        ("before", &first, "before_kb"),
        ("with all streams open", &first, "open_kb"),
        ("when they are gone", &first, "after_kb"),
        ("with as many again", &second, "open_kb"),
    ] {
        table.row([row.to_owned(), shown(figure(wave, name)? / 1024.0)]);
    }
    println!(
        "\n{} idle streams, opened in {} s\n\n{table}\n{} bytes for each, besides the system's buffers; \
         meanwhile a health check takes {} ms\n",
        counted(options.streams),
        shown(figure(&first, "seconds")?),
        shown(figure(&first, "bytes_each")?),
        shown(figure(&first, "health_us")? / 1000.0),
    );
    let listening = figure(&first, "listening")?.min(figure(&second, "listening")?);
    let taken =
        |wave: &Value| Ok::<_, Box<dyn Error + Send + Sync>>(figure(wave, "open_kb")? - figure(&first, "before_kb")?);
    let times = taken(&second)? / taken(&first)?;
    Ok(vec![
        Goal {
            aim: "all streams stay open".into(),
            seen: format!("{} of {}", shown(listening), counted(options.streams)),
            holds: listening >= f64::from(options.streams),
        },
        Goal {
            aim: format!("as many again take at most {MOST_AGAIN} times the memory of the first"),
            seen: format!("{} times", shown(times)),
            holds: times <= MOST_AGAIN,
        },
    ])
}

/// What `generatio-bench` prints, from the load's own core.
fn load(bench: &Path, name: &str, server: &Server, arguments: &[&str]) -> Outcome<Value> {
    let mut load = pinned_to(cores::LOAD, bench);
    load.args([name, "--address", server.address()]).args(arguments);
    process::document(load)
}
