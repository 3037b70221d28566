//! Rows as records.

use super::BASE;
use super::columns::{Stored, column, table};
use crate::ids::UserId;
use crate::records::Collection;
use crate::records::schema::Kind;
use crate::store::sqlite::rows::{get, maybe};
use crate::store::{Record, StoreError, Value};
use generatio_core::cost::{Units, Usd, UsdSum};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// How a collection's records are read.
struct Shape {
    /// `SELECT` and `FROM`.
    select: String,
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
        names.push(column.of(BASE));
        columns.push((column.stored, field.kind));
    }
    let select = format!("SELECT {} FROM {} AS {BASE}", names.join(", "), table(collection).0);
    Ok(Shape { select, columns })
}

fn known(collection: Collection) -> Result<&'static Shape, StoreError> {
    SHAPES.get(&collection).ok_or_else(|| StoreError::Backend("a collection without columns".into()))
}

/// The rows of these numbers, in their order.
pub(super) fn by_numbers(db: &Connection, collection: Collection, numbers: &[i64]) -> Result<Vec<Record>, StoreError> {
    let shape = known(collection)?;
    let mut row = db.prepare_cached(&format!("{} WHERE t.rowid = ?1", shape.select))?;
    let read = |number: &i64| Ok(row.query_row([number], |row| record(collection, shape, row))?);
    numbers.iter().map(read).collect()
}

/// The owner's row with this id.
pub(in crate::store::sqlite) fn by_id(
    db: &Connection,
    owner: &UserId,
    collection: Collection,
    id: &str,
) -> Result<Option<Record>, StoreError> {
    let shape = known(collection)?;
    let sql = format!("{} WHERE t.id = ?1 AND t.{} = ?2", shape.select, table(collection).1);
    let mut row = db.prepare_cached(&sql)?;
    Ok(row.query_row(params![id, owner], |row| record(collection, shape, row)).optional()?)
}

fn record(collection: Collection, shape: &Shape, row: &Row<'_>) -> rusqlite::Result<Record> {
    let columns = shape.columns.iter().enumerate();
    let values = columns.map(|(index, (stored, kind))| value(row, index, *stored, *kind)).collect::<Result<_, _>>()?;
    Ok(Record { collection, values })
}

fn value(row: &Row<'_>, index: usize, stored: Stored, kind: Kind) -> rusqlite::Result<Value> {
    Ok(match stored {
        Stored::Decimal => Value::Number(get::<Units>(row, index)?.to_string()),
        Stored::Finances => Value::Json(finances(row, index)?),
        Stored::Integer if kind == Kind::Bool => Value::Bool(row.get(index)?),
        Stored::Integer => Value::Number(row.get::<_, i64>(index)?.to_string()),
        Stored::Json => Value::Json(row.get(index)?),
        Stored::Link => Value::Link(row.get::<_, Option<String>>(index)?.unwrap_or_default()),
        Stored::MaybeMillis | Stored::Millis => Value::Date(maybe(row, index)?),
        Stored::MaybeText => Value::Text(row.get::<_, Option<String>>(index)?.unwrap_or_default()),
        Stored::Members => Value::Relations(json(row, index)?),
        Stored::Nano => Value::Number(maybe::<Usd>(row, index)?.unwrap_or(Usd::ZERO).to_string()),
        Stored::Text => Value::Text(row.get(index)?),
    })
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
