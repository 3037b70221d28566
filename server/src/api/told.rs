//! What callers are told of generations that were refused or brought no pictures.

use crate::http::error::ApiError;
use crate::jobs::{Outcome, Refused, Trouble};
use crate::store::Settled;
use generatio_core::ErrorCode;
use generatio_core::fal::FalError;
use serde_json::{Value, json};
use std::time::Duration;

/// When to try again after too many running jobs.
const SOON: Duration = Duration::from_secs(5);

/// Why nothing was started.
pub(super) fn refused(refused: Refused) -> ApiError {
    match refused {
        Refused::FolderMissing => no_folder(),
        Refused::Internal(cause) => ApiError::internal(cause),
        Refused::TooManyRunning => {
            ApiError::rate_limit("Too many generations are running, wait for one to finish", SOON)
        }
    }
}

/// 404: missing, or another user's.
pub(super) fn no_folder() -> ApiError {
    ApiError::not_found("Folder not found")
}

/// The pictures, or 502 with what became of the job.
pub(super) fn settled(outcome: Outcome) -> Result<Settled, ApiError> {
    match outcome {
        Outcome::Settled(settled) => Ok(*settled),
        Outcome::Internal { cause } => Err(ApiError::internal(cause)),
        Outcome::Unsettled { job, state, trouble } => {
            let message = format!("Image generation failed: {trouble}");
            let mut details = details(&trouble);
            details["job"] = json!(job);
            details["state"] = json!(state.as_str());
            if !state.is_terminal() {
                // FAL may have it, or has: trying again could pay twice.
                details["retryable"] = json!(false);
            }
            Err(ApiError::external(message, details))
        }
    }
}

fn details(trouble: &Trouble) -> Value {
    let Trouble::Fal(error) = trouble else {
        let retryable = matches!(trouble, Trouble::Stopping);
        return json!({ "type": trouble.failure().code, "fal_status": null, "retryable": retryable });
    };
    let mut details = ApiError::fal_details(error);
    if error.code() == ErrorCode::FalInputRefused {
        details["problems"] = problems(error);
    }
    details
}

/// What FAL's model says of the user's own input, in FAL's words: nobody else can say what to change.
fn problems(error: &FalError) -> Value {
    let told = error
        .problems()
        .iter()
        .map(|problem| json!({ "path": problem.path, "type": problem.error_type(), "message": problem.message }));
    told.collect()
}
