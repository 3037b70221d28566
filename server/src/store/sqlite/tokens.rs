//! Sealed FAL tokens, one per user at most.

use super::rows::{Sql, execute, get, optional};
use crate::ids::UserId;
use crate::store::{StoreError, StoredToken};
use generatio_core::Timestamp;
use rusqlite::{Connection, Row, params};

pub(super) fn by_user(db: &Connection, user: &UserId) -> Result<Option<StoredToken>, StoreError> {
    optional(db, "SELECT sealed, custody, updated FROM sealed_tokens WHERE user_id = ?1", [user], |row| {
        read_from(row, 0)
    })
}

pub(super) fn set(db: &Connection, user: &UserId, token: &StoredToken) -> Result<(), StoreError> {
    execute(
        db,
        "INSERT INTO sealed_tokens (user_id, sealed, custody, updated) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (user_id)
         DO UPDATE SET sealed = excluded.sealed, custody = excluded.custody, updated = excluded.updated",
        params![user, token.sealed, Sql(token.custody), Sql(token.updated)],
    )?;
    Ok(())
}

pub(super) fn reseal(db: &Connection, user: &UserId, old: &str, new: &str, now: Timestamp) -> Result<bool, StoreError> {
    let changed = execute(
        db,
        "UPDATE sealed_tokens SET sealed = ?3, updated = ?4 WHERE user_id = ?1 AND sealed = ?2",
        params![user, old, new, Sql(now)],
    )?;
    Ok(changed > 0)
}

pub(super) fn remove(db: &Connection, user: &UserId) -> Result<bool, StoreError> {
    Ok(execute(db, "DELETE FROM sealed_tokens WHERE user_id = ?1", [user])? > 0)
}

/// From three columns, of which `sealed` is the first. By number: to find a column by its name takes longer than to read it.
pub(super) fn read_from(row: &Row<'_>, sealed: usize) -> rusqlite::Result<StoredToken> {
    Ok(StoredToken { sealed: row.get(sealed)?, custody: get(row, sealed + 1)?, updated: get(row, sealed + 2)? })
}
