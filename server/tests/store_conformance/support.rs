//! A fresh store per test, and values to put in.

use generatio_core::Timestamp;
use generatio_core::cost::{Amount, Certainty, PriceBook, Quote, Unit, Units, Usd};
use generatio_server::ids::{FolderId, ImageId, JobId, LedgerId, UserId};
use generatio_server::store::sqlite::{DEFAULT_READERS, FILE_NAME, SqliteStore};
use generatio_server::store::{
    Abandonment, Attachment, Failure, Fence, Job, JobState, Lease, NewFolder, NewImage, NewJob, NewUser, PasswordHash,
    Reporter, Reservation, Settlement, Source, Store, StoreError, TokenKey,
};
use getrandom::SysRng;
use std::ops::Deref;
use std::sync::Arc;
use tempfile::TempDir;

/// The moment most tests begin at: 2023-11-14T22:13:20Z, 13 minutes and 20 seconds into its hour.
pub(crate) const START: i64 = 1_700_000_000_000;
/// An hour of a [`Timestamp`].
pub(crate) const HOUR: i64 = 3_600_000;
/// A fence no job begins with.
pub(crate) const STRANGE_FENCE: Fence = Fence(77);

/// A store of its own for one test.
pub(crate) struct Fresh {
    /// Shared, as the server shares it.
    pub(crate) store: Arc<dyn Store>,
    _directory: TempDir,
}

impl Deref for Fresh {
    type Target = dyn Store;

    fn deref(&self) -> &Self::Target {
        self.store.as_ref()
    }
}

/// The engine under test.
pub(crate) fn open() -> Fresh {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&directory.path().join(FILE_NAME), DEFAULT_READERS).unwrap();
    Fresh { store: Arc::new(store), _directory: directory }
}

/// `ms` after the start.
pub(crate) fn at(ms: i64) -> Timestamp {
    Timestamp::from_unix_ms(START + ms)
}

pub(crate) fn user_id() -> UserId {
    UserId::generate(&mut SysRng).unwrap()
}

pub(crate) fn new_user(email: &str) -> NewUser {
    let id = user_id();
    NewUser {
        email: email.into(),
        email_key: email.to_lowercase(),
        email_visibility: true,
        name: "Ada".into(),
        password_hash: PasswordHash("$argon2id$…".into()),
        password_derived: true,
        token_key: TokenKey(format!("key of {id}")),
        invitation: None,
        created: at(0),
        id,
    }
}

/// An account in the store.
pub(crate) async fn user(store: &dyn Store) -> UserId {
    store.create_user(new_user(&format!("{}@example.com", user_id()))).await.unwrap().id
}

pub(crate) fn new_folder(owner: &UserId, name: &str) -> NewFolder {
    let id = FolderId::generate(&mut SysRng).unwrap();
    NewFolder { id, owner: owner.clone(), name: name.into(), parent: None, created: at(0) }
}

/// A folder in the store.
pub(crate) async fn folder(store: &dyn Store, owner: &UserId) -> FolderId {
    store.create_folder(new_folder(owner, "Cats")).await.unwrap().id
}

pub(crate) fn amount(unit: Unit, units: &str, nano: i64, certainty: Certainty) -> Amount {
    let (units, unit_price) = (Units::parse(units).unwrap(), Usd::from_nano(nano));
    Amount { unit, units, unit_price, amount: units.times(unit_price).unwrap(), certainty }
}

pub(crate) fn new_job(owner: &UserId) -> NewJob {
    NewJob {
        id: JobId::generate(&mut SysRng).unwrap(),
        owner: owner.clone(),
        source: Source::Server,
        model: "flux/schnell".into(),
        endpoint: "fal-ai/flux/schnell".into(),
        prompt: "a cat 🐈".into(),
        parameters: r#"{"num_images":2}"#.into(),
        input: r#"{"num_images":2,"prompt":"a cat 🐈"}"#.into(),
        folder: None,
        num_images: 2,
        quote: Quote {
            catalog: amount(Unit::Image, "2", 3_000_000, Certainty::Known),
            fal: amount(Unit::Megapixel, "2.25", 4_000_000, Certainty::Estimated),
        },
        book: PriceBook::Catalog,
        idempotency: None,
        nonce: None,
        lease: Lease { holder: "node-1".into(), until: at(60_000) },
        created: at(0),
    }
}

/// Reserves and expects it to work.
pub(crate) async fn reserve(store: &dyn Store, job: NewJob) -> Job {
    match store.reserve_job(job, u32::MAX).await.unwrap() {
        Reservation::Reserved(job) => *job,
        refused => panic!("{refused:?}"),
    }
}

pub(crate) fn attachment() -> Attachment {
    Attachment {
        request_id: "764cabcf".into(),
        status_url: "https://queue.fal.run/fal-ai/flux/requests/764cabcf/status".into(),
        response_url: "https://queue.fal.run/fal-ai/flux/requests/764cabcf".into(),
        cancel_url: "https://queue.fal.run/fal-ai/flux/requests/764cabcf/cancel".into(),
    }
}

/// Why a job was released.
pub(crate) fn waiting() -> Failure {
    Failure { code: "fal_unauthorized".into(), message: "FAL did not take the token".into(), details: None }
}

pub(crate) fn abandonment(state: JobState) -> Abandonment {
    let details = Some(r#"{"type":"fal_timeout","retryable":true}"#.into());
    let failure = Failure { code: "fal_timeout".into(), message: "It took too long".into(), details };
    Abandonment { state, failure, reported_by: Reporter::Server, now: at(9000) }
}

/// Two pictures for 0.006 USD; FAL bills 2.25 megapixels, 0.009 USD.
pub(crate) fn settlement() -> Settlement {
    Settlement {
        images: vec![new_image("https://v3.fal.media/1.png"), new_image("https://v3.fal.media/2.png")],
        ledger_id: LedgerId::generate(&mut SysRng).unwrap(),
        account: amount(Unit::Image, "2", 3_000_000, Certainty::Known),
        fal: amount(Unit::Megapixel, "2.25", 4_000_000, Certainty::Known),
        billable_units: Some("2.25".into()),
        reported_by: Reporter::Server,
        lost: None,
        now: at(5000),
    }
}

pub(crate) fn new_image(url: &str) -> NewImage {
    NewImage {
        id: ImageId::generate(&mut SysRng).unwrap(),
        title: "a cat".into(),
        url: url.into(),
        image_size: r#"{"width":1024,"height":768}"#.into(),
        other_info: r#"{"cost":0.003}"#.into(),
    }
}

/// A fresh job brought to `state` by the store's own verbs.
pub(crate) async fn job_in(store: &dyn Store, owner: &UserId, state: JobState) -> Job {
    let job = reserve(store, new_job(owner)).await;
    bring(store, &job, state).await.unwrap();
    store.job(owner, &job.id).await.unwrap().unwrap()
}

async fn bring(store: &dyn Store, job: &Job, state: JobState) -> Result<(), StoreError> {
    if !matches!(state, JobState::Created | JobState::Failed) {
        store.begin_submit(&job.id, job.fence, at(1000)).await?;
    }
    if matches!(state, JobState::Submitted | JobState::Completed) {
        store.attach_job(&job.id, job.fence, attachment(), at(2000)).await?;
    }
    match state {
        JobState::Completed => store.settle_job(&job.id, job.fence, settlement()).await.map(drop),
        JobState::Failed | JobState::Canceled | JobState::Unknown => {
            store.abandon_job(&job.id, job.fence, abandonment(state)).await.map(drop)
        }
        _ => Ok(()),
    }
}
