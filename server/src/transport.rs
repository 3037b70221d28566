//! HTTP to FAL: reqwest as core's [`Host`].
//!
//! One request, one connection: an idle one would keep the key in its buffers. Nothing is followed, cached, retried or
//! taken from the environment. What FAL's answers mean is core's business.

mod gate;
mod late;

pub(crate) use late::LateClient;

use crate::clock::SystemClock;
use gate::{Gate, gated};
use generatio_core::Timestamp;
use generatio_core::fal::transport::{
    Body, Header, Host, Method, Reason, Request, Response, Transport, TransportError,
};
use generatio_core::time::Clock;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use std::fmt;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Longest wait for a connection, TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The way to FAL.
#[derive(Clone)]
pub struct FalHost {
    client: LateClient,
    clock: SystemClock,
}

/// The HTTP client cannot be set up; the text names the cause.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the connection to FAL cannot be set up ({0}); are the system's CA certificates installed?")]
pub struct FalHostError(String);

impl FalHost {
    /// A host that speaks HTTPS only and trusts the system's certificates. The first request, or who asks whether it is
    /// [`ready`](Self::ready), waits until they are read.
    #[must_use]
    pub fn new() -> Self {
        Self::over(LateClient::made_by(|| client(|builder| builder.https_only(true))))
    }

    /// A host for a FAL on this machine that speaks plain HTTP; it trusts no certificate at all.
    ///
    /// # Errors
    /// [`FalHostError`] when the HTTP client cannot be made.
    pub fn plain() -> Result<Self, FalHostError> {
        client(|builder| builder.tls_certs_only([])).map(LateClient::of).map(Self::over)
    }

    /// Waits until requests can be sent.
    ///
    /// # Errors
    /// [`FalHostError`] when the system has no CA certificates.
    pub async fn ready(&self) -> Result<(), FalHostError> {
        self.client.get().await.map(drop)
    }

    fn over(client: LateClient) -> Self {
        Self { client, clock: SystemClock }
    }
}

/// A client that does what it is told and nothing else, with `more` of one's own.
pub(crate) fn client(
    more: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
) -> Result<reqwest::Client, FalHostError> {
    // The provider is the process's; whoever came first installed the same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .no_proxy()
        .http1_only()
        .pool_max_idle_per_host(0)
        .connect_timeout(CONNECT_TIMEOUT);
    more(builder).build().map_err(|error| FalHostError(innermost(&error)))
}

impl Default for FalHost {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for FalHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FalHost").finish_non_exhaustive()
    }
}

impl Transport for FalHost {
    type Body = FalBody;

    async fn send(&self, request: Request) -> Result<Response<FalBody>, TransportError> {
        let patience = request.deadline.since(self.now());
        if patience.is_zero() {
            return Err(TransportError::NotSent(Reason::Deadline));
        }
        let (deadline, max_body) = (Instant::now() + patience, request.max_body);
        let (request, gate) = prepare(request).ok_or(TransportError::NotSent(Reason::Aborted))?;
        let client = match timeout_at(deadline, self.client.get()).await {
            Ok(client) => client.map_err(|_| TransportError::NotSent(Reason::Connection))?,
            Err(_) => return Err(TransportError::NotSent(Reason::Deadline)),
        };
        let answer = match timeout_at(deadline, client.execute(request)).await {
            Ok(answer) => answer.map_err(|error| failure(&error, &gate))?,
            Err(_) => return Err(gate.failure(Reason::Deadline)),
        };
        let (status, headers) = (answer.status().as_u16(), readable(answer.headers()));
        Ok(Response { status, headers, body: FalBody { answer, deadline, left: max_body } })
    }
}

impl Clock for FalHost {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

impl Host for FalHost {
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// The body of an answer as it comes in.
pub struct FalBody {
    answer: reqwest::Response,
    deadline: Instant,
    left: usize,
}

impl fmt::Debug for FalBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the answer: it prints its URL, where a webhook's nonce may stand.
        f.debug_struct("FalBody").field("left", &self.left).finish_non_exhaustive()
    }
}

impl Body for FalBody {
    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        loop {
            let Some(chunk) = self.next().await? else { return Ok(None) };
            self.left = self.left.checked_sub(chunk.len()).ok_or(TransportError::MaybeSent(Reason::TooLarge))?;
            if !chunk.is_empty() {
                return Ok(Some(chunk));
            }
        }
    }
}

impl FalBody {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        match timeout_at(self.deadline, self.answer.chunk()).await {
            Ok(Ok(chunk)) => Ok(chunk.map(Vec::from)),
            Ok(Err(_)) => Err(TransportError::MaybeSent(Reason::Connection)),
            Err(_) => Err(TransportError::MaybeSent(Reason::Deadline)),
        }
    }
}

/// The request as reqwest wants it, with the gate its body goes through; `None` for what cannot stand in HTTP.
fn prepare(request: Request) -> Option<(reqwest::Request, Gate)> {
    let method = match request.method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
    };
    let mut prepared = reqwest::Request::new(method, reqwest::Url::parse(&request.url).ok()?);
    for header in &request.headers {
        prepared.headers_mut().append(HeaderName::from_static(header.name), value(header)?);
    }
    let (body, gate) = gated(request.body);
    *prepared.body_mut() = body;
    Some((prepared, gate))
}

fn value(header: &Header) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(&header.value).ok()?;
    value.set_sensitive(header.sensitive);
    Some(value)
}

fn failure(error: &reqwest::Error, gate: &Gate) -> TransportError {
    if error.is_builder() {
        TransportError::NotSent(Reason::Aborted)
    } else if error.is_connect() {
        TransportError::NotSent(Reason::Connection)
    } else {
        gate.failure(Reason::Connection)
    }
}

fn readable(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

/// The cause at the bottom of an error: the outer ones say little more than "builder error".
pub(crate) fn innermost(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), innermost)
}

#[cfg(test)]
mod tests;
