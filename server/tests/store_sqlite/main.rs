//! What the embedded engine promises beyond the trait: its file, durability, readers beside the writer, damaged rows,
//! backups.

#![expect(clippy::unwrap_used, reason = "tests")]

mod backup;
mod caps;
mod durability;
mod file;
mod gallery;
mod migration;
mod records;
mod restore;
mod rows;
#[path = "../store_conformance/support.rs"]
#[expect(dead_code, reason = "shared with the conformance tests")]
mod support;

use generatio_server::store::sqlite::{DEFAULT_READERS, FILE_NAME, SqliteStore, register_functions};
use generatio_server::store::{Store, StoreError};
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// A store and the directory it lies in.
struct Opened {
    store: Arc<SqliteStore>,
    directory: TempDir,
}

impl Opened {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self { store: Arc::new(open(directory.path())), directory }
    }

    /// The same database, as a program that knows no rules sees it.
    fn raw(&self) -> Connection {
        raw(self.directory.path())
    }

    async fn reopen(self) -> Self {
        self.store.close().await;
        Self { store: Arc::new(open(self.directory.path())), directory: self.directory }
    }
}

fn raw(data_dir: &Path) -> Connection {
    let raw = Connection::open(data_dir.join(FILE_NAME)).unwrap();
    register_functions(&raw).unwrap();
    raw
}

fn open(data_dir: &Path) -> SqliteStore {
    SqliteStore::open(&data_dir.join(FILE_NAME), DEFAULT_READERS).unwrap()
}

fn is_backend<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Backend(_)))
}
