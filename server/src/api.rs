//! The endpoints under `/api/custom`: extract, call, respond. Rules live in core, the way of a generation in
//! [`crate::jobs`], rows in [`crate::store`].

pub(crate) mod collections;
pub(crate) mod custody;
pub(crate) mod estimate;
pub(crate) mod financial;
pub(crate) mod generate;
pub(crate) mod headers;
pub(crate) mod jobs;
pub(crate) mod login;
pub(crate) mod preferences;
pub(crate) mod record;
pub(crate) mod sessions;
pub(crate) mod status;
pub(crate) mod tokens;
pub(crate) mod webhook;

mod told;

use crate::store::StoreError;
use schemars::JsonSchema;
use serde::Serialize;

/// `{"success": true, "message": …}`, as the original's writes answer.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Done")]
pub(crate) struct Done {
    success: bool,
    message: &'static str,
}

impl Done {
    const fn new(message: &'static str) -> Self {
        Self { success: true, message }
    }
}

/// Runs `work` to its end, also when nobody waits for it any more: what is stored is also made known.
async fn to_its_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::spawn(work).await.unwrap_or_else(|error| Err(StoreError::Backend(error.to_string())))
}

/// A required text: present and not empty. No trimming, as the original.
fn filled<T: AsRef<str>>(text: Option<T>) -> Option<T> {
    text.filter(|text| !text.as_ref().is_empty())
}
