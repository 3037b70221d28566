//! Money: one ledger row per paid job, and its sums per hour.

use super::rows::{Sql, all, amount, execute, get, optional};
use crate::ids::{LedgerId, UserId};
use crate::store::{Job, LedgerQuery, LedgerRow, ModelSpending, Settlement, Spending, StoreError};
use generatio_core::Timestamp;
use generatio_core::cost::UsdSum;
use rusqlite::{Connection, Row, params};

const HOUR_MS: i64 = 3_600_000;

/// The sum of a column as two columns, of its upper and its lower 32 bits: neither can overflow within 2^31 rows, while
/// SQLite's own sum of 64-bit amounts could. [`sum_at`] puts them together.
macro_rules! sum {
    ($column:literal) => {
        concat!("coalesce(sum(", $column, " >> 32), 0), coalesce(sum(", $column, " & 0xffffffff), 0)")
    };
}

/// Writes the charge of a job and adds it to its hour. A second charge of one job is refused by the ledger's key.
pub(super) fn charge(db: &Connection, job: &Job, settlement: &Settlement) -> Result<(), StoreError> {
    let images = u32::try_from(settlement.images.len())
        .map_err(|_| StoreError::Backend("more pictures than a row can count".into()))?;
    let (account, fal) = (&settlement.account, &settlement.fal);
    execute(
        db,
        "INSERT INTO ledger (id, owner, job_id, model, images,
             account_unit, account_units, account_unit_price, account_amount, account_certainty,
             fal_unit, fal_units, fal_unit_price, fal_amount, fal_certainty,
             billable_units, reported_by, created)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
        params![
            settlement.ledger_id,
            job.owner,
            job.id,
            job.model,
            images,
            Sql(account.unit),
            Sql(account.units),
            Sql(account.unit_price),
            Sql(account.amount),
            Sql(account.certainty),
            Sql(fal.unit),
            Sql(fal.units),
            Sql(fal.unit_price),
            Sql(fal.amount),
            Sql(fal.certainty),
            settlement.billable_units,
            Sql(settlement.reported_by),
            Sql(settlement.now),
        ],
    )?;
    roll_up(db, job, settlement, images)
}

/// A sum beyond 64 bits would become a floating-point number in SQLite; the STRICT table refuses that, and with it the
/// whole settlement.
fn roll_up(db: &Connection, job: &Job, settlement: &Settlement, images: u32) -> Result<(), StoreError> {
    let hour = settlement.now.unix_ms().div_euclid(HOUR_MS);
    execute(
        db,
        "INSERT INTO rollups (owner, hour, model, account_amount, fal_amount, images) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (owner, hour, model) DO UPDATE SET account_amount = account_amount + excluded.account_amount,
             fal_amount = fal_amount + excluded.fal_amount, images = images + excluded.images",
        params![job.owner, hour, job.model, Sql(settlement.account.amount), Sql(settlement.fal.amount), images],
    )?;
    Ok(())
}

/// Whole hours come from the roll-ups, the hour that `recent_since` cuts from the ledger.
pub(super) fn spending(db: &Connection, owner: &UserId, recent_since: Timestamp) -> Result<Spending, StoreError> {
    let since = recent_since.unix_ms();
    let first_whole_hour = since.div_euclid(HOUR_MS) + i64::from(since.rem_euclid(HOUR_MS) > 0);
    let whole_hours = db
        .prepare_cached(concat!("SELECT ", sum!("account_amount"), " FROM rollups WHERE owner = ?1 AND hour >= ?2"))?
        .query_row(params![owner, first_whole_hour], |row| sum_at(row, 0))?;
    let cut_hour = db
        .prepare_cached(concat!(
            "SELECT ",
            sum!("account_amount"),
            " FROM ledger WHERE owner = ?1 AND created >= ?2 AND created < ?3"
        ))?
        .query_row(params![owner, since, first_whole_hour.saturating_mul(HOUR_MS)], |row| sum_at(row, 0))?;
    Ok(Spending { recent: UsdSum::from_nano(whole_hours + cut_hour), ..totals(db, owner)? })
}

