//! What went wrong with FAL, in a form that may be logged and shown: codes, numbers and words known beforehand. Nothing
//! FAL wrote reaches `Display` or `Debug`; only [`InputProblem::message`] hands on its words, trimmed.

mod body;
mod kinds;

pub(crate) use body::ErrorBody;
pub use body::InputProblem;
pub(crate) use kinds::Kind;

use super::transport::{Answer, Reason, Response, TransportError};
use crate::ErrorCode;
use std::fmt;
use std::time::Duration;

/// Longest `Retry-After` that is believed.
const LONGEST_WAIT_S: u64 = 24 * 60 * 60;

/// What counts for a failure of which no HTTP status is told: it is FAL's own, unless its type knows better.
pub(crate) const STATUS_UNTOLD: u16 = 500;

/// Why FAL's answer is not the one asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FalError {
    code: ErrorCode,
    fal_status: Option<u16>,
    kind: Option<&'static Kind>,
    retryable: bool,
    again: Again,
    retry_after: Option<Duration>,
    problems: Vec<InputProblem>,
}

/// Whether the very same safe request (never a submit that may have been taken) is worth sending again. Not to be
/// confused with [`FalError::retryable`], which is about a new request of the user's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Again {
    /// The answer will not change.
    Never,
    /// The answer is probably final.
    Few,
    /// The trouble is on the way and passes.
    Always,
}

impl FalError {
    /// One of the codes 600 to 699.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// The HTTP status FAL answered with, if it answered.
    #[must_use]
    pub fn fal_status(&self) -> Option<u16> {
        self.fal_status
    }

    /// FAL's machine-readable error type, if it is one that FAL documents (docs.fal.ai/errors).
    #[must_use]
    pub fn error_type(&self) -> Option<&'static str> {
        self.kind.map(|kind| kind.name)
    }

    /// Whether asking again later, with the same input, can help: as FAL's headers say, else by the type, else by the
    /// HTTP status. Never true for a submit of unknown outcome.
    #[must_use]
    pub fn retryable(&self) -> bool {
        self.retryable
    }

    /// How long FAL asked to wait, at most a day.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// What FAL objects to, at most 32 entries; empty when it gave no details.
    #[must_use]
    pub fn problems(&self) -> &[InputProblem] {
        &self.problems
    }

    pub(crate) fn new(code: ErrorCode) -> Self {
        Self {
            code,
            fal_status: None,
            kind: None,
            retryable: false,
            again: Again::Never,
            retry_after: None,
            problems: Vec::new(),
        }
    }

    /// The deadline passed on our side.
    pub(crate) fn timeout() -> Self {
        Self { retryable: true, ..Self::new(ErrorCode::FalTimeout) }
    }

    /// What somebody else was told who called FAL, as far as they say: FAL's HTTP status, its type of the error, its words.
    /// A type that FAL does not document is passed over.
    #[must_use]
    pub fn reported(status: Option<u16>, error_type: Option<&str>, message: Option<&str>) -> Self {
        let problem = serde_json::json!({ "loc": [], "msg": message.unwrap_or_default(), "type": error_type });
        let detail = message.is_some().then_some(vec![problem]);
        let body = serde_json::json!({ "error_type": error_type, "detail": detail }).to_string().into_bytes();
        let answer = |status| Answer { status, headers: Vec::new(), body };
        match status {
            Some(status) => Self::from_answer(&answer(status)),
            None => Self::from_answer(&answer(STATUS_UNTOLD)).unnumbered(),
        }
    }

    /// A successful answer that cannot be read.
    pub(crate) fn protocol(answer_status: u16) -> Self {
        Self { fal_status: Some(answer_status), ..Self::new(ErrorCode::FalProtocol) }
    }

    /// An exchange that failed.
    pub(crate) fn from_transport(error: TransportError) -> Self {
        let (TransportError::NotSent(reason) | TransportError::MaybeSent(reason)) = error;
        let code = match (error, reason) {
            (_, Reason::TooLarge) => ErrorCode::FalAnswerTooLarge,
            (_, Reason::Deadline) => ErrorCode::FalTimeout,
            (TransportError::NotSent(_), _) => ErrorCode::FalUnreachable,
            (TransportError::MaybeSent(_), _) => ErrorCode::FalInterrupted,
        };
        let again = match reason {
            Reason::Connection | Reason::Deadline => Again::Always,
            Reason::Aborted | Reason::TooLarge => Again::Never,
        };
        Self { again, retryable: again == Again::Always, ..Self::new(code) }
    }

    /// An answer that is not a success.
    pub(crate) fn from_answer(answer: &Answer) -> Self {
        let body = ErrorBody::read(&answer.body);
        let kind = answer.header("x-fal-error-type").and_then(Kind::find).or_else(|| body.kind());
        let start_deadline = answer.header("x-fal-request-timeout-type").is_some();
        let told = told_retryable(answer);
        let passing = matches!(answer.status, 408 | 425 | 429 | 500 | 502 | 503 | 504);
        let stop = start_deadline || told == Some(false);
        let by_kind = kind.map_or(passing || answer.status >= 500, |kind| kind.retryable);
        Self {
            code: if start_deadline { ErrorCode::FalTimeout } else { code(answer.status, kind) },
            fal_status: Some(answer.status),
            kind,
            retryable: !start_deadline && told.unwrap_or(by_kind),
            again: if passing && !stop { Again::Always } else { Again::Never },
            retry_after: retry_after(answer),
            // What a 401 says is about the key; it stays where it is.
            problems: if answer.status == 401 { Vec::new() } else { body.problems() },
        }
    }

    pub(crate) fn again(&self) -> Again {
        self.again
    }

    /// The same with another code.
    pub(crate) fn with_code(self, code: ErrorCode) -> Self {
        Self { code, ..self }
    }

    /// The same, told without an HTTP status.
    pub(crate) fn unnumbered(self) -> Self {
        Self { fal_status: None, ..self }
    }

    /// The same, repeated no more than `most`.
    pub(crate) fn at_most(self, most: Again) -> Self {
        Self { again: self.again.min(most), ..self }
    }

    /// The same, worth repeating as `again` says.
    pub(crate) fn worth(self, again: Again) -> Self {
        Self { again, retryable: again > Again::Never, ..self }
    }
}

