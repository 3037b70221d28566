//! Direct jobs: the client submits to FAL itself, with a key that this server never sees, and reports what comes of it.
//! The engine's verbs by its word: `reserve` is [`Engine::record`]; `attach`, `settle` and `abandon` are [`Report`]s.
//!
//! A report that says what is known already changes nothing and is good; one that says otherwise is refused. So two tabs
//! may report the same job, and a client whose answer was lost reports again.

use super::outcome::Trouble;
use super::record::BRIEFLY;
use super::reserve::{Order, Refused, Reserved};
use super::{Engine, Shared, receipt};
use crate::ids::{JobId, UserId};
use crate::store::{Abandonment, Attachment, Failure, Job, JobState, Reporter, ResultHash, Source, StoreError};
use generatio_core::fal::{Endpoint, FalError, Output, Submitted, SubmittedParts};
use generatio_core::time::Clock;
use generatio_core::{ErrorCode, SecretText};
use std::sync::Arc;

/// How often a report looks again because somebody else moved the job meanwhile.
const TRIES: u32 = 4;
/// Silent jobs put in doubt at a time.
const PORTION: u32 = 200;

/// A job for its client to run.
pub struct Recorded {
    /// The job.
    pub job: Job,
    /// The address for FAL to call when the job is over, if there is one: told once, since only its hash is kept.
    pub webhook: Option<SecretText>,
    /// It is the job of an earlier call with the same key.
    pub is_replay: bool,
}

/// What a client says of a job that it runs.
#[derive(Debug)]
pub enum Report {
    /// FAL finished the request, and no longer has its result: it is paid for, and lost.
    Expired(FalError),
    /// FAL, or the way to it, has failed. The job is over if that says so of this request, else in doubt.
    Error(FalError),
    /// It was not submitted, or FAL dropped it.
    GivenUp,
    /// The pictures. They are kept whatever became of the job before, since FAL was paid for them.
    Output(Output),
    /// FAL took it.
    Submitted(SubmittedParts),
}

/// Why a report was not taken. The job is as before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotReported {
    /// A part of ours failed; the text is for the log.
    #[error("{0}")]
    Internal(String),
    /// The id cannot be one of FAL's.
    #[error("the request id cannot be FAL's")]
    NoRequestId,
    /// FAL's request is not known yet.
    #[error("no request id was reported")]
    NotSubmitted(JobState),
    /// Something else has become of the job.
    #[error("the job came to something else")]
    OtherEnd(JobState),
    /// Another request is known for the job.
    #[error("the job has another request")]
    OtherRequest {
        /// Where the job stands.
        state: JobState,
        /// The request that is known.
        request_id: String,
    },
    /// The store failed, or there is no such job of the user's that a client runs.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// More pictures than were asked for; the number is that.
    #[error("at most {0} pictures were asked for")]
    TooMany(u32),
}

impl Engine {
    /// Reserves a job for the client to run. Happens in a task of its own, as all of this: a caller who goes away leaves
    /// nobody untold.
    ///
    /// # Errors
    /// [`Refused`]; nothing is held.
    pub async fn record(&self, order: Order) -> Result<Recorded, Refused> {
        let shared = Arc::clone(&self.shared);
        let reserving = tokio::spawn(async move {
            Ok(match shared.reserve(&order).await? {
                Reserved::New(job, _, webhook) => {
                    Recorded { job: *job, webhook: webhook.map(|webhook| webhook.url), is_replay: false }
                }
                Reserved::Earlier(job) => Recorded { job: *job, webhook: None, is_replay: true },
            })
        });
        reserving.await.unwrap_or_else(|_| Err(Refused::Internal("its task ended".to_owned())))
    }

    /// Takes what the owner's client says of a direct job; the job as it is now.
    ///
    /// # Errors
    /// [`NotReported`].
    pub async fn report(&self, owner: &UserId, id: &JobId, report: Report) -> Result<Job, NotReported> {
        let (shared, owner, id) = (Arc::clone(&self.shared), owner.clone(), id.clone());
        let reporting = tokio::spawn(async move {
            for _ in 1..TRIES {
                match shared.report(&owner, &id, &report).await {
                    // Somebody else came in between, and the job is worth another look.
                    Err(NotReported::Store(StoreError::LeaseLost)) => {}
                    reported => return reported,
                }
            }
            shared.report(&owner, &id, &report).await
        });
        reporting.await.unwrap_or_else(|_| Err(NotReported::Internal("its task ended".to_owned())))
    }

    /// Puts the direct jobs in doubt whose clients have been silent for too long; says of how many. They keep their hold,
    /// and whatever is still said of them is heard.
    ///
    /// # Errors
    /// The store failed; the rest waits for the next time.
    pub async fn doubt_silent(&self) -> Result<u64, StoreError> {
        let (shared, mut count) = (&self.shared, 0);
        loop {
            let now = shared.clock.now();
            let (since, why) = (now.before(shared.limits.direct_wait), Trouble::ClientSilent.failure());
            let doubted = shared.store.doubt_silent_jobs(since, PORTION, why, now).await?;
            doubted.iter().for_each(|job| shared.changed(job));
            if doubted.is_empty() {
                return Ok(count);
            }
            count += doubted.len() as u64;
        }
    }
}

