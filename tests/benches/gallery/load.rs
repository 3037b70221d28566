//! A closed loop: each of some connections asks, reads the whole answer, and asks again.
//!
//! It speaks just enough HTTP/1.1 for that, so that it has little to do itself, on one thread: the servers are what is
//! measured.

use crate::Outcome;
use clap::Args;
use futures_util::future::try_join_all;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

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

/// The smallest wait that so many of a hundred do not exceed.
fn percentile(sorted: &[u64], percent: usize) -> u64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Connection {
    async fn open(address: &str) -> Outcome<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, answer: Vec::with_capacity(64 << 10) })
    }

    /// What each answer took, microseconds.
    async fn ask_until(mut self, request: &[u8], end: Instant) -> Outcome<Vec<u64>> {
        let mut waits_us = Vec::new();
        let mut now = Instant::now();
        while now < end {
            self.ask(request).await?;
            let answered = Instant::now();
            waits_us.push(u64::try_from((answered - now).as_micros())?);
            now = answered;
        }
        Ok(waits_us)
    }

    async fn ask(&mut self, request: &[u8]) -> Outcome {
        self.stream.write_all(request).await?;
        self.answer.clear();
        while !is_whole(&self.answer)? {
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                return Err("the server hung up".into());
            }
        }
        Ok(())
    }
}

/// Whether a good answer has come to its end, by its length or by its last chunk.
fn is_whole(answer: &[u8]) -> Outcome<bool> {
    let Some(head) = answer.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(false) };
    let body = &answer[head + 4..];
    let head = std::str::from_utf8(&answer[..head])?.to_ascii_lowercase();
    if !head.starts_with("http/1.1 200") {
        return Err(format!("refused: {head}\n{}", String::from_utf8_lossy(body)).into());
    }
    match head.lines().find_map(|line| line.strip_prefix("content-length:")) {
        Some(length) => Ok(body.len() >= length.trim().parse()?),
        // JSON holds no line ends, so no chunk of it looks like this.
        None => Ok(body.ends_with(b"\r\n0\r\n\r\n")),
    }
}
