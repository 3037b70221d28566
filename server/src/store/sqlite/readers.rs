//! Connections that only read. In WAL mode they never wait for the writer.
//!
//! Most reads are short: handing one to another thread and back takes longer than the read. They run on the thread that
//! asks. That thread serves others as well, so that a read gets a moment of it; one that is not done by then begins anew
//! on a thread of the blocking pool, where it takes the time it takes.

use super::rows::execute;
use super::{OpenError, closed, lock, schema};
use crate::store::StoreError;
use rusqlite::Connection;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Steps of SQLite's machine that a read may take on the thread that asks: about a millisecond. Counted, as a thread that
/// has to wait for a core has not done anything meanwhile.
const MOMENT: u32 = 20_000;
/// How long it may take there all the same, as its steps may wait for the disk.
const LONG: Duration = Duration::from_millis(50);
/// Steps between two looks at either.
const STEPS: u16 = 1000;

/// The pool.
pub(super) struct Readers {
    size: NonZeroU32,
    connections: Arc<Connections>,
    /// As many as there may be connections.
    permits: Arc<Semaphore>,
    /// One fewer, where there is more than one: questions whose cost users determine leave a connection for the rest.
    questions: Arc<Semaphore>,
}

/// Those that nobody uses, and the way to further ones.
struct Connections {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    /// Opens the first connection to the file, which must be there and up to date; others, up to `size`, are opened when
    /// as many reads run at a time.
    pub(super) fn open(path: &Path, size: NonZeroU32) -> Result<Self, OpenError> {
        let idle = Mutex::new(vec![schema::open_reader(path)?]);
        let most = usize::try_from(size.get()).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        let permits = Arc::new(Semaphore::new(most));
        let questions = Arc::new(Semaphore::new(most.saturating_sub(1).max(1)));
        Ok(Self { size, connections: Arc::new(Connections { path: path.to_owned(), idle }), permits, questions })
    }

    /// Runs `work` on one state of the database. It may begin a second time, and what the first time gave is forgotten;
    /// between its steps in the database it must not wait.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        match self.here(State::OfAll, &work) {
            Some(done) => done,
            None => self.lend(None, work).await,
        }
    }

    /// The same for work that is a single statement, and sees one state of the database without more.
    pub(super) async fn run_one<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        match self.here(State::OfStatement, &work) {
            Some(done) => done,
            None => self.lend(None, work).await,
        }
    }

    /// The same for work whose cost users determine: [`StoreError::TooLong`] when it takes more than `most`.
    pub(super) async fn run_within<T, F>(&self, most: Duration, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        match self.here(State::OfAll, &work) {
            Some(done) => done,
            None => self.run_apart(most, work).await,
        }
    }

    /// The same for work of which a single step in the database may be long, as one of a search is: never on the calling
    /// thread.
    pub(super) async fn run_apart<T, F>(&self, most: Duration, work: F) -> Result<T, StoreError>
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

    /// What `work` gives on this thread. `None` where that takes more than a moment, and where something has to be waited
    /// for: a connection, or a lock on the file.
    fn here<T>(
        &self,
        state: State,
        work: &impl Fn(&Connection) -> Result<T, StoreError>,
    ) -> Option<Result<T, StoreError>> {
        let _permit = self.permits.try_acquire().ok()?;
        let mut lent = Lent::from(Arc::clone(&self.connections)).ok()?;
        lent.limit(LONG, MOMENT).ok()?;
        match lent.read(Duration::ZERO, state, work) {
            Err(StoreError::Retry | StoreError::TooLong) => None,
            done => Some(done),
        }
    }

    async fn lend<T, F>(&self, most: Option<Duration>, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| closed())?;
        let connections = Arc::clone(&self.connections);
        let read = move || {
            // Declared first, hence given back last: who gets a permit finds the connection.
            let _permit = permit;
            let mut lent = Lent::from(connections)?;
            if let Some(most) = most {
                lent.limit(most, u32::MAX)?;
            }
            lent.read(schema::BUSY, State::OfAll, work)
        };
        tokio::task::spawn_blocking(read).await.map_err(|_| StoreError::Backend("a read broke off".into()))?
    }

    /// Waits for running reads, refuses new ones and closes the connections.
    pub(super) async fn close(&self) {
        let all = self.permits.acquire_many(self.size.get()).await;
        self.permits.close();
        drop(all);
        lock(&self.connections.idle).clear();
    }
}

/// What sees one state of the database.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// All statements of a read, by a transaction around them.
    OfAll,
    /// Each statement, as it does by itself.
    OfStatement,
}

/// A connection on loan; goes back when dropped, also by a panic.
struct Lent {
    connection: Option<Connection>,
    lender: Arc<Connections>,
}

