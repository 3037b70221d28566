//! How a job's run ended, for whoever still waits for it.

use crate::ids::JobId;
use crate::store::{Failure, Job, JobState, Settled, Source, StoreError};
use generatio_core::ErrorCode;
use generatio_core::fal::FalError;
use serde_json::{Value, json};
use std::fmt;

/// The end of a job's run.
#[derive(Debug)]
pub enum Outcome {
    /// Pictures and charge are stored.
    Settled(Box<Settled>),
    /// No pictures; the job row says the same.
    Unsettled {
        /// The job.
        job: JobId,
        /// `Failed`, `Canceled`, `Unknown`, or `Submitted` when it waits for the user's next session.
        state: JobState,
        /// Why.
        failure: Failure,
    },
    /// Our own store failed; what FAL did is in the log and, as far as it got, in the row.
    Internal {
        /// For the log.
        cause: String,
    },
}

impl Outcome {
    /// The state that the job was left in; `internal` when that could not be stored.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Settled(settled) => settled.job.state.as_str(),
            Self::Unsettled { state, .. } => state.as_str(),
            Self::Internal { .. } => "internal",
        }
    }
}

/// Why a job has no pictures.
#[derive(Debug)]
pub enum Trouble {
    /// Its owner wanted it stopped, and FAL dropped it or never got it.
    Canceled,
    /// The client that runs it has said nothing for too long.
    ClientSilent,
    /// FAL's doing, or the way to FAL.
    Fal(FalError),
    /// A bug of ours; the text is for the log.
    Internal(String),
    /// It took longer than allowed, and FAL dropped it when we asked.
    Overdue,
    /// Its owner said what came of a job in doubt.
    Resolved {
        /// Whether FAL charged it.
        charged: bool,
    },
    /// The deadline and the grace after it passed.
    Silence,
    /// The server stops; nothing was submitted.
    Stopping,
}

impl Trouble {
    /// What FAL's word on `job` means: it drops only what it was asked to drop; by whom, of a direct job its client knows.
    pub(crate) fn of(error: FalError, job: &Job) -> Self {
        match error.code() {
            ErrorCode::FalCanceled if job.cancel_asked.is_some() || job.source == Source::Direct => Trouble::Canceled,
            ErrorCode::FalCanceled => Trouble::Overdue,
            _ => Trouble::Fal(error),
        }
    }

    /// What the job row keeps: a stable code, a sentence safe to show, and details for programs.
    pub(crate) fn failure(&self) -> Failure {
        let code = match self {
            Trouble::Canceled => ErrorCode::FalCanceled.as_str(),
            Trouble::ClientSilent => "client_silent",
            Trouble::Fal(error) => error.code().as_str(),
            Trouble::Internal(_) => "internal_error",
            Trouble::Overdue | Trouble::Silence => ErrorCode::FalTimeout.as_str(),
            Trouble::Resolved { charged: true } => "resolved_charged",
            Trouble::Resolved { charged: false } => "resolved_not_charged",
            Trouble::Stopping => "server_stopping",
        };
        Failure { code: code.to_owned(), message: self.to_string(), details: Some(self.details(code).to_string()) }
    }

    fn details(&self, code: &str) -> Value {
        let Trouble::Fal(error) = self else {
            let retryable = matches!(self, Trouble::Stopping);
            return json!({ "type": code, "fal_status": null, "retryable": retryable });
        };
        let mut details = fal_details(error);
        if error.code() == ErrorCode::FalInputRefused {
            details["problems"] = problems(error);
        }
        details
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Canceled => f.write_str("the request was canceled"),
            Trouble::ClientSilent => {
                f.write_str("the client that ran it has not said what came of it; whether FAL charged it is not known")
            }
            Trouble::Fal(error) => error.fmt(f),
            Trouble::Internal(_) => f.write_str("something went wrong on this server"),
            Trouble::Overdue => f.write_str("FAL took longer than allowed, and the request was canceled"),
            Trouble::Resolved { charged: true } => f.write_str("its owner said that FAL charged it"),
            Trouble::Resolved { charged: false } => f.write_str("its owner said that FAL did not charge it"),
            Trouble::Silence => f.write_str("FAL did not finish in time; it may still do so"),
            Trouble::Stopping => f.write_str("the server is stopping; nothing was submitted"),
        }
    }
}

/// `{type, fal_status, retryable}` of what FAL or the way to it did.
pub(crate) fn fal_details(error: &FalError) -> Value {
    json!({
        "type": error.error_type().unwrap_or_else(|| error.code().as_str()),
        "fal_status": error.fal_status(),
        "retryable": error.retryable(),
    })
}

/// What FAL's model says of the user's own input, in FAL's words: nobody else can say what to change.
fn problems(error: &FalError) -> Value {
    let told = error
        .problems()
        .iter()
        .map(|problem| json!({ "path": problem.path, "type": problem.error_type(), "message": problem.message }));
    told.collect()
}

impl From<StoreError> for Outcome {
    fn from(error: StoreError) -> Self {
        Outcome::Internal { cause: error.to_string() }
    }
}
