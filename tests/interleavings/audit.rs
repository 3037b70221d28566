//! Looks behind the server's back: reads the store's file and FAL's book, and compares the two.

use crate::rules::{Rule, TABLES};
use generatio_fal_sim::{Entry, Running, State};
use rusqlite::{Connection, OpenFlags, Params, Row, params};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::time::Duration;

/// How long a look waits for the file while a server opens or closes it.
const BUSY: Duration = Duration::from_secs(10);
/// The most violations of one rule that are told.
const MOST: usize = 3;

/// Reads, and never writes, what a server keeps.
pub(crate) struct Audit {
    db: Connection,
    /// How many of the book's requests, the oldest, have ended: nothing about them changes any more.
    over: usize,
}

impl Audit {
    /// Of the database in the folder `data`, which a server has made.
    pub(crate) fn open(data: &Path) -> Self {
        let db = Connection::open_with_flags(":memory:", OpenFlags::default() | OpenFlags::SQLITE_OPEN_URI);
        let db = db.expect("a database in memory");
        db.busy_timeout(BUSY).expect("a timeout");
        let file = format!("file:{}?mode=ro", data.join("generatio.db").display());
        db.execute("ATTACH ?1 AS store", [file]).expect("the store's file opens");
        db.execute_batch(TABLES).expect("tables of our own");
        db.set_prepared_statement_cache_capacity(64);
        Self { db, over: 0 }
    }

    /// All violations of `rules` in one state of the store.
    pub(crate) fn violations(&mut self, fal: &Running, rules: &[Rule]) -> Vec<String> {
        let book = fal.book().requests;
        self.copy(&book);
        self.over += book[self.over..].iter().take_while(|entry| has_ended(entry)).count();
        self.at_once(|| {
            // The first look decides which state it is; FAL has taken by then whatever the store knows of.
            self.note_sent();
            self.note_late(&fal.book().requests);
            let broken = |(promise, sql): &Rule| {
                let rows: Vec<String> = self.rows(sql, [], |row| row.get(0));
                rows.into_iter().take(MOST).map(|row| format!("{promise}: {row}")).collect::<Vec<_>>()
            };
            rules.iter().flat_map(broken).collect()
        })
    }

    /// All that `look` reads is of one state of the store.
    pub(crate) fn at_once<T>(&self, look: impl FnOnce() -> T) -> T {
        self.db.execute_batch("BEGIN").expect("a transaction");
        let seen = look();
        self.db.execute_batch("COMMIT").expect("the end of it");
        seen
    }

    /// What a query answers, as rows.
    pub(crate) fn rows<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Vec<T> {
        let mut statement = self.db.prepare_cached(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
        let rows = statement.query_map(params, read).expect("the store can be read");
        rows.collect::<Result<_, _>>().unwrap_or_else(|error| panic!("{error}: {sql}"))
    }

    /// What a query answers, as one number.
    pub(crate) fn number(&self, sql: &str, params: impl Params) -> i64 {
        self.rows(sql, params, |row| row.get(0))[0]
    }

    /// The last thing that happened to any job.
    pub(crate) fn mark(&self) -> i64 {
        self.number("SELECT coalesce(max(seq), 0) FROM job_events", [])
    }

    fn copy(&self, book: &[Entry]) {
        let sql = "INSERT OR REPLACE INTO book VALUES (?1, ?2, ?3, 1)";
        let mut insert = self.db.prepare_cached(sql).expect("a table of our own");
        for entry in &book[self.over..] {
            let billed = entry.units.as_deref().is_some_and(|units| units != "0");
            let row = params![entry.request_id, entry.input_sha256, billed];
            insert.execute(row).expect("a row of our own");
        }
    }

    fn note_late(&self, book: &[Entry]) {
        let sql = "INSERT OR IGNORE INTO book VALUES (?1, ?2, 0, 0)";
        let mut insert = self.db.prepare_cached(sql).expect("a table of our own");
        for entry in &book[self.over..] {
            insert.execute([&entry.request_id, &entry.input_sha256]).expect("a row of our own");
        }
    }

    /// FAL is sent a job's input as its row has it.
    fn note_sent(&self) {
        let sql = "SELECT id, input FROM jobs WHERE NOT EXISTS (SELECT 1 FROM sent WHERE job_id = id)";
        for (job, input) in self.rows(sql, [], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))) {
            let sha: String = Sha256::digest(input).iter().map(|byte| format!("{byte:02x}")).collect();
            self.db.execute("INSERT INTO sent VALUES (?1, ?2)", [job, sha]).expect("a row of our own");
        }
    }
}

fn has_ended(entry: &Entry) -> bool {
    matches!(entry.state, State::Completed | State::Failed | State::Cancelled)
}
