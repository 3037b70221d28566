//! Core's values as JavaScript has them.

use super::super::catalog::ProblemView;
use super::super::{More, refused_with};
use super::Outcome;
use generatio_core::ErrorCode;
use generatio_core::catalog::Problems;
use generatio_core::fal::{
    CancelOutcome, Completion, Endpoint, FalError, InputProblem, LogLine, Output, OutputImage, State, Status,
    SubmitError, Submitted,
};
use serde::Serialize;
use serde_json::value::RawValue;
use wasm_bindgen::JsValue;

/// What a reload needs to go on.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SubmittedView<'a> {
    endpoint: &'a str,
    request_id: &'a str,
    status_url: &'a str,
    response_url: &'a str,
    cancel_url: &'a str,
}

/// Why a call failed.
pub(super) struct Failed {
    pub(super) code: ErrorCode,
    pub(super) message: String,
    pub(super) status: Option<u16>,
    pub(super) details: Details,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Details {
    #[serde(skip_serializing_if = "Option::is_none")]
    error_type: Option<&'static str>,
    retryable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    may_have_been_taken: Option<bool>,
    problems: Vec<InputView>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InputView {
    path: String,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_type: Option<&'static str>,
}

impl From<&InputProblem> for InputView {
    fn from(problem: &InputProblem) -> Self {
        Self { path: problem.path.clone(), message: problem.message.clone(), error_type: problem.error_type() }
    }
}

impl From<FalError> for Failed {
    fn from(error: FalError) -> Self {
        Self {
            code: error.code(),
            message: error.to_string(),
            status: error.fal_status(),
            details: Details {
                error_type: error.error_type(),
                retryable: error.retryable(),
                retry_after_ms: error.retry_after().and_then(|wait| u64::try_from(wait.as_millis()).ok()),
                may_have_been_taken: None,
                problems: error.problems().iter().map(InputView::from).collect(),
            },
        }
    }
}

impl From<SubmitError> for Failed {
    fn from(error: SubmitError) -> Self {
        let message = error.to_string();
        let (error, taken) = match error {
            SubmitError::NotTaken(error) => (error, false),
            SubmitError::Unknown(error) => (error, true),
        };
        let mut failed = Self { message, ..Self::from(error) };
        failed.details.may_have_been_taken = Some(taken);
        failed
    }
}

/// The first problem as an error, with all of them.
pub(super) fn thrown(problems: &Problems) -> JsValue {
    #[derive(Serialize)]
    struct All<'a> {
        problems: Vec<ProblemView<'a>>,
    }
    let all = All { problems: problems.iter().map(ProblemView::from).collect() };
    let first = problems.first();
    refused_with(first.code.as_str(), &first.message, &More { status: None, details: Some(all) })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProgressView<'a> {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue_position: Option<u64>,
    logs: Vec<LogView<'a>>,
}

#[derive(Serialize)]
struct LogView<'a> {
    message: &'a str,
    level: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<&'a str>,
}

impl<'a> From<&'a LogLine> for LogView<'a> {
    fn from(line: &'a LogLine) -> Self {
        Self { message: &line.message, level: line.level, timestamp: line.timestamp.as_deref() }
    }
}

pub(super) fn progress(status: &Status) -> Option<Box<RawValue>> {
    let (state, queue_position) = match status.state {
        State::Queued { position } => ("queued", position),
        State::InProgress => ("running", None),
        State::Completed { .. } => ("completed", None),
    };
    let logs = status.logs.iter().map(LogView::from).collect();
    serde_json::value::to_raw_value(&ProgressView { state, queue_position, logs }).ok()
}

pub(super) fn submitted(endpoint: &Endpoint, taken: &Submitted) -> Outcome {
    json(&SubmittedView {
        endpoint: endpoint.as_str(),
        request_id: &taken.request_id,
        status_url: &taken.status_url,
        response_url: &taken.response_url,
        cancel_url: &taken.cancel_url,
    })
}

pub(super) fn completion(done: &Completion) -> Outcome {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct View {
        failed: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        error_type: Option<&'static str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        inference_ms: Option<u64>,
    }
    let error_type = done.failed.and_then(|failure| failure.error_type);
    json(&View { failed: done.failed.is_some(), error_type, inference_ms: done.inference_ms })
}

pub(super) fn canceled(outcome: CancelOutcome) -> Outcome {
    json(&match outcome {
        CancelOutcome::Requested => "requested",
        CancelOutcome::AlreadyCompleted => "already_completed",
        CancelOutcome::NotFound => "not_found",
    })
}

pub(super) fn output(output: &Output) -> Outcome {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct View<'a> {
        images: Vec<ImageView<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        seed: Option<String>,
        has_nsfw_concepts: &'a [bool],
        #[serde(skip_serializing_if = "Option::is_none")]
        inference_ms: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        billable_units: Option<&'a str>,
    }
    json(&View {
        images: output.images.iter().map(ImageView::from).collect(),
        // Seeds go beyond what JavaScript's numbers tell apart.
        seed: output.seed.as_ref().map(ToString::to_string),
        has_nsfw_concepts: &output.has_nsfw_concepts,
        inference_ms: output.inference_ms,
        billable_units: output.billable_units.as_deref(),
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ImageView<'a> {
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_size: Option<u64>,
}

impl<'a> From<&'a OutputImage> for ImageView<'a> {
    fn from(image: &'a OutputImage) -> Self {
        let OutputImage { url, width, height, content_type, file_size, .. } = image;
        Self { url, width: *width, height: *height, content_type: content_type.as_deref(), file_size: *file_size }
    }
}

fn json(value: &impl Serialize) -> Outcome {
    serde_json::to_vec(value).map_err(|_| Failed {
        code: ErrorCode::FalProtocol,
        message: "the outcome cannot be written".to_owned(),
        status: None,
        details: Details::default(),
    })
}
