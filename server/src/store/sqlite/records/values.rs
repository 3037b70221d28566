//! The value of a field as PocketBase would have it: texts that are never NULL, dates as text, amounts as numbers. What a
//! relation that leads nowhere would have is NULL.
//!
//! The casts say by which rules SQLite compares (its "affinity"): an expression has none, other than a column.

use super::columns::{Column, FINANCES_FOR_FILTERS, Stored, column};
use super::condition::Params;
use super::joins::Place;
use crate::records::schema::Kind;
use crate::store::{JsonStep, Modifier, Path, StoreError};
use std::fmt::Write;

/// The value at the end of the path, whose row `place` is.
pub(super) fn value(path: &Path, place: &Place, params: &mut Params) -> Result<String, StoreError> {
    let column = column(place.collection, path.field)?;
    if path.modifier == Some(Modifier::Length) {
        return Ok(length(column, &place.alias));
    }
    let raw = column.of(&place.alias);
    let value = match column.stored {
        Stored::Decimal => format!("CAST({raw} AS NUMERIC)"),
        Stored::Finances => extract(&FINANCES_FOR_FILTERS.replace("{t}", &place.alias), path, params),
        Stored::Integer | Stored::Text => raw,
        Stored::Json => extract(&raw, path, params),
        Stored::MaybeMillis => format!("CAST({} AS TEXT)", filled(&date(&raw), "''", place)),
        Stored::Link | Stored::MaybeText => format!("CAST({} AS TEXT)", filled(&raw, "''", place)),
        Stored::Members => format!("CAST({} AS TEXT)", filled(&raw, "'[]'", place)),
        Stored::Millis => format!("CAST({} AS TEXT)", date(&raw)),
        Stored::Nano => format!("CAST({} AS NUMERIC)", filled(&format!("({raw}) / 1e9"), "0", place)),
    };
    Ok(if path.modifier == Some(Modifier::Lower) { format!("lower({value})") } else { value })
}

/// Whether it is compared as JSON.
pub(super) fn is_json(path: &Path) -> bool {
    matches!(path.field.kind, Kind::Json { .. })
}

/// How many ids a relation holds; none also where its own record is missing.
fn length(column: Column, alias: &str) -> String {
    match column.stored {
        Stored::Members => format!("json_array_length({})", column.of(alias)),
        _ => format!("(coalesce({}, '') <> '')", column.of(alias)),
    }
}

/// `empty` for NULL, but NULL where the row itself is missing.
fn filled(value: &str, empty: &str, place: &Place) -> String {
    let filled = format!("coalesce({value}, {empty})");
    if place.joined { format!("iif({}.rowid IS NULL, NULL, {filled})", place.alias) } else { filled }
}

/// `2024-01-01 12:00:00.123Z` of milliseconds.
fn date(millis: &str) -> String {
    format!("strftime('%Y-%m-%d %H:%M:%fZ', {millis} / 1000.0, 'unixepoch')")
}

/// What lies at the path in a JSON text.
fn extract(json: &str, path: &Path, params: &mut Params) -> String {
    let mut inside = "$".to_owned();
    for step in &path.json {
        // Writing to a text does not fail. Keys have no quotes in them.
        let _ = match step {
            JsonStep::Key(key) => write!(inside, ".\"{key}\""),
            JsonStep::Index(index) => write!(inside, "[{index}]"),
        };
    }
    format!("json_extract({json}, {})", params.bind(inside))
}
