//! What FAL says of its own accord: jobs come home by it without a token, and also those whose submit answer was lost.

use super::outcome::Trouble;
use super::record::BRIEFLY;
use super::{Engine, Shared, receipt};
use crate::random;
use crate::store::{Abandonment, Attachment, Job, JobState, NonceHash, Reporter, Source, StoreError};
use generatio_core::fal::webhook::{Delivery, Headers, KeySet, Outcome, WebhookError, verify};
use generatio_core::fal::{Endpoint, FalError, Output, Submitted, SubmittedParts};
use generatio_core::time::Clock;
use generatio_core::{ErrorCode, SecretText};
use getrandom::SysRng;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use zeroize::Zeroizing;

/// Where FAL finds this, below `--public-url`; a nonce comes after it.
pub const PATH: &str = "/api/custom/webhooks/fal/";
/// Characters of a nonce: 256 bits.
const NONCE_LENGTH: usize = 43;
/// How long FAL's keys may take to come.
const KEYS_PATIENCE: Duration = Duration::from_secs(10);
/// How long a job's own task gets to settle it, which knows more than the webhook says; FAL waits 15 s for an answer.
const TASK_PATIENCE: Duration = Duration::from_secs(8);
/// The same for the client of a direct job, which may be gone.
const CLIENT_PATIENCE: Duration = Duration::from_secs(4);

/// The address that FAL calls when one job is over. The nonce in it is what the job is known by, so it is a secret.
pub(super) struct Webhook {
    pub(super) url: SecretText,
    pub(super) nonce: NonceHash,
}

impl Webhook {
    pub(super) fn generate(public_url: &str) -> Result<Self, getrandom::Error> {
        let nonce = random::alphanumeric(&mut SysRng, NONCE_LENGTH)?;
        // It leaves its type for the address, which goes to FAL and nowhere else.
        let url = SecretText::new(format!("{}{PATH}{}", public_url.trim_end_matches('/'), nonce.expose()));
        Ok(Self { url, nonce: hash(nonce.expose()) })
    }
}

/// What the rows know a nonce by.
fn hash(nonce: &str) -> NonceHash {
    NonceHash(Sha256::digest(nonce).into())
}

/// A delivery as it came: what FAL signed it with, and the raw body.
pub struct Letter {
    /// `X-Fal-Webhook-Request-Id`.
    pub request_id: String,
    /// `X-Fal-Webhook-User-Id`.
    pub user_id: String,
    /// `X-Fal-Webhook-Timestamp`.
    pub timestamp: String,
    /// `X-Fal-Webhook-Signature`.
    pub signature: String,
    /// The body.
    pub body: Zeroizing<Vec<u8>>,
}

impl Letter {
    fn headers(&self) -> Headers<'_> {
        let Self { request_id, user_id, timestamp, signature, .. } = self;
        Headers { request_id, user_id, timestamp, signature }
    }
}

