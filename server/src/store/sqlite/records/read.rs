//! Rows as records.

use super::BASE;
use super::columns::{Stored, column, in_joined, joined, table};
use crate::ids::UserId;
use crate::records::Collection;
use crate::records::schema::Kind;
use crate::store::sqlite::rows::{get, maybe};
use crate::store::{Cell, Record, StoreError};
use generatio_core::cost::{Units, Usd, UsdSum};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// How a collection's records are read.
struct Shape {
    /// The statement for the row of an id, and an owner.
    by_id: String,
    /// For those whose numbers are in a JSON array, in its order. The last column is the number.
    by_numbers: String,
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
    // CROSS: the array is gone through from its beginning, and each row looked up.
    let by_numbers = format!(
        "SELECT {names}, t.rowid FROM json_each(?1) AS wanted CROSS JOIN {table} AS t ON t.rowid = wanted.value{joined}"
    );
    Ok(Shape { by_id, by_numbers, columns })
}

fn known(collection: Collection) -> Result<&'static Shape, StoreError> {
    SHAPES.get(&collection).ok_or_else(|| StoreError::Backend("a collection without columns".into()))
}

/// The rows of these numbers, in their order. One statement reads them all: for each that begins, SQLite makes room for
/// every column anew.
pub(super) fn by_numbers(db: &Connection, collection: Collection, numbers: &[i64]) -> Result<Vec<Record>, StoreError> {
    let shape = known(collection)?;
    let mut statement = db.prepare_cached(&shape.by_numbers)?;
    let mut rows = statement.query([json!(numbers).to_string()])?;
    let mut records = Vec::with_capacity(numbers.len());
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(shape.columns.len())?;
        if numbers.get(records.len()) != Some(&number) {
            return Err(StoreError::Backend("rows come in another order than they were asked for".into()));
        }
        records.push(record(collection, shape, row)?);
    }
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
    let mut record = Record::new(collection);
    for (index, (stored, kind)) in shape.columns.iter().enumerate() {
        push(&mut record, row, index, *stored, *kind)?;
    }
    Ok(record)
}

fn push(record: &mut Record, row: &Row<'_>, index: usize, stored: Stored, kind: Kind) -> rusqlite::Result<()> {
    let text = || Ok::<_, rusqlite::Error>(row.get_ref(index)?.as_str_or_null()?.unwrap_or_default());
    match stored {
        Stored::Decimal => record.push(Cell::Number(&get::<Units>(row, index)?.to_string())),
        Stored::Finances => record.push(Cell::Json(&finances(row, index)?)),
        Stored::Integer if kind == Kind::Bool => record.push(Cell::Bool(row.get(index)?)),
        Stored::Integer => record.push(Cell::Number(&row.get::<_, i64>(index)?.to_string())),
        Stored::Json => record.push(Cell::Json(row.get_ref(index)?.as_str()?)),
        Stored::Link => record.push(Cell::Link(text()?)),
        Stored::MaybeMillis | Stored::Millis => record.push(Cell::Date(maybe(row, index)?)),
        Stored::MaybeText => record.push(Cell::Text(text()?)),
        Stored::Members => record.push(Cell::Relations(row.get_ref(index)?.as_str()?)),
        Stored::Nano => record.push(Cell::Number(&maybe::<Usd>(row, index)?.unwrap_or(Usd::ZERO).to_string())),
        Stored::Text => record.push(Cell::Text(row.get_ref(index)?.as_str()?)),
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
