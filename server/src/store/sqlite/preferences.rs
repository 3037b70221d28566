//! What users saved per model.

use super::rows::{Sql, all, below, execute, get, optional};
use crate::ids::{PreferenceId, UserId};
use crate::store::{MAX_PREFERENCES, Preferences, StoreError};
use generatio_core::Timestamp;
use getrandom::SysRng;
use rusqlite::{Connection, Row, params};

/// How many an owner has.
pub(super) const COUNT: &str = "SELECT count(*) FROM preferences WHERE owner = ?1";

pub(super) fn by_model(db: &Connection, owner: &UserId, model: &str) -> Result<Option<Preferences>, StoreError> {
    optional(db, "SELECT * FROM preferences WHERE owner = ?1 AND model = ?2", params![owner, model], read)
}

/// The first save gives the row its id; later ones keep it.
pub(super) fn save(
    db: &Connection,
    owner: &UserId,
    model: &str,
    values: &str,
    now: Timestamp,
) -> Result<Preferences, StoreError> {
    let replaced = execute(
        db,
        r#"UPDATE preferences SET "values" = ?3, updated = ?4 WHERE owner = ?1 AND model = ?2"#,
        params![owner, model, values, Sql(now)],
    )?;
    if replaced == 0 {
        add(db, owner, model, values, now)?;
    }
    by_model(db, owner, model)?.ok_or(StoreError::Missing)
}

fn add(db: &Connection, owner: &UserId, model: &str, values: &str, now: Timestamp) -> Result<(), StoreError> {
    below(MAX_PREFERENCES, db, COUNT, owner)?;
    let id = PreferenceId::generate(&mut SysRng).map_err(|error| StoreError::Backend(error.to_string()))?;
    execute(
        db,
        r#"INSERT INTO preferences (id, owner, model, "values", created, updated) VALUES (?1, ?2, ?3, ?4, ?5, ?5)"#,
        params![id, owner, model, values, Sql(now)],
    )?;
    // Their record lists it.
    execute(db, "UPDATE users SET updated = ?2 WHERE id = ?1", params![owner, Sql(now)])?;
    Ok(())
}

pub(super) fn ids(db: &Connection, owner: &UserId) -> Result<Vec<PreferenceId>, StoreError> {
    all(db, "SELECT id FROM preferences WHERE owner = ?1 ORDER BY created, rowid", [owner], |row| row.get("id"))
}

fn read(row: &Row<'_>) -> rusqlite::Result<Preferences> {
    Ok(Preferences {
        id: row.get("id")?,
        owner: row.get("owner")?,
        model: row.get("model")?,
        values: row.get("values")?,
        created: get(row, "created")?,
        updated: get(row, "updated")?,
    })
}
