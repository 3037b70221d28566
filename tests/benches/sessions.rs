//! `sessions`: what many sessions cost a server in memory. Each is begun over HTTP, as by a client that seals and opens
//! its key itself: then the server derives nothing, and what it keeps is the same.
//!
//! Logins, which would take half an hour for so many, are left out: tokens are signed here with the server's key.

use crate::Outcome;
use crate::storm::{resident_kb, source};
use crate::wire::ask_once;
use clap::Args;
use futures_util::future::try_join_all;
use generatio_core::time::Clock;
use generatio_server::auth::JwtKey;
use generatio_server::clock::SystemClock;
use generatio_server::ids::UserId;
use generatio_server::store::Store;
use generatio_server::store::sqlite::{DEFAULT_READERS, FILE_NAME, SqliteStore};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Most sessions of a user.
const EACH: usize = 16;
/// Requests under way at a time.
const AT_A_TIME: usize = 64;
/// Requests from one address of this machine.
const SHARE: usize = 1000;
/// The length of FAL's.
const FAL_KEY: &str = "0f0e0d0c-0b0a-4908-8706-050403020100:00112233445566778899aabbccddeeff";
const LIFETIME: Duration = Duration::from_secs(3600);

/// Options of `sessions`.
#[derive(Args)]
pub(crate) struct Sessions {
    /// `ADDRESS:PORT` of the server.
    #[arg(long)]
    address: SocketAddr,
    /// The id of its process, whose memory is looked at.
    #[arg(long)]
    pid: u32,
    /// Its data folder, with as many `people` as it takes, 16 sessions for each.
    #[arg(long)]
    data_dir: PathBuf,
    /// How many sessions.
    #[arg(long)]
    count: usize,
}

/// The server's memory before and after, and what each session takes of it.
pub(crate) fn run(asked: &Sessions) -> Outcome<Value> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(measure(asked))
}

async fn measure(asked: &Sessions) -> Outcome<Value> {
    let Sessions { pid, count, .. } = *asked;
    let tokens = sign_in(&asked.data_dir, count.div_ceil(EACH)).await?;
    // Everybody's first session is ended again: by then caches are full of what these requests need.
    let first = begin(asked, &tokens, 0..tokens.len()).await?;
    for (index, (id, token)) in first.iter().zip(&tokens).enumerate() {
        let headers = [("Authorization", token.as_str()), ("X-Session-ID", id)];
        ask(asked, index, "DELETE /api/custom/auth/session", &headers, None).await?;
    }
    let before = resident_kb(pid)?;
    let began = Instant::now();
    begin(asked, &tokens, 0..count).await?;
    let (took, after) = (began.elapsed(), resident_kb(pid)?);
    let status: Value = serde_json::from_str(&ask(asked, 0, "GET /api/custom/status", &[], None).await?)?;
    Ok(json!({
        "count": count,
        "active": status["services"]["sessions"]["active"],
        "seconds": took.as_secs_f64(),
        "before_kb": before,
        "after_kb": after,
        "bytes_each": after.saturating_sub(before) * 1024 / u64::try_from(count.max(1))?,
    }))
}

/// What `Authorization` says of so many people.
async fn sign_in(data_dir: &Path, people: usize) -> Outcome<Vec<String>> {
    let store = SqliteStore::open(&data_dir.join(FILE_NAME), DEFAULT_READERS)?;
    let key = JwtKey::open(&data_dir.join("jwt.key"), LIFETIME)?;
    let mut tokens = Vec::with_capacity(people);
    for number in 0..people {
        let id = UserId::parse(&format!("p{number:014}")).ok_or("no id")?;
        let user = store.user(&id).await?.ok_or("there are too few people")?;
        tokens.push(key.issue(&user, SystemClock.now()));
    }
    store.close().await;
    Ok(tokens)
}

/// Begins sessions of these numbers, the people by turns; their ids.
async fn begin(asked: &Sessions, tokens: &[String], numbers: std::ops::Range<usize>) -> Outcome<Vec<String>> {
    let body = json!({ "fal_token": FAL_KEY });
    let mut ids = Vec::with_capacity(numbers.len());
    let numbers: Vec<usize> = numbers.collect();
    for some in numbers.chunks(AT_A_TIME) {
        let begun = some.iter().map(async |&index| {
            let headers = [("Authorization", tokens[index % tokens.len()].as_str())];
            let answer = ask(asked, index, "POST /api/custom/auth/create-session", &headers, Some(&body)).await?;
            let answer: Value = serde_json::from_str(&answer)?;
            Outcome::Ok(answer["session_id"].as_str().ok_or("no session")?.to_owned())
        });
        ids.extend(try_join_all(begun).await?);
    }
    Ok(ids)
}

/// The body of a 200.
async fn ask(
    asked: &Sessions,
    index: usize,
    what: &str,
    headers: &[(&str, &str)],
    body: Option<&Value>,
) -> Outcome<String> {
    let answer = ask_once((source(index, SHARE), asked.address), what, headers, body).await?;
    if answer.status == 200 {
        Ok(answer.body)
    } else {
        Err(format!("{what}: {} {}", answer.status, answer.body).into())
    }
}
