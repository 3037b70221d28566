//! Rows as records.
//!
//! A list is one statement: an inner one finds the numbers of the page's rows, which an index often has alone, and around
//! it those rows are read one by one. Nothing but the page is read, also where all that might be on it is sorted first.

use super::BASE;
use super::columns::{Stored, column, in_joined, joined, table};
use crate::ids::UserId;
use crate::records::Collection;
use crate::records::schema::Kind;
use crate::store::sqlite::rows::{get, maybe};
use crate::store::{Cell, Draft, Record, StoreError};
use generatio_core::cost::{Units, Usd, UsdSum};
use rusqlite::types::{FromSqlError, Type, ValueRef};
use rusqlite::{Connection, OptionalExtension, Params, Row, params};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// How a collection's records are read.
struct Shape {
    /// The statement for the row of an id, and an owner.
    by_id: String,
    /// What is read of each row that a statement named `wanted` gives the `number` of: the beginning, up to the statement.
    these: String,
    /// The rest, behind the statement.
    of_these: String,
    /// What its columns hold.
    columns: Vec<(Stored, Kind)>,
}

static SHAPES: LazyLock<BTreeMap<Collection, Shape>> =
    LazyLock::new(|| Collection::ALL.into_iter().filter_map(|one| Some((one, shape(one).ok()?))).collect());

fn shape(collection: Collection) -> Result<Shape, StoreError> {
    let mut names = Vec::new();
    let mut columns = Vec::new();
    for field in collection.visible() {
        let column = column(collection, field)?;
        names.push(in_joined(field).map_or_else(|| column.of(BASE), str::to_owned));
        columns.push((column.stored, field.kind));
    }
    let (names, (table, own), joined) = (names.join(", "), table(collection), joined(collection));
    let by_id = format!("SELECT {names} FROM {table} AS t{joined} WHERE t.id = ?1 AND t.{own} = ?2");
    // CROSS: the numbers are gone through from the first one, and each row looked up.
    let these = format!("SELECT {names} FROM (");
    let of_these = format!(") AS wanted CROSS JOIN {table} AS t ON t.rowid = wanted.number{joined}");
    Ok(Shape { by_id, these, of_these, columns })
}

fn known(collection: Collection) -> Result<&'static Shape, StoreError> {
    SHAPES.get(&collection).ok_or_else(|| StoreError::Backend("a collection without columns".into()))
}

/// The rows whose numbers the statement gives as `number`, in its order.
pub(super) fn all(
    db: &Connection,
    collection: Collection,
    numbers: &str,
    params: impl Params,
) -> Result<Vec<Record>, StoreError> {
    let shape = known(collection)?;
    let mut statement = db.prepare_cached(&[&shape.these, numbers, &shape.of_these].concat())?;
    let mut rows = statement.query(params)?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        records.push(record(collection, shape, row)?);
    }
    Ok(records)
}

/// The rows of these numbers, in their order.
pub(super) fn by_numbers(db: &Connection, collection: Collection, numbers: &[i64]) -> Result<Vec<Record>, StoreError> {
    let records = all(db, collection, "SELECT value AS number FROM json_each(?1)", [json!(numbers).to_string()])?;
    if records.len() == numbers.len() { Ok(records) } else { Err(StoreError::Backend("a row is missing".into())) }
}

/// The owner's row with this id.
pub(in crate::store::sqlite) fn by_id(
    db: &Connection,
    owner: &UserId,
    collection: Collection,
    id: &str,
) -> Result<Option<Record>, StoreError> {
    let shape = known(collection)?;
    let mut row = db.prepare_cached(&shape.by_id)?;
    Ok(row.query_row(params![id, owner], |row| record(collection, shape, row)).optional()?)
}

fn record(collection: Collection, shape: &Shape, row: &Row<'_>) -> rusqlite::Result<Record> {
    let mut draft = Draft::new(collection);
    for (index, (stored, kind)) in shape.columns.iter().enumerate() {
        push(&mut draft, row, index, *stored, *kind)?;
    }
    Ok(draft.finish().map_err(FromSqlError::other)?)
}

fn push(draft: &mut Draft, row: &Row<'_>, index: usize, stored: Stored, kind: Kind) -> rusqlite::Result<()> {
    let maybe_text = || match row.get_ref(index)? {
        ValueRef::Null => Ok(None),
        ValueRef::Text(text) => Ok(Some(text)),
        _ => Err(rusqlite::Error::from(FromSqlError::InvalidType)),
    };
    let text = || maybe_text()?.ok_or_else(|| rusqlite::Error::from(FromSqlError::InvalidType));
    match stored {
        Stored::Decimal => draft.push(Cell::Number(get::<Units>(row, index)?.to_string().as_bytes())),
        Stored::Finances => draft.push(Cell::Json(finances(row, index)?.as_bytes())),
        Stored::Integer if kind == Kind::Bool => draft.push(Cell::Bool(row.get(index)?)),
        Stored::Integer => draft.push(Cell::Number(row.get::<_, i64>(index)?.to_string().as_bytes())),
        Stored::Json => draft.push(Cell::Json(text()?)),
        Stored::Link => draft.push(Cell::Link(maybe_text()?.unwrap_or_default())),
        Stored::MaybeMillis | Stored::Millis => draft.push(Cell::Date(maybe(row, index)?)),
        Stored::MaybeText => draft.push(Cell::Text(maybe_text()?.unwrap_or_default())),
        Stored::Members => draft.push(Cell::Relations(text()?)),
        Stored::Nano => {
            draft.push(Cell::Number(maybe::<Usd>(row, index)?.unwrap_or(Usd::ZERO).to_string().as_bytes()));
        }
        Stored::Text => draft.push(Cell::Text(text()?)),
    }
    Ok(())
}

/// The sums as the object that `financial_data` is.
fn finances(row: &Row<'_>, index: usize) -> rusqlite::Result<String> {
    let (upper, lower, images): (i64, i64, u64) = json(row, index)?;
    let spent = UsdSum::from_nano((i128::from(upper) << 32) + i128::from(lower));
    Ok(format!(r#"{{"total_spent":{spent},"total_images":{images}}}"#))
}

fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, index: usize) -> rusqlite::Result<T> {
    let text: String = row.get(index)?;
    serde_json::from_str(&text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(index, Type::Text, error.into()))
}
