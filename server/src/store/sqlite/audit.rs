//! What accounts and operators did.

use super::rows::{Sql, all, execute, get};
use crate::store::{AuditEntry, AuditQuery, StoreError};
use generatio_core::Timestamp;
use rusqlite::{Connection, Row, params};

/// Entries that one call removes at most.
const PORTION: u32 = 10_000;

pub(super) fn note(db: &Connection, entry: &AuditEntry) -> Result<(), StoreError> {
    execute(
        db,
        "INSERT INTO audit (created, actor, action, user_id, block) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![Sql(entry.created), Sql(entry.actor), Sql(entry.deed), entry.user, entry.block],
    )?;
    Ok(())
}

pub(super) fn page(db: &Connection, query: &AuditQuery) -> Result<Vec<(i64, AuditEntry)>, StoreError> {
    let since = query.since.map_or(i64::MIN, Timestamp::unix_ms);
    match &query.user {
        Some(user) => all(
            db,
            "SELECT * FROM audit WHERE user_id = ?1 AND seq > ?2 AND created >= ?3 ORDER BY seq LIMIT ?4",
            params![user, query.after, since, query.limit],
            read,
        ),
        None => all(
            db,
            "SELECT * FROM audit WHERE seq > ?1 AND created >= ?2 ORDER BY seq LIMIT ?3",
            params![query.after, since, query.limit],
            read,
        ),
    }
}

/// From the oldest on, those before `before` and those beyond the newest `most`.
pub(super) fn purge(db: &Connection, before: Timestamp, most: u32) -> Result<u64, StoreError> {
    let removed = execute(
        db,
        "DELETE FROM audit WHERE seq IN (SELECT seq FROM audit ORDER BY seq LIMIT ?3)
             AND (created < ?1 OR seq <= (SELECT max(seq) FROM audit) - ?2)",
        params![Sql(before), most, PORTION],
    )?;
    Ok(u64::try_from(removed).unwrap_or(u64::MAX))
}

fn read(row: &Row<'_>) -> rusqlite::Result<(i64, AuditEntry)> {
    let entry = AuditEntry {
        created: get(row, "created")?,
        actor: get(row, "actor")?,
        deed: get(row, "action")?,
        user: row.get("user_id")?,
        block: row.get("block")?,
    };
    Ok((row.get("seq")?, entry))
}
