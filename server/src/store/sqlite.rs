//! The embedded store: SQLite, one writer, many readers. The only SQL of the server.
//!
//! Writes queue for one thread that commits those waiting together (`writer.rs`); reads run beside it on connections of
//! their own (`readers.rs`), on the caller's thread when they take but a moment. The calls stand in `calls.rs`.

mod accounts;
mod audit;
mod budgets;
mod calls;
mod error;
mod events;
mod examine;
mod folders;
mod idempotency;
mod images;
mod import;
mod invitations;
mod jobs;
mod ledger;
mod pictures;
mod preferences;
mod readers;
mod records;
mod rollups;
mod rows;
mod schema;
mod settle;
mod silent;
mod snapshot;
mod throttle;
mod tokens;
mod transitions;
mod webhooks;
mod writer;

pub use error::OpenError;
pub use examine::{Examination, PictureRows, examine};
pub use import::Importer;
pub use snapshot::snapshot;

use super::StoreError;
use readers::Readers;
use rusqlite::Connection;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use writer::Writer;

/// The database's name in the data directory.
pub const FILE_NAME: &str = "generatio.db";

/// Connections that read at the same time, unless told otherwise.
pub const DEFAULT_READERS: NonZeroU32 = NonZeroU32::new(4).expect("four is not zero");

/// The embedded store.
pub struct SqliteStore {
    writer: Writer,
    readers: Readers,
}

/// Opens the database at `path` as [`SqliteStore::open`] does, and closes it: it is of this program's version then. Blocks
/// for the disk.
///
/// # Errors
/// [`OpenError`]; a database of a newer program is left as it is.
pub fn bring_up_to_date(path: &Path) -> Result<(), OpenError> {
    schema::open_writer(path).map(drop)
}

/// Makes known to a connection of another's what the database's triggers call, so that it can write pictures.
///
/// # Errors
/// When the engine has no room for it.
pub fn register_functions(connection: &Connection) -> rusqlite::Result<()> {
    records::register_functions(connection)
}

impl SqliteStore {
    /// The same for a database that a server may be running on: it is used as it is.
    ///
    /// # Errors
    /// As at [`SqliteStore::open`], and [`OpenError::Older`]: only a server's start brings it up to date.
    pub fn open_as_it_is(path: &Path) -> Result<Self, OpenError> {
        schema::refuse_others(&schema::open_reader(path)?)?;
        Self::open(path, NonZeroU32::MIN)
    }

    /// Opens the database file, makes it when it is missing (mode 0600; its directory must be there) and brings it up to
    /// date. Commits are durable against loss of power (WAL, `synchronous=FULL`). Blocks for the disk.
    ///
    /// # Errors
    /// - [`OpenError::Newer`] before anything is changed.
    /// - [`OpenError::Engine`], [`OpenError::Io`]: the operator must look.
    pub fn open(path: &Path, readers: NonZeroU32) -> Result<Self, OpenError> {
        let writer = Writer::start(schema::open_writer(path)?)?;
        Ok(Self { writer, readers: Readers::open(path, readers)? })
    }
}

fn closed() -> StoreError {
    StoreError::Backend("the store is closed".into())
}

/// What the store guards is whole between two statements, so a panic elsewhere does not spoil it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
