//! Writing down what became of a job: again and again when the store fails, since FAL is paid either way.

use super::Shared;
use super::outcome::{Outcome, Trouble};
use crate::store::{Abandonment, Failure, Job, JobState, Reporter, Settled, StoreError};
use generatio_core::time::Clock;
use std::time::Duration;

/// The first pause between two tries of a write; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Tries of a write that the next session can make good: about three seconds.
pub(super) const BRIEFLY: u32 = 5;
/// Tries of a write that holds pictures: about an hour, as long as FAL keeps them.
pub(super) const AS_LONG_AS_FAL: u32 = 125;

impl Shared {
    /// `abandon`: the job becomes `failed`, `canceled` (the hold goes) or `unknown` (it stays).
    pub(super) async fn abandon(&self, job: &Job, state: JobState, trouble: Trouble) -> Outcome {
        let (now, failure) = (self.clock.now(), trouble.failure());
        let abandon = || {
            let (failure, reported_by) = (failure.clone(), Reporter::Server);
            let abandonment = Abandonment { state, failure, reported_by, now };
            self.store.abandon_job(&job.id, job.fence, abandonment)
        };
        self.outcome(self.record(job, BRIEFLY, abandon).await, &failure).await
    }

    /// The job stays `submitted`, given up by this process: the user's next session takes it up again.
    pub(super) async fn wait_for_session(&self, job: &Job, trouble: Trouble) -> Outcome {
        let (now, failure) = (self.clock.now(), trouble.failure());
        let release = || self.store.release_job(&job.id, job.fence, failure.clone(), now);
        self.outcome(self.record(job, BRIEFLY, release).await, &failure).await
    }

    /// What the row says now: somebody else may have brought the job to another end, and a better one.
    async fn outcome(&self, recorded: Result<Job, StoreError>, failure: &Failure) -> Outcome {
        let job = match recorded {
            Ok(job) if job.state == JobState::Completed => job,
            Ok(Job { id: job, state, failure: why, .. }) => {
                return Outcome::Unsettled { job, state, failure: why.unwrap_or_else(|| failure.clone()) };
            }
            Err(error) => return error.into(),
        };
        match self.store.job_images(&job.owner, &job.id).await {
            Ok(images) => Outcome::Settled(Box::new(Settled { job, images })),
            Err(error) => error.into(),
        }
    }

    /// Tries a write up to `tries` times while the store fails; any other answer is final. Who follows the job hears of
    /// it.
    pub(super) async fn record<T, F>(&self, job: &Job, tries: u32, write: impl Fn() -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let mut pause = FIRST_PAUSE;
        for attempt in 1..tries {
            match write().await {
                Err(error @ (StoreError::Backend(_) | StoreError::Retry)) => {
                    tracing::warn!(job = %job.id, attempt, %error, "a job's record was not written, trying again");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                written => return self.told(job, written),
            }
        }
        self.told(job, write().await)
    }

    fn told<T>(&self, job: &Job, written: Result<T, StoreError>) -> Result<T, StoreError> {
        if written.is_ok() {
            self.changed(job);
        }
        written
    }
}
