//! Clients that only listen, and what each costs the server in memory.

use super::{resident_kb, source};
use crate::Outcome;
use crate::wire::connect_from;
use clap::Args;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// Fewer than a server gives one address.
const SHARE: usize = 1000;
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Files that this program needs beside its connections.
const OTHER_FILES: u64 = 64;
const STREAM: &str = "GET /api/realtime HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n";
const HEALTH: &str = "GET /api/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

/// Options of `storm-streams`.
#[derive(Args)]
pub(crate) struct Streams {
    /// `ADDRESS:PORT` of the server.
    #[arg(long)]
    address: SocketAddr,
    /// The id of its process, whose memory is looked at.
    #[arg(long)]
    pid: u32,
    /// How many listen.
    #[arg(long)]
    count: usize,
}

/// What the server's memory was without them, with them, and when they are gone; how long it takes to answer meanwhile.
pub(crate) fn streams(asked: &Streams) -> Outcome<Value> {
    let needed = u64::try_from(asked.count)? + OTHER_FILES;
    if let Some(most) = generatio_server::open_files::raise().filter(|most| *most < needed) {
        return Err(format!("{most} files may be open, and {needed} are needed: raise it with `ulimit -n`").into());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run(asked))
}

async fn run(asked: &Streams) -> Outcome<Value> {
    let Streams { address, pid, count } = *asked;
    // The first ones make what all others share.
    drop(listen(address, 0).await?);
    health(address).await?;
    let before = resident_kb(pid)?;
    let began = Instant::now();
    let mut streams = Vec::with_capacity(count);
    for index in 0..count {
        streams.push(listen(address, index).await?);
    }
    let took = began.elapsed();
    let open = resident_kb(pid)?;
    let health_us = health(address).await?;
    let listening = still_open(&streams);
    drop(streams);
    let after = settled_kb(pid, open).await?;
    let bytes = open.saturating_sub(before) * 1024;
    Ok(json!({
        "count": count,
        "listening": listening,
        "seconds": took.as_secs_f64(),
        "before_kb": before,
        "open_kb": open,
        "after_kb": after,
        "bytes_each": bytes / u64::try_from(count.max(1))?,
        "health_us": health_us,
    }))
}

/// A stream that has begun: its greeting was read.
async fn listen(address: SocketAddr, index: usize) -> Outcome<TcpStream> {
    let mut stream = connect_from(source(index, SHARE), address).await?;
    stream.write_all(STREAM.as_bytes()).await?;
    let mut told = Vec::new();
    while !told.ends_with(b"\n\n\r\n") {
        if timeout(PATIENCE, stream.read_buf(&mut told)).await?? == 0 {
            return Err(format!("stream {index} was refused: {}", String::from_utf8_lossy(&told)).into());
        }
    }
    let told = String::from_utf8_lossy(&told);
    if told.contains("PB_CONNECT") { Ok(stream) } else { Err(format!("stream {index} was told: {told}").into()) }
}

/// Those that the server has not ended.
fn still_open(streams: &[TcpStream]) -> usize {
    let is_open = |stream: &&TcpStream| matches!(stream.try_read(&mut [0]), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock);
    streams.iter().filter(is_open).count()
}

/// What an answer takes that needs nothing, microseconds.
async fn health(address: SocketAddr) -> Outcome<u64> {
    let began = Instant::now();
    let mut stream = connect_from(source(0, 1), address).await?;
    stream.write_all(HEALTH.as_bytes()).await?;
    let mut answer = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut answer)).await??;
    if !answer.starts_with(b"HTTP/1.1 200") {
        return Err("the server is not well".into());
    }
    Ok(u64::try_from(began.elapsed().as_micros())?)
}

/// The same once the server has noticed that they are gone: when it shrinks no more.
async fn settled_kb(pid: u32, mut last: u64) -> Outcome<u64> {
    for _ in 0..20 {
        sleep(Duration::from_millis(500)).await;
        let now = resident_kb(pid)?;
        if now >= last {
            return Ok(now);
        }
        last = now;
    }
    Ok(last)
}
