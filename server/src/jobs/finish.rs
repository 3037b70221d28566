//! From a request at FAL to its end: watched, fetched, settled; or a verdict on why there is nothing to settle.

use super::outcome::{Outcome, Trouble};
use super::record::{AS_LONG_AS_FAL, BRIEFLY};
use super::{Shared, receipt};
use crate::fault_points::{FaultPoint, reach};
use crate::store::{Job, JobState, Reporter};
use generatio_core::fal::{Completion, Endpoint, FalError, Output, Submitted, SubmittedParts};
use generatio_core::time::Clock;
use generatio_core::{ErrorCode, FalKey, Timestamp};
use std::time::Duration;

/// How long FAL keeps a result: one that is not found later than this is gone.
const KEPT: Duration = Duration::from_secs(60 * 60);

impl Shared {
    /// A job of an earlier process: its request is at FAL, under the addresses in its row.
    pub(super) async fn finish_restored(&self, job: &Job, key: &FalKey) -> Outcome {
        match self.restore(job) {
            Ok(submitted) => self.finish(job, &submitted, key).await,
            Err(cause) => {
                tracing::error!(job = %job.id, %cause, "a job could not be resumed");
                self.abandon(job, JobState::Unknown, Trouble::Internal(cause)).await
            }
        }
    }

    /// All from the row: the catalog may have changed since.
    pub(super) fn restore(&self, job: &Job) -> Result<Submitted, String> {
        let endpoint = Endpoint::parse(&job.endpoint).map_err(|error| error.to_string())?;
        let attachment = job.attachment.clone().ok_or("it has no request id")?;
        let parts = SubmittedParts {
            request_id: attachment.request_id,
            status_url: Some(attachment.status_url),
            response_url: Some(attachment.response_url),
            cancel_url: Some(attachment.cancel_url),
        };
        Submitted::restore(self.fal.hosts(), &endpoint, parts).map_err(|error| error.to_string())
    }

    /// Waits for the result and settles it. Without one the job ends as [`Verdict`] says.
    pub(super) async fn finish(&self, job: &Job, submitted: &Submitted, key: &FalKey) -> Outcome {
        reach(FaultPoint::WhileWaiting).await;
        let started = job.submitted.unwrap_or_else(|| self.clock.now());
        let completion = match self.observe(job, submitted, key, started).await {
            Ok(Some(completion)) => completion,
            Ok(None) => return self.abandon(job, JobState::Unknown, Trouble::Silence).await,
            Err(error) => return self.conclude(job, None, error, started).await,
        };
        let deadline = self.clock.now().after(self.limits.result_wait);
        match self.fal.result(key, submitted, deadline).await {
            Ok(output) => self.settle(job, &output, started).await,
            Err(error) => self.conclude(job, Some(&completion), error, started).await,
        }
    }

    /// `observe`: watches until FAL says the job is over. Past the deadline a cancel is sent and the job watched on: a
    /// result that comes anyway is worth having. `None` when FAL has said nothing by the end of the grace.
    async fn observe(
        &self,
        job: &Job,
        submitted: &Submitted,
        key: &FalKey,
        started: Timestamp,
    ) -> Result<Option<Completion>, FalError> {
        let deadline = started.after(self.limits.fal_timeout).max(self.clock.now());
        if let Some(completion) = self.watch(job, submitted, key, deadline).await? {
            return Ok(Some(completion));
        }
        if let Err(error) = self.fal.cancel(key, submitted).await {
            tracing::warn!(job = %job.id, %error, "a late job could not be canceled");
        }
        self.watch(job, submitted, key, self.clock.now().after(self.limits.fal_grace)).await
    }

