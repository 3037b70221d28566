//! The sole maker of bad answers, in the two shapes that clients know: `{"error","message"}` under `/api/custom`
//! ([`ApiError`]) and PocketBase's `{"data","message","status"}` everywhere else ([`RecordsError`]).
//!
//! No text of a user's or of a failed part of ours gets into an answer: messages are fixed sentences, and causes go to
//! the log. Another server's words come in one place only, `details.problems` of a generation that FAL refused: what
//! FAL says about each of the user's inputs, shortened by core.

mod api;
mod records;

pub use api::{ApiError, ApiErrorKind};
pub use records::{Problem, RecordsError};

pub(crate) use api::Document as ApiDocument;
pub(crate) use records::Document as RecordsDocument;

use super::respond::Response;
use crate::auth::derive::Busy;
use crate::auth::login::LoginError;
use crate::sessions::SessionsError;
use crate::store::StoreError;
use http::HeaderValue;
use http::header::RETRY_AFTER;
use std::time::Duration;

/// What a client reads when something of ours failed.
const UNFORESEEN: &str = "Something went wrong while processing your request.";

/// A bad answer of either shape.
#[derive(Debug)]
pub enum Error {
    /// Under `/api/custom`.
    Api(ApiError),
    /// Everywhere else.
    Records(RecordsError),
}

impl Error {
    /// A failure of ours in the shape that belongs to `path`; the cause is for the log alone.
    pub(super) fn internal_at(path: &str, cause: impl std::fmt::Display) -> Self {
        if path.starts_with("/api/custom/") {
            ApiError::internal(cause).into()
        } else {
            RecordsError::internal(cause).into()
        }
    }

    /// The answer. What went wrong inside is logged here.
    #[must_use]
    pub fn into_response(self) -> Response {
        match self {
            Error::Api(error) => error.into_response(),
            Error::Records(error) => error.into_response(),
        }
    }
}

impl From<ApiError> for Error {
    fn from(error: ApiError) -> Self {
        Error::Api(error)
    }
}

impl From<RecordsError> for Error {
    fn from(error: RecordsError) -> Self {
        Error::Records(error)
    }
}

/// Handlers that return [`Error`] are those of `/api/custom`; the records' return [`RecordsError`] itself.
macro_rules! as_api_error {
    ($($cause:ty),+) => {$(
        impl From<$cause> for Error {
            fn from(cause: $cause) -> Self {
                Error::Api(cause.into())
            }
        }
    )+};
}

as_api_error!(Busy, LoginError, SessionsError, StoreError);

/// Adds `Retry-After` (RFC 9110 §10.2.3) in whole seconds, rounded up, at least 1.
fn set_retry_after(response: &mut Response, wait: Option<Duration>) {
    if let Some(wait) = wait {
        let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1);
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
}

fn log_cause(cause: Option<String>) {
    if let Some(cause) = cause {
        tracing::error!(cause, "answering with an internal error");
    }
}

#[cfg(test)]
mod tests;
