//! One job's way through FAL: submit, attach, observe, settle or abandon.

use super::outcome::{Outcome, Trouble};
use super::{GRACE, Shared, receipt};
use crate::ids::JobId;
use crate::store::{Abandonment, Attachment, Job, JobState, StoreError};
use generatio_core::catalog::Generation;
use generatio_core::fal::{
    Completion, Endpoint, FalError, Output, SubmitError, SubmitOptions, Submitted, SubmittedParts,
};
use generatio_core::time::Clock;
use generatio_core::{ErrorCode, FalKey, Timestamp};
use std::time::Duration;

/// Writes that record what was paid for are tried this often before the log has to remember it.
const RECORD_ATTEMPTS: u32 = 5;

/// How long a submit may take, retries of what certainly never left included.
const SUBMIT_PATIENCE: Duration = Duration::from_secs(60);

/// How long a finished result is asked for.
const RESULT_PATIENCE: Duration = Duration::from_secs(5 * 60);

impl Shared {
    pub(super) async fn submit_and_finish(&self, job: Job, generation: Generation, key: FalKey) -> Outcome {
        match self.submit(&job, &generation, &key).await {
            Ok(submitted) => self.finish(&job, &submitted, &key).await,
            Err(outcome) => outcome,
        }
    }

    /// A job of an earlier process: its request is at FAL, under the addresses in its row.
    pub(super) async fn finish_restored(&self, job: Job, key: FalKey) -> Outcome {
        match self.restore(&job) {
            Ok(submitted) => self.finish(&job, &submitted, &key).await,
            Err(cause) => {
                tracing::error!(job = %job.id, %cause, "a job could not be resumed");
                Outcome::Internal { cause }
            }
        }
    }

