//! How a job ended, for whoever still waits for it.

use crate::http::error::ApiError;
use crate::ids::JobId;
use crate::store::{Failure, JobState, Settled, StoreError};
use generatio_core::fal::FalError;
use serde_json::{Value, json};

/// The end of a job's run.
#[derive(Debug)]
pub enum Outcome {
    /// Pictures and charge are stored.
    Settled(Box<Settled>),
    /// No pictures; the job row says the same.
    Ended {
        /// The job.
        job: JobId,
        /// `Failed`, `Canceled` or `Unknown`.
        state: JobState,
        /// Why.
        trouble: Trouble,
    },
    /// Our own store failed; what FAL did is in the log and, as far as it got, in the row.
    Internal {
        /// For the log.
        cause: String,
    },
}

/// Why a job has no pictures.
#[derive(Debug)]
pub enum Trouble {
    /// FAL's doing, or the way to FAL.
    Fal(FalError),
    /// FAL delivered no usable picture.
    NoPictures,
    /// The deadline and the grace after it passed.
    Silence,
}

impl Trouble {
    /// What the job row keeps.
    pub(crate) fn failure(&self) -> Failure {
        let code = match self {
            Trouble::Fal(error) => error.code().as_str(),
            Trouble::NoPictures => "no_pictures",
            Trouble::Silence => "fal_timeout",
        };
        Failure { code: code.to_owned(), message: self.message() }
    }

    fn message(&self) -> String {
        match self {
            Trouble::Fal(error) => error.to_string(),
            Trouble::NoPictures => "FAL returned no usable picture".to_owned(),
            Trouble::Silence => "FAL did not finish in time; it may still do so".to_owned(),
        }
    }

    fn details(&self) -> Value {
        let Trouble::Fal(error) = self else {
            return json!({ "type": self.failure().code, "fal_status": null, "retryable": false });
        };
        let problems: Vec<Value> = error
            .problems()
            .iter()
            .map(|problem| json!({ "path": problem.path, "type": problem.error_type(), "message": problem.message }))
            .collect();
        json!({
            "type": error.error_type().unwrap_or_else(|| error.code().as_str()),
            "fal_status": error.fal_status(),
            "retryable": error.retryable(),
            "problems": problems,
        })
    }
}

impl Outcome {
    /// What the caller is told when there are no pictures.
    pub(crate) fn into_settled(self) -> Result<Settled, ApiError> {
        match self {
            Outcome::Settled(settled) => Ok(*settled),
            Outcome::Internal { cause } => Err(ApiError::internal(cause)),
            Outcome::Ended { job, state, trouble } => {
                let mut details = trouble.details();
                details["job"] = json!(job);
                details["state"] = json!(state.as_str());
                if state == JobState::Unknown {
                    // Trying again could pay twice.
                    details["retryable"] = json!(false);
                }
                Err(ApiError::external(format!("Image generation failed: {}", trouble.message()), details))
            }
        }
    }
}

impl From<StoreError> for Outcome {
    fn from(error: StoreError) -> Self {
        Outcome::Internal { cause: error.to_string() }
    }
}
