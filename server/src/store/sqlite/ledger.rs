//! Money: one ledger row per paid job.

use super::rollups;
use super::rows::{Sql, all, amount, execute, get, optional};
use crate::ids::{LedgerId, UserId};
use crate::store::{Job, LedgerQuery, LedgerRow, Settlement, StoreError};
use generatio_core::Timestamp;
use rusqlite::{Connection, Row, params};

/// Writes the charge of a job and adds it to its hour. A second charge of one job is refused by the ledger's key.
pub(super) fn charge(db: &Connection, job: &Job, settlement: &Settlement) -> Result<(), StoreError> {
    let images = u32::try_from(settlement.images.len())
        .map_err(|_| StoreError::Backend("more pictures than a row can count".into()))?;
    charge_for(db, job, settlement, images)
}

/// The same for as many pictures, whatever the settlement holds.
pub(super) fn charge_for(db: &Connection, job: &Job, settlement: &Settlement, images: u32) -> Result<(), StoreError> {
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
    rollups::add(db, job, settlement, images)
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
