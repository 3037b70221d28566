//! Errors outside `/api/custom`: PocketBase's document, field by field.

use super::{UNFORESEEN, log_cause, set_retry_after};
use crate::auth::login::LoginError;
use crate::auth::throttle::Refusal;
use crate::http::body::BodyError;
use crate::http::respond::{self, Response};
use crate::store::StoreError;
use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::time::Duration;

/// What is wrong with one field: `{"code","message"}` and for some codes `params`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "FieldProblem")]
pub struct Problem {
    /// `validation_…`; translations hang on it.
    pub code: &'static str,
    /// One sentence.
    pub message: Cow<'static, str>,
    /// Numbers of the message.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub params: Map<String, Value>,
}

/// A refusal or failure outside `/api/custom`.
#[derive(Debug)]
pub struct RecordsError {
    status: StatusCode,
    message: Cow<'static, str>,
    data: Map<String, Value>,
    retry_after: Option<Duration>,
    /// For the log.
    cause: Option<String>,
}

impl RecordsError {
    /// An error with empty `data`; `message` is one sentence that is safe to show.
    #[must_use]
    pub fn new(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, message: message.into(), data: Map::new(), retry_after: None, cause: None }
    }

    /// 400 with PocketBase's default message.
    #[must_use]
    pub fn unreadable() -> Self {
        Self::new(StatusCode::BAD_REQUEST, UNFORESEEN)
    }

    /// 400 with PocketBase's default message: these fields are wrong.
    #[must_use]
    pub fn unreadable_fields(data: BTreeMap<&'static str, Problem>) -> Self {
        Self::fields(UNFORESEEN, data)
    }

    /// 400: these fields are wrong.
    #[must_use]
    pub fn fields(message: &'static str, data: BTreeMap<&'static str, Problem>) -> Self {
        let value = |problem| serde_json::to_value(problem).unwrap_or_default();
        let data = data.into_iter().map(|(field, problem)| (field.to_owned(), value(problem))).collect();
        Self::data(message, data)
    }

    /// 400 with `data` of any shape: of batches, whose fields lie deeper.
    #[must_use]
    pub fn data(message: &'static str, data: Map<String, Value>) -> Self {
        Self { data, ..Self::new(StatusCode::BAD_REQUEST, message) }
    }

    /// Whether something of ours failed: then its cause is to be logged, as answering with it does.
    #[must_use]
    pub fn is_internal(&self) -> bool {
        self.cause.is_some()
    }

    /// What a client would read, to stand inside of another answer.
    #[must_use]
    pub fn document(&self) -> Value {
        json!({ "data": self.data, "message": self.message, "status": self.status.as_u16() })
    }

    /// 401: only for the logged in.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "The request requires valid record authorization token.")
    }

    /// 403: not for this caller, or not here.
    #[must_use]
    pub fn forbidden(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// 404: no such record or route, or another user's.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "The requested resource wasn't found.")
    }

    /// 429 with `Retry-After`.
    #[must_use]
    pub fn too_many_attempts(retry_after: Duration) -> Self {
        let error = Self::new(StatusCode::TOO_MANY_REQUESTS, "Too many attempts, try again later.");
        Self { retry_after: Some(retry_after), ..error }
    }

    /// 500 with a fixed sentence; `cause` goes to the log when the answer is made and must hold no secret or user text.
    #[must_use]
    pub fn internal(cause: impl Display) -> Self {
        Self { cause: Some(cause.to_string()), ..Self::new(StatusCode::INTERNAL_SERVER_ERROR, UNFORESEEN) }
    }

    pub(super) fn into_response(self) -> Response {
        log_cause(self.cause);
        let document = Document { data: &self.data, message: &self.message, status: self.status.as_u16() };
        let mut response = respond::json(self.status, &document);
        set_retry_after(&mut response, self.retry_after);
        response
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RecordsError")]
pub(crate) struct Document<'a> {
    /// What is wrong, by field: each a `FieldProblem`, of batches deeper.
    data: &'a Map<String, Value>,
    /// For people.
    message: &'a str,
    status: u16,
}

impl From<BodyError> for RecordsError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::Broken | BodyError::Late => RecordsError::unreadable(),
            BodyError::TooLarge => RecordsError::new(StatusCode::PAYLOAD_TOO_LARGE, "Request entity too large."),
        }
    }
}

impl From<LoginError> for RecordsError {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::Internal(cause) => RecordsError::internal(cause),
            LoginError::Rejected => RecordsError::new(StatusCode::BAD_REQUEST, "Failed to authenticate."),
            LoginError::Throttled { retry_after } => RecordsError::too_many_attempts(retry_after),
        }
    }
}

impl From<Refusal> for RecordsError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Store(error) => error.into(),
            Refusal::Wait { retry_after } => RecordsError::too_many_attempts(retry_after),
        }
    }
}

/// What is missing or taken is for handlers to say; here it is a failure of ours. A question that takes too long is one
/// that was not to be asked.
impl From<StoreError> for RecordsError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::TooLong => RecordsError::unreadable(),
            error => RecordsError::internal(error),
        }
    }
}
