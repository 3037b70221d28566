//! New folders. One thread commits together what waits, as the server does.

use super::lists;
use crate::Outcome;
use generatio_core::Timestamp;
use generatio_server::ids::FolderId;
use generatio_testkit::rng::SeededRng;
use rusqlite::types::Null;
use rusqlite::{Connection, TransactionBehavior, params};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::{mpsc, oneshot};

/// Folders that may wait, and the most of one commit: the server's.
const QUEUE: usize = 1024;
const BATCH: usize = 256;

const INSERT: &str = "INSERT INTO folders (id, owner, created, updated, name, parent, private, deleted)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
const SELECT: &str = "SELECT t.id, t.created, t.updated, t.name, t.owner, t.parent, t.private, t.deleted
    FROM folders AS t WHERE t.id = ?1 AND t.owner = ?2";

/// The way to the thread.
pub(super) struct Writer(mpsc::Sender<Folder>);

/// A folder that waits for its commit.
struct Folder {
    owner: String,
    name: String,
    now: Timestamp,
    stored: oneshot::Sender<Vec<u8>>,
}

impl Writer {
    pub(super) fn start(db: Connection) -> Self {
        let (sender, waiting) = mpsc::channel(QUEUE);
        std::thread::spawn(move || {
            if let Err(error) = run(db, waiting) {
                eprintln!("error: {error}");
            }
        });
        Self(sender)
    }

    /// The folder as JSON, once it is durable.
    pub(super) async fn create(&self, owner: String, name: String, now: Timestamp) -> Outcome<Vec<u8>> {
        let (stored, answer) = oneshot::channel();
        self.0.send(Folder { owner, name, now, stored }).await?;
        Ok(answer.await?)
    }
}

fn run(mut db: Connection, mut waiting: mpsc::Receiver<Folder>) -> Outcome {
    let mut rng = SeededRng::new(u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros())?);
    while let Some(first) = waiting.blocking_recv() {
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut answers = Vec::new();
        let mut next = Some(first);
        while let Some(Folder { owner, name, now, stored }) = next {
            let (id, ms) = (FolderId::generate(&mut rng)?, now.unix_ms());
            let values = params![id.as_str(), owner, ms, ms, name, Null, false, Null];
            transaction.prepare_cached(INSERT)?.execute(values)?;
            let mut select = transaction.prepare_cached(SELECT)?;
            let mut rows = select.query(params![id.as_str(), owner])?;
            let row = rows.next()?.ok_or("a row that was written is not there")?;
            answers.push((stored, lists::folder(row)?));
            next = if answers.len() < BATCH { waiting.try_recv().ok() } else { None };
        }
        transaction.commit()?;
        for (stored, record) in answers {
            // Who went away needs no answer.
            let _ = stored.send(record);
        }
    }
    Ok(())
}
