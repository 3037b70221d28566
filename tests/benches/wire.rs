//! Just enough HTTP/1.1 for a load that has little to do itself: the server is what is measured.

use crate::Outcome;
use serde_json::Value;
use std::fmt::Write;
use std::net::SocketAddr;
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

/// The smallest wait that so many of a hundred do not exceed.
pub(crate) fn percentile(sorted: &[u64], percent: usize) -> u64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

/// A connection that is kept.
pub(crate) struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: &str) -> Outcome<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, answer: Vec::with_capacity(64 << 10) })
    }

    /// What each answer took, microseconds.
    pub(crate) async fn ask_until(self, request: &[u8], end: Instant) -> Outcome<Vec<u64>> {
        self.ask_while(request, || Instant::now() < end).await
    }

    /// The same for as long as `more` says.
    pub(crate) async fn ask_while(mut self, request: &[u8], more: impl Fn() -> bool) -> Outcome<Vec<u64>> {
        let mut waits_us = Vec::new();
        let mut now = Instant::now();
        while more() {
            self.ask(request).await?;
            let answered = Instant::now();
            waits_us.push(u64::try_from((answered - now).as_micros())?);
            now = answered;
        }
        Ok(waits_us)
    }

    /// Asks and reads the whole answer, which must be 200.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> Outcome {
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

/// A whole answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Seconds.
    pub(crate) retry_after: Option<u64>,
    pub(crate) body: String,
}

/// One request, its method and path, on a connection of its own from one address to another, read to its end.
pub(crate) async fn ask_once(
    (source, server): (SocketAddr, SocketAddr),
    what: &str,
    headers: &[(&str, &str)],
    body: Option<&Value>,
) -> Outcome<Answer> {
    let mut request = format!("{what} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n");
    for (name, value) in headers {
        write!(request, "{name}: {value}\r\n")?;
    }
    let body = body.map(Value::to_string);
    if let Some(body) = &body {
        write!(request, "Content-Type: application/json\r\nContent-Length: {}\r\n", body.len())?;
    }
    request += "\r\n";
    request += body.as_deref().unwrap_or_default();
    let mut stream = connect_from(source, server).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("no answer")?;
    let head = head.to_ascii_lowercase();
    let status = head.strip_prefix("http/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
    let retry_after = head.lines().find_map(|line| line.strip_prefix("retry-after: ")?.trim().parse().ok());
    Ok(Answer { status: status.ok_or("no answer")?, retry_after, body: body.to_owned() })
}

/// A socket from this address of the machine's own to the server.
pub(crate) async fn connect_from(source: SocketAddr, server: SocketAddr) -> Outcome<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(source)?;
    let stream = socket.connect(server).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}
