//! Relations that point at a record which goes.

use super::columns::{Stored, column, table};
use super::read::by_numbers;
use crate::ids::UserId;
use crate::records::Collection;
use crate::store::sqlite::rows::{Sql, all, execute};
use crate::store::{Action, Change, MAX_REPORTED, StoreError};
use generatio_core::Timestamp;
use rusqlite::{Connection, params};

/// The rows that pointed at it, by number: of each relation the first that were made.
pub(super) struct Pointing(Vec<(Collection, Vec<i64>)>);

/// Empties every relation of the owner's that points at the record.
pub(super) fn empty(
    db: &Connection,
    owner: &UserId,
    (gone, id): (Collection, &str),
    now: Timestamp,
) -> Result<Pointing, StoreError> {
    let mut pointing = Vec::new();
    for from in Collection::ALL {
        for field in from.visible().filter(|field| field.target() == Some(gone)) {
            // Others cannot be emptied: a ledger row keeps its job, a row its owner, and a list is put together anew.
            let column = column(from, field)?;
            let (Stored::MaybeText, Some(name)) = (column.stored, column.name()) else { continue };
            let (table, own) = table(from);
            let rows = format!("{name} = ?1 AND {own} = ?2 AND id <> ?1");
            let sql = format!("SELECT rowid FROM {table} WHERE {rows} ORDER BY rowid LIMIT {MAX_REPORTED}");
            let numbers: Vec<i64> = all(db, &sql, params![id, owner], |row| row.get(0))?;
            let sql = format!("UPDATE {table} SET {name} = NULL, updated = ?3 WHERE {rows}");
            execute(db, &sql, params![id, owner, Sql(now)])?;
            pointing.push((from, numbers));
        }
    }
    Ok(Pointing(pointing))
}

impl Pointing {
    /// What became of them.
    pub(super) fn records(&self, db: &Connection) -> Result<Vec<Change>, StoreError> {
        let mut changes = Vec::new();
        for (collection, numbers) in &self.0 {
            let records = by_numbers(db, *collection, numbers)?;
            changes.extend(records.into_iter().map(|record| Change::with(Action::Update, record)));
        }
        Ok(changes)
    }
}