impl fmt::Display for FalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(text(self.code))?;
        self.kind.map_or(Ok(()), |kind| write!(f, ": {}", kind.message))
    }
}

impl std::error::Error for FalError {}

/// Why a submit gave no request, split by the one question that matters for money.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// FAL certainly has no such request: it was refused or never sent. Nothing is charged.
    #[error("{0}")]
    NotTaken(FalError),
    /// FAL may have accepted it, and may charge for it. Never submit it again without asking.
    #[error("the outcome of the submit is unknown: {0}")]
    Unknown(FalError),
}

impl SubmitError {
    /// What went wrong, either way.
    #[must_use]
    pub fn error(&self) -> &FalError {
        let (Self::NotTaken(error) | Self::Unknown(error)) = self;
        error
    }

    /// One of the codes 600 to 699.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.error().code
    }

    /// `error` with every invitation to try again taken out.
    pub(crate) fn unknown(error: FalError) -> Self {
        Self::Unknown(error.worth(Again::Never))
    }
}

/// The code of an answer that is not a success.
fn code(status: u16, kind: Option<&Kind>) -> ErrorCode {
    match (status, kind.and_then(|kind| kind.code)) {
        (_, Some(code)) => code,
        (300..=399, _) => ErrorCode::FalHostRefused,
        (401, _) => ErrorCode::FalKeyRefused,
        (403, _) => ErrorCode::FalAccessDenied,
        (404 | 405, _) => ErrorCode::FalNotFound,
        (429, _) => ErrorCode::FalBusy,
        (499, _) => ErrorCode::FalCanceled,
        (408 | 425 | 500..=599, _) => ErrorCode::FalUnavailable,
        (400..=498, _) => ErrorCode::FalInputRefused,
        _ => ErrorCode::FalProtocol,
    }
}

/// The fixed text of a code.
fn text(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::FalKeyRefused => "FAL refused the key",
        ErrorCode::FalAccessDenied => "FAL denied access: the credit is used up, or the key may not use this model",
        ErrorCode::FalNotFound => "FAL knows no such model or request",
        ErrorCode::FalInputRefused => "FAL refused the input",
        ErrorCode::FalBusy => "FAL is busy and asked to slow down",
        ErrorCode::FalUnavailable => "FAL is not available or failed",
        ErrorCode::FalUnreachable => "FAL could not be reached",
        ErrorCode::FalInterrupted => "the connection to FAL broke off",
        ErrorCode::FalTimeout => "FAL did not answer in time",
        ErrorCode::FalAnswerTooLarge => "FAL's answer is too large",
        ErrorCode::FalResultExpired => "FAL no longer has the result",
        ErrorCode::FalCanceled => "the request was canceled",
        ErrorCode::FalHostRefused => "the address points away from FAL",
        _ => "FAL's answer could not be read",
    }
}

/// `X-Fal-Retryable`, else `X-Fal-Needs-Retry`.
fn told_retryable(answer: &Answer) -> Option<bool> {
    ["x-fal-retryable", "x-fal-needs-retry"].into_iter().find_map(|name| match answer.header(name)?.trim() {
        "true" | "True" | "1" => Some(true),
        "false" | "False" | "0" => Some(false),
        _ => None,
    })
}

/// `Retry-After` in seconds. Its other form, a date, is passed over: FAL was not seen to send it.
pub(crate) fn retry_after<B>(answer: &Response<B>) -> Option<Duration> {
    let seconds: u64 = answer.header("retry-after")?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(LONGEST_WAIT_S)))
}