fn totals(db: &Connection, owner: &UserId) -> Result<Spending, StoreError> {
    let mut statement = db.prepare_cached(concat!(
        "SELECT ",
        sum!("account_amount"),
        ", ",
        sum!("fal_amount"),
        ", coalesce(sum(images), 0) FROM rollups WHERE owner = ?1"
    ))?;
    Ok(statement.query_row([owner], |row| {
        Ok(Spending {
            total: UsdSum::from_nano(sum_at(row, 0)?),
            fal_total: UsdSum::from_nano(sum_at(row, 2)?),
            images: get(row, 4)?,
            recent: UsdSum::default(),
        })
    })?)
}

/// Newest first; of one moment, by id. What the job was quoted stands in its own row.
pub(super) fn rows(db: &Connection, owner: &UserId, query: &LedgerQuery) -> Result<Vec<LedgerRow>, StoreError> {
    let from = query.from.map_or(i64::MIN, Timestamp::unix_ms);
    let until = query.until.map_or(i64::MAX, Timestamp::unix_ms);
    let behind = query.after.as_ref().map(|id| created(db, owner, id)).transpose()?.unwrap_or(i64::MAX);
    all(
        db,
        "SELECT ledger.*, CASE jobs.book WHEN 'catalog' THEN jobs.catalog_amount ELSE jobs.fal_amount END AS quoted
         FROM ledger JOIN jobs ON jobs.id = ledger.job_id
         WHERE ledger.owner = ?1 AND ledger.created >= ?2 AND ledger.created < ?3
             AND (?4 IS NULL OR ledger.model = ?4) AND (?5 IS NULL OR jobs.folder = ?5)
             AND (ledger.created < ?6 OR ledger.id < ?7)
         ORDER BY ledger.created DESC, ledger.id DESC LIMIT ?8",
        // The bound on `created` includes the moment of the row to begin behind, so that the index leads straight there.
        params![
            owner,
            from,
            until.min(behind.saturating_add(1)),
            query.model,
            query.folder,
            behind,
            query.after,
            query.limit
        ],
        read,
    )
}

/// When the owner's row was charged.
fn created(db: &Connection, owner: &UserId, id: &LedgerId) -> Result<i64, StoreError> {
    let sql = "SELECT created FROM ledger WHERE id = ?1 AND owner = ?2";
    optional(db, sql, params![id, owner], |row| row.get(0))?.ok_or(StoreError::Missing)
}

fn read(row: &Row<'_>) -> rusqlite::Result<LedgerRow> {
    Ok(LedgerRow {
        id: row.get("id")?,
        job: row.get("job_id")?,
        model: row.get("model")?,
        images: row.get("images")?,
        account: amount(row, "account")?,
        fal: amount(row, "fal")?,
        billable_units: row.get("billable_units")?,
        reported_by: get(row, "reported_by")?,
        quoted: get(row, "quoted")?,
        created: get(row, "created")?,
    })
}

/// One look at the roll-ups per span; all see the same state.
pub(super) fn by_model(
    db: &Connection,
    owner: &UserId,
    bounds: &[Timestamp],
) -> Result<Vec<Vec<ModelSpending>>, StoreError> {
    let hour = |bound: &Timestamp| bound.unix_ms().div_euclid(HOUR_MS);
    let spans = bounds.iter().zip(bounds.iter().skip(1));
    spans.map(|(from, until)| between(db, owner, hour(from), hour(until))).collect()
}

fn between(db: &Connection, owner: &UserId, from: i64, until: i64) -> Result<Vec<ModelSpending>, StoreError> {
    let sql = concat!(
        "SELECT ",
        sum!("account_amount"),
        ", ",
        sum!("fal_amount"),
        ", sum(images), model FROM rollups WHERE owner = ?1 AND hour >= ?2 AND hour < ?3 GROUP BY model ORDER BY model"
    );
    all(db, sql, params![owner, from, until], |row| {
        Ok(ModelSpending {
            amount: UsdSum::from_nano(sum_at(row, 0)?),
            fal_amount: UsdSum::from_nano(sum_at(row, 2)?),
            images: get(row, 4)?,
            model: row.get(5)?,
        })
    })
}

/// Nano-dollars of the `sum!` whose columns begin at `index`.
fn sum_at(row: &Row<'_>, index: usize) -> rusqlite::Result<i128> {
    let (upper, lower): (i64, i64) = (row.get(index)?, row.get(index + 1)?);
    Ok((i128::from(upper) << 32) + i128::from(lower))
}
