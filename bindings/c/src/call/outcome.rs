//! What a call brought, by its kind.

use super::Call;
use crate::boundary::{Out, guard, handle};
use crate::numbers;
use crate::output::Output;
use crate::progress::Progress;
use crate::status::Status;
use crate::submitted::Submitted;
use crate::text::{Text, View};
use crate::webhook::WebhookKeys;
use generatio_core::fal::webhook::KeySet;
use generatio_core::fal::{self, CancelOutcome, Completion, Endpoint};

impl From<&Completion> for Outcome {
    fn from(completion: &Completion) -> Self {
        let failure_type = completion.failed.and_then(|failure| failure.error_type).unwrap_or_default();
        Self::Completed {
            failed: completion.failed.is_some(),
            failure_type: Text::new(failure_type),
            inference_ms: completion.inference_ms.and_then(|ms| i64::try_from(ms).ok()).unwrap_or(-1),
        }
    }
}

/// What a call brought.
pub(crate) enum Outcome {
    Submitted { endpoint: Endpoint, submitted: fal::Submitted },
    Status(fal::Status),
    Completed { failed: bool, failure_type: Text, inference_ms: i64 },
    Output(Output),
    Canceled(CancelOutcome),
    KeyIsGood,
    Keys(KeySet),
}

impl Call {
    /// What the call brought, if `read` knows its kind.
    fn brought<T>(&self, read: impl FnOnce(&Outcome) -> Option<T>) -> Result<T, Status> {
        let state = self.state();
        match &state.outcome {
            Some(Ok(outcome)) => read(outcome).ok_or(Status::OutOfTurn),
            _ => Err(Status::OutOfTurn),
        }
    }
}

/// What a submit brought. `*submitted` is the caller's, freed with `generatio_submitted_free`; it outlives the call. One
/// thread at a time; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_call_submitted(call: *const Call, submitted: *mut *mut Submitted) -> Status {
    guard(|| {
        // SAFETY: the caller keeps to the conventions.
        let (out, call) = unsafe { (Out::handle(submitted)?, handle(call)?) };
        out.give(call.brought(|outcome| match outcome {
            Outcome::Submitted { endpoint, submitted } => Some(Submitted::new(endpoint, submitted.clone())),
            _ => None,
        })?);
        Ok(())
    })
}

/// What a look at a status brought. `*progress` is the caller's, freed with `generatio_progress_free`. One thread at a
/// time; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_call_progress(call: *const Call, progress: *mut *mut Progress) -> Status {
    guard(|| {
        // SAFETY: the caller keeps to the conventions.
        let (out, call) = unsafe { (Out::handle(progress)?, handle(call)?) };
        out.give(call.brought(|outcome| match outcome {
            Outcome::Status(status) => Some(Progress::from(status)),
            _ => None,
        })?);
        Ok(())
    })
}

/// What a wait brought: whether FAL says that the request failed or was canceled, FAL's type of that failure (lent
/// until the call is freed; empty if there is none that FAL documents), and how long the model ran in milliseconds (-1 if not known).
/// One thread at a time; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_call_completion(
    call: *const Call,
    failed: *mut bool,
    failure_type: *mut View,
    inference_ms: *mut i64,
) -> Status {
    guard(|| {
        // SAFETY: the caller keeps to the conventions.
        let (failed, failure_type, inference_ms) = unsafe {
            (Out::cleared(failed, false), Out::cleared(failure_type, View::default()), Out::cleared(inference_ms, -1))
        };
        // SAFETY: the caller keeps to the conventions.
        let call = unsafe { handle(call) }?;
        let (out_failed, out_type, out_ms) = (failed?, failure_type?, inference_ms?);
        let (failed, failure_type, inference_ms) = call.brought(|outcome| match outcome {
            Outcome::Completed { failed, failure_type, inference_ms } => {
                Some((*failed, failure_type.view(), *inference_ms))
            }
            _ => None,
        })?;
        out_failed.set(failed);
        out_type.set(failure_type);
        out_ms.set(inference_ms);
        Ok(())
    })
}

/// The output that was fetched. `*output` is the caller's, freed with `generatio_output_free`; it outlives the call. One thread at a time; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_call_output(call: *const Call, output: *mut *mut Output) -> Status {
    guard(|| {
        // SAFETY: the caller keeps to the conventions.
        let (out, call) = unsafe { (Out::handle(output)?, handle(call)?) };
        out.give(call.brought(|outcome| match outcome {
            Outcome::Output(output) => Some(output.clone()),
            _ => None,
        })?);
        Ok(())
    })
}

/// What became of a cancel: `*outcome` is a `generatio_cancel_outcome`. One thread at a time; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_call_cancel_outcome(call: *const Call, outcome: *mut u32) -> Status {
    guard(|| {
        // SAFETY: the caller keeps to the conventions.
        let (out, call) = unsafe { (Out::cleared(outcome, 0)?, handle(call)?) };
        out.set(call.brought(|outcome| match outcome {
            Outcome::Canceled(outcome) => Some(numbers::cancel(*outcome)),
            _ => None,
        })?);
        Ok(())
    })
}

/// The webhook keys that were fetched. `*keys` is the caller's, freed with `generatio_webhook_keys_free`. One thread at
/// a time; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_call_webhook_keys(call: *const Call, keys: *mut *mut WebhookKeys) -> Status {
    guard(|| {
        // SAFETY: the caller keeps to the conventions.
        let (out, call) = unsafe { (Out::handle(keys)?, handle(call)?) };
        out.give(call.brought(|outcome| match outcome {
            Outcome::Keys(keys) => Some(WebhookKeys::new(keys.clone())),
            _ => None,
        })?);
        Ok(())
    })
}
