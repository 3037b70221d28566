//! The generation engine: one way from a checked request to stored pictures and an exact charge.
//!
//! ```text
//! reserve ─ submit ─ attach ─ observe ─ settle
//!              └──────────┴───────┴──── abandon (failed, canceled, unknown)
//! ```
//! Every way in uses these verbs and no others. What FAL says lives in `generatio_core::fal`, what is kept in
//! [`crate::store`]; the order between the two is decided here.

mod outcome;
mod receipt;
mod run;

pub use outcome::{Outcome, Trouble};

use crate::clock::SystemClock;
use crate::http::error::ApiError;
use crate::ids::{FolderId, JobId, UserId};
use crate::settings::Settings;
use crate::store::{Job, Lease, NewJob, Recovered, Reservation, Store, StoreError};
use crate::transport::FalHost;
use generatio_core::catalog::{Catalog, Generation};
use generatio_core::cost::PriceBook;
use generatio_core::time::Clock;
use generatio_core::{FalKey, fal};
use getrandom::SysRng;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{RwLock, oneshot};

/// How long a job that outlived its deadline is watched before it is called unknown.
const GRACE: Duration = Duration::from_secs(15 * 60);

/// What the engine may do.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Running jobs of one user.
    pub max_running: u32,
    /// From submit until a cancel is sent.
    pub fal_timeout: Duration,
    /// Which amounts are the account's.
    pub book: PriceBook,
}

impl Limits {
    /// What the settings say.
    #[must_use]
    pub fn of(settings: &Settings) -> Self {
        Self { max_running: settings.max_running_jobs, fal_timeout: settings.fal_timeout, book: settings.prices }
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
    holder: String,
    // Held for reading while a submit is between leaving and being recorded; shutdown waits for it.
    submitting: Arc<RwLock<()>>,
}

/// Where a job's outcome will appear. Dropping it does not disturb the job.
pub type Pending = oneshot::Receiver<Outcome>;

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
        let submitting = Arc::new(RwLock::new(()));
        Ok(Self { shared: Arc::new(Shared { store, fal, catalog, clock, limits, holder, submitting }) })
    }

    /// Closes what an earlier process left half done. Call once, before anything is served.
    ///
    /// # Errors
    /// The store failed.
    pub async fn recover(&self) -> Result<Recovered, StoreError> {
        self.shared.store.recover_jobs(self.shared.clock.now()).await
    }

    /// `reserve`: writes the job with its hold. Nothing is spent yet.
    ///
    /// # Errors
    /// 404 for a folder that is not the owner's, 429 with too many running jobs, 500 when the store failed.
    pub async fn reserve(
        &self,
        owner: &UserId,
        generation: &Generation,
        folder: Option<FolderId>,
    ) -> Result<Job, ApiError> {
        let job = self.new_job(owner, generation, folder)?;
        match self.shared.store.reserve_job(job, self.shared.limits.max_running).await? {
            Reservation::Reserved(job) => Ok(*job),
            Reservation::FolderMissing => Err(ApiError::not_found("Folder not found")),
            Reservation::TooManyRunning => Err(ApiError::rate_limit(
                "Too many generations are running, wait for one to finish",
                Duration::from_secs(5),
            )),
        }
    }

    /// Submits a reserved job and sees it through, whoever still waits for it.
    #[must_use]
    pub fn start(&self, job: Job, generation: Generation, key: FalKey) -> Pending {
        let shared = self.shared.clone();
        deliver(async move { shared.submit_and_finish(job, generation, key).await })
    }

    /// Goes on with the user's jobs that FAL has and nobody watches.
    pub async fn resume(&self, user: &UserId, key: impl Fn() -> Option<FalKey>) {
        let claimed = self.shared.store.claim_submitted(user, self.lease(), self.shared.clock.now()).await;
        let jobs = claimed.unwrap_or_else(|error| {
            tracing::error!(%error, "jobs could not be resumed");
            Vec::new()
        });
        for job in jobs {
            let Some(key) = key() else { return };
            let shared = self.shared.clone();
            drop(deliver(async move { shared.finish_restored(job, key).await }));
        }
    }

    /// Waits, at most `patience`, until no submit is between leaving and being recorded.
    pub async fn quiesce(&self, patience: Duration) {
        // Taking the lock for writing keeps further submits from beginning until the process ends.
        if let Ok(guard) = tokio::time::timeout(patience, self.shared.submitting.clone().write_owned()).await {
            std::mem::forget(guard);
        }
    }

    fn new_job(&self, owner: &UserId, generation: &Generation, folder: Option<FolderId>) -> Result<NewJob, ApiError> {
        Ok(NewJob {
            id: JobId::generate(&mut SysRng).map_err(ApiError::internal)?,
            owner: owner.clone(),
            model: generation.model().name.clone(),
            endpoint: generation.model().endpoint.as_str().to_owned(),
            prompt: generation.prompt().as_str().to_owned(),
            parameters: serde_json::to_string(generation.parameters()).map_err(ApiError::internal)?,
            input: serde_json::to_string(&generation.input()).map_err(ApiError::internal)?,
            folder,
            num_images: generation.num_images(),
            quote: generation.quote(),
            book: self.shared.limits.book,
            lease: self.lease(),
            created: self.shared.clock.now(),
        })
    }

    fn lease(&self) -> Lease {
        let until = self.shared.clock.now().after(self.shared.limits.fal_timeout).after(GRACE * 2);
        Lease { holder: self.shared.holder.clone(), until }
    }
}

/// Runs a job's work as a task of its own, so that a caller who goes away takes nothing with them.
fn deliver(work: impl Future<Output = Outcome> + Send + 'static) -> Pending {
    let (sender, pending) = oneshot::channel();
    tokio::spawn(async move {
        // Nobody waiting any more is no failure: the outcome is in the store.
        let _ = sender.send(work.await);
    });
    pending
}
