//! Sums of the ledger per hour, written with each charge.

use super::rows::{Sql, all, execute, get};
use crate::ids::UserId;
use crate::store::{Job, ModelSpending, Settlement, Spending, StoreError};
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

/// A sum beyond 64 bits would become a floating-point number in SQLite; the STRICT table refuses that, and with it the
/// whole settlement.
pub(super) fn add(db: &Connection, job: &Job, settlement: &Settlement, images: u32) -> Result<(), StoreError> {
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
