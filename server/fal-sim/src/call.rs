//! One HTTP request, read and ready for a handler.

use crate::line::Line;
use crate::route::{Face, Place};
use bytes::Bytes;
use http::{HeaderMap, Method};
use url::form_urlencoded;

/// A request with its whole body.
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) origins: Origins,
    pub(crate) line: Line,
}

impl Call {
    /// The first value of a query parameter, decoded.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        let mut pairs = form_urlencoded::parse(self.query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// A header's text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether logs are asked for: `logs=1` (JavaScript) or `logs=true` (Python).
    pub(crate) fn wants_logs(&self) -> bool {
        self.query("logs").is_some_and(|value| matches!(value.to_ascii_lowercase().as_str(), "1" | "true"))
    }
}

/// Where links lead: to the address the caller used, in the caller's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origins {
    /// Beginning of status, result and cancel links.
    pub(crate) queue: String,
    /// Beginning of links to files.
    pub(crate) cdn: String,
}

impl Origins {
    /// For a request to `authority` (host and port) that was found to be at `place`.
    pub(crate) fn new(authority: &str, place: &Place<'_>) -> Self {
        if place.fals_host {
            return Self { queue: "https://queue.fal.run".to_owned(), cdn: "https://v3b.fal.media".to_owned() };
        }
        let cdn = format!("http://{authority}");
        let prefix = if place.face == Face::Queue { place.prefix } else { "" };
        Self { queue: format!("{cdn}{prefix}"), cdn }
    }
}
