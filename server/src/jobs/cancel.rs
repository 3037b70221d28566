//! What a user may say about a job of theirs: stop it, or whether one in doubt was charged.

use super::outcome::Trouble;
use super::{Engine, Shared, receipt};
use crate::ids::{JobId, UserId};
use crate::store::{Abandonment, Job, JobState, Reporter, StoreError};
use generatio_core::FalKey;
use generatio_core::fal::{CancelOutcome, FalError};
use generatio_core::time::Clock;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How long a job that is being submitted is waited for: a little more than a submit may take.
const SUBMIT_PATIENCE: Duration = Duration::from_secs(25);
/// How long FAL's word on a canceled job is waited for.
const END_PATIENCE: Duration = Duration::from_secs(5);

/// What came of a wish to stop a job.
#[derive(Debug)]
pub struct Canceled {
    /// The job as it is now; when it is not over, FAL has not said what becomes of it.
    pub job: Job,
    /// What FAL answered, if it was asked.
    pub at_fal: Option<CancelOutcome>,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CannotSay {
    /// FAL could not be asked. The job goes on.
    #[error("FAL could not be asked: {0}")]
    Fal(FalError),
    /// Whether FAL has it is not known, so it cannot be stopped.
    #[error("the job is in doubt")]
    InDoubt,
    /// A part of ours failed; the text is for the log.
    #[error("{0}")]
    Internal(String),
    /// The job is not in doubt, so what came of it is known or will be.
    #[error("the job is not in doubt")]
    NotInDoubt,
    /// The store failed, or there is no such job of the user's.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Engine {
    /// Stops the owner's job, as far as that is possible: what was not sent is canceled at once, FAL is asked to drop
    /// what it has, and what is over stays as it is. Waits up to half a minute for what comes of it.
    ///
    /// A caller who goes away changes nothing: once asked for, it is asked of FAL.
    ///
    /// # Errors
    /// [`CannotSay`]; the job goes on.
    pub async fn cancel(&self, owner: &UserId, id: &JobId, key: &Arc<FalKey>) -> Result<Canceled, CannotSay> {
        // Somebody has to hear what FAL makes of it.
        self.resume(owner, key).await?;
        let (shared, owner, id, key) = (Arc::clone(&self.shared), owner.clone(), id.clone(), Arc::clone(key));
        let canceling = tokio::spawn(async move { shared.cancel(&owner, &id, &key).await });
        canceling.await.unwrap_or_else(|_| Err(CannotSay::Internal("its task ended".to_owned())))
    }

    /// The owner says whether a job in doubt was charged, having looked at FAL. It is `failed` then, and charged as it
    /// was quoted or not at all. Pictures that turn up later are kept all the same.
    ///
    /// # Errors
    /// [`CannotSay::NotInDoubt`], [`CannotSay::Store`].
    pub async fn resolve(&self, owner: &UserId, id: &JobId, charged: bool) -> Result<Job, CannotSay> {
        let shared = &self.shared;
        let job = shared.store.job(owner, id).await?.ok_or(StoreError::Missing)?;
        if job.state != JobState::Unknown {
            return Err(CannotSay::NotInDoubt);
        }
        let resolved = shared.resolve(&job, charged).await;
        shared.changed(&job);
        resolved.map_err(|error| match error {
            // A webhook or another session came first.
            CannotSay::Store(StoreError::LeaseLost) => CannotSay::NotInDoubt,
            error => error,
        })
    }
}

impl Shared {
    async fn cancel(&self, owner: &UserId, id: &JobId, key: &FalKey) -> Result<Canceled, CannotSay> {
        let asked = self.store.ask_cancel(owner, id, Trouble::Canceled.failure(), self.clock.now()).await?;
        self.changed(&asked);
        let job = self.once(asked, SUBMIT_PATIENCE, |job| job.state != JobState::Submitting).await?;
        match job.state {
            JobState::Submitted => {
                let submitted = self.restore(&job).map_err(CannotSay::Internal)?;
                let at_fal = self.fal.cancel(key, &submitted).await.map_err(CannotSay::Fal)?;
                let job = self.once(job, END_PATIENCE, |job| job.state != JobState::Submitted).await?;
                Ok(Canceled { job, at_fal: Some(at_fal) })
            }
            JobState::Unknown => Err(CannotSay::InDoubt),
            _ => Ok(Canceled { job, at_fal: None }),
        }
    }

    async fn resolve(&self, job: &Job, charged: bool) -> Result<Job, CannotSay> {
        let (failure, now) = (Trouble::Resolved { charged }.failure(), self.clock.now());
        if !charged {
            let end = Abandonment { state: JobState::Failed, failure, reported_by: Reporter::Client, now };
            return Ok(self.store.abandon_job(&job.id, job.fence, end).await?);
        }
        let end = receipt::lost(&self.catalog, job, failure, Reporter::Client, now);
        let end = end.map_err(|error| CannotSay::Internal(error.to_string()))?;
        let settled = self.store.settle_job(&job.id, job.fence, end.clone()).await?;
        self.settled(job, &end);
        Ok(settled.job)
    }

    /// The job once `is_so`, or as it is when `patience` is at its end.
    pub(super) async fn once(
        &self,
        mut job: Job,
        patience: Duration,
        is_so: impl Fn(&Job) -> bool,
    ) -> Result<Job, StoreError> {
        let (until, feed) = (Instant::now() + patience, self.feeds.of(&job.id));
        let mut bell = feed.listen();
        loop {
            bell.mark_unchanged();
            job = self.store.job(&job.owner, &job.id).await?.ok_or(StoreError::Missing)?;
            if is_so(&job) || timeout_at(until, bell.changed()).await.is_err() {
                return Ok(job);
            }
        }
    }
}
