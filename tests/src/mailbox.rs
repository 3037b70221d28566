//! Takes FAL's webhooks in a server's place, and hands them over when the test wants it.

use crate::client::{Client, Reply};
use http::Method;
use std::collections::HashMap;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::time::timeout;

/// How long a webhook is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// An address that webhooks can be sent to. Who sends one waits until it is taken.
#[derive(Debug)]
pub struct Mailbox {
    listener: TcpListener,
}

/// A webhook as it came.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Path and query it was sent to.
    pub path: String,
    /// Headers by lower-case names.
    pub headers: HashMap<String, String>,
    /// The raw body.
    pub body: Vec<u8>,
}

impl Mailbox {
    /// A mailbox on a free port.
    ///
    /// # Panics
    /// When there is none.
    pub async fn open() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.expect("a free port") }
    }

    /// `http://127.0.0.1:PORT`.
    ///
    /// # Panics
    /// When the socket has no address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.listener.local_addr().expect("an address"))
    }

    /// The next webhook, which is thanked for.
    ///
    /// # Panics
    /// When none comes within half a minute.
    pub async fn take(&self) -> Letter {
        timeout(PATIENCE, self.receive()).await.expect("a webhook in time")
    }

    /// The next webhook, whenever it comes, which is thanked for.
    ///
    /// # Panics
    /// When its sender breaks off.
    pub async fn receive(&self) -> Letter {
        let (mut stream, _) = self.listener.accept().await.expect("a connection");
        let mut bytes = Vec::new();
        loop {
            assert_ne!(stream.read_buf(&mut bytes).await.expect("bytes"), 0, "a whole request");
            if let Some(letter) = Letter::parse(&bytes) {
                let thanks = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
                stream.write_all(thanks).await.expect("somebody who listens");
                return letter;
            }
        }
    }
}

impl Letter {
    /// Sends it to a server, as FAL would have.
    ///
    /// # Panics
    /// When the body is no text.
    pub async fn deliver(&self, to: &Client) -> Reply {
        let headers: Vec<(&str, &str)> = self
            .headers
            .iter()
            .filter(|(name, _)| name.starts_with("x-fal-"))
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let body = std::str::from_utf8(&self.body).expect("JSON is text");
        to.send(Method::POST, &self.path, &headers, Some(body)).await
    }

    /// Reads an HTTP request; `None` until it is whole.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&bytes[..end]).expect("a head in ASCII");
        let path = head.split(' ').nth(1).expect("a request line").to_owned();
        let pairs = head.lines().skip(1).filter_map(|line| line.split_once(": "));
        let headers: HashMap<_, _> = pairs.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
        let body = &bytes[end + 4..];
        let length: usize = headers["content-length"].parse().expect("a length");
        (body.len() == length).then(|| Self { path, headers, body: body.to_vec() })
    }
}
