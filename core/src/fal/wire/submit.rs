//! Submitting: the request, its answer, and where the follow-ups go.

use crate::fal::endpoint::Endpoint;
use crate::fal::error::{Again, FalError, SubmitError};
use crate::fal::hosts::Hosts;
use crate::fal::transport::{Answer, Header, Method, Request, TransportError};
use crate::json::{self, Fields};
use crate::{ErrorCode, FalKey, Timestamp};
use serde_json::{Map, Value};
use std::fmt;
use std::time::Duration;

/// FAL's clients insist on more than a second; less is rounded up.
const SHORTEST_START: Duration = Duration::from_millis(1_001);

/// How a request is submitted.
#[derive(Clone)]
pub struct SubmitOptions {
    /// URL that FAL calls when it is done. It may carry a nonce, so `Debug` hides it.
    pub webhook: Option<String>,
    /// The longest FAL may take to *start*; at least about a second. Past it the request fails and is not charged.
    pub start_timeout: Option<Duration>,
    /// When to stop trying to submit.
    pub deadline: Timestamp,
}

impl fmt::Debug for SubmitOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubmitOptions")
            .field("webhook", &self.webhook.as_ref().map(|_| "[redacted]"))
            .field("start_timeout", &self.start_timeout)
            .field("deadline", &self.deadline)
            .finish()
    }
}

/// A request FAL has taken, and where it is followed up. The addresses lie at the queue, under the request's own path.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Submitted {
    /// FAL's id: 1 to 128 of `A` to `Z`, `a` to `z`, `0` to `9`, `_` and `-`.
    pub request_id: String,
    /// Where its status is asked for.
    pub status_url: String,
    /// Where its output is.
    pub response_url: String,
    /// Where it is canceled.
    pub cancel_url: String,
}

/// The parts of a [`Submitted`] as a submit answer or a stored row has them, unchecked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SubmittedParts {
    /// FAL's id.
    pub request_id: String,
    /// Where its status is asked for, if known.
    pub status_url: Option<String>,
    /// Where its output is, if known.
    pub response_url: Option<String>,
    /// Where it is canceled, if known.
    pub cancel_url: Option<String>,
}

impl Submitted {
    /// Checks stored or received parts. An address that is missing, or does not lie at the queue under
    /// `/{app}/requests/{request_id}`, is replaced by the one FAL documents.
    ///
    /// # Errors
    /// [`ErrorCode::FalProtocol`] when the id cannot stand in a URL as it is.
    pub fn restore(hosts: &Hosts, endpoint: &Endpoint, parts: SubmittedParts) -> Result<Self, FalError> {
        let SubmittedParts { request_id, status_url, response_url, cancel_url } = parts;
        if !is_safe_token(&request_id) {
            return Err(FalError::new(ErrorCode::FalProtocol));
        }
        let base = hosts.request_url(endpoint, &request_id);
        let pinned = |url: Option<String>, tail: &str| {
            url.and_then(|url| Hosts::pin(&url, &base)).unwrap_or_else(|| format!("{base}{tail}"))
        };
        let (status_url, response_url) = (pinned(status_url, "/status"), pinned(response_url, ""));
        let cancel_url = pinned(cancel_url, "/cancel");
        Ok(Self { request_id, status_url, response_url, cancel_url })
    }
}

/// Whether an id can stand in a URL as it is.
pub(crate) fn is_safe_token(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=128).contains(&id.len()) && id.bytes().all(plain)
}

/// The request that buys: `input` is the model's own object, unwrapped.
#[must_use]
pub fn submit_request(
    hosts: &Hosts,
    key: &FalKey,
    endpoint: &Endpoint,
    input: &Map<String, Value>,
    options: &SubmitOptions,
) -> Request {
    let url = hosts.submit_url(endpoint, options.webhook.as_deref());
    let mut request = super::request(key, Method::Post, url, options.deadline);
    request.headers.push(Header::plain("content-type", super::JSON));
    if let Some(limit) = options.start_timeout {
        request.headers.push(Header::plain("x-fal-request-timeout", seconds(limit.max(SHORTEST_START))));
    }
    request.body = Some(serde_json::to_vec(input).expect("a JSON object with text keys always serializes"));
    request
}

fn seconds(duration: Duration) -> String {
    format!("{}.{:03}", duration.as_secs(), duration.subsec_millis())
}

/// Reads what became of [`submit_request`]. When in doubt, it was taken.
///
/// - It never left; 429; 503 without `x-fal-request-id` (the ingress, before anything was taken): not taken, and
///   [`crate::fal::retry::Attempts`] says when to try again.
/// - Other 4xx: not taken. Except 499, whose types speak of requests that ran.
/// - All else (500, 502, 504, a 503 about a request, redirects, successes without a usable id): unknown.
///
/// # Errors
/// [`SubmitError`], as above.
pub fn read_submit(
    hosts: &Hosts,
    endpoint: &Endpoint,
    exchange: Result<Answer, TransportError>,
) -> Result<Submitted, SubmitError> {
    let answer = exchange.map_err(|error| match error {
        TransportError::NotSent(_) => SubmitError::NotTaken(FalError::from_transport(error)),
        TransportError::MaybeSent(_) => SubmitError::unknown(FalError::from_transport(error)),
    })?;
    if !answer.is_success() {
        return Err(refusal(&answer));
    }
    let parts = parts(&answer.body).ok_or_else(|| SubmitError::unknown(FalError::protocol(answer.status)))?;
    Submitted::restore(hosts, endpoint, parts).map_err(|_| SubmitError::unknown(FalError::protocol(answer.status)))
}

fn parts(body: &[u8]) -> Option<SubmittedParts> {
    let wire = Fields::read(body)?;
    Some(SubmittedParts {
        request_id: json::text(wire.get("request_id"))?,
        status_url: json::text(wire.get("status_url")),
        response_url: json::text(wire.get("response_url")),
        cancel_url: json::text(wire.get("cancel_url")),
    })
}

/// What an answer that is no success says about the purchase.
fn refusal(answer: &Answer) -> SubmitError {
    let error = FalError::from_answer(answer);
    match answer.status {
        429 => SubmitError::NotTaken(error),
        503 if answer.header("x-fal-request-id").is_none() => SubmitError::NotTaken(error),
        400..=498 => SubmitError::NotTaken(error.at_most(Again::Never)),
        _ => SubmitError::unknown(error),
    }
}
