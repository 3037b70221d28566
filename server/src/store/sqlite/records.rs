//! Questions about records in SQL. Each value of a question is bound; its names become SQL by way of `columns.rs` alone.

mod columns;
mod compare;
mod condition;
mod counts;
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
mod window;
mod words;
mod write;

pub(super) use read::by_id;
pub(super) use search::merge;
pub(super) use write::write;

use super::rows::{all, get};
use crate::ids::UserId;
use crate::records::Collection;
use crate::records::schema::Field;
use crate::store::{MAX_RELATED, Record, RecordPage, RecordQuery, StoreError};
use columns::table;
use condition::Condition;
use counts::{Counted, Part, Start};
use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};
use search::Search;
use std::collections::HashSet;
use window::Window;

#[cfg(test)]
mod tests;

/// The alias of the rows that are asked for.
const BASE: &str = "t";

/// Makes the functions known to a connection that statements and triggers call.
pub(super) fn register_functions(connection: &Connection) -> rusqlite::Result<()> {
    distance::register(connection)?;
    words::register(connection)
}

pub(super) fn list(db: &Connection, owner: &UserId, query: &RecordQuery) -> Result<RecordPage, StoreError> {
    match &query.search {
        Some(words) => searched(db, owner, query, words),
        None => listed(db, owner, query),
    }
}

fn listed(db: &Connection, owner: &UserId, query: &RecordQuery) -> Result<RecordPage, StoreError> {
    let counted = Counted::asked(query);
    let start = counted.map(|counted| counted.start(db, owner, query)).transpose()?;
    let start = start.unwrap_or(Start { part: None, offset: query.offset });
    let statements = statements(owner, query, None, start)?;
    let total = query.with_total.then(|| match counted {
        Some(counted) => counted.total(db, owner),
        None => statements.total(db),
    });
    Ok(RecordPage { records: statements.page(db, query.collection)?, total: total.transpose()? })
}

fn searched(db: &Connection, owner: &UserId, query: &RecordQuery, words: &str) -> Result<RecordPage, StoreError> {
    let Some(expression) = search::expression(db, owner, words)? else {
        return Ok(RecordPage { records: Vec::new(), total: query.with_total.then_some(0) });
    };
    if !query.with_total
        && let Some(records) = recent(db, owner, query, &expression)?
    {
        return Ok(RecordPage { records, total: None });
    }
    let found = search::search(db, &expression)?;
    let statements = statements(owner, query, Some(&found), Start { part: None, offset: query.offset })?;
    let total = query.with_total.then(|| match (&found, &query.filter) {
        // What is found is the owner's: without a filter no row needs to be looked at.
        (Search::Many(expression), None) => search::total(db, expression),
        _ => statements.total(db),
    });
    let total = total.transpose()?;
    let recent = match (total, &found) {
        (Some(_), Search::Many(_)) => recent(db, owner, query, &expression)?,
        _ => None,
    };
    let records = recent.map_or_else(|| statements.page(db, query.collection), Ok)?;
    Ok(RecordPage { records, total })
}

/// The page of a search, where it is full of what lies in a window.
fn recent(
    db: &Connection,
    owner: &UserId,
    query: &RecordQuery,
    expression: &str,
) -> Result<Option<Vec<Record>>, StoreError> {
    let Some(Window { part, found }) = window::window(db, owner, query, expression)? else { return Ok(None) };
    let start = Start { part: Some(part), offset: query.offset };
    let page = statements(owner, query, Some(&found), start)?.page(db, query.collection)?;
    Ok(Some(page).filter(|page| u32::try_from(page.len()) == Ok(query.limit)))
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

impl Statements {
    fn page(&self, db: &Connection, collection: Collection) -> Result<Vec<Record>, StoreError> {
        read::all(db, collection, &self.page, params_from_iter(&self.params))
    }

    fn total(&self, db: &Connection) -> Result<u64, StoreError> {
        let given = params_from_iter(&self.params[..self.shared]);
        Ok(db.prepare_cached(&self.count)?.query_row(given, |row| get(row, 0))?)
    }
}

/// `found` is what the query's search found. The count is of all there are, wherever the page starts.
fn statements(
    owner: &UserId,
    query: &RecordQuery,
    found: Option<&Search>,
    start: Start,
) -> Result<Statements, StoreError> {
    let mut condition = Condition::new(owner, query.collection);
    let narrowed = match &query.filter {
        Some(filter) => condition.filter(filter)?,
        None => "1".to_owned(),
    };
    let (table, own) = table(query.collection);
    let (from, owned) = match found {
        Some(found) => search::rows((table, own), found, &mut condition.params),
        None => (format!("{table} AS t"), format!("(t.{own} = ?1)")),
    };
    // The owner's condition and the filter are each in parentheses of their own: no filter reaches around it.
    let rows = format!("{owned} AND ({narrowed})");
    let (distinct, counted) = if condition.joins.is_many() { ("DISTINCT ", "DISTINCT t.rowid") } else { ("", "*") };
    let count = format!("SELECT count({counted}) FROM {from}{} WHERE {rows}", condition.joins.sql());
    let shared = condition.params.len();
    let part = match start.part {
        Some(Part::Before(ms)) => format!(" AND t.created < {}", condition.params.bind(ms)),
        Some(Part::Since(ms)) => format!(" AND t.created >= {}", condition.params.bind(ms)),
        None => String::new(),
    };
    let order = order::terms(&query.sort, &mut condition)?;
    // A key may lead to several rows as well.
    let distinct = if condition.joins.is_many() { "DISTINCT " } else { distinct };
    let limit = condition.params.bind(i64::from(query.limit));
    let offset = condition.params.bind(i64::try_from(start.offset).unwrap_or(i64::MAX));
    let joins = condition.joins.sql();
    let page = format!(
        "SELECT {distinct}t.rowid AS number FROM {from}{joins} WHERE {rows}{part} ORDER BY {order}
         LIMIT {limit} OFFSET {offset}"
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
