//! The one thread that writes. Whatever waits is run together and made durable by one commit, so that many small writes
//! cost one disk flush; each still succeeds or fails by itself.

use super::{closed, lock};
use crate::store::StoreError;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread::{self, JoinHandle};
use tokio::sync::{mpsc, oneshot};

/// Writes that may wait; further callers wait for room.
const QUEUE: usize = 1024;
/// Most writes under one commit: bounds how long the first of them waits.
const BATCH: usize = 256;

/// The way to the writing thread.
pub(super) struct Writer {
    queue: Mutex<Option<mpsc::Sender<Box<dyn Command>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread, which owns `connection` from here on.
    pub(super) fn start(connection: Connection) -> io::Result<Self> {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let thread = thread::Builder::new().name("store-writer".into()).spawn(move || run(connection, receiver))?;
        Ok(Self { queue: Mutex::new(Some(sender)), thread: Mutex::new(Some(thread)) })
    }

    /// Runs `work` in a transaction and answers once that is durable. When `work` fails or panics, what it did is undone.
    /// Once queued it runs whether or not the caller still waits.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let queue = lock(&self.queue).clone().ok_or_else(closed)?;
        let write = Write { work, result: Err(StoreError::Retry), reply };
        queue.send(Box::new(write)).await.map_err(|_| closed())?;
        drop(queue);
        answer.await.map_err(|_| closed())?
    }

    /// Takes no more writes, finishes those that wait, closes the connection.
    pub(super) async fn close(&self) {
        lock(&self.queue).take();
        let thread = lock(&self.thread).take();
        if let Some(thread) = thread {
            // A panic of that thread was reported where it happened; there is nothing left to close then.
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}

/// Until every sender is gone and the queue is empty.
fn run(mut connection: Connection, mut queue: mpsc::Receiver<Box<dyn Command>>) {
    while let Some(first) = queue.blocking_recv() {
        let mut batch = vec![first];
        let outcome = commit(&mut connection, &mut batch, || queue.try_recv().ok());
        for command in batch {
            command.answer(outcome.clone());
        }
    }
}

/// Makes the batch durable by one commit. It takes in, up to [`BATCH`], what `waiting` has after each write: those whom
/// the last commit answered come back with their next write while the first of them runs, and would otherwise miss the
/// flush by a hair. An error is everybody's: then nothing of the batch is stored.
fn commit(
    connection: &mut Connection,
    batch: &mut Vec<Box<dyn Command>>,
    mut waiting: impl FnMut() -> Option<Box<dyn Command>>,
) -> Result<(), StoreError> {
    let transaction = begin(connection)?;
    let mut next = 0;
    while let Some(command) = batch.get_mut(next) {
        let before = transaction.total_changes();
        let result = run_in(&transaction, command.as_mut())?;
        if result.is_err() && transaction.total_changes() != before {
            transaction.rollback()?;
            return commit_apart(connection, batch);
        }
        next += 1;
        if batch.len() < BATCH {
            batch.extend(waiting());
        }
    }
    Ok(transaction.commit()?)
}

/// The same once more, each write under a savepoint of its own: one of them fails half way and must be undone alone. That
/// is rare, and savepoints are not cheap, so that not every batch has them.
fn commit_apart(connection: &mut Connection, batch: &mut [Box<dyn Command>]) -> Result<(), StoreError> {
    let mut transaction = begin(connection)?;
    for command in batch {
        let savepoint = transaction.savepoint()?;
        match run_in(&savepoint, command.as_mut())? {
            Ok(()) => savepoint.commit()?,
            Err(_) => drop(savepoint),
        }
    }
    Ok(transaction.commit()?)
}

fn begin(connection: &mut Connection) -> Result<Transaction<'_>, StoreError> {
    Ok(connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
}

/// Runs one write. The inner result is its own; the outer one is everybody's: a full disk and the like end the whole
/// transaction, and what follows would be outside of it.
fn run_in(db: &Connection, command: &mut dyn Command) -> Result<Result<(), StoreError>, StoreError> {
    let result = command.run(db);
    if db.is_autocommit() {
        return Err(result.err().unwrap_or_else(|| StoreError::Backend("the engine ended the transaction".into())));
    }
    Ok(result)
}

/// A write of any kind, waiting for its turn.
trait Command: Send {
    /// Does it, inside a transaction that is undone when this fails and has changed something; then it may be run again.
    fn run(&mut self, db: &Connection) -> Result<(), StoreError>;
    /// Tells the caller how it and the commit went.
    fn answer(self: Box<Self>, commit: Result<(), StoreError>);
}

struct Write<T, F> {
    work: F,
    result: Result<T, StoreError>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Command for Write<T, F>
where
    T: Send,
    F: Fn(&Connection) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, db: &Connection) -> Result<(), StoreError> {
        // The thread serves everybody and must outlive one faulty write. What that left half done in the database is
        // undone, and nothing else is shared with it.
        let done = catch_unwind(AssertUnwindSafe(|| (self.work)(db)));
        self.result = done.unwrap_or_else(|_| Err(StoreError::Backend("a write panicked".into())));
        self.result.as_ref().map(|_| ()).map_err(Clone::clone)
    }

    fn answer(self: Box<Self>, commit: Result<(), StoreError>) {
        // A caller that went away needs no answer.
        let _ = self.reply.send(commit.and(self.result));
    }
}

