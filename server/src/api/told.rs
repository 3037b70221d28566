//! What callers are told of generations that were refused or brought no pictures.

use crate::clock;
use crate::http::error::{ApiError, ApiErrorKind};
use crate::ids::JobId;
use crate::jobs::{Outcome, Refused};
use crate::store::{Failure, JobState, OverBudget, Settled};
use generatio_core::cost::{Usd, UsdSum};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// When to try again after too many running jobs.
const SOON: Duration = Duration::from_secs(5);

/// Why nothing was started.
pub(super) fn refused(refused: Refused) -> ApiError {
    match refused {
        Refused::FolderMissing => no_folder(),
        Refused::Internal(cause) => ApiError::internal(cause),
        Refused::KeyTaken => ApiError::conflict("This Idempotency-Key was used with another request"),
        Refused::OverBudget(over) => over_budget(&over),
        Refused::TooManyRunning => {
            ApiError::rate_limit("Too many generations are running, wait for one to finish", SOON)
        }
    }
}

/// 402 with the limit in the way.
fn over_budget(over: &OverBudget) -> ApiError {
    let period = &over.period;
    let message = match over.asked {
        None => "This generation has no known price, which no budget can cover".to_owned(),
        Some(asked) => format!(
            "This generation may cost {asked} USD, and {} USD are left of the budget ({})",
            period.remaining(),
            period.period.as_str()
        ),
    };
    ApiError::new(ApiErrorKind::BudgetExceeded, message).with_details(BudgetDetails {
        period: period.period.as_str(),
        basis: over.basis.as_str(),
        limit: period.limit,
        spent: period.spent,
        held: period.held,
        asked: over.asked,
        resets: period.resets.map(clock::rfc3339),
    })
}

/// 404: missing, or another user's.
pub(super) fn no_folder() -> ApiError {
    ApiError::not_found("Folder not found")
}

/// The pictures, or what became of the job without any.
pub(super) fn settled(outcome: &Outcome) -> Result<&Settled, ApiError> {
    match outcome {
        Outcome::Settled(settled) => Ok(settled),
        Outcome::Internal { cause } => Err(ApiError::internal(cause)),
        Outcome::Unsettled { job, state, failure } => Err(failed(job, *state, failure)),
    }
}

/// 502 with what became of the job: made of what its row keeps alone, so that it reads the same whenever it is told.
pub(super) fn failed(job: &JobId, state: JobState, failure: &Failure) -> ApiError {
    let stored = failure.details.as_deref().and_then(|details| serde_json::from_str::<Map<_, _>>(details).ok());
    let mut details = stored.unwrap_or_else(|| bare(failure));
    details.insert("job".to_owned(), json!(job));
    details.insert("state".to_owned(), json!(state.as_str()));
    if !state.is_terminal() {
        // FAL may have it, or has: trying again could pay twice.
        details.insert("retryable".to_owned(), json!(false));
    }
    ApiError::external(format!("Image generation failed: {}", failure.message), Value::Object(details))
}

/// For rows without details.
fn bare(failure: &Failure) -> Map<String, Value> {
    let fields = [("type", json!(failure.code)), ("fal_status", Value::Null), ("retryable", json!(false))];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[derive(Serialize)]
struct BudgetDetails {
    period: &'static str,
    basis: &'static str,
    limit: Usd,
    spent: UsdSum,
    held: UsdSum,
    /// `null` without a price.
    asked: Option<Usd>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resets: Option<String>,
}
