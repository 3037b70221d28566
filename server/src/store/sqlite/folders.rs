//! Folders.

use super::rows::{Sql, all, below, execute, get, maybe, optional};
use crate::ids::{FolderId, UserId};
use crate::store::{Folder, MAX_FOLDERS, NewFolder, StoreError};
use rusqlite::{Connection, Row, params};

pub(super) fn create(db: &Connection, folder: &NewFolder) -> Result<Folder, StoreError> {
    if let Some(parent) = &folder.parent
        && !is_live(db, &folder.owner, parent)?
    {
        return Err(StoreError::Missing);
    }
    below(MAX_FOLDERS, db, "SELECT count(*) FROM folders WHERE owner = ?1", &folder.owner)?;
    execute(
        db,
        "INSERT INTO folders (id, owner, name, parent, private, created, updated)
         VALUES (?1, ?2, ?3, ?4, FALSE, ?5, ?5)",
        params![folder.id, folder.owner, folder.name, folder.parent, Sql(folder.created)],
    )?;
    optional(db, "SELECT * FROM folders WHERE id = ?1", [&folder.id], read)?.ok_or(StoreError::Missing)
}

pub(super) fn live(db: &Connection, owner: &UserId) -> Result<Vec<Folder>, StoreError> {
    all(
        db,
        "SELECT * FROM folders WHERE owner = ?1 AND deleted IS NULL ORDER BY created DESC, rowid DESC",
        [owner],
        read,
    )
}

pub(super) fn is_live(db: &Connection, owner: &UserId, folder: &FolderId) -> Result<bool, StoreError> {
    let mut one = db.prepare_cached("SELECT 1 FROM folders WHERE id = ?1 AND owner = ?2 AND deleted IS NULL")?;
    Ok(one.exists(params![folder, owner])?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Folder> {
    Ok(Folder {
        id: row.get("id")?,
        owner: row.get("owner")?,
        name: row.get("name")?,
        parent: row.get("parent")?,
        private: row.get("private")?,
        deleted: maybe(row, "deleted")?,
        created: get(row, "created")?,
        updated: get(row, "updated")?,
    })
}
