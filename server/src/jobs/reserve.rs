//! From an order to a job row that holds its budget. Nothing is spent here.

use super::running::{Place, Running};
use super::webhook::Webhook;
use super::{Limits, Shared};
use crate::ids::{FolderId, JobId, UserId};
use crate::store::{Idempotency, Job, Lease, NewJob, OverBudget, Reservation, Source};
use generatio_core::catalog::Generation;
use generatio_core::time::Clock;
use getrandom::SysRng;
use std::time::Duration;

/// More than the tries to store a result take.
const STORING: Duration = Duration::from_secs(90 * 60);

/// A generation somebody wants and may have.
#[derive(Debug)]
pub struct Order {
    /// Who pays.
    pub owner: UserId,
    /// Who runs it.
    pub source: Source,
    /// What FAL is asked for.
    pub generation: Generation,
    /// Where the pictures go.
    pub folder: Option<FolderId>,
    /// What the call may be repeated with.
    pub idempotency: Option<Idempotency>,
}

/// What an order came to.
#[derive(Debug)]
pub enum Started {
    /// A job of this process, reserved by this call or by an earlier one with the same key.
    Running(Running),
    /// The job of an earlier call with the same key, on which this process does not work: over, or waiting.
    Standing(Box<Job>),
}

impl Started {
    /// The job's id.
    #[must_use]
    pub fn job(&self) -> &JobId {
        match self {
            Started::Running(running) => &running.job,
            Started::Standing(job) => &job.id,
        }
    }
}

/// Why no job was reserved. Nothing was spent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The folder is not a live folder of the owner.
    #[error("no such folder")]
    FolderMissing,
    /// A part of ours failed; the text is for the log.
    #[error("no job could be reserved: {0}")]
    Internal(String),
    /// The idempotency key was used for something else.
    #[error("the idempotency key was used for something else")]
    KeyTaken,
    /// It does not fit the owner's budget.
    #[error("over the budget")]
    OverBudget(OverBudget),
    /// The owner has as many running jobs as allowed.
    #[error("too many running jobs")]
    TooManyRunning,
}

/// A reservation that was not refused.
pub(super) enum Reserved {
    New(Box<Job>, Place, Option<Webhook>),
    Earlier(Box<Job>),
}

impl Shared {
    /// `reserve`: writes the job with its hold.
    pub(super) async fn reserve(&self, order: &Order) -> Result<Reserved, Refused> {
        let webhook = self.limits.public_url.as_deref().map(Webhook::generate).transpose();
        let webhook = webhook.map_err(|error| Refused::Internal(error.to_string()))?;
        let nonce = webhook.as_ref().map(|webhook| webhook.nonce);
        let job = NewJob { nonce, ..self.new_job(order).map_err(Refused::Internal)? };
        // Before the row is there: who finds the job by its key finds it running, too.
        let place = self.running.enter(&job.id);
        match self.store.reserve_job(job, self.limits.max_running).await {
            Ok(Reservation::Reserved(job)) => {
                self.made(&job);
                Ok(Reserved::New(job, place, webhook))
            }
            Ok(Reservation::Replayed(job)) => Ok(Reserved::Earlier(job)),
            Ok(Reservation::FolderMissing) => Err(Refused::FolderMissing),
            Ok(Reservation::KeyTaken) => Err(Refused::KeyTaken),
            Ok(Reservation::OverBudget(over)) => Err(Refused::OverBudget(over)),
            Ok(Reservation::TooManyRunning) => Err(Refused::TooManyRunning),
            Err(error) => Err(Refused::Internal(error.to_string())),
        }
    }

    /// Where the job of an earlier order stands now.
    pub(super) async fn standing(&self, job: Box<Job>) -> Result<Started, Refused> {
        if let Some(running) = self.running.find(&job.id) {
            return Ok(Started::Running(running));
        }
        // It may have ended since it was read: its outcome is in the row before its place is empty.
        match self.store.job(&job.owner, &job.id).await {
            Ok(now) => Ok(Started::Standing(now.map_or(job, Box::new))),
            Err(error) => Err(Refused::Internal(error.to_string())),
        }
    }

    fn new_job(&self, Order { owner, source, generation, folder, idempotency }: &Order) -> Result<NewJob, String> {
        Ok(NewJob {
            id: JobId::generate(&mut SysRng).map_err(|error| error.to_string())?,
            owner: owner.clone(),
            source: *source,
            model: generation.model().name.clone(),
            endpoint: generation.model().endpoint.as_str().to_owned(),
            prompt: generation.prompt().as_str().to_owned(),
            parameters: serde_json::to_string(generation.parameters()).map_err(|error| error.to_string())?,
            input: serde_json::to_string(&generation.input()).map_err(|error| error.to_string())?,
            folder: folder.clone(),
            num_images: generation.num_images(),
            quote: generation.quote(),
            book: self.limits.book,
            idempotency: idempotency.clone(),
            nonce: None,
            lease: self.lease(),
            created: self.clock.now(),
        })
    }

    /// Longer than any watching lasts, so that a live holder never loses a job.
    pub(super) fn lease(&self) -> Lease {
        let Limits { fal_timeout, fal_grace, result_wait, .. } = self.limits;
        let until = self.clock.now().after(fal_timeout).after(fal_grace).after(result_wait).after(STORING);
        Lease { holder: self.holder.clone(), until }
    }
}
