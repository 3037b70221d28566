//! Copying pictures in the background, a few at a time, and removing files that nobody has any more.

use super::fetch::{FetchError, Source};
use super::patience::pause;
use super::preview::preview;
use super::{Address, Format, Pictures};
use crate::clock::SystemClock;
use crate::random;
use crate::records::Collection;
use crate::store::{
    Action, Audience, Change, FileToken, ImageFiles, LinkedPicture, Picture, Store, StoreError, WantedCopy,
};
use bytes::Bytes;
use generatio_core::Timestamp;
use generatio_core::fal::Hosts;
use generatio_core::time::Clock;
use getrandom::SysRng;
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, RwLock, Semaphore};
use tokio::task::{Id, JoinSet};

/// Copies under way at a time; each holds its picture in memory.
const AT_A_TIME: usize = 4;
/// Previews made at a time; each holds the pixels of its picture.
const PREVIEWS: usize = 1;
/// Pictures that are taken in, or files removed, in one write.
const PORTION: u32 = 1000;
/// How long nothing is looked for when nobody says that there is something.
const LOOK: Duration = Duration::from_secs(60);
/// Characters of a link's end: 131 bits.
const TOKEN: usize = 22;

/// Sees to the files of pictures. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Keeper {
    shared: Arc<Shared>,
}

struct Shared {
    store: Arc<dyn Store>,
    pictures: Arc<dyn Pictures>,
    /// Missing where no copies are made.
    source: Option<Source>,
    clock: SystemClock,
    /// Whoever wants to know that a picture has its files.
    audience: Arc<dyn Audience>,
    painters: Semaphore,
    /// Held for reading from a file's announcement until a picture has it; who removes files holds it alone.
    tidy: RwLock<()>,
}

