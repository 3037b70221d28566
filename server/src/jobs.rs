//! The generation engine: one way from a checked request to stored pictures and an exact charge.
//!
//! ```text
//! reserve ─ submit ─ attach ─ observe ─ settle
//!              └──────────┴───────┴──── abandon (failed, canceled, unknown)
//! ```
//! Every way in uses these verbs and no others. What FAL says lives in `generatio_core::fal`, what is kept in
//! [`crate::store`]; the order between the two is decided here. Nothing here knows HTTP.

mod cancel;
mod feed;
mod finish;
mod follow;
mod outcome;
mod receipt;
mod record;
mod running;
mod submit;
pub mod webhook;

pub use cancel::{Canceled, CannotSay};
pub use feed::Phase;
pub use follow::{FollowError, Following, Mark, Told};
pub(crate) use outcome::fal_details;
pub use outcome::{Outcome, Trouble};
pub use running::Running;

use crate::clock::SystemClock;
use crate::ids::{FolderId, JobId, UserId};
use crate::settings::Settings;
use crate::store::{Idempotency, Job, Lease, NewJob, OverBudget, Recovered, Reservation, Store, StoreError};
use crate::transport::FalHost;
use futures_util::FutureExt;
use generatio_core::catalog::{Catalog, Generation};
use generatio_core::cost::PriceBook;
use generatio_core::time::Clock;
use generatio_core::{FalKey, fal};
use getrandom::SysRng;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{RwLock, oneshot, watch};
use tokio::time::Instant;
use webhook::Webhook;

/// More than the tries to store a result take.
const STORING: Duration = Duration::from_secs(90 * 60);

/// What the engine may do.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Running jobs of one user.
    pub max_running: u32,
    /// From submit until a cancel is sent.
    pub fal_timeout: Duration,
    /// How long a canceled job is watched on before it is called unknown.
    pub fal_grace: Duration,
    /// How long a finished result is asked for.
    pub result_wait: Duration,
    /// Which amounts are the account's.
    pub book: PriceBook,
    /// Where FAL reaches this server, if it shall.
    pub public_url: Option<String>,
}

impl Limits {
    /// What the settings say.
    #[must_use]
    pub fn of(settings: &Settings) -> Self {
        Self {
            max_running: settings.max_running_jobs,
            fal_timeout: settings.fal_timeout,
            fal_grace: settings.fal_grace,
            result_wait: settings.result_wait,
            book: settings.prices,
            public_url: settings.public_url.clone(),
        }
    }
}