impl Shared {
    async fn report(&self, owner: &UserId, id: &JobId, report: &Report) -> Result<Job, NotReported> {
        let job = self.store.job(owner, id).await?.filter(|job| job.source == Source::Direct);
        let job = job.ok_or(StoreError::Missing)?;
        match report {
            Report::Error(error) => {
                let (state, trouble) = (verdict(error, job.attachment.is_some()), Trouble::of(error.clone(), &job));
                self.abandon_reported(&job, state, trouble.failure()).await
            }
            Report::Expired(error) => self.lose_reported(&job, Trouble::Fal(error.clone()).failure()).await,
            Report::GivenUp => self.abandon_reported(&job, JobState::Canceled, Trouble::Canceled.failure()).await,
            Report::Output(output) => self.settle_reported(&job, output).await,
            Report::Submitted(parts) => self.attach_reported(&job, parts).await,
        }
    }

    async fn attach_reported(&self, job: &Job, parts: &SubmittedParts) -> Result<Job, NotReported> {
        if let Some(known) = &job.attachment {
            let request_id = known.request_id.clone();
            let is_same = request_id == parts.request_id;
            return if is_same {
                Ok(job.clone())
            } else {
                Err(NotReported::OtherRequest { state: job.state, request_id })
            };
        }
        let endpoint = Endpoint::parse(&job.endpoint).map_err(|error| NotReported::Internal(error.to_string()))?;
        let submitted = Submitted::restore(self.fal.hosts(), &endpoint, parts.clone());
        let attachment = Attachment::from(submitted.map_err(|_| NotReported::NoRequestId)?);
        if job.state.is_terminal() {
            return Err(NotReported::OtherEnd(job.state));
        }
        let attach = || self.store.attach_job(&job.id, job.fence, attachment.clone(), self.clock.now());
        self.record(job, BRIEFLY, attach).await?;
        Ok(self.store.job(&job.owner, &job.id).await?.ok_or(StoreError::Missing)?)
    }

    async fn settle_reported(&self, job: &Job, output: &Output) -> Result<Job, NotReported> {
        if output.images.len() > usize::try_from(job.num_images).unwrap_or(usize::MAX) {
            return Err(NotReported::TooMany(job.num_images));
        }
        if job.attachment.is_none() && !job.state.is_terminal() {
            return Err(NotReported::NotSubmitted(job.state));
        }
        let started = job.submitted.unwrap_or(job.created);
        let end = receipt::settlement(&self.catalog, job, output, Reporter::Client, started, self.clock.now());
        let end = end.map_err(|error| NotReported::Internal(error.to_string()))?;
        let known = if job.state == JobState::Completed {
            job.clone()
        } else {
            let settled = self.record(job, BRIEFLY, || self.store.settle_job(&job.id, job.fence, end.clone())).await?;
            self.settled(job, &end);
            settled.job
        };
        // The webhook or another tab may have come first.
        let addresses = output.images.iter().map(|image| image.url.as_str());
        if known.result == Some(ResultHash::of(addresses)) {
            Ok(known)
        } else {
            Err(NotReported::OtherEnd(known.state))
        }
    }

    async fn lose_reported(&self, job: &Job, failure: Failure) -> Result<Job, NotReported> {
        if is_said(job, JobState::Failed, &failure) {
            return Ok(job.clone());
        }
        match &job.attachment {
            _ if job.state.is_terminal() => return Err(NotReported::OtherEnd(job.state)),
            None => return Err(NotReported::NotSubmitted(job.state)),
            Some(_) => {}
        }
        let end = receipt::lost(&self.catalog, job, failure.clone(), Reporter::Client, self.clock.now());
        let end = end.map_err(|error| NotReported::Internal(error.to_string()))?;
        let settled = self.record(job, BRIEFLY, || self.store.settle_job(&job.id, job.fence, end.clone())).await?.job;
        self.settled(job, &end);
        said(settled, JobState::Failed, &failure)
    }

    async fn abandon_reported(&self, job: &Job, state: JobState, failure: Failure) -> Result<Job, NotReported> {
        if is_said(job, state, &failure) {
            return Ok(job.clone());
        }
        if job.state.is_terminal() {
            return Err(NotReported::OtherEnd(job.state));
        }
        let now = self.clock.now();
        let end = || Abandonment { state, failure: failure.clone(), reported_by: Reporter::Client, now };
        let abandoned = self.record(job, BRIEFLY, || self.store.abandon_job(&job.id, job.fence, end())).await?;
        said(abandoned, state, &failure)
    }
}

/// Whether the job came to this already. FAL's own words on it need not be the client's.
fn is_said(job: &Job, state: JobState, failure: &Failure) -> bool {
    let is_same = job.failure.as_ref() == Some(failure) || job.reported_by == Some(Reporter::Webhook);
    job.state == state && is_same
}

/// The job, unless somebody else brought it to another end meanwhile.
fn said(job: Job, state: JobState, failure: &Failure) -> Result<Job, NotReported> {
    if is_said(&job, state, failure) { Ok(job) } else { Err(NotReported::OtherEnd(job.state)) }
}

/// What an error means that a client was told, or met on the way. Without a request id it came of the submit: FAL did not
/// take what it refused. With one the job has failed only if FAL says so of this request; what stands between the client
/// and FAL decides nothing, and neither does a result that is gone: FAL may have billed it.
fn verdict(error: &FalError, is_attached: bool) -> JobState {
    let is_documented = error.error_type().is_some();
    let is_refusal = error.fal_status().is_some_and(|status| (400..=498).contains(&status) && status != 408);
    match (error.code(), is_attached) {
        (ErrorCode::FalCanceled, true) => JobState::Canceled,
        (_, true) if is_documented => JobState::Failed,
        (ErrorCode::FalInputRefused, true) => JobState::Failed,
        (_, false) if is_refusal => JobState::Failed,
        _ => JobState::Unknown,
    }
}

#[cfg(test)]
mod tests;
