//! Server-sent events as a client reads them.

use reqwest::Response;
use serde_json::Value;
use std::time::Duration;
use tokio::time::timeout;

/// How long the next event is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer whose events come one by one.
#[derive(Debug)]
pub struct Stream {
    response: Response,
    received: String,
}

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its id.
    pub id: String,
    /// Its name; empty for a comment.
    pub name: String,
    /// Its data.
    pub data: Value,
}

impl Stream {
    pub(crate) fn new(response: Response) -> Self {
        Self { response, received: String::new() }
    }

    /// HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// A header, or nothing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The next event or comment; `None` at the end.
    ///
    /// # Panics
    /// When there is none within half a minute, or the connection breaks.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((text, rest)) = self.received.split_once("\n\n") {
                let event = Event::parse(text);
                self.received = rest.to_owned();
                return Some(event);
            }
            let chunk = timeout(PATIENCE, self.response.chunk()).await.expect("an event in time");
            let chunk = chunk.expect("the connection holds")?;
            self.received.push_str(std::str::from_utf8(&chunk).expect("each piece is text"));
        }
    }

    /// All events up to the end, without comments.
    pub async fn rest(mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(event) = self.next().await {
            events.extend(Some(event).filter(|event| !event.name.is_empty()));
        }
        events
    }
}

impl Event {
    fn parse(text: &str) -> Self {
        // One space after the colon is no part of the value.
        let field = |name: &str| {
            let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap_or_default();
            value.strip_prefix(' ').unwrap_or(value)
        };
        let data = serde_json::from_str(field("data")).unwrap_or_default();
        Self { id: field("id").to_owned(), name: field("event").to_owned(), data }
    }
}