/// Why a picture was not copied this time.
#[derive(Debug, thiserror::Error)]
enum CopyError {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error("its file was not written: {0}")]
    File(#[from] io::Error),
    #[error("it is no picture")]
    NoPicture,
    #[error("the system's randomness failed")]
    Random(#[from] getrandom::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Keeper {
    /// Puts it together. Copies are made of pictures at `hosts`, if that is wanted; `audience` hears of each.
    pub fn new(
        store: Arc<dyn Store>,
        pictures: Arc<dyn Pictures>,
        hosts: Option<Hosts>,
        clock: SystemClock,
        audience: Arc<dyn Audience>,
    ) -> Self {
        let source = hosts.map(Source::new);
        let (painters, tidy) = (Semaphore::new(PREVIEWS), RwLock::new(()));
        Self { shared: Arc::new(Shared { store, pictures, source, clock, audience, painters, tidy }) }
    }

    /// Copies what is not copied yet, and what comes whenever `came` says so; never returns. Dropping it loses nothing.
    pub async fn run(&self, came: &Notify) {
        let Some(source) = &self.shared.source else { return std::future::pending().await };
        let mut copies = Copies::default();
        loop {
            let wait = match self.begin(source, &mut copies).await {
                Ok(wait) => wait,
                Err(error) => {
                    tracing::error!(%error, "pictures that are to be copied could not be read");
                    LOOK
                }
            };
            tokio::select! {
                () = copies.ended() => {}
                () = came.notified() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Begins as many of the copies that are due as there is room for; says how long none will be due.
    async fn begin(&self, source: &Source, copies: &mut Copies) -> Result<Duration, StoreError> {
        let shared = &self.shared;
        let taken_in = shared.store.want_copies(PORTION, shared.clock.now()).await?;
        // Those under way are among them.
        let most = u32::try_from(2 * AT_A_TIME).unwrap_or(u32::MAX);
        let now = shared.clock.now();
        let mut wait = if taken_in < u64::from(PORTION) { LOOK } else { Duration::ZERO };
        for copy in shared.store.wanted_copies(most).await? {
            if copies.contains(&copy) {
                continue;
            }
            if copies.is_full() {
                // There is no room before one of them ends.
                return Ok(LOOK);
            }
            if copy.due > now {
                return Ok(wait.min(copy.due.since(now)));
            }
            copies.begin(Arc::clone(shared), source.clone(), copy);
            wait = LOOK;
        }
        Ok(wait)
    }

    /// Removes files that no picture has any more.
    pub async fn sweep(&self) {
        if let Err(error) = self.shared.sweep().await {
            tracing::error!(%error, "files of deleted pictures could not be removed");
        }
    }
}

/// The copies under way.
#[derive(Default)]
struct Copies {
    tasks: JoinSet<()>,
    which: HashMap<Id, WantedCopy>,
}

impl Copies {
    fn contains(&self, copy: &WantedCopy) -> bool {
        self.which.values().any(|other| other.image == copy.image)
    }

    fn is_full(&self) -> bool {
        self.which.len() >= AT_A_TIME
    }

    fn begin(&mut self, shared: Arc<Shared>, source: Source, copy: WantedCopy) {
        let work = copy.clone();
        let task = self.tasks.spawn(async move { shared.copy_or_postpone(&source, &work).await });
        self.which.insert(task.id(), copy);
    }

    /// Waits until one has ended; for ever, when there is none.
    async fn ended(&mut self) {
        let id = match self.tasks.join_next_with_id().await {
            Some(Ok((id, ()))) => id,
            Some(Err(error)) => {
                tracing::error!("copying a picture panicked");
                error.id()
            }
            None => return std::future::pending().await,
        };
        self.which.remove(&id);
    }
}

impl Shared {
    async fn copy_or_postpone(&self, source: &Source, copy: &WantedCopy) {
        let Err(error) = self.copy(source, copy).await else { return };
        let due = self.again(copy, &error);
        let (image, failures) = (&copy.image, copy.failures);
        if due.is_some() {
            tracing::info!(%image, failures, %error, "a picture was not copied and will be tried again");
        } else {
            tracing::warn!(%image, failures, %error, "a picture is given up without a copy");
        }
        if let Err(error) = self.store.postpone_copy(copy, due).await {
            tracing::error!(%image, %error, "a copy could not be postponed");
        }
    }

    /// When to try again, if ever.
    fn again(&self, copy: &WantedCopy, error: &CopyError) -> Option<Timestamp> {
        if matches!(error, CopyError::Fetch(error) if error.is_final()) {
            return None;
        }
        pause(copy.failures).map(|pause| self.clock.now().after(pause))
    }

    async fn copy(&self, source: &Source, copy: &WantedCopy) -> Result<(), CopyError> {
        let bytes = source.fetch(&copy.url).await?;
        let format = Format::sniff(&bytes).ok_or(CopyError::NoPicture)?;
        let small = self.preview(format, bytes.clone()).await?;
        let _untidied = self.tidy.read().await;
        let file = self.put(format, bytes).await?;
        let thumbnail = match small {
            Some(jpeg) => Some(self.put(Format::Jpeg, jpeg).await?),
            None => None,
        };
        // A picture that was deleted meanwhile leaves its files to the next sweep.
        if self.store.keep_copy(copy, ImageFiles { file, thumbnail }).await? {
            let has_files = Change::of(Collection::Images, copy.image.as_str(), Action::Update);
            self.audience.hear(&copy.owner, vec![has_files]);
        }
        Ok(())
    }

    /// A preview that could not be made is none: the picture is worth keeping all the same.
    async fn preview(&self, format: Format, bytes: Bytes) -> Result<Option<Bytes>, CopyError> {
        let _place = self.painters.acquire().await.map_err(io::Error::other)?;
        let made = tokio::task::spawn_blocking(move || preview(format, &bytes)).await;
        Ok(made.unwrap_or(None).map(Bytes::from))
    }

    /// Known before it is written, so that no file is ever forgotten.
    async fn put(&self, format: Format, bytes: Bytes) -> Result<LinkedPicture, CopyError> {
        let (length, hashed) = (bytes.len() as u64, bytes.clone());
        let address = tokio::task::spawn_blocking(move || Address::of(&hashed)).await.map_err(io::Error::other)?;
        let picture = Picture { address, format, bytes: length };
        self.store.announce_pictures(vec![picture]).await?;
        self.pictures.put(address, bytes).await?;
        // What opens the link is told to the owner: it leaves the wiped text.
        let token = FileToken(random::alphanumeric(&mut SysRng, TOKEN)?.expose().to_owned());
        Ok(LinkedPicture { picture, token })
    }

    async fn sweep(&self) -> Result<(), CopyError> {
        loop {
            let _alone = self.tidy.write().await;
            let unused = self.store.unused_pictures(PORTION).await?;
            if unused.is_empty() {
                return Ok(());
            }
            // The files first: what is still in the account is removed by the next sweep.
            for address in &unused {
                self.pictures.remove(*address).await?;
            }
            self.store.forget_pictures(unused).await?;
        }
    }
}