    async fn watch(
        &self,
        job: &Job,
        submitted: &Submitted,
        key: &FalKey,
        deadline: Timestamp,
    ) -> Result<Option<Completion>, FalError> {
        let feed = self.feeds.of(&job.id);
        feed.begin();
        // Log lines of the model may echo the prompt: only the state is ours to log.
        let heard = |status: &generatio_core::fal::Status| {
            tracing::debug!(job = %job.id, state = ?status.state, "status");
            feed.report(status);
        };
        match self.fal.wait(key, submitted, deadline, heard).await {
            Ok(completion) => Ok(Some(completion)),
            Err(error) if error.code() == ErrorCode::FalTimeout => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// `settle`: → `completed`, with pictures and charge in one transaction.
    async fn settle(&self, job: &Job, output: &Output, started: Timestamp) -> Outcome {
        let settlement =
            match receipt::settlement(&self.catalog, job, output, Reporter::Server, started, self.clock.now()) {
                Ok(settlement) => settlement,
                Err(error) => return self.wait_for_session(job, Trouble::Internal(error.to_string())).await,
            };
        reach(FaultPoint::AfterResult).await;
        let settle = || self.store.settle_job(&job.id, job.fence, settlement.clone());
        match self.record(&job.id, AS_LONG_AS_FAL, settle).await {
            Ok(settled) => {
                self.pictures_came.notify_one();
                reach(FaultPoint::AfterCommit).await;
                Outcome::Settled(Box::new(settled))
            }
            Err(error) => {
                tracing::error!(job = %job.id, %error, "a paid result was not stored");
                error.into()
            }
        }
    }

    async fn conclude(
        &self,
        job: &Job,
        completion: Option<&Completion>,
        error: FalError,
        started: Timestamp,
    ) -> Outcome {
        let verdict = verdict(error.code(), completion, self.clock.now().since(started));
        // The row knows whether its owner wanted that.
        let now = self.store.job(&job.owner, &job.id).await;
        let trouble = Trouble::of(error, now.ok().flatten().as_ref().unwrap_or(job));
        match verdict {
            Verdict::Ended(state) => self.abandon(job, state, trouble).await,
            Verdict::Lost => self.settle_lost(job, trouble).await,
            Verdict::Waits => self.wait_for_session(job, trouble).await,
        }
    }

    /// → `failed`, and charged: FAL was paid for pictures that it no longer has.
    async fn settle_lost(&self, job: &Job, trouble: Trouble) -> Outcome {
        let failure = trouble.failure();
        let settlement = match receipt::lost(&self.catalog, job, failure.clone(), Reporter::Server, self.clock.now()) {
            Ok(settlement) => settlement,
            Err(error) => return self.wait_for_session(job, Trouble::Internal(error.to_string())).await,
        };
        let settle = || self.store.settle_job(&job.id, job.fence, settlement.clone());
        match self.record(&job.id, BRIEFLY, settle).await {
            Ok(settled) if settled.job.state == JobState::Completed => Outcome::Settled(Box::new(settled)),
            Ok(_) => Outcome::Unsettled { job: job.id.clone(), state: JobState::Failed, failure },
            Err(error) => error.into(),
        }
    }
}

/// What a job without a result has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Nothing more will come of it, or it cannot be told.
    Ended(JobState),
    /// FAL finished it, billed it, and no longer has its result.
    Lost,
    /// The trouble is the key's or the way's: FAL still has the request, and another session may fetch it.
    Waits,
}

/// A job has failed only if FAL itself says so of this request; what stands between us and FAL decides nothing.
fn verdict(code: ErrorCode, completion: Option<&Completion>, age: Duration) -> Verdict {
    let completed = completion.is_some();
    match code {
        ErrorCode::FalCanceled => Verdict::Ended(JobState::Canceled),
        ErrorCode::FalInputRefused | ErrorCode::FalNoPictures if completed => Verdict::Ended(JobState::Failed),
        ErrorCode::FalResultExpired if completion.is_some_and(|completion| completion.failed.is_none()) => {
            Verdict::Lost
        }
        ErrorCode::FalNotFound | ErrorCode::FalResultExpired if completed => Verdict::Ended(JobState::Failed),
        // Gone, and nobody saw whether it ended well.
        ErrorCode::FalNotFound | ErrorCode::FalResultExpired if age > KEPT => Verdict::Ended(JobState::Unknown),
        // Somebody answered, and it cannot be read: whether there are pictures cannot be told.
        ErrorCode::FalProtocol | ErrorCode::FalAnswerTooLarge => Verdict::Ended(JobState::Unknown),
        _ if completion.is_some_and(|completion| completion.failed.is_some()) => Verdict::Ended(JobState::Failed),
        _ => Verdict::Waits,
    }
}

#[cfg(test)]
mod tests {
    use super::{KEPT, Verdict, verdict};
    use crate::store::JobState;
    use generatio_core::ErrorCode;
    use generatio_core::fal::Completion;
    use std::time::Duration;

    const FRESH: Duration = Duration::from_secs(60);
    const FAILED: Verdict = Verdict::Ended(JobState::Failed);

    #[test]
    fn before_fal_said_that_it_is_over_only_time_ends_a_job() {
        for code in [
            ErrorCode::FalKeyRefused,
            ErrorCode::FalAccessDenied,
            ErrorCode::FalNotFound,
            ErrorCode::FalUnreachable,
            ErrorCode::FalInterrupted,
            ErrorCode::FalUnavailable,
            ErrorCode::FalInputRefused,
        ] {
            assert_eq!(verdict(code, None, FRESH), Verdict::Waits, "{code:?}");
        }
        assert_eq!(verdict(ErrorCode::FalNotFound, None, KEPT + FRESH), Verdict::Ended(JobState::Unknown));
    }

    #[test]
    fn after_it_fals_own_word_on_the_request_counts() {
        let good = Completion::default();
        for (code, expected) in [
            (ErrorCode::FalInputRefused, FAILED),
            (ErrorCode::FalNoPictures, FAILED),
            (ErrorCode::FalResultExpired, Verdict::Lost),
            (ErrorCode::FalNotFound, FAILED),
            (ErrorCode::FalCanceled, Verdict::Ended(JobState::Canceled)),
            (ErrorCode::FalProtocol, Verdict::Ended(JobState::Unknown)),
            (ErrorCode::FalAnswerTooLarge, Verdict::Ended(JobState::Unknown)),
            (ErrorCode::FalUnavailable, Verdict::Waits),
            (ErrorCode::FalTimeout, Verdict::Waits),
            (ErrorCode::FalKeyRefused, Verdict::Waits),
        ] {
            assert_eq!(verdict(code, Some(&good), FRESH), expected, "{code:?}");
        }
    }
}
