//! A look at all of a database: whether it is whole, and whether its sums are those of its rows.

use super::{OpenError, schema};
use crate::pictures::Address;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;

/// Most damages that are told.
const TOLD: usize = 20;

/// Where JSON is kept as its text, and how it is seen that one is none: answers show them as they are.
const JSON: [(&str, &str); 3] = [
    ("images", "NOT json_valid(image_size) OR NOT json_valid(other_info)"),
    ("jobs", "NOT json_valid(parameters) OR NOT json_valid(failure_details)"),
    ("preferences", "NOT json_valid(\"values\")"),
];

/// What there is in a database, and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examination {
    /// Accounts.
    pub users: u64,
    /// Picture records.
    pub images: u64,
    /// Charges.
    pub ledger_rows: u64,
    /// What is damaged, in the engine's words, without anybody's words; the first twenty.
    pub damage: Vec<String>,
    /// Roll-ups that are not the sum of their ledger rows, missing ones and those of no rows included.
    pub unequal_sums: u64,
}

impl Examination {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.damage.is_empty() && self.unequal_sums == 0
    }
}

/// Looks at the database at `path`, also while a server uses it: all of it is seen at one moment, and nobody waits.
/// Reads every page, and sums up the whole ledger. Blocks for the disk.
///
/// # Errors
/// [`OpenError::Engine`] when it is no database; [`OpenError::Newer`], [`OpenError::Older`] when it is another version's.
pub fn examine(path: &Path) -> Result<Examination, OpenError> {
    // It only reads, but a connection that may not write would leave its log files behind when no server is running.
    let mut db = schema::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    schema::refuse_others(&db)?;
    let moment = db.transaction()?;
    Ok(Examination {
        damage: damage(&moment)?,
        users: count(&moment, "SELECT count(*) FROM users")?,
        images: count(&moment, "SELECT count(*) FROM images")?,
        ledger_rows: count(&moment, "SELECT count(*) FROM ledger")?,
        unequal_sums: unequal_sums(&moment)?,
    })
}

fn count(db: &Connection, sql: &str) -> Result<u64, OpenError> {
    let count: i64 = db.query_row(sql, [], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

fn damage(db: &Connection) -> Result<Vec<String>, OpenError> {
    let mut told = Vec::new();
    let mut pages = db.prepare(&format!("PRAGMA integrity_check({TOLD})"))?;
    for line in pages.query_map([], |row| row.get::<_, String>(0))? {
        let line = line?;
        if line != "ok" {
            told.push(line);
        }
    }
    let mut links = db.prepare("PRAGMA foreign_key_check")?;
    let mut rows = links.query([])?;
    while told.len() < TOLD
        && let Some(row) = rows.next()?
    {
        let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
        told.push(format!("a row of {table} refers to one of {parent} that is not there"));
    }
    for (table, broken) in JSON {
        let rows = count(db, &format!("SELECT count(*) FROM {table} WHERE {broken}"))?;
        if rows > 0 {
            told.push(format!("{rows} rows of {table} hold a text that should be JSON and is none"));
        }
    }
    told.truncate(TOLD);
    Ok(told)
}

/// The sums that the roll-ups should be, row by row, held against those that they are. A charge is summed as it was
/// when it was made (`rollups::add`), and as migration 4 did it for those before.
fn unequal_sums(db: &Connection) -> Result<u64, OpenError> {
    let sql = "
WITH spans (span, ms) AS (VALUES ('hour', 3600000), ('day', 86400000), ('all', NULL)),
charges AS (
    SELECT ledger.owner, ledger.model, ledger.created, ledger.images, account_amount AS account, ledger.fal_amount AS fal,
        CASE WHEN account_certainty <> 'unpriced' THEN account_amount
             WHEN book = 'catalog' THEN ledger.fal_amount ELSE catalog_amount END AS budget_account,
        CASE WHEN ledger.fal_certainty <> 'unpriced' THEN ledger.fal_amount
             WHEN book = 'catalog' THEN account_amount ELSE catalog_amount END AS budget_fal
    FROM ledger JOIN jobs ON jobs.id = ledger.job_id
),
sums AS MATERIALIZED (
    SELECT owner, span, coalesce((created - (created % ms + ms) % ms) / ms, 0) AS beginning, model, sum(images),
        sum(account >> 32), sum(account & 0xffffffff), sum(fal >> 32), sum(fal & 0xffffffff),
        sum(budget_account >> 32), sum(budget_account & 0xffffffff),
        sum(budget_fal >> 32), sum(budget_fal & 0xffffffff)
    FROM charges CROSS JOIN spans
    GROUP BY owner, span, beginning, model
),
kept AS (
    SELECT owner, span, start, model, images, account_upper, account_lower, fal_upper, fal_lower,
        budget_account_upper, budget_account_lower, budget_fal_upper, budget_fal_lower
    FROM rollups
)
SELECT (SELECT count(*) FROM (SELECT * FROM sums EXCEPT SELECT * FROM kept))
     + (SELECT count(*) FROM (SELECT * FROM kept EXCEPT SELECT * FROM sums))";
    count(db, sql)
}

/// Which files of pictures the records of a database show.
#[derive(Debug)]
pub struct PictureRows(Connection);

impl PictureRows {
    /// Of the database at `path`, which is of this program's version.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let db = schema::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        schema::refuse_others(&db)?;
        Ok(Self(db))
    }

    /// Whether a record shows the file at `address`.
    ///
    /// # Errors
    /// [`OpenError::Engine`].
    pub fn shows(&self, address: Address) -> Result<bool, OpenError> {
        let mut one = self.0.prepare_cached("SELECT 1 FROM pictures WHERE address = ?1 AND uses > 0")?;
        Ok(one.exists([address.to_string()])?)
    }

    /// How many files records show.
    ///
    /// # Errors
    /// [`OpenError::Engine`].
    pub fn count(&self) -> Result<u64, OpenError> {
        count(&self.0, "SELECT count(*) FROM pictures WHERE uses > 0")
    }
}
