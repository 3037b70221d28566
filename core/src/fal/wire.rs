//! FAL's queue protocol as pure functions: what to send, and what an answer means. No retries, no time passing: those are
//! in [`super::retry`] and [`super::wait`].
//!
//! Source: fal.ai/docs, "Queue" and its OpenAPI, read 2026, and what the live service was seen to answer.

mod output;
mod status;
mod submit;

pub use output::{Output, OutputImage, read_result};
pub use status::{Failure, LogLine, State, Status, read_status};
pub use submit::{SubmitOptions, Submitted, SubmittedParts, read_submit, submit_request};

pub(crate) use status::parse_status;
pub(crate) use submit::is_safe_token;

use super::endpoint::Endpoint;
use super::error::{ErrorBody, FalError};
use super::hosts::Hosts;
use super::transport::{Answer, Header, Method, Request};
use crate::{ErrorCode, FalKey, Timestamp};

/// Most bytes of any answer but a result and a status stream.
pub const ANSWER_MAX: usize = 1 << 20;
/// Most bytes of a result.
pub const RESULT_MAX: usize = 16 << 20;
/// Most bytes of one status stream, all its events together.
pub const STREAM_MAX: usize = 16 << 20;

pub(super) const USER_AGENT: &str = concat!("generatio/", env!("CARGO_PKG_VERSION"));
pub(super) const JSON: &str = "application/json";
const EVENT_STREAM: &str = "text/event-stream";

/// The status of a request, with all its log lines so far if `logs`.
///
/// # Errors
/// [`ErrorCode::FalHostRefused`] when `submitted` does not belong to `hosts`; so for all that follow.
pub fn status_request(
    hosts: &Hosts,
    key: &FalKey,
    submitted: &Submitted,
    logs: bool,
    deadline: Timestamp,
) -> Result<Request, FalError> {
    let url = if logs { format!("{}?logs=1", submitted.status_url) } else { submitted.status_url.clone() };
    follow_up(hosts, key, Method::Get, url, deadline)
}

/// The stream of a request's statuses; each event brings the new log lines.
///
/// # Errors
/// As [`status_request`].
pub fn stream_request(
    hosts: &Hosts,
    key: &FalKey,
    submitted: &Submitted,
    deadline: Timestamp,
) -> Result<Request, FalError> {
    let url = format!("{}/stream?logs=1", submitted.status_url);
    let mut request = follow_up(hosts, key, Method::Get, url, deadline)?;
    request.headers = headers(key, EVENT_STREAM);
    Ok(Request { max_body: STREAM_MAX, ..request })
}

/// The output of a request.
///
/// # Errors
/// As [`status_request`].
pub fn result_request(
    hosts: &Hosts,
    key: &FalKey,
    submitted: &Submitted,
    deadline: Timestamp,
) -> Result<Request, FalError> {
    let request = follow_up(hosts, key, Method::Get, submitted.response_url.clone(), deadline)?;
    Ok(Request { max_body: RESULT_MAX, ..request })
}

/// Asks FAL to drop a request.
///
/// # Errors
/// As [`status_request`].
pub fn cancel_request(
    hosts: &Hosts,
    key: &FalKey,
    submitted: &Submitted,
    deadline: Timestamp,
) -> Result<Request, FalError> {
    follow_up(hosts, key, Method::Put, submitted.cancel_url.clone(), deadline)
}

/// The status of a request that does not exist, under an app everybody may call: it tells good keys from bad for free.
#[must_use]
pub fn check_key_request(hosts: &Hosts, key: &FalKey, deadline: Timestamp) -> Request {
    let app = Endpoint::parse("fal-ai/flux").expect("a constant id");
    let url = format!("{}/status", hosts.request_url(&app, "00000000-0000-0000-0000-000000000000"));
    request(key, Method::Get, url, deadline)
}

/// What became of a cancel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelOutcome {
    /// Taken. A request that already runs may finish all the same, and be charged.
    Requested,
    /// Too late: it is finished.
    AlreadyCompleted,
    /// FAL does not know the request.
    NotFound,
}

/// Reads the answer to [`cancel_request`].
///
/// # Errors
/// Any answer that is no [`CancelOutcome`].
pub fn read_cancel(answer: &Answer) -> Result<CancelOutcome, FalError> {
    match answer.status {
        200..=299 => Ok(CancelOutcome::Requested),
        404 => Ok(CancelOutcome::NotFound),
        400 if says_completed(answer) => Ok(CancelOutcome::AlreadyCompleted),
        _ => Err(FalError::from_answer(answer)),
    }
}

fn says_completed(answer: &Answer) -> bool {
    let body = ErrorBody::read(&answer.body);
    body.status.as_deref() == Some("ALREADY_COMPLETED") || body.detail.mentions("already completed")
}

/// Reads the answer to [`check_key_request`]: a good key finds nothing, or something.
///
/// # Errors
/// [`ErrorCode::FalKeyRefused`] for a bad key; [`ErrorCode::FalAccessDenied`] for one that FAL knows and does not serve;
/// other codes say nothing about the key.
pub fn read_check_key(answer: &Answer) -> Result<(), FalError> {
    if answer.is_success() || answer.status == 404 { Ok(()) } else { Err(FalError::from_answer(answer)) }
}

/// A request about `url`, which must lie at the queue: the last check before a key is attached.
fn follow_up(
    hosts: &Hosts,
    key: &FalKey,
    method: Method,
    url: String,
    deadline: Timestamp,
) -> Result<Request, FalError> {
    if hosts.takes_key(&url) {
        Ok(request(key, method, url, deadline))
    } else {
        Err(FalError::new(ErrorCode::FalHostRefused))
    }
}

fn request(key: &FalKey, method: Method, url: String, deadline: Timestamp) -> Request {
    Request { method, url, headers: headers(key, JSON), body: None, max_body: ANSWER_MAX, deadline }
}

fn headers(key: &FalKey, accept: &'static str) -> Vec<Header> {
    vec![Header::authorization(key), Header::plain("accept", accept), Header::plain("user-agent", USER_AGENT)]
}
