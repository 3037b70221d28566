//! `cargo xtask demo`: the main job, done in front of whoever watches.
//!
//! It builds the binary, starts it twice on this machine (the server, and the stand-in for FAL), and then is an ordinary
//! client: all it does goes over HTTP, and what it claims it has looked up.

mod picture;
mod show;
mod walk;

use crate::folder::Folder;
use crate::servers::{Servers, Setup};
use crate::{Outcome, page, process};
use clap::Args;
use show::Show;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;
use walk::Visit;

/// Options of `cargo xtask demo`.
#[derive(Args)]
pub(crate) struct Options {
    /// Ends after the walk, instead of serving on until Ctrl-C.
    #[arg(long)]
    once: bool,
}

/// Ports that are easy to remember, and pictures that take long enough to be watched.
const PORTS: [u16; 2] = [8090, 8091];
const LATENCY_MS: u32 = 1500;

enum Event {
    Walked(Outcome<Visit>),
    Interrupted,
}

/// Builds, starts, walks and serves on. Ends with an error when anything is not as it should be.
pub(crate) fn run(options: &Options) -> Outcome {
    println!("Building the server …");
    // With the features that the tests build it with, so that neither undoes the other's work.
    let built = process::build(&["--workspace", "--bins"])?;
    let (sender, events) = channel();
    listen_for_signals(sender.clone())?;
    let folder = Folder::create(&process::workspace().join("target/demo"))?;
    let page = if options.once { None } else { page() };
    let page: Vec<&str> = page.iter().flat_map(|page| ["--public-dir", page, "--page-policy", "strict"]).collect();
    let setup = Setup { port: PORTS[0], fal_port: PORTS[1], latency_ms: LATENCY_MS, serve: &page, ..Setup::QUICK };
    show(options, &folder, process::generatio(&built)?, &setup, sender, &events)?;
    if options.once { folder.remove() } else { Ok(()) }
}

/// The folder of the page, for people who stay after the walk. All else works without it.
fn page() -> Option<String> {
    println!("Building the page …");
    let built = page::build();
    built.inspect_err(|error| println!("There will be no page: {error}")).ok().map(|page| page.display().to_string())
}

/// The part during which servers run; they are ended when it is left, in whatever way.
fn show(
    options: &Options,
    folder: &Folder,
    generatio: &Path,
    setup: &Setup<'_>,
    sender: Sender<Event>,
    events: &Receiver<Event>,
) -> Outcome {
    let mut servers = Servers::start(generatio, folder, setup)?;
    println!("The server is at {}, a stand-in for FAL at {}.\n", servers.url, servers.fal_url);
    walk_aside(&servers, folder, sender);
    match events.recv()? {
        Event::Interrupted => return Err("interrupted".into()),
        Event::Walked(Err(error)) => {
            return Err(format!("the walk broke off\n{error}\n{}", folder.last_log_lines()).into());
        }
        Event::Walked(Ok(visit)) => say_what_came_of_it(&visit),
    }
    if options.once {
        println!("\nThat was all. `cargo xtask demo` does the same and keeps the server running.");
        return Ok(());
    }
    println!("\n{}", how_to_go_on(&servers.url, folder));
    if !setup.serve.is_empty() {
        println!("  page      {}: make an account of your own; any id:secret is a FAL key here", servers.url);
    }
    serve_on(&mut servers, events)
}

/// Ctrl-C and its kin arrive as events, so that the servers are ended before this program is.
fn listen_for_signals(sender: Sender<Event>) -> Outcome {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    thread::spawn(move || {
        for _ in signals.forever() {
            if sender.send(Event::Interrupted).is_err() {
                return;
            }
        }
    });
    Ok(())
}

fn walk_aside(servers: &Servers, folder: &Folder, sender: Sender<Event>) {
    let (url, searched) = (servers.url.clone(), folder.clone());
    thread::spawn(move || {
        let pictures = process::workspace().join("demo-pictures");
        let outcome = walk::walk(&Show::new(), &url, &searched, &pictures);
        // Nobody listens any more only when this program is ending.
        let _ = sender.send(Event::Walked(outcome));
    });
}

fn say_what_came_of_it(visit: &Visit) {
    println!(
        "\nSpent: ${} for {} pictures. The stand-in bills nobody. They are here:",
        visit.spent,
        visit.pictures.len()
    );
    for path in &visit.pictures {
        println!("  {}", shown(path));
    }
}

fn how_to_go_on(url: &str, folder: &Folder) -> String {
    let body = format!(r#"{{"email":"{}","password":"{}"}}"#, walk::EMAIL, walk::PASSWORD);
    format!(
        "The server keeps running until Ctrl-C.\n  \
         address   {url}\n  account   {email}\n  password  {password}\n  data      {data}\n  \
         log in    curl -s {url}/api/custom/auth/login -H 'Content-Type: application/json' -d '{body}'",
        email = walk::EMAIL,
        password = walk::PASSWORD,
        data = shown(folder.path()),
    )
}

/// Until a signal comes, or a server ends by itself.
fn serve_on(servers: &mut Servers, events: &Receiver<Event>) -> Outcome {
    while let Err(RecvTimeoutError::Timeout) = events.recv_timeout(Duration::from_millis(500)) {
        servers.are_running()?;
    }
    println!("\nEnding the servers.");
    Ok(())
}

/// The path as one would type it from here, where it lies below here.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(path).display().to_string()
}
