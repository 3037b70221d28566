//! Core's values as JavaScript has them.

use super::super::catalog;
use super::super::json::{self, Object};
use super::Outcome;
use crate::host::make_error_with;
use generatio_core::ErrorCode;
use generatio_core::catalog::Problems;
use generatio_core::fal::{
    CancelOutcome, Completion, Endpoint, FalError, InputProblem, LogLine, Output, OutputImage, State, Status,
    SubmitError, Submitted,
};
use wasm_bindgen::JsValue;

/// Why a call failed.
pub(super) struct Failed {
    code: ErrorCode,
    message: String,
    /// JSON of `{status?, details}`.
    more: String,
}

impl Failed {
    fn new(error: &FalError, message: String, may_have_been_taken: Option<bool>) -> Self {
        let problems: Vec<_> = error.problems().iter().map(problem).collect();
        let details = Object::default()
            .text_if("errorType", error.error_type())
            .json("retryable", error.retryable())
            .json_if("retryAfterMs", error.retry_after().and_then(|wait| u64::try_from(wait.as_millis()).ok()))
            .json_if("mayHaveBeenTaken", may_have_been_taken)
            .json("problems", json::list(&problems))
            .end();
        let more = Object::default().json_if("status", error.fal_status()).json("details", details).end();
        Self { code: error.code(), message, more }
    }

    pub(super) fn thrown(&self) -> JsValue {
        make_error_with(self.code.as_str(), &self.message, &self.more)
    }
}

fn problem(problem: &InputProblem) -> String {
    Object::default()
        .text("path", &problem.path)
        .text("message", &problem.message)
        .text_if("errorType", problem.error_type())
        .end()
}

impl From<FalError> for Failed {
    fn from(error: FalError) -> Self {
        Self::new(&error, error.to_string(), None)
    }
}

impl From<SubmitError> for Failed {
    fn from(error: SubmitError) -> Self {
        let (of_fal, taken) = match &error {
            SubmitError::NotTaken(error) => (error, false),
            SubmitError::Unknown(error) => (error, true),
        };
        Self::new(of_fal, error.to_string(), Some(taken))
    }
}

/// The first problem as an error, with all of them.
pub(super) fn thrown(problems: &Problems) -> JsValue {
    let first = problems.first();
    let more = Object::default().json("details", catalog::problems(problems)).end();
    make_error_with(first.code.as_str(), &first.message, &more)
}

/// Where a request stands.
pub(super) fn progress(status: &Status) -> String {
    let (state, position) = match status.state {
        State::Queued { position } => ("queued", position),
        State::InProgress => ("running", None),
        State::Completed { .. } => ("completed", None),
    };
    let logs: Vec<_> = status.logs.iter().map(log).collect();
    Object::default().text("state", state).json_if("queuePosition", position).json("logs", json::list(&logs)).end()
}

fn log(line: &LogLine) -> String {
    Object::default()
        .text("message", &line.message)
        .text("level", line.level)
        .text_if("timestamp", line.timestamp.as_deref())
        .end()
}

/// What a reload needs to go on.
pub(super) fn submitted(endpoint: &Endpoint, taken: &Submitted) -> Outcome {
    Ok(Object::default()
        .text("endpoint", endpoint.as_str())
        .text("requestId", &taken.request_id)
        .text("statusUrl", &taken.status_url)
        .text("responseUrl", &taken.response_url)
        .text("cancelUrl", &taken.cancel_url)
        .end())
}

pub(super) fn completion(done: &Completion) -> Outcome {
    Ok(Object::default()
        .json("failed", done.failed.is_some())
        .text_if("errorType", done.failed.and_then(|failure| failure.error_type))
        .json_if("inferenceMs", done.inference_ms)
        .end())
}

pub(super) fn canceled(outcome: CancelOutcome) -> Outcome {
    Ok(json::quoted(match outcome {
        CancelOutcome::Requested => "requested",
        CancelOutcome::AlreadyCompleted => "already_completed",
        CancelOutcome::NotFound => "not_found",
    }))
}

pub(super) fn output(output: &Output) -> Outcome {
    let images: Vec<_> = output.images.iter().map(image).collect();
    let flags: Vec<_> = output.has_nsfw_concepts.iter().map(ToString::to_string).collect();
    Ok(Object::default()
        .json("images", json::list(&images))
        // Seeds go beyond what JavaScript's numbers tell apart.
        .text_if("seed", output.seed.as_ref().map(ToString::to_string).as_deref())
        .json("hasNsfwConcepts", json::list(&flags))
        .json_if("inferenceMs", output.inference_ms)
        .text_if("billableUnits", output.billable_units.as_deref())
        .end())
}

fn image(image: &OutputImage) -> String {
    Object::default()
        .text("url", &image.url)
        .json_if("width", image.width)
        .json_if("height", image.height)
        .text_if("contentType", image.content_type.as_deref())
        .json_if("fileSize", image.file_size)
        .end()
}
