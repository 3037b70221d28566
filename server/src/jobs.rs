//! The generation engine: one way from a checked request to stored pictures and an exact charge.
//!
//! ```text
//! reserve ─ submit ─ attach ─ observe ─ settle
//!              └──────────┴───────┴──── abandon (failed, canceled, unknown)
//! ```
//! Every way in uses these verbs and no others. What FAL says lives in `generatio_core::fal`, what is kept in
//! [`crate::store`]; the order between the two is decided here. Nothing here knows HTTP.

mod cancel;
mod direct;
mod feed;
mod finish;
mod follow;
mod outcome;
mod receipt;
mod record;
mod reserve;
mod running;
mod submit;
mod tell;
pub mod webhook;

pub use cancel::{Canceled, CannotSay};
pub use direct::{NotReported, Recorded, Report};
pub use follow::{FollowError, Following, Mark, Told};
pub(crate) use outcome::fal_details;
pub use outcome::{Outcome, Trouble};
pub use reserve::{Order, Refused, Started};
pub use running::{Counts, Running};

use crate::clock::SystemClock;
use crate::ids::UserId;
use crate::settings::Settings;
use crate::store::{Audience, Job, Recovered, Store, StoreError};
use crate::transport::FalHost;
use futures_util::FutureExt;
use generatio_core::catalog::Catalog;
use generatio_core::cost::PriceBook;
use generatio_core::time::Clock;
use generatio_core::{FalKey, fal};
use getrandom::SysRng;
use reserve::Reserved;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, RwLock, oneshot, watch};
use tokio::time::Instant;

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
    /// How long the client of a direct job may be silent before the job is called unknown.
    pub direct_wait: Duration,
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
            direct_wait: settings.direct_wait,
            book: settings.prices,
            public_url: settings.public_url.clone(),
        }
    }
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
    /// Whoever wants to know what the jobs change.
    audience: Arc<dyn Audience>,
    holder: String,
    running: Arc<running::Registry>,
    feeds: Arc<feed::Feeds>,
    followers: Arc<follow::Followers>,
    webhook_keys: webhook::Keys,
    /// Rung when pictures were stored.
    pictures_came: Notify,
    /// Held for reading while a submit is between leaving and being recorded; shutdown waits for it.
    at_sea: Arc<RwLock<()>>,
    /// Once the server stops: until when callers may still wait. No submit begins any more.
    stopping: watch::Sender<Option<Instant>>,
}

impl Engine {
    /// Puts the engine together. `audience` hears of every change of a record that its jobs make.
    ///
    /// # Errors
    /// The operating system's source of randomness failed.
    pub fn new(
        store: Arc<dyn Store>,
        fal: Arc<fal::Client<FalHost>>,
        catalog: Catalog,
        clock: SystemClock,
        limits: Limits,
        audience: Arc<dyn Audience>,
    ) -> Result<Self, getrandom::Error> {
        let holder = crate::ids::random_text(&mut SysRng, crate::ids::ID_LENGTH)?;
        let shared = Shared {
            store,
            fal,
            catalog,
            clock,
            limits,
            audience,
            holder,
            running: Arc::default(),
            feeds: Arc::default(),
            followers: Arc::default(),
            webhook_keys: webhook::Keys::default(),
            pictures_came: Notify::new(),
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

    /// How many jobs run, and what became of those that ran.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.shared.running.counts()
    }

    /// The server stops: no submit begins any more, and callers wait for their pictures at most `patience` longer.
    pub fn stop(&self, patience: Duration) {
        self.shared.stopping.send_replace(Some(Instant::now() + patience));
    }

    /// Rung whenever pictures were stored, by jobs or by whoever writes records; for one listener.
    #[must_use]
    pub fn pictures_came(&self) -> &Notify {
        &self.shared.pictures_came
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

impl Shared {
    async fn resume(self: Arc<Self>, user: &UserId, key: &Arc<FalKey>) -> Result<(), StoreError> {
        for job in self.store.claim_submitted(user, self.lease(), self.clock.now()).await? {
            let (shared, key) = (Arc::clone(&self), Arc::clone(key));
            let place = self.running.enter(&job.id);
            self.changed(&job);
            tokio::spawn(async move { place.leave(shared.guarded(&job, shared.finish_restored(&job, &key)).await) });
        }
        Ok(())
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
