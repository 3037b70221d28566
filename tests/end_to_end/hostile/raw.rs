//! One connection: what is poured into it, and what comes out.

use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::timeout;

/// How long an answer or an end is waited for.
const PATIENCE: Duration = Duration::from_secs(60);
/// More than any answer here.
const MOST: usize = 1024 * 1024;

/// Bytes to send: a beginning, a piece again and again, an end.
#[derive(Debug, Default)]
pub(super) struct Sent {
    head: Vec<u8>,
    piece: Vec<u8>,
    times: usize,
    tail: Vec<u8>,
    half_closes: bool,
}

impl<T: AsRef<[u8]>> From<T> for Sent {
    fn from(head: T) -> Self {
        Self { head: head.as_ref().to_vec(), ..Self::default() }
    }
}

impl Sent {
    /// `head`, then `piece` so often, then `tail`.
    pub(super) fn long(head: impl AsRef<[u8]>, piece: impl AsRef<[u8]>, times: usize, tail: impl AsRef<[u8]>) -> Self {
        Self { piece: piece.as_ref().to_vec(), times, tail: tail.as_ref().to_vec(), ..Self::from(head) }
    }

    /// These bytes and then the end of what is sent; answers are still read.
    pub(super) fn half_closed(head: impl AsRef<[u8]>) -> Self {
        Self { half_closes: true, ..Self::from(head) }
    }

    /// Sends all of it, as far as the other side takes it.
    async fn pour(self, mut into: OwnedWriteHalf) -> OwnedWriteHalf {
        let poured: io::Result<()> = async {
            into.write_all(&self.head).await?;
            for _ in 0..self.times {
                into.write_all(&self.piece).await?;
            }
            into.write_all(&self.tail).await?;
            if self.half_closes { into.shutdown().await } else { Ok(()) }
        }
        .await;
        // A server that has answered need not take the rest.
        drop(poured);
        into
    }
}

/// An answer's status, and its body as text.
type Answer = (u16, String);

/// What came back on a connection.
#[derive(Debug, Default)]
pub(super) struct Told {
    answers: Vec<Answer>,
    closed: bool,
}

/// What has to come back.
#[derive(Debug, Default)]
pub(super) struct Expected {
    /// Statuses, each with a part of the answer's body.
    answers: Vec<(u16, &'static str)>,
    closed: bool,
    /// Or nothing at all, and the connection ends.
    or_nothing: bool,
}

/// An answer of this status with these words in it; the connection stays.
pub(super) fn told(status: u16, words: &'static str) -> Expected {
    Expected { answers: vec![(status, words)], ..Expected::default() }
}

/// Nothing, and the connection ends.
pub(super) fn cut_off() -> Expected {
    Expected { closed: true, ..Expected::default() }
}

impl Expected {
    /// One more answer.
    pub(super) fn then(mut self, status: u16, words: &'static str) -> Self {
        self.answers.push((status, words));
        self
    }

    /// And the connection ends.
    pub(super) fn closed(self) -> Self {
        Self { closed: true, ..self }
    }

    /// Or the client is taken for gone, when its end comes before the answer is begun.
    pub(super) fn or_nothing(self) -> Self {
        Self { or_nothing: true, ..self.closed() }
    }

    pub(super) fn is(&self, told: &Told) -> bool {
        if self.or_nothing && told.closed && told.answers.is_empty() {
            return true;
        }
        let alike = |((status, words), (told, body)): (&(u16, &str), &Answer)| status == told && body.contains(words);
        let same_count = self.answers.len() == told.answers.len();
        same_count && self.closed == told.closed && self.answers.iter().zip(&told.answers).all(alike)
    }
}

/// Sends and reads at the same time: as many answers as are expected, and then whether the connection still serves.
pub(super) async fn converse(address: &str, sent: Sent, expected: &Expected) -> Told {
    let (mut from, into) = TcpStream::connect(address).await.expect("the server accepts").into_split();
    let pouring = tokio::spawn(sent.pour(into));
    let mut told = Told::default();
    let mut received = Vec::new();
    for _ in &expected.answers {
        match next_answer(&mut from, &mut received).await {
            Some(answer) => told.answers.push(answer),
            None => break,
        }
    }
    if expected.closed || told.answers.len() < expected.answers.len() {
        // One answer too many would be smuggled in.
        match next_answer(&mut from, &mut received).await {
            Some(answer) => told.answers.push(answer),
            None => told.closed = true,
        }
        pouring.abort();
        return told;
    }
    let mut into = timeout(PATIENCE, pouring).await.expect("all is taken").expect("no panic");
    let asked = into.write_all(b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let still = asked.is_ok() && matches!(next_answer(&mut from, &mut received).await, Some((200, _)));
    told.closed = !still;
    told
}

/// Connections on which the first bytes of a head came and no more. They end when dropped.
pub(super) async fn slow_loris(address: &str, count: usize) -> Vec<TcpStream> {
    let mut waiting = Vec::with_capacity(count);
    for _ in 0..count {
        let mut stream = TcpStream::connect(address).await.expect("the server accepts");
        stream.write_all(b"GET /api/health HTTP/1.1\r\nX-").await.expect("it is taken");
        waiting.push(stream);
    }
    waiting
}

/// The next whole answer; `None` when the connection ends before there is one.
async fn next_answer(from: &mut OwnedReadHalf, received: &mut Vec<u8>) -> Option<Answer> {
    loop {
        if let Some((answer, length)) = parse(received) {
            received.drain(..length);
            return Some(answer);
        }
        assert!(received.len() < MOST, "an answer without an end");
        let read = timeout(PATIENCE, from.read_buf(received)).await.expect("an answer, or the end");
        // A reset is an end like another.
        if read.unwrap_or(0) == 0 {
            return None;
        }
    }
}

/// The first answer in `received` and its length.
fn parse(received: &[u8]) -> Option<(Answer, usize)> {
    let head_end = received.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&received[..head_end]).to_ascii_lowercase();
    let status = head.strip_prefix("http/1.")?.get(2..5)?.parse().ok()?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    let end = head_end + length.unwrap_or(0);
    let body = received.get(head_end..end)?;
    Some(((status, String::from_utf8_lossy(body).into_owned()), end))
}