#[cfg(test)]
mod tests {
    use super::{BATCH, Command, Write, Writer, commit};
    use crate::store::StoreError;
    use rusqlite::Connection;
    use tokio::sync::oneshot;

    type Answer = oneshot::Receiver<Result<usize, StoreError>>;

    /// In the place of a text: a write that stores 2 and then panics.
    const PANIC: &str = "panic";

    fn sql(text: &'static str) -> (Box<dyn Command>, Answer) {
        let (reply, answer) = oneshot::channel();
        let work = move |db: &Connection| match text {
            PANIC => panic!("{:?}", db.execute("INSERT INTO t VALUES (2)", [])),
            text => Ok(db.execute(text, [])?),
        };
        (Box::new(Write { work, result: Err(StoreError::Retry), reply }), answer)
    }

    /// Runs the texts as one batch; what each was told, and the numbers stored.
    fn batch(texts: &[&'static str]) -> (Vec<Result<usize, StoreError>>, Vec<i64>) {
        let mut db = Connection::open_in_memory().unwrap();
        db.execute_batch("CREATE TABLE t (x INTEGER PRIMARY KEY) STRICT").unwrap();
        let (mut commands, answers): (Vec<_>, Vec<_>) = texts.iter().map(|text| sql(text)).unzip();
        let outcome = commit(&mut db, &mut commands, || None);
        commands.into_iter().for_each(|command| command.answer(outcome.clone()));
        let told = answers.into_iter().map(|mut answer| answer.try_recv().unwrap()).collect();
        let mut rows = db.prepare("SELECT x FROM t ORDER BY x").unwrap();
        (told, rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect())
    }

    #[test]
    fn those_who_wait_are_taken_in_up_to_a_bound() {
        let mut db = Connection::open_in_memory().unwrap();
        db.execute_batch("CREATE TABLE t (x INTEGER) STRICT").unwrap();
        let (first, mut answer) = sql("INSERT INTO t VALUES (1)");
        let mut batch = vec![first];
        commit(&mut db, &mut batch, || Some(sql("INSERT INTO t VALUES (2)").0)).unwrap();
        assert_eq!(batch.len(), BATCH);
        batch.into_iter().for_each(|command| command.answer(Ok(())));
        assert_eq!(answer.try_recv().unwrap(), Ok(1));
        let stored: i64 = db.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap();
        assert_eq!(usize::try_from(stored), Ok(BATCH));
    }

    #[test]
    fn a_failing_write_is_undone_alone() {
        let (told, stored) =
            batch(&["INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2), (1)", "INSERT INTO t VALUES (3)"]);
        assert_eq!(told, [Ok(1), Err(StoreError::IdTaken), Ok(1)]);
        assert_eq!(stored, [1, 3]);
    }

    #[test]
    fn a_panicking_write_is_undone_alone() {
        let (told, stored) = batch(&["INSERT INTO t VALUES (1)", PANIC, "INSERT INTO t VALUES (3)"]);
        assert_eq!(told, [Ok(1), Err(StoreError::Backend("a write panicked".into())), Ok(1)]);
        assert_eq!(stored, [1, 3]);
    }

    #[tokio::test]
    async fn a_panic_does_not_end_the_thread() {
        let writer = Writer::start(Connection::open_in_memory().unwrap()).unwrap();
        let broken = writer.run::<(), _>(|_| panic!("a fault of ours")).await;
        assert_eq!(broken, Err(StoreError::Backend("a write panicked".into())));
        assert_eq!(writer.run(|_| Ok(7)).await, Ok(7));
    }

    #[test]
    fn when_the_transaction_ends_early_everybody_is_told_and_nothing_is_stored() {
        let (told, stored) = batch(&["INSERT INTO t VALUES (1)", "ROLLBACK", "INSERT INTO t VALUES (3)"]);
        assert!(told.iter().all(|answer| matches!(answer, Err(StoreError::Backend(_)))), "{told:?}");
        assert_eq!(stored, [0; 0]);
    }
}
