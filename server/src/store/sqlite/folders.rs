//! Folders.

use super::rows::{Sql, all, below, execute, get, maybe, optional};
use crate::ids::{FolderId, UserId};
use crate::store::{Folder, MAX_FOLDERS, NewFolder, StoreError};
use rusqlite::{Connection, Row, params};

/// How many an owner has, those in the trash included.
pub(super) const COUNT: &str = "SELECT coalesce(sum(folders), 0) FROM folder_counts WHERE owner = ?1";

/// What [`read`] reads.
macro_rules! select {
    () => {
        "SELECT id, owner, name, parent, private, deleted, created, updated FROM folders"
    };
}

pub(super) fn create(db: &Connection, folder: &NewFolder) -> Result<Folder, StoreError> {
    if let Some(parent) = &folder.parent
        && !is_live(db, &folder.owner, parent)?
    {
        return Err(StoreError::Missing);
    }
    below(MAX_FOLDERS, db, COUNT, &folder.owner)?;
    execute(
        db,
        "INSERT INTO folders (id, owner, name, parent, private, created, updated)
         VALUES (?1, ?2, ?3, ?4, FALSE, ?5, ?5)",
        params![folder.id, folder.owner, folder.name, folder.parent, Sql(folder.created)],
    )?;
    optional(db, concat!(select!(), " WHERE id = ?1"), [&folder.id], read)?.ok_or(StoreError::Missing)
}

pub(super) fn live(db: &Connection, owner: &UserId) -> Result<Vec<Folder>, StoreError> {
    all(
        db,
        concat!(select!(), " WHERE owner = ?1 AND deleted IS NULL ORDER BY created DESC, rowid DESC"),
        [owner],
        read,
    )
}

pub(super) fn is_live(db: &Connection, owner: &UserId, folder: &FolderId) -> Result<bool, StoreError> {
    let mut one = db.prepare_cached("SELECT 1 FROM folders WHERE id = ?1 AND owner = ?2 AND deleted IS NULL")?;
    Ok(one.exists(params![folder, owner])?)
}

/// By number: to find a column by its name takes longer than to read it.
fn read(row: &Row<'_>) -> rusqlite::Result<Folder> {
    Ok(Folder {
        id: row.get(0)?,
        owner: row.get(1)?,
        name: row.get(2)?,
        parent: row.get(3)?,
        private: row.get(4)?,
        deleted: maybe(row, 5)?,
        created: get(row, 6)?,
        updated: get(row, 7)?,
    })
}
