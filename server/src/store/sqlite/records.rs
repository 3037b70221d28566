//! Questions about records in SQL. Each value of a question is bound; its names become SQL by way of `columns.rs` alone.
//!
//! A list is two steps: the numbers of the page's rows, which an index often has alone, then those rows.

mod columns;
mod compare;
mod condition;
mod dates;
mod distance;
mod emptied;
mod joins;
mod like;
mod narrow;
mod order;
mod read;
mod search;
mod values;
mod write;

pub(super) use distance::register as register_functions;
pub(super) use read::by_id;
pub(super) use write::write;

use super::rows::{all, get};
use crate::ids::UserId;
use crate::records::Collection;
use crate::records::schema::Field;
use crate::store::{MAX_RELATED, Record, RecordPage, RecordQuery, StoreError};
use columns::table;
use condition::Condition;
use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};
use search::Search;
use std::collections::HashSet;

#[cfg(test)]
mod tests;

/// The alias of the rows that are asked for.
const BASE: &str = "t";

pub(super) fn list(db: &Connection, owner: &UserId, query: &RecordQuery) -> Result<RecordPage, StoreError> {
    let found = query.search.as_deref().map(|words| search::search(db, owner, words)).transpose()?;
    let Statements { page, count, shared, params } = statements(owner, query, found.as_ref())?;
    let total = query.with_total.then(|| {
        let given = params_from_iter(&params[..shared]);
        db.prepare_cached(&count)?.query_row(given, |row| get(row, 0))
    });
    let total: Option<u64> = total.transpose()?;
    let numbers: Vec<i64> = all(db, &page, params_from_iter(&params), |row| row.get(0))?;
    Ok(RecordPage { records: read::by_numbers(db, query.collection, &numbers)?, total })
}

/// What a list asks SQLite.
struct Statements {
    /// The numbers of the page's rows.
    page: String,
    /// How many rows there are on all pages.
    count: String,
    /// How many of the parameters the count takes.
    shared: usize,
    params: Vec<Value>,
}

/// `found` is what the query's search found; a collection without words is searched for nothing.
fn statements(owner: &UserId, query: &RecordQuery, found: Option<&Search>) -> Result<Statements, StoreError> {
    let mut condition = Condition::new(owner, query.collection);
    let narrowed = match &query.filter {
        Some(filter) => condition.filter(filter)?,
        None => "1".to_owned(),
    };
    let (table, own) = table(query.collection);
    let owned = match found {
        Some(found) => search::condition(own, found, &mut condition.params),
        None => format!("(t.{own} = ?1)"),
    };
    // The owner's condition and the filter are each in parentheses of their own: no filter reaches around it.
    let rows = format!("{owned} AND ({narrowed})");
    let (distinct, counted) = if condition.joins.is_many() { ("DISTINCT ", "DISTINCT t.rowid") } else { ("", "*") };
    let count = format!("SELECT count({counted}) FROM {table} AS t{} WHERE {rows}", condition.joins.sql());
    let shared = condition.params.len();
    let order = order::terms(&query.sort, &mut condition)?;
    // A key may lead to several rows as well.
    let distinct = if condition.joins.is_many() { "DISTINCT " } else { distinct };
    let limit = condition.params.bind(i64::from(query.limit));
    let offset = condition.params.bind(i64::try_from(query.offset).unwrap_or(i64::MAX));
    let joins = condition.joins.sql();
    let page = format!(
        "SELECT {distinct}t.rowid FROM {table} AS t{joins} WHERE {rows} ORDER BY {order} LIMIT {limit} OFFSET {offset}"
    );
    Ok(Statements { page, count, shared, params: condition.params.into_values() })
}

pub(super) fn by_ids(
    db: &Connection,
    owner: &UserId,
    collection: Collection,
    ids: &[String],
) -> Result<Vec<Record>, StoreError> {
    ids.iter().filter_map(|id| by_id(db, owner, collection, id).transpose()).collect()
}

/// For each id in turn, in the order they were made.
pub(super) fn related(
    db: &Connection,
    owner: &UserId,
    (collection, field): (Collection, &Field),
    ids: &[String],
    limit: u32,
) -> Result<Vec<Record>, StoreError> {
    let (table, own) = table(collection);
    let holds = joins::holds(collection, field, BASE, "?2")?;
    let sql = format!("SELECT t.rowid FROM {table} AS t WHERE t.{own} = ?1 AND {holds} ORDER BY t.rowid LIMIT ?3");
    let mut numbers: Vec<i64> = Vec::new();
    let mut known = HashSet::new();
    for id in ids {
        let found = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        let most = limit.saturating_sub(found).min(MAX_RELATED);
        let more: Vec<i64> = all(db, &sql, params![owner, id, most], |row| row.get(0))?;
        numbers.extend(more.into_iter().filter(|number| known.insert(*number)));
    }
    read::by_numbers(db, collection, &numbers)
}
