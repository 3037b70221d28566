//! A closed loop: each of some connections asks, reads the whole answer, and asks again.
//!
//! It runs on one thread and has little to do itself: the servers are what is measured.

use crate::Outcome;
use crate::wire::{Connection, percentile};
use clap::Args;
use futures_util::future::try_join_all;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Options of `gallery-load`.
#[derive(Args)]
pub(crate) struct Load {
    /// `ADDRESS:PORT` of the server.
    #[arg(long)]
    address: String,
    /// Path and query.
    #[arg(long)]
    path: String,
    /// What `Authorization` says.
    #[arg(long)]
    token: String,
    /// How many ask at a time.
    #[arg(long)]
    connections: usize,
    /// How long new requests are begun, milliseconds; those under way are waited for.
    #[arg(long)]
    ms: u64,
}

/// Requests per second, and what a caller waited.
pub(crate) fn load(load: &Load) -> Outcome<Value> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut waits_us, took) = runtime.block_on(run(load))?;
    waits_us.sort_unstable();
    let count = u32::try_from(waits_us.len())?;
    Ok(json!({
        "requests": count,
        "per_second": f64::from(count) / took.as_secs_f64(),
        "p50_us": percentile(&waits_us, 50),
        "p99_us": percentile(&waits_us, 99),
    }))
}

async fn run(load: &Load) -> Outcome<(Vec<u64>, Duration)> {
    let request = request(load);
    let connections = try_join_all((0..load.connections).map(|_| Connection::open(&load.address))).await?;
    let began = Instant::now();
    let end = began + Duration::from_millis(load.ms);
    let all = try_join_all(connections.into_iter().map(|connection| connection.ask_until(&request, end))).await?;
    Ok((all.concat(), began.elapsed()))
}

fn request(Load { address, path, token, .. }: &Load) -> Vec<u8> {
    format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {token}\r\nContent-Type: application/json\r\n\r\n"
    )
    .into_bytes()
}