/// Why a delivery was not taken. FAL delivers again unless it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotTaken {
    /// A part of ours failed; the text is for the log.
    #[error("{0}")]
    Internal(String),
    /// It speaks of another request than the job's.
    #[error("the webhook is about another request")]
    OtherRequest,
    /// FAL did not sign it, or it cannot be told.
    #[error(transparent)]
    Refused(#[from] WebhookError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// FAL's keys, fetched when they are needed.
#[derive(Default)]
pub(super) struct Keys(Mutex<KeySet>);

impl Engine {
    /// Whose job the nonce is; `None` for one that nobody was given, or long ago.
    ///
    /// # Errors
    /// The store failed.
    pub async fn by_nonce(&self, nonce: &str) -> Result<Option<Job>, StoreError> {
        if nonce.len() == NONCE_LENGTH { self.shared.store.job_by_nonce(hash(nonce)).await } else { Ok(None) }
    }

    /// Takes a delivery that came under the job's nonce. When it returns, whatever it brought is recorded, and a
    /// delivery for a job that is over has changed nothing. Happens in a task of its own: a sender who goes away leaves
    /// neither a job half way nor FAL's keys asked for in vain.
    ///
    /// # Errors
    /// [`NotTaken`]; the job is as before, but for the request id that came with an old signature of FAL's.
    pub async fn deliver(&self, job: Job, letter: Letter) -> Result<(), NotTaken> {
        let shared = Arc::clone(&self.shared);
        let taking = tokio::spawn(async move { shared.deliver(job, &letter).await });
        taking.await.unwrap_or_else(|_| Err(NotTaken::Internal("its task ended".to_owned())))
    }
}

impl Shared {
    async fn deliver(&self, job: Job, letter: &Letter) -> Result<(), NotTaken> {
        let taken = match self.judge(&letter.headers(), &letter.body).await {
            Ok(delivery) => self.take(job, delivery).await,
            Err(WebhookError::Expired { request_id }) => {
                // Signed, and long ago: not to be believed as it stands, but its request may be looked at. FAL delivers
                // again, perhaps with a fresh signature.
                let attached = self.attach_by_word(&job, &request_id).await;
                attached.and(Err(WebhookError::Expired { request_id }.into()))
            }
            Err(refused) => Err(refused.into()),
        };
        if let Err(error) = &taken {
            tracing::warn!(%error, "a webhook was not taken");
        }
        taken
    }

    async fn judge(&self, headers: &Headers<'_>, body: &[u8]) -> Result<Delivery, WebhookError> {
        let mut keys = self.webhook_keys.0.lock().await;
        let now = self.clock.now();
        if keys.stale(now) {
            self.renew(&mut keys).await;
        }
        match verify(self.fal.hosts(), &keys, headers, body, now) {
            // FAL may have changed its keys.
            Err(WebhookError::Signature) if keys.may_refetch(now) => {
                self.renew(&mut keys).await;
                verify(self.fal.hosts(), &keys, headers, body, self.clock.now())
            }
            judged => judged,
        }
    }

    /// Fetches the keys anew, not too often. When that fails, the old ones stay as good as they are.
    async fn renew(&self, keys: &mut KeySet) {
        let now = self.clock.now();
        if !keys.may_refetch(now) {
            return;
        }
        keys.refetching(now);
        match self.fal.webhook_keys(now.after(KEYS_PATIENCE)).await {
            Ok(fetched) => *keys = fetched,
            Err(error) => tracing::warn!(%error, "FAL's webhook keys could not be fetched"),
        }
    }

    async fn take(&self, job: Job, delivery: Delivery) -> Result<(), NotTaken> {
        let job = self.attach_by_word(&job, &delivery.request_id).await?;
        // Who runs the job hears the same, with the units that FAL bills.
        if let Some(mut running) = self.running.find(&job.id) {
            let _ = tokio::time::timeout(TASK_PATIENCE, running.outcome()).await;
        } else if job.source == Source::Direct {
            self.once(job.clone(), CLIENT_PATIENCE, |job| job.state.is_terminal()).await?;
        }
        let job = self.store.job(&job.owner, &job.id).await?.ok_or(StoreError::Missing)?;
        match delivery.outcome {
            Outcome::Delivered(output) if job.state != JobState::Completed => self.settle_by_word(&job, &output).await,
            Outcome::Failed(error) if !job.state.is_terminal() => self.abandon_by_word(&job, error).await,
            // Over already; or FAL has the pictures and could not send them along: a session fetches them.
            _ => Ok(()),
        }
    }

    /// A recorded request id must be the one; a job without one has this. The nonce says that it is this job.
    async fn attach_by_word(&self, job: &Job, request_id: &str) -> Result<Job, NotTaken> {
        if let Some(known) = &job.attachment {
            return if known.request_id == request_id { Ok(job.clone()) } else { Err(NotTaken::OtherRequest) };
        }
        if job.state.is_terminal() {
            return Ok(job.clone());
        }
        let attachment = self.documented(job, request_id)?;
        let now = self.clock.now();
        let attached = self.record(job, BRIEFLY, || self.store.attach_job(&job.id, job.fence, attachment.clone(), now));
        attached.await?;
        Ok(self.store.job(&job.owner, &job.id).await?.ok_or(StoreError::Missing)?)
    }

    /// The addresses that FAL documents for the request.
    fn documented(&self, job: &Job, request_id: &str) -> Result<Attachment, NotTaken> {
        let internal = |cause: String| NotTaken::Internal(cause);
        let endpoint = Endpoint::parse(&job.endpoint).map_err(|error| internal(error.to_string()))?;
        let request_id = request_id.to_owned();
        let parts = SubmittedParts { request_id, status_url: None, response_url: None, cancel_url: None };
        let submitted = Submitted::restore(self.fal.hosts(), &endpoint, parts);
        Ok(Attachment::from(submitted.map_err(|error| internal(error.to_string()))?))
    }

    async fn settle_by_word(&self, job: &Job, output: &Output) -> Result<(), NotTaken> {
        let started = job.submitted.unwrap_or(job.created);
        let end = receipt::settlement(&self.catalog, job, output, Reporter::Webhook, started, self.clock.now());
        let end = end.map_err(|error| NotTaken::Internal(error.to_string()))?;
        self.record(job, BRIEFLY, || self.store.settle_job(&job.id, job.fence, end.clone())).await?;
        self.settled(job, &end);
        Ok(())
    }

    async fn abandon_by_word(&self, job: &Job, error: FalError) -> Result<(), NotTaken> {
        let state = match error.code() {
            ErrorCode::FalCanceled => JobState::Canceled,
            // There may be pictures, and they cannot be read.
            ErrorCode::FalProtocol | ErrorCode::FalAnswerTooLarge => JobState::Unknown,
            _ => JobState::Failed,
        };
        let failure = Trouble::of(error, job).failure();
        let now = self.clock.now();
        let end = || Abandonment { state, failure: failure.clone(), reported_by: Reporter::Webhook, now };
        self.record(job, BRIEFLY, || self.store.abandon_job(&job.id, job.fence, end())).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{NONCE_LENGTH, Webhook, hash};

    #[test]
    fn addresses_differ_and_their_nonce_is_the_jobs() {
        for public_url in ["https://a.example", "https://a.example/", "https://a.example/generatio"] {
            let (one, other) = (Webhook::generate(public_url).unwrap(), Webhook::generate(public_url).unwrap());
            assert_ne!(one.nonce, other.nonce);
            let (base, nonce) = one.url.expose().rsplit_once('/').unwrap();
            assert_eq!(base, format!("{}/api/custom/webhooks/fal", public_url.trim_end_matches('/')));
            assert_eq!((nonce.len(), hash(nonce)), (NONCE_LENGTH, one.nonce));
        }
    }
}