    /// All from the row: the catalog may have changed since.
    fn restore(&self, job: &Job) -> Result<Submitted, String> {
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

    /// `created` → `submitting` → `submitted`, durable at each arrow.
    async fn submit(&self, job: &Job, generation: &Generation, key: &FalKey) -> Result<Submitted, Outcome> {
        let _at_sea = self.submitting.clone().read_owned().await;
        self.store.begin_submit(&job.id, job.fence, self.clock.now()).await?;
        let deadline = self.clock.now().after(SUBMIT_PATIENCE);
        let options = SubmitOptions { webhook: None, start_timeout: None, deadline };
        let submitted = self.fal.submit(key, &generation.model().endpoint, &generation.input(), &options).await;
        match submitted {
            Ok(submitted) => {
                self.attach(job, &submitted).await;
                Ok(submitted)
            }
            Err(SubmitError::NotTaken(error)) => Err(self.abandon(job, JobState::Failed, Trouble::Fal(error)).await),
            Err(SubmitError::Unknown(error)) => Err(self.abandon(job, JobState::Unknown, Trouble::Fal(error)).await),
        }
    }

    /// Records FAL's request id. A store that fails here does not stop the job: FAL has it and will be paid.
    async fn attach(&self, job: &Job, submitted: &Submitted) {
        let attachment = Attachment {
            request_id: submitted.request_id.clone(),
            status_url: submitted.status_url.clone(),
            response_url: submitted.response_url.clone(),
            cancel_url: submitted.cancel_url.clone(),
        };
        let recorded = self
            .record(&job.id, || self.store.attach_job(&job.id, job.fence, attachment.clone(), self.clock.now()))
            .await;
        if let Err(error) = recorded {
            tracing::error!(job = %job.id, request = %submitted.request_id, %error, "a request id was not recorded");
        }
    }

    /// Waits for the result and settles it; the pictures outlive a failing wait.
    async fn finish(&self, job: &Job, submitted: &Submitted, key: &FalKey) -> Outcome {
        let started = job.submitted.unwrap_or_else(|| self.clock.now());
        let completion = match self.observe(job, submitted, key, started).await {
            Ok(completion) => completion,
            Err(trouble) => return self.abandon(job, JobState::Unknown, trouble).await,
        };
        let deadline = self.clock.now().after(RESULT_PATIENCE);
        match self.fal.result(key, submitted, deadline).await {
            Ok(output) if output.images.is_empty() => self.abandon(job, JobState::Failed, Trouble::NoPictures).await,
            Ok(output) => self.settle(job, &output, started).await,
            Err(error) => {
                let state = state_without_result(&completion, &error);
                self.abandon(job, state, Trouble::Fal(error)).await
            }
        }
    }

    /// Watches until FAL says the job is over. Past the deadline a cancel is sent and the job watched on: a result
    /// that comes anyway is worth having.
    async fn observe(
        &self,
        job: &Job,
        submitted: &Submitted,
        key: &FalKey,
        started: Timestamp,
    ) -> Result<Completion, Trouble> {
        let deadline = started.after(self.limits.fal_timeout);
        match self.watch(job, submitted, key, deadline).await {
            Err(error) if error.code() == ErrorCode::FalTimeout => {}
            watched => return watched.map_err(Trouble::Fal),
        }
        if let Err(error) = self.fal.cancel(key, submitted).await {
            tracing::warn!(job = %job.id, %error, "a late job could not be canceled");
        }
        match self.watch(job, submitted, key, self.clock.now().after(GRACE)).await {
            Err(error) if error.code() == ErrorCode::FalTimeout => Err(Trouble::Silence),
            watched => watched.map_err(Trouble::Fal),
        }
    }

    async fn watch(
        &self,
        job: &Job,
        submitted: &Submitted,
        key: &FalKey,
        deadline: Timestamp,
    ) -> Result<Completion, FalError> {
        let heard = |status: &_| tracing::debug!(job = %job.id, ?status, "status");
        self.fal.wait(key, submitted, deadline, heard).await
    }

    async fn settle(&self, job: &Job, output: &Output, started: Timestamp) -> Outcome {
        let settled = self
            .record(&job.id, || async {
                let settlement = receipt::settlement(&self.catalog, job, output, started, self.clock.now())
                    .map_err(|error| StoreError::Backend(error.to_string()))?;
                self.store.settle_job(&job.id, job.fence, settlement).await
            })
            .await;
        match settled {
            Ok(settled) => Outcome::Settled(Box::new(settled)),
            Err(error) => {
                tracing::error!(job = %job.id, %error, "a paid result was not stored; it stays at FAL for an hour");
                error.into()
            }
        }
    }

    pub(super) async fn abandon(&self, job: &Job, state: JobState, trouble: Trouble) -> Outcome {
        let now = self.clock.now();
        let abandon = || {
            let abandonment = Abandonment { state, failure: trouble.failure(), now };
            self.store.abandon_job(&job.id, job.fence, abandonment)
        };
        match self.record(&job.id, abandon).await {
            Ok(_) => Outcome::Ended { job: job.id.clone(), state, trouble },
            Err(error) => error.into(),
        }
    }

    /// Tries a write again when the store failed; a lost lease is final.
    async fn record<T, F>(&self, job: &JobId, write: impl Fn() -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let mut attempt = 1;
        loop {
            match write().await {
                Err(StoreError::Backend(_) | StoreError::Retry) if attempt < RECORD_ATTEMPTS => {
                    tracing::warn!(%job, attempt, "a job's record was not written, trying again");
                    tokio::time::sleep(Duration::from_millis(100) * 2_u32.pow(attempt)).await;
                    attempt += 1;
                }
                done => return done,
            }
        }
    }
}

/// Without a result a job has failed only if FAL itself says so; otherwise it cannot be told.
fn state_without_result(completion: &Completion, error: &FalError) -> JobState {
    if error.code() == ErrorCode::FalCanceled {
        return JobState::Canceled;
    }
    let answered = matches!(
        error.code(),
        ErrorCode::FalInputRefused | ErrorCode::FalNotFound | ErrorCode::FalResultExpired | ErrorCode::FalProtocol
    );
    if completion.failed.is_some() || answered { JobState::Failed } else { JobState::Unknown }
}
