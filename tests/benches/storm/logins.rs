//! Readers in a closed loop, alone and then beside people who all log in at the same moment. Who is told to come again
//! later comes again then, until everybody is in.

use super::source;
use crate::Outcome;
use crate::wire::{Answer, Connection, ask_once, percentile};
use clap::Args;
use futures_util::future::try_join_all;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

/// How long one login is tried for. Whoever is not in by then is lost.
const PATIENCE: Duration = Duration::from_secs(600);
/// Registrations under way at a time: fewer than a server lets wait.
const REGISTERING: usize = 16;
const PASSWORD: &str = "quartz-harbour-27";

/// Options of `storm-logins`.
#[derive(Args)]
pub(crate) struct Logins {
    /// `ADDRESS:PORT` of the server.
    #[arg(long)]
    address: SocketAddr,
    /// What readers ask for.
    #[arg(long)]
    path: String,
    /// What `Authorization` of the readers says.
    #[arg(long)]
    token: String,
    /// How many read at a time.
    #[arg(long)]
    readers: usize,
    /// How many log in at once, each to an account of their own and from an address of their own.
    #[arg(long)]
    logins: usize,
    /// How long the readers are alone before and after, milliseconds.
    #[arg(long)]
    quiet_ms: u64,
}

/// What became of one who logs in.
#[derive(Default)]
struct Came {
    is_in: bool,
    refused: u32,
    /// Answers that were neither, and no answer at all.
    lost: u32,
    took: Duration,
}

/// What readers waited, quiet and in the storm, and what became of the logins.
pub(crate) fn logins(asked: &Logins) -> Outcome<Value> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run(asked))
}

async fn run(asked: &Logins) -> Outcome<Value> {
    eprintln!("Registering {} accounts …", asked.logins);
    let all: Vec<usize> = (0..asked.logins).collect();
    for some in all.chunks(REGISTERING) {
        try_join_all(some.iter().map(|index| register(asked, *index))).await?;
    }
    let quiet = Duration::from_millis(asked.quiet_ms);
    read_for(asked, quiet / 4).await?;
    let before = read_for(asked, quiet).await?;
    eprintln!("{} log in …", asked.logins);
    let began = Instant::now();
    let (storm, came) = beside_logins(asked).await?;
    let took = began.elapsed();
    let after = read_for(asked, quiet).await?;
    let mut quiet_us = [before, after].concat();
    let count = |of: fn(&Came) -> u32| came.iter().map(of).sum::<u32>();
    Ok(json!({
        "quiet": figures(&mut quiet_us, quiet * 2)?,
        "storm": figures(&mut storm.clone(), took)?,
        "seconds": took.as_secs_f64(),
        "logged_in": count(|came| u32::from(came.is_in)),
        "refused": count(|came| came.refused),
        "lost": count(|came| came.lost),
        "slowest_login_ms": u64::try_from(came.iter().map(|came| came.took).max().unwrap_or_default().as_millis())?,
    }))
}

fn figures(waits_us: &mut [u64], took: Duration) -> Outcome<Value> {
    waits_us.sort_unstable();
    Ok(json!({
        "per_second": f64::from(u32::try_from(waits_us.len())?) / took.as_secs_f64(),
        "p50_us": percentile(waits_us, 50),
        "p99_us": percentile(waits_us, 99),
        "max_us": waits_us.last(),
    }))
}

/// What readers waited who have the server for themselves so long.
async fn read_for(asked: &Logins, length: Duration) -> Outcome<Vec<u64>> {
    let end = Instant::now() + length;
    read_until(asked, || Instant::now() >= end).await
}

/// The same for as long as it takes until everybody is in.
async fn beside_logins(asked: &Logins) -> Outcome<(Vec<u64>, Vec<Came>)> {
    let over = std::cell::Cell::new(false);
    let coming = async {
        let came = futures_util::future::join_all((0..asked.logins).map(|index| log_in(asked, index))).await;
        over.set(true);
        Ok(came)
    };
    futures_util::future::try_join(read_until(asked, || over.get()), coming).await
}

async fn read_until(asked: &Logins, is_over: impl Fn() -> bool + Copy) -> Outcome<Vec<u64>> {
    let Logins { address, path, token, readers, .. } = asked;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {token}\r\n\r\n").into_bytes();
    let address = address.to_string();
    let connections = try_join_all((0..*readers).map(|_| Connection::open(&address))).await?;
    let reading = connections.into_iter().map(|connection| connection.ask_while(&request, move || !is_over()));
    Ok(try_join_all(reading).await?.concat())
}

fn email(index: usize) -> String {
    format!("storm-{index}@example.com")
}

async fn register(asked: &Logins, index: usize) -> Outcome {
    let account = json!({ "email": email(index), "password": PASSWORD, "passwordConfirm": PASSWORD });
    let answer = post(asked, index, "/api/collections/generatio_users/records", &account).await?;
    if answer.status == 200 { Ok(()) } else { Err(format!("a registration ended with {}", answer.status).into()) }
}

/// Logs in, and comes again when told to.
async fn log_in(asked: &Logins, index: usize) -> Came {
    let (began, mut came) = (Instant::now(), Came::default());
    let login = json!({ "email": email(index), "password": PASSWORD });
    while came.lost == 0 && !came.is_in {
        let left = PATIENCE.saturating_sub(began.elapsed());
        match timeout(left, post(asked, index, "/api/custom/auth/login", &login)).await {
            Ok(Ok(Answer { status: 200, .. })) => came.is_in = true,
            Ok(Ok(Answer { status: 429 | 503, retry_after: Some(seconds), .. })) => {
                came.refused += 1;
                sleep(Duration::from_secs(seconds)).await;
            }
            _ => came.lost += 1,
        }
    }
    came.took = began.elapsed();
    came
}

async fn post(asked: &Logins, index: usize, path: &str, body: &Value) -> Outcome<Answer> {
    ask_once((source(index, 1), asked.address), &format!("POST {path}"), &[], Some(body)).await
}