/// A generation somebody wants and may have.
#[derive(Debug)]
pub struct Order {
    /// Who pays.
    pub owner: UserId,
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

/// Runs jobs. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

struct Shared {
    store: Arc<dyn Store>,
    fal: Arc<fal::Client<FalHost>>,
    catalog: Catalog,
    clock: SystemClock,
    limits: Limits,
    holder: String,
    running: Arc<running::Registry>,
    feeds: Arc<feed::Feeds>,
    followers: Arc<follow::Followers>,
    webhook_keys: webhook::Keys,
    /// Held for reading while a submit is between leaving and being recorded; shutdown waits for it.
    at_sea: Arc<RwLock<()>>,
    /// Once the server stops: until when callers may still wait. No submit begins any more.
    stopping: watch::Sender<Option<Instant>>,
}

impl Engine {
    /// Puts the engine together.
    ///
    /// # Errors
    /// The operating system's source of randomness failed.
    pub fn new(
        store: Arc<dyn Store>,
        fal: Arc<fal::Client<FalHost>>,
        catalog: Catalog,
        clock: SystemClock,
        limits: Limits,
    ) -> Result<Self, getrandom::Error> {
        let holder = crate::ids::random_text(&mut SysRng, crate::ids::ID_LENGTH)?;
        let shared = Shared {
            store,
            fal,
            catalog,
            clock,
            limits,
            holder,
            running: Arc::default(),
            feeds: Arc::default(),
            followers: Arc::default(),
            webhook_keys: webhook::Keys::default(),
            at_sea: Arc::default(),
            stopping: watch::Sender::new(None),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Closes what an earlier process left half done. Call once, before anything is served.
    ///
    /// # Errors
    /// The store failed.
    pub async fn recover(&self) -> Result<Recovered, StoreError> {
        self.shared.store.recover_jobs(self.shared.clock.now()).await
    }

    /// Reserves a job and sees it through in a task of its own: a caller who goes away, even during the reservation,
    /// takes nothing with them. An order that repeats an earlier one leads to the earlier one's job.
    ///
    /// # Errors
    /// [`Refused`], before FAL is asked.
    pub async fn start(&self, order: Order, key: FalKey) -> Result<Started, Refused> {
        let (tell, reserved) = oneshot::channel();
        let shared = Arc::clone(&self.shared);
        tokio::spawn(async move {
            let reservation = shared.reserve(&order).await;
            let (job, place, webhook) = match reservation {
                Ok(Reserved::New(job, place, webhook)) => (job, place, webhook),
                Ok(Reserved::Earlier(job)) => return drop(tell.send(shared.standing(job).await)),
                Err(refused) => return drop(tell.send(Err(refused))),
            };
            // Nobody listening any more is no failure: the job and its outcome are in the store.
            let _ = tell.send(Ok(Started::Running(place.running())));
            let work = shared.submit_and_finish(&job, &order.generation, &key, webhook);
            place.leave(shared.guarded(&job, work).await);
        });
        reserved.await.unwrap_or_else(|_| Err(Refused::Internal("its task ended".to_owned())))
    }

    /// Goes on with the user's jobs that FAL has and nobody watches, in tasks of their own: a caller who goes away, even
    /// while they are claimed, leaves none of them claimed and unwatched.
    ///
    /// # Errors
    /// The store failed; the jobs wait for the next session.
    pub async fn resume(&self, user: &UserId, key: &Arc<FalKey>) -> Result<(), StoreError> {
        let (shared, user, key) = (Arc::clone(&self.shared), user.clone(), Arc::clone(key));
        let resuming = tokio::spawn(async move { shared.resume(&user, &key).await });
        resuming.await.unwrap_or_else(|_| Err(StoreError::Backend("its task ended".to_owned())))
    }

    /// The server stops: no submit begins any more, and callers wait for their pictures at most `patience` longer.
    pub fn stop(&self, patience: Duration) {
        self.shared.stopping.send_replace(Some(Instant::now() + patience));
    }

    /// Comes back when callers should wait no longer, because the server stops. Their jobs go on at its next start.
    pub async fn stopped(&self) {
        let mut stopping = self.shared.stopping.subscribe();
        let until = stopping.wait_for(Option::is_some).await.ok().and_then(|until| *until);
        match until {
            Some(until) => tokio::time::sleep_until(until).await,
            None => std::future::pending().await,
        }
    }

    /// Waits, at most `patience`, until no submit is between leaving and being recorded. Call [`Engine::stop`] first.
    pub async fn quiesce(&self, patience: Duration) {
        if tokio::time::timeout(patience, self.shared.at_sea.write()).await.is_err() {
            tracing::warn!("stopping while a submit is under way; its job will be unknown");
        }
    }
}

/// A reservation that was not refused.
enum Reserved {
    New(Box<Job>, running::Place, Option<Webhook>),
    Earlier(Box<Job>),
}

impl Shared {
    /// `reserve`: writes the job with its hold.
    async fn reserve(&self, order: &Order) -> Result<Reserved, Refused> {
        let webhook = self.limits.public_url.as_deref().map(Webhook::generate).transpose();
        let webhook = webhook.map_err(|error| Refused::Internal(error.to_string()))?;
        let nonce = webhook.as_ref().map(|webhook| webhook.nonce);
        let job = NewJob { nonce, ..self.new_job(order).map_err(Refused::Internal)? };
        // Before the row is there: who finds the job by its key finds it running, too.
        let place = self.running.enter(&job.id);
        match self.store.reserve_job(job, self.limits.max_running).await {
            Ok(Reservation::Reserved(job)) => Ok(Reserved::New(job, place, webhook)),
            Ok(Reservation::Replayed(job)) => Ok(Reserved::Earlier(job)),
            Ok(Reservation::FolderMissing) => Err(Refused::FolderMissing),
            Ok(Reservation::KeyTaken) => Err(Refused::KeyTaken),
            Ok(Reservation::OverBudget(over)) => Err(Refused::OverBudget(over)),
            Ok(Reservation::TooManyRunning) => Err(Refused::TooManyRunning),
            Err(error) => Err(Refused::Internal(error.to_string())),
        }
    }

    /// Where the job of an earlier order stands now.
    async fn standing(&self, job: Box<Job>) -> Result<Started, Refused> {
        if let Some(running) = self.running.find(&job.id) {
            return Ok(Started::Running(running));
        }
        // It may have ended since it was read: its outcome is in the row before its place is empty.
        match self.store.job(&job.owner, &job.id).await {
            Ok(now) => Ok(Started::Standing(now.map_or(job, Box::new))),
            Err(error) => Err(Refused::Internal(error.to_string())),
        }
    }

    async fn resume(self: Arc<Self>, user: &UserId, key: &Arc<FalKey>) -> Result<(), StoreError> {
        for job in self.store.claim_submitted(user, self.lease(), self.clock.now()).await? {
            let (shared, key) = (Arc::clone(&self), Arc::clone(key));
            let place = self.running.enter(&job.id);
            self.feeds.ring(&job.id);
            tokio::spawn(async move { place.leave(shared.guarded(&job, shared.finish_restored(&job, &key)).await) });
        }
        Ok(())
    }

    fn new_job(&self, Order { owner, generation, folder, idempotency }: &Order) -> Result<NewJob, String> {
        Ok(NewJob {
            id: JobId::generate(&mut SysRng).map_err(|error| error.to_string())?,
            owner: owner.clone(),
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
    fn lease(&self) -> Lease {
        let Limits { fal_timeout, fal_grace, result_wait, .. } = self.limits;
        let until = self.clock.now().after(fal_timeout).after(fal_grace).after(result_wait).after(STORING);
        Lease { holder: self.holder.clone(), until }
    }

    /// Runs a job's work. A panic in it, a bug of ours, is logged and gives the job up for the next session.
    async fn guarded(&self, job: &Job, work: impl Future<Output = Outcome>) -> Outcome {
        if let Ok(outcome) = AssertUnwindSafe(work).catch_unwind().await {
            return outcome;
        }
        let cause = "a job's work panicked".to_owned();
        tracing::error!(job = %job.id, "{cause}");
        self.wait_for_session(job, Trouble::Internal(cause)).await
    }
}
