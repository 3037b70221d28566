//! What the server's database, its API, the stand-in's book and the callers say after a run, side by side.

use crate::orders::Told;
use generatio_core::cost::Usd;
use generatio_fal_sim::{Book, State};
use generatio_tests::{Reply, digest};
use rusqlite::{Connection, Row};
use serde_json::value::RawValue;
use std::collections::{HashMap, HashSet};

/// Everything that has to agree.
#[derive(Clone, Debug, Default)]
pub(crate) struct Records {
    /// The server's jobs.
    pub(crate) jobs: Vec<Job>,
    /// Its ledger.
    pub(crate) charges: Vec<Charge>,
    /// Its sums, by user.
    pub(crate) totals: HashMap<String, Total>,
    /// What FAL took.
    pub(crate) requests: Vec<Request>,
    /// What callers were told, in the order of the answers.
    pub(crate) told: Vec<Told>,
}

/// A job's row.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) owner: String,
    pub(crate) state: String,
    pub(crate) failure: Option<String>,
    /// FAL's request id.
    pub(crate) request: Option<String>,
    /// SHA-256 of what FAL is asked.
    pub(crate) input: String,
    /// The owner's idempotency key.
    pub(crate) key: Option<String>,
    /// Pictures that were asked for.
    pub(crate) asked: i64,
    /// Price of one, nano-dollars.
    pub(crate) price: i64,
    /// Ids of its pictures, in batch order.
    pub(crate) pictures: Vec<String>,
}

/// A row of the ledger.
#[derive(Clone, Debug)]
pub(crate) struct Charge {
    pub(crate) job: String,
    pub(crate) owner: String,
    /// Nano-dollars.
    pub(crate) amount: i64,
    pub(crate) images: i64,
}

/// What `financial/stats` tells a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Total {
    /// Nano-dollars.
    pub(crate) spent: i64,
    pub(crate) images: i64,
}

/// A request in the stand-in's book.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) id: String,
    /// SHA-256 of what was asked.
    pub(crate) input: String,
    pub(crate) is_over: bool,
    pub(crate) is_billed: bool,
}

impl Job {
    /// Whether the server knows that FAL took it.
    pub(crate) fn is_recorded(&self) -> bool {
        self.request.is_some()
    }

    /// How many pictures it has.
    pub(crate) fn delivered(&self) -> i64 {
        i64::try_from(self.pictures.len()).expect("a count fits")
    }
}

/// All jobs.
pub(crate) fn jobs(database: &Connection) -> Vec<Job> {
    let sql = "SELECT jobs.*, idempotency_keys.key AS key,
                   (SELECT group_concat(id) FROM (SELECT id FROM images WHERE job_id = jobs.id ORDER BY batch_number))
                       AS pictures
               FROM jobs LEFT JOIN idempotency_keys ON idempotency_keys.job_id = jobs.id";
    all(database, sql, |row| {
        let pictures: Option<String> = row.get("pictures")?;
        Ok(Job {
            id: row.get("id")?,
            owner: row.get("owner")?,
            state: row.get("state")?,
            failure: row.get("failure_code")?,
            request: row.get("request_id")?,
            input: digest(&row.get::<_, String>("input")?),
            key: row.get("key")?,
            asked: row.get("num_images")?,
            price: row.get("catalog_unit_price")?,
            pictures: pictures.iter().flat_map(|ids| ids.split(',')).map(ToOwned::to_owned).collect(),
        })
    })
}

/// The whole ledger.
pub(crate) fn charges(database: &Connection) -> Vec<Charge> {
    all(database, "SELECT job_id, owner, account_amount, images FROM ledger", |row| {
        Ok(Charge {
            job: row.get("job_id")?,
            owner: row.get("owner")?,
            amount: row.get("account_amount")?,
            images: row.get("images")?,
        })
    })
}

fn all<T>(database: &Connection, sql: &str, read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>) -> Vec<T> {
    let mut query = database.prepare(sql).expect("a query");
    query.query_map([], read).expect("rows").collect::<Result<_, _>>().expect("rows of these types")
}

/// Reads an answer of `financial/stats`, its amounts by their text.
pub(crate) fn total(stats: &Reply) -> Total {
    let fields: HashMap<String, Box<RawValue>> = serde_json::from_str(&stats.text).expect("an object");
    let spent = Usd::parse(fields["total_spent"].get()).expect("an amount").nano();
    Total { spent, images: fields["total_images"].get().parse().expect("a count") }
}

/// What FAL took.
///
/// # Panics
/// When the book no longer lists all of it.
pub(crate) fn requests(book: &Book) -> Vec<Request> {
    assert_eq!(u64::try_from(book.requests.len()), Ok(book.submissions), "the book is full");
    let billed: HashSet<&str> = book.billed.iter().map(|bill| bill.request_id.as_str()).collect();
    let request = |entry: &generatio_fal_sim::Entry| Request {
        id: entry.request_id.clone(),
        input: entry.input_sha256.clone(),
        is_over: !matches!(entry.state, State::Queued | State::Running),
        is_billed: billed.contains(entry.request_id.as_str()),
    };
    book.requests.iter().map(request).collect()
}
