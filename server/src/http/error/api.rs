//! Errors of `/api/custom`: `{"error": code, "message": text}` and sometimes `details`.

use super::{UNFORESEEN, log_cause, set_retry_after};
use crate::auth::derive::Busy;
use crate::auth::login::LoginError;
use crate::auth::throttle::Refusal;
use crate::http::body::BodyError;
use crate::http::respond::{self, Response};
use crate::jobs::fal_details;
use crate::openapi::shapes;
use crate::sessions::SessionsError;
use crate::store::StoreError;
use generatio_core::fal::FalError;
use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use std::borrow::Cow;
use std::fmt::Display;
use std::time::Duration;

/// What kind of refusal it is; decides status and code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiErrorKind {
    /// 401 `authentication_error`.
    Authentication,
    /// 403 `authorization_error`.
    Authorization,
    /// 402 `budget_exceeded`.
    BudgetExceeded,
    /// 409 `conflict`.
    Conflict,
    /// 502 `external_error`.
    External,
    /// 500 `internal_error`.
    Internal,
    /// 404 `not_found`.
    NotFound,
    /// 429 `rate_limit_error`.
    RateLimit,
    /// 413 `validation_error`.
    TooLarge,
    /// 400 `validation_error`.
    Validation,
}

impl ApiErrorKind {
    /// All kinds.
    pub const ALL: [Self; 10] = [
        Self::Authentication,
        Self::Authorization,
        Self::BudgetExceeded,
        Self::Conflict,
        Self::External,
        Self::Internal,
        Self::NotFound,
        Self::RateLimit,
        Self::TooLarge,
        Self::Validation,
    ];

    /// The HTTP status and the `error` code.
    #[must_use]
    pub const fn status_and_code(self) -> (StatusCode, &'static str) {
        match self {
            Self::Authentication => (StatusCode::UNAUTHORIZED, "authentication_error"),
            Self::Authorization => (StatusCode::FORBIDDEN, "authorization_error"),
            Self::BudgetExceeded => (StatusCode::PAYMENT_REQUIRED, "budget_exceeded"),
            Self::Conflict => (StatusCode::CONFLICT, "conflict"),
            Self::External => (StatusCode::BAD_GATEWAY, "external_error"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal_error"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Self::RateLimit => (StatusCode::TOO_MANY_REQUESTS, "rate_limit_error"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "validation_error"),
            Self::Validation => (StatusCode::BAD_REQUEST, "validation_error"),
        }
    }
}

/// A refusal or failure under `/api/custom`.
#[derive(Debug)]
pub struct ApiError {
    kind: ApiErrorKind,
    message: Cow<'static, str>,
    /// As text, so that amounts in it stay exact.
    details: Option<Box<RawValue>>,
    retry_after: Option<Duration>,
    /// For the log.
    cause: Option<String>,
}

impl ApiError {
    /// An error of this kind; `message` is for people and must be safe to show.
    #[must_use]
    pub fn new(kind: ApiErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, message: message.into(), details: None, retry_after: None, cause: None }
    }

    /// 400: the request is not valid.
    #[must_use]
    pub fn validation(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ApiErrorKind::Validation, message)
    }

    /// 401: who asks, or what opens the token, is missing or wrong.
    #[must_use]
    pub fn authentication(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ApiErrorKind::Authentication, message)
    }

    /// 403: known, and not allowed.
    #[must_use]
    pub fn authorization(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ApiErrorKind::Authorization, message)
    }

    /// 404: missing, or another user's.
    #[must_use]
    pub fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ApiErrorKind::NotFound, message)
    }

    /// 409: it clashes with what is there.
    #[must_use]
    pub fn conflict(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ApiErrorKind::Conflict, message)
    }

    /// 429 with `Retry-After`: too much of something.
    #[must_use]
    pub fn rate_limit(message: impl Into<Cow<'static, str>>, retry_after: Duration) -> Self {
        Self { retry_after: Some(retry_after), ..Self::new(ApiErrorKind::RateLimit, message) }
    }

    /// 429 `Too many attempts, try again later`, with `Retry-After`.
    #[must_use]
    pub fn too_many_attempts(retry_after: Duration) -> Self {
        Self::rate_limit("Too many attempts, try again later", retry_after)
    }

    /// 502: FAL refused or failed; `details` are `{type, fal_status, retryable}`.
    #[must_use]
    pub fn external(message: impl Into<Cow<'static, str>>, details: Value) -> Self {
        Self::new(ApiErrorKind::External, message).with_details(details)
    }

    /// 502 for what FAL or the way to it did, told by its stable names alone.
    #[must_use]
    pub fn fal(message: impl Into<Cow<'static, str>>, error: &FalError) -> Self {
        Self::external(message, fal_details(error))
    }

    /// 413: the body is larger than allowed.
    #[must_use]
    pub fn too_large() -> Self {
        Self::new(ApiErrorKind::TooLarge, "Request body too large")
    }

    /// 500 with a fixed sentence; `cause` goes to the log when the answer is made and must hold no secret or user text.
    #[must_use]
    pub fn internal(cause: impl Display) -> Self {
        Self { cause: Some(cause.to_string()), ..Self::new(ApiErrorKind::Internal, UNFORESEEN) }
    }

    /// Adds `details`, which must be what JSON can hold.
    #[must_use]
    pub fn with_details(self, details: impl Serialize) -> Self {
        Self { details: to_raw_value(&details).ok(), ..self }
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> ApiErrorKind {
        self.kind
    }

    /// How long to wait, if that is what it says.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// What went wrong inside, for the log, if it is a failure of ours.
    pub(crate) fn into_cause(self) -> Option<String> {
        self.cause
    }

    pub(super) fn into_response(self) -> Response {
        log_cause(self.cause);
        let (status, error) = self.kind.status_and_code();
        let mut response = respond::json(status, &Document { error, message: &self.message, details: self.details });
        set_retry_after(&mut response, self.retry_after);
        response
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ApiError")]
pub(crate) struct Document<'a> {
    #[schemars(with = "shapes::ErrorCode")]
    error: &'static str,
    /// For people.
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shapes::Object>")]
    details: Option<Box<RawValue>>,
}

impl From<BodyError> for ApiError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::Broken | BodyError::Late => ApiError::validation("Invalid request body"),
            BodyError::TooLarge => ApiError::too_large(),
        }
    }
}

impl From<Busy> for ApiError {
    fn from(busy: Busy) -> Self {
        ApiError::too_many_attempts(busy.retry_after)
    }
}

impl From<LoginError> for ApiError {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::Internal(cause) => ApiError::internal(cause),
            LoginError::Rejected => ApiError::authentication("Invalid credentials"),
            LoginError::Throttled { retry_after } => ApiError::too_many_attempts(retry_after),
        }
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Store(error) => error.into(),
            Refusal::Wait { retry_after } => ApiError::too_many_attempts(retry_after),
        }
    }
}

/// What is missing or taken is for handlers to say; here it is a failure of ours.
impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        ApiError::internal(error)
    }
}

impl From<SessionsError> for ApiError {
    fn from(error: SessionsError) -> Self {
        ApiError::internal(error)
    }
}
