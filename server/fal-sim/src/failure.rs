//! How a request can fail: the status and body its result has, and what its status says about it.

use crate::detail::{Detail, Wrong};
use crate::fault::Fault;
use crate::reply::{Reply, bytes};
use bytes::Bytes;
use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

#[derive(Serialize)]
struct List<'a> {
    detail: &'a [Detail],
}

/// A request's bad end.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    body: Bytes,
    /// Type of the first problem, for the status.
    error_type: String,
    headers: Vec<(&'static str, String)>,
    pub(crate) cancelled: bool,
}

impl Failure {
    /// The model does not like the input, or cannot serve it: 422 with a list.
    pub(crate) fn refused(details: &[Detail]) -> Self {
        let kind = details.first().map_or("internal_server_error", |detail| detail.kind);
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, kind, &List { detail: details })
    }

    /// The app has nothing under this path.
    pub(crate) fn no_path(path: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", &json!({ "detail": format!("Path /{path} not found") }))
    }

    /// The caller took it back.
    pub(crate) fn cancelled() -> Self {
        let status = StatusCode::from_u16(499).expect("499 is a status");
        Self {
            cancelled: true,
            ..Self::infrastructure(status, "client_cancelled", "Request was cancelled by the client")
        }
    }

    /// The caller's deadline for starting struck while it waited.
    pub(crate) fn start_timeout() -> Self {
        let text = "Request timed out before it was started";
        let mut failure = Self::infrastructure(StatusCode::GATEWAY_TIMEOUT, "request_timeout", text);
        failure.headers.push(("x-fal-request-timeout-type", "user".to_owned()));
        failure.headers.push(("x-fal-retryable", "false".to_owned()));
        failure
    }

    /// The failure a fault asks for, if it asks for one.
    pub(crate) fn asked(fault: Fault, input: &Value) -> Option<Self> {
        match fault {
            Fault::JobFailed422 => {
                Some(Self::model("no_media_generated", "No media was generated for this input.", input))
            }
            Fault::ContentPolicy => {
                let text = "The content could not be processed because it was flagged by a content checker.";
                Some(Self::refused(&[Wrong::plain("content_policy_violation", text).at(&["prompt"], &input["prompt"])]))
            }
            Fault::JobFailed500 => Some(Self::model("internal_server_error", "Internal server error", input)),
            Fault::JobFailed503 => {
                let status = StatusCode::SERVICE_UNAVAILABLE;
                Some(Self::infrastructure(status, "runner_disconnected", "Runner disconnected"))
            }
            _ => None,
        }
    }

    fn model(kind: &'static str, text: &str, input: &Value) -> Self {
        let mut failure = Self::refused(&[Wrong::plain(kind, text).at(&[], input)]);
        if kind == "internal_server_error" {
            failure.status = StatusCode::INTERNAL_SERVER_ERROR;
        }
        failure.headers.push(("x-fal-retryable", "false".to_owned()));
        failure
    }

    fn infrastructure(status: StatusCode, kind: &str, text: &str) -> Self {
        let mut failure = Self::new(status, kind, &json!({ "detail": text, "error_type": kind }));
        failure.headers.push(("x-fal-error-type", kind.to_owned()));
        failure
    }

    fn new(status: StatusCode, kind: &str, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body).expect("our own types become JSON").into();
        Self { status, body, error_type: kind.to_owned(), headers: Vec::new(), cancelled: false }
    }

    /// The result.
    pub(crate) fn reply(&self) -> Reply {
        let reply = bytes(self.status, "application/json", self.body.clone()).with("x-fal-billable-units", "0");
        self.headers.iter().fold(reply, |reply, (name, value)| reply.with(name, value))
    }

    /// The `error` of the status and of webhooks.
    pub(crate) fn error(&self) -> String {
        if self.cancelled {
            "Request was cancelled".to_owned()
        } else {
            format!("Invalid status code: {}", self.status.as_u16())
        }
    }

    /// The `error_type` of the status.
    pub(crate) fn error_type(&self) -> &str {
        &self.error_type
    }

    /// The body, as JSON.
    pub(crate) fn body(&self) -> Bytes {
        self.body.clone()
    }
}