impl Lent {
    /// For who has a permit: there are no more connections than those.
    fn from(lender: Arc<Connections>) -> Result<Self, StoreError> {
        let idle = lock(&lender.idle).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => schema::open_reader(&lender.path).map_err(|error| StoreError::Backend(error.to_string()))?,
        };
        Ok(Self { connection: Some(connection), lender })
    }

    /// Breaks off what it is used for when `most` has passed, or after so many steps.
    fn limit(&mut self, most: Duration, steps: u32) -> Result<(), StoreError> {
        let deadline = Instant::now() + most;
        let mut looks_left = steps / u32::from(STEPS);
        let is_over = move || {
            looks_left = looks_left.saturating_sub(1);
            looks_left == 0 || Instant::now() > deadline
        };
        let connection = self.connection.as_mut().ok_or_else(closed)?;
        Ok(connection.progress_handler(STEPS.into(), Some(is_over))?)
    }

    /// Runs `work`, which waits for locks of other processes for so long.
    fn read<T>(
        &mut self,
        patience: Duration,
        state: State,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let connection = self.connection.as_ref().ok_or_else(closed)?;
        connection.busy_timeout(patience)?;
        if state == State::OfAll {
            // It ends when the connection goes back.
            execute(connection, "BEGIN", [])?;
        }
        work(connection)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let connection = self.connection.take();
        // One that is not as it was when it came does not go back, and another is opened in its place.
        let well = connection.and_then(|mut connection| released(&mut connection).is_ok().then_some(connection));
        lock(&self.lender.idle).extend(well);
    }
}

/// Takes the limit away, which was for one use, and ends the transaction, which has nothing to commit.
fn released(connection: &mut Connection) -> Result<(), StoreError> {
    connection.progress_handler(0, None::<fn() -> bool>)?;
    if !connection.is_autocommit() {
        execute(connection, "COMMIT", [])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Readers;
    use crate::store::StoreError;
    use crate::store::sqlite::schema;
    use futures_util::FutureExt;
    use rusqlite::Connection;
    use std::num::NonZeroU32;
    use std::panic::AssertUnwindSafe;
    use std::sync::mpsc;
    use std::sync::{Arc, Mutex};
    use std::thread::{self, ThreadId};
    use std::time::Duration;
    use tempfile::TempDir;

    fn open(size: u32) -> (Arc<Readers>, TempDir) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x.db");
        schema::open_writer(&path).unwrap();
        (Arc::new(Readers::open(&path, NonZeroU32::new(size).unwrap()).unwrap()), directory)
    }

    /// Work, and on which threads it began.
    type Threads = Arc<Mutex<Vec<ThreadId>>>;
    type Work = fn(&Connection) -> Result<i64, StoreError>;

    fn noted(threads: &Threads, work: Work) -> impl Fn(&Connection) -> Result<i64, StoreError> + Send + 'static {
        let threads = Arc::clone(threads);
        move |db| {
            threads.lock().unwrap().push(thread::current().id());
            work(db)
        }
    }

    #[tokio::test]
    async fn what_takes_a_moment_runs_on_the_thread_that_asks() {
        let (readers, _directory) = open(1);
        let threads = Threads::default();
        assert_eq!(readers.run(noted(&threads, quick)).await, Ok(7));
        assert_eq!(readers.run_within(Duration::ZERO, noted(&threads, quick)).await, Ok(7));
        assert_eq!(*threads.lock().unwrap(), [thread::current().id(); 2]);
    }

    #[tokio::test]
    async fn there_are_as_many_connections_as_reads_at_a_time() {
        let (readers, _directory) = open(4);
        let opened = || readers.connections.idle.lock().unwrap().len();
        for _ in 0..3 {
            assert_eq!(readers.run(quick).await, Ok(7));
        }
        assert_eq!(opened(), 1);
        let inner = Arc::clone(&readers);
        let within = move |_: &Connection| inner.run(quick).now_or_never().ok_or(StoreError::Retry)?;
        assert_eq!(readers.run(within).await, Ok(7));
        assert_eq!(opened(), 2);
    }

    #[tokio::test]
    async fn what_takes_longer_begins_anew_on_another_thread() {
        let (readers, _directory) = open(1);
        let threads = Threads::default();
        assert_eq!(readers.run(noted(&threads, counted)).await, Ok(100_000));
        let most = Duration::from_millis(5);
        assert_eq!(readers.run_within(most, noted(&threads, endless)).await, Err(StoreError::TooLong));
        let here = thread::current().id();
        let threads: Vec<bool> = threads.lock().unwrap().iter().map(|thread| *thread == here).collect();
        assert_eq!(threads, [true, false, true, false]);
    }

    #[tokio::test]
    async fn a_search_never_runs_on_the_thread_that_asks() {
        let (readers, _directory) = open(1);
        let threads = Threads::default();
        assert_eq!(readers.run_apart(Duration::from_secs(60), noted(&threads, quick)).await, Ok(7));
        assert!(!threads.lock().unwrap().contains(&thread::current().id()));
    }

    #[tokio::test]
    async fn a_panic_gives_the_connection_back() {
        let (readers, _directory) = open(1);
        let broken = AssertUnwindSafe(readers.run(|_| -> Result<(), _> { panic!("a fault of ours") }));
        assert!(broken.catch_unwind().await.is_err());
        assert_eq!(readers.run(counted).await, Ok(100_000));
    }

    fn endless(db: &Connection) -> Result<i64, StoreError> {
        let sql = "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";
        Ok(db.query_row(sql, [], |row| row.get(0))?)
    }

    /// Too few steps for a look at the clock.
    fn quick(db: &Connection) -> Result<i64, StoreError> {
        Ok(db.query_row("SELECT 7", [], |row| row.get(0))?)
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
                tokio::spawn(async move { readers.run_apart(Duration::from_secs(60), wait).await })
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
