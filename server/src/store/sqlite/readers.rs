//! Connections that only read, lent to threads of the blocking pool. In WAL mode they never wait for the writer.

use super::{OpenError, closed, lock, schema};
use crate::store::StoreError;
use rusqlite::Connection;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Steps of SQLite's machine between two looks at the clock: a fraction of a millisecond.
const STEPS: i32 = 10_000;

/// The pool.
pub(super) struct Readers {
    size: NonZeroU32,
    idle: Arc<Mutex<Vec<Connection>>>,
    /// As many as there are connections.
    permits: Arc<Semaphore>,
    /// One fewer, where there is more than one: questions whose cost users determine leave a connection for the rest.
    questions: Arc<Semaphore>,
}

impl Readers {
    /// Opens `size` connections to the file, which must be there and up to date.
    pub(super) fn open(path: &Path, size: NonZeroU32) -> Result<Self, OpenError> {
        let idle = (0..size.get()).map(|_| schema::open_reader(path)).collect::<Result<Vec<_>, _>>()?;
        let permits = Arc::new(Semaphore::new(idle.len()));
        let questions = Arc::new(Semaphore::new(idle.len().saturating_sub(1).max(1)));
        Ok(Self { size, idle: Arc::new(Mutex::new(idle)), permits, questions })
    }

    /// Runs `work` on one state of the database, off the calling thread.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        self.lend(None, work).await
    }

    /// The same for work whose cost users determine: [`StoreError::TooLong`] when it takes more than `most`.
    pub(super) async fn run_within<T, F>(&self, most: Duration, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let permit = Arc::clone(&self.questions).acquire_owned().await.map_err(|_| closed())?;
        let work = move |db: &Connection| {
            // Held to the end of the work, also when nobody waits for it any more.
            let _permit = permit;
            work(db)
        };
        self.lend(Some(most), work).await
    }

    async fn lend<T, F>(&self, most: Option<Duration>, work: F) -> Result<T, StoreError>
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
            if let Some(most) = most {
                lent.limit(most)?;
            }
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

    /// Breaks off what it is used for when `most` has passed.
    fn limit(&mut self, most: Duration) -> Result<(), StoreError> {
        let deadline = Instant::now() + most;
        let connection = self.connection.as_mut().ok_or_else(closed)?;
        Ok(connection.progress_handler(STEPS, Some(move || Instant::now() > deadline))?)
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
        // A limit is for one use. One that does not go takes its connection along.
        let unlimited = |connection: &mut Connection| connection.progress_handler(0, None::<fn() -> bool>).is_ok();
        let connection =
            self.connection.take().and_then(|mut connection| unlimited(&mut connection).then_some(connection));
        lock(&self.idle).extend(connection);
    }
}

#[cfg(test)]
mod tests {
    use super::Readers;
    use crate::store::StoreError;
    use crate::store::sqlite::schema;
    use rusqlite::Connection;
    use std::num::NonZeroU32;
    use std::sync::Arc;
    use std::sync::mpsc;
    use std::time::Duration;
    use tempfile::TempDir;

    fn open(size: u32) -> (Arc<Readers>, TempDir) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x.db");
        schema::open_writer(&path).unwrap();
        (Arc::new(Readers::open(&path, NonZeroU32::new(size).unwrap()).unwrap()), directory)
    }

    fn endless(db: &Connection) -> Result<i64, StoreError> {
        let sql = "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";
        Ok(db.query_row(sql, [], |row| row.get(0))?)
    }

    fn counted(db: &Connection) -> Result<i64, StoreError> {
        let sql =
            "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n LIMIT 100000) SELECT max(i) FROM n";
        Ok(db.query_row(sql, [], |row| row.get(0))?)
    }

    #[tokio::test]
    async fn work_that_takes_too_long_ends_and_leaves_its_connection_well() {
        let (readers, _directory) = open(1);
        let short = Duration::from_millis(5);
        assert_eq!(readers.run_within(short, endless).await, Err(StoreError::TooLong));
        assert_eq!(readers.run(counted).await, Ok(100_000), "the limit was for that use");
        assert_eq!(readers.run_within(Duration::from_secs(60), counted).await, Ok(100_000));
    }

    #[tokio::test]
    async fn questions_leave_a_connection_for_the_rest() {
        let (readers, _directory) = open(2);
        let (release, released) = mpsc::channel::<()>();
        let released = Arc::new(std::sync::Mutex::new(released));
        let questions: Vec<_> = (0..2)
            .map(|_| {
                let (readers, released) = (Arc::clone(&readers), Arc::clone(&released));
                let wait = move |_: &Connection| Ok(released.lock().unwrap().recv().is_ok());
                tokio::spawn(async move { readers.run_within(Duration::from_secs(60), wait).await })
            })
            .collect();
        tokio::task::yield_now().await;
        let rest = tokio::time::timeout(Duration::from_secs(20), readers.run(counted)).await;
        assert_eq!(rest.unwrap(), Ok(100_000));
        for question in questions {
            release.send(()).unwrap();
            assert_eq!(question.await.unwrap(), Ok(true));
        }
    }
}
