//! What a host brings: one HTTP exchange, its clock and a way to wait.

use crate::time::Clock;
use crate::{FalKey, Timestamp};
use std::fmt;
use std::future::Future;
use std::time::Duration;
use zeroize::Zeroizing;

/// One HTTP exchange, brought by the host: `fetch`, an HTTP library, a scripted double.
///
/// A transport follows no redirect, adds no credentials, and sends to `request.url` only.
pub trait Transport {
    /// Hands out the body as it arrives.
    type Body: Body;

    /// Sends `request`. The head comes first, whatever its status; the body follows in chunks. A transport that must
    /// buffer stops at [`Request::max_body`] with [`Reason::TooLarge`] and gives up at [`Request::deadline`].
    fn send(&self, request: Request) -> impl Future<Output = Result<Response<Self::Body>, TransportError>>;
}

/// The body of an answer.
pub trait Body {
    /// The next chunk, never empty; `None` ends the body.
    fn chunk(&mut self) -> impl Future<Output = Result<Option<Vec<u8>>, TransportError>>;
}

/// Everything the FAL client needs of its surroundings.
pub trait Host: Transport + Clock {
    /// Comes back after `duration`, or a little later.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()>;
}

/// HTTP methods FAL's protocol uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads; safe to repeat.
    Get,
    /// Submits; never repeated unless it certainly never left.
    Post,
    /// Cancels; safe to repeat.
    Put,
}

/// One request, complete. `Debug` shows neither secrets nor the user's words: headers are redacted, the query (a
/// webhook's nonce may stand there) and the body are left out.
pub struct Request {
    /// The method.
    pub method: Method,
    /// Absolute URL, already checked against FAL's hosts.
    pub url: String,
    /// All headers, in order.
    pub headers: Vec<Header>,
    /// JSON text, if there is a body.
    pub body: Option<Vec<u8>>,
    /// Most bytes of the answer's body that will be read.
    pub max_body: usize,
    /// When to give up: for the head and, unless the caller stops earlier, for the whole body.
    pub deadline: Timestamp,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.url.split_once('?').map_or(self.url.as_str(), |(before, _)| before);
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("url", &url)
            .field("headers", &self.headers)
            .field("body_bytes", &self.body.as_ref().map(Vec::len))
            .field("max_body", &self.max_body)
            .field("deadline", &self.deadline)
            .finish()
    }
}

/// A request header. The value of a sensitive one is wiped on drop and not printed.
pub struct Header {
    /// Lower-case name.
    pub name: &'static str,
    /// Visible ASCII.
    pub value: Zeroizing<String>,
    /// Whether logs and caches must not see the value.
    pub sensitive: bool,
}

impl Header {
    /// A header anybody may see.
    #[must_use]
    pub fn plain(name: &'static str, value: impl Into<String>) -> Self {
        Self { name, value: Zeroizing::new(value.into()), sensitive: false }
    }

    /// `authorization: Key <key>`, as FAL wants it.
    #[must_use]
    pub fn authorization(key: &FalKey) -> Self {
        // The header is where the key is used; sized first, so that no copy is left behind by growing.
        let mut value = Zeroizing::new(String::with_capacity(4 + key.expose().len()));
        value.push_str("Key ");
        value.push_str(key.expose());
        Self { name: "authorization", value, sensitive: true }
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = if self.sensitive { "[redacted]" } else { self.value.as_str() };
        f.debug_tuple("Header").field(&self.name).field(&value).finish()
    }
}

/// The head of an answer and its body to come.
#[derive(Debug)]
pub struct Response<B> {
    /// HTTP status.
    pub status: u16,
    /// Headers as they came; [`Response::header`] looks one up.
    pub headers: Vec<(String, String)>,
    /// The rest.
    pub body: B,
}

/// An answer without its body, as it stands before the body arrives.
pub type Head = Response<()>;

/// An answer whose body was read to its end.
pub type Answer = Response<Vec<u8>>;

impl<B> Response<B> {
    /// Whether the status is one of 200 to 299.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Parts the head from the body.
    pub fn split(self) -> (Head, B) {
        (Response { status: self.status, headers: self.headers, body: () }, self.body)
    }

    /// The first header of that name, compared without case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl Head {
    /// Joins the head with a body.
    #[must_use]
    pub fn with_body<B>(self, body: B) -> Response<B> {
        Response { status: self.status, headers: self.headers, body }
    }
}

/// Why an exchange failed, split by the one question that matters for money: can FAL have seen the request?
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The request certainly never left: sending it again costs nothing.
    #[error("the request was not sent: {0}")]
    NotSent(Reason),
    /// The request may have arrived.
    #[error("the exchange broke off: {0}")]
    MaybeSent(Reason),
}

/// What went wrong, without addresses or texts of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// The connection failed or was cut.
    #[error("connection failed")]
    Connection,
    /// The deadline passed.
    #[error("deadline passed")]
    Deadline,
    /// The answer is larger than [`Request::max_body`].
    #[error("answer too large")]
    TooLarge,
    /// The host refused to send it, or the caller aborted it.
    #[error("aborted")]
    Aborted,
}
