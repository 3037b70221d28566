//! Connections that only read, lent to threads of the blocking pool. In WAL mode they never wait for the writer.

use super::{OpenError, closed, lock, schema};
use crate::store::StoreError;
use rusqlite::Connection;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::{Arc, Mutex};
use tokio::sync::Semaphore;

/// The pool.
pub(super) struct Readers {
    size: NonZeroU32,
    idle: Arc<Mutex<Vec<Connection>>>,
    /// As many as there are connections.
    permits: Arc<Semaphore>,
}

impl Readers {
    /// Opens `size` connections to the file, which must be there and up to date.
    pub(super) fn open(path: &Path, size: NonZeroU32) -> Result<Self, OpenError> {
        let idle = (0..size.get()).map(|_| schema::open_reader(path)).collect::<Result<Vec<_>, _>>()?;
        let permits = Arc::new(Semaphore::new(idle.len()));
        Ok(Self { size, idle: Arc::new(Mutex::new(idle)), permits })
    }

    /// Runs `work` on one state of the database, off the calling thread.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| closed())?;
        let idle = Arc::clone(&self.idle);
        let read = move || {
            // Declared first, hence given back last: who gets a permit finds a connection.
            let _permit = permit;
            let mut lent = Lent::from(idle)?;
            lent.read(work)
        };
        tokio::task::spawn_blocking(read).await.map_err(|_| StoreError::Backend("a read broke off".into()))?
    }

    /// Waits for running reads, refuses new ones and closes the connections.
    pub(super) async fn close(&self) {
        let all = self.permits.acquire_many(self.size.get()).await;
        self.permits.close();
        drop(all);
        lock(&self.idle).clear();
    }
}

/// A connection on loan; goes back when dropped, also by a panic.
struct Lent {
    connection: Option<Connection>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Lent {
    fn from(idle: Arc<Mutex<Vec<Connection>>>) -> Result<Self, StoreError> {
        let connection = lock(&idle).pop();
        if connection.is_some() { Ok(Self { connection, idle }) } else { Err(closed()) }
    }

    fn read<T>(&mut self, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let connection = self.connection.as_mut().ok_or_else(closed)?;
        // One transaction, so that several statements see the same state. It has nothing to commit.
        let transaction = connection.transaction()?;
        work(&transaction)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        lock(&self.idle).extend(self.connection.take());
    }
}
