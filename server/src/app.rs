//! Everything a handler needs, made once at start.

pub mod upkeep;

use crate::api::status::Last;
use crate::auth::derive::Derivations;
use crate::auth::jwt::JwtKey;
use crate::clock::SystemClock;
use crate::jobs::{Engine, Limits};
use crate::ops::metrics::Metrics;
use crate::page::Page;
use crate::pictures::{Keeper, PictureFolder, Pictures};
use crate::records::realtime::Changes;
use crate::sessions::{MemoryStore, Sessions};
use crate::settings::Settings;
use crate::store::sqlite::{self, OpenError, SqliteStore};
use crate::store::{Audience, Recovered, Store, StoreError};
use crate::transport::{FalHost, FalHostError};
use generatio_core::catalog::{Catalog, CatalogError};
use generatio_core::fal::{self, HostError, Hosts};
use serde_json::value::{RawValue, to_raw_value};
use std::fs::{DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The name of the key that signs logins in the data folder.
pub const JWT_KEY: &str = "jwt.key";

/// The name of the file in the data folder that a running server holds locked.
const LOCK: &str = "lock";

/// One server's rooms, wired.
pub struct App {
    /// How it was set up.
    pub settings: Settings,
    /// What it keeps.
    pub store: Arc<dyn Store>,
    /// Who holds a FAL token ready.
    pub sessions: Arc<dyn Sessions>,
    /// Models and prices.
    pub catalog: Catalog,
    /// The same as answers show them: made once, as it takes longer than all else of an answer.
    pub models: Box<RawValue>,
    /// The last answer that shows them.
    pub(crate) status: Last,
    /// FAL's queue.
    pub fal: Arc<fal::Client<FalHost>>,
    /// The time.
    pub clock: SystemClock,
    /// Signs and checks logins.
    pub jwt: JwtKey,
    /// Where passwords are worked on.
    pub derivations: Derivations,
    /// Who listens to what changes.
    pub changes: Changes,
    /// Runs generations.
    pub jobs: Engine,
    /// The copies of pictures.
    pub pictures: Arc<dyn Pictures>,
    /// Makes them, and removes those that nobody needs any more.
    pub keeper: Keeper,
    /// What a browser sees.
    pub page: Page,
    /// What is counted.
    pub metrics: Metrics,
    /// Keeps a second server off the same data for as long as this one lives.
    _lock: File,
}

/// Why a server does not start. The text names what to look at; its source says what is wrong there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The operator's catalog is not valid.
    #[error("the catalog {} is not valid", .0.display())]
    Catalog(PathBuf, #[source] CatalogError),
    /// The operator's catalog cannot be read.
    #[error("the catalog {} cannot be read", .0.display())]
    CatalogFile(PathBuf, #[source] io::Error),
    /// The data folder cannot be made or used.
    #[error("the data folder {} cannot be used", .0.display())]
    DataDir(PathBuf, #[source] io::Error),
    /// The database does not open.
    #[error("the database {}", .0.display())]
    Database(PathBuf, #[source] OpenError),
    /// There is no way to FAL.
    #[error(transparent)]
    Fal(#[from] FalHostError),
    /// Another server runs on the same data: it would take this one's running jobs for an earlier run's.
    #[error("the data folder {} is in use by another server", .0.display())]
    InUse(PathBuf),
    /// The address is not one a key may be sent to.
    #[error("--fal-url")]
    FalUrl(#[from] HostError),
    /// The key that signs logins cannot be read or made.
    #[error("the key file {} cannot be used", .0.display())]
    JwtKey(PathBuf, #[source] io::Error),
    /// The folder of the front end cannot be used.
    #[error("the folder {} (--public-dir) cannot be used", .0.display())]
    PublicDir(PathBuf, #[source] io::Error),
    /// The system has no randomness to give.
    #[error("the system's randomness")]
    Random(#[from] getrandom::Error),
    /// What the last run left behind cannot be settled.
    #[error("the jobs of the last run")]
    Recovery(#[from] StoreError),
}

impl App {
    /// Makes the data folder (mode 0700) if there is none, opens what is in it, and settles what became of the jobs
    /// that the last run left behind. Reads files on the calling thread.
    ///
    /// # Errors
    /// [`StartError`]; nothing runs then.
    pub async fn start(settings: Settings) -> Result<Arc<Self>, StartError> {
        let catalog = catalog(settings.catalog_file.as_deref())?;
        let fal = Arc::new(fal_client(settings.fal_url.as_deref())?);
        let page = page(&settings, fal.hosts())?;
        make_private(&settings.data_dir)?;
        let lock = lock(&settings.data_dir)?;
        let jwt = jwt_key(&settings)?;
        let clock = SystemClock;
        let store = open_store(&settings.data_dir)?;
        let limits = Limits::of(&settings);
        let changes = Changes::default();
        let audience: Arc<dyn Audience> = Arc::new(changes.clone());
        let jobs =
            Engine::new(Arc::clone(&store), Arc::clone(&fal), catalog.clone(), clock, limits, Arc::clone(&audience))?;
        report(&jobs.recover().await?);
        let pictures = open_pictures(&settings.data_dir)?;
        let hosts = settings.keep_pictures.then(|| fal.hosts().clone());
        let keeper = Keeper::new(Arc::clone(&store), Arc::clone(&pictures), hosts, clock, audience);
        let sessions = Arc::new(MemoryStore::new(settings.session_ttl));
        let derivations = Derivations::for_this_machine().letting_in(settings.throttle_times);
        let models = to_raw_value(&catalog).expect("a catalog serializes");
        let app = Self {
            settings,
            store,
            sessions,
            catalog,
            models,
            status: Last::default(),
            fal,
            clock,
            jwt,
            derivations,
            changes,
            jobs,
            pictures,
            keeper,
            page,
            metrics: Metrics::default(),
            _lock: lock,
        };
        Ok(Arc::new(app))
    }
}

fn catalog(file: Option<&Path>) -> Result<Catalog, StartError> {
    let Some(path) = file else { return Ok(Catalog::builtin()) };
    let json = std::fs::read_to_string(path).map_err(|cause| StartError::CatalogFile(path.to_owned(), cause))?;
    Catalog::builtin().with_file(&json).map_err(|cause| StartError::Catalog(path.to_owned(), cause))
}

fn fal_client(url: Option<&str>) -> Result<fal::Client<FalHost>, StartError> {
    let hosts = url.map_or_else(|| Ok(Hosts::fal()), Hosts::at)?;
    let host = if hosts.queue().starts_with("http://") { FalHost::plain()? } else { FalHost::new() };
    Ok(fal::Client::new(host, hosts))
}

fn page(settings: &Settings, hosts: &Hosts) -> Result<Page, StartError> {
    let cannot = |cause| StartError::PublicDir(settings.public_dir.clone().unwrap_or_default(), cause);
    Page::open(settings, hosts).map_err(cannot)
}

/// Makes the data folder, mode 0700, if there is none.
pub(crate) fn make_private(folder: &Path) -> Result<(), StartError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|cause| StartError::DataDir(folder.to_owned(), cause))
}

/// Held by the system until the file is closed, however the process ends.
pub(crate) fn lock(folder: &Path) -> Result<File, StartError> {
    let cannot = |cause| StartError::DataDir(folder.to_owned(), cause);
    let file = File::options().create(true).append(true).mode(0o600).open(folder.join(LOCK)).map_err(cannot)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StartError::InUse(folder.to_owned())),
        Err(TryLockError::Error(cause)) => Err(cannot(cause)),
    }
}

fn jwt_key(settings: &Settings) -> Result<JwtKey, StartError> {
    let path = settings.jwt_key_file.clone().unwrap_or_else(|| settings.data_dir.join(JWT_KEY));
    JwtKey::open(&path, settings.jwt_ttl).map_err(|cause| StartError::JwtKey(path, cause))
}

fn open_store(folder: &Path) -> Result<Arc<dyn Store>, StartError> {
    let path = folder.join(sqlite::FILE_NAME);
    match SqliteStore::open(&path, sqlite::DEFAULT_READERS) {
        Ok(store) => Ok(Arc::new(store)),
        Err(cause) => Err(StartError::Database(path, cause)),
    }
}

fn open_pictures(folder: &Path) -> Result<Arc<dyn Pictures>, StartError> {
    let pictures = PictureFolder::open(folder).map_err(|cause| StartError::DataDir(folder.to_owned(), cause))?;
    Ok(Arc::new(pictures))
}

fn report(recovered: &Recovered) {
    if recovered.failed + recovered.unknown > 0 {
        tracing::warn!(
            failed = recovered.failed,
            unknown = recovered.unknown,
            "the last run ended in the middle of these jobs"
        );
    }
}

#[cfg(test)]
mod tests;
