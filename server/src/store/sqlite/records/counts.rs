//! Totals and far pages of a gallery, from how many pictures there are of each hour and day (migration 0007): neither is
//! counted or stepped over one by one.

use super::order;
use crate::ids::UserId;
use crate::records::Collection;
use crate::records::schema::Field;
use crate::store::sqlite::rows::get;
use crate::store::{Comparison, Filter, Literal, Op, Operand, Path, RecordQuery, StoreError};
use rusqlite::{Connection, ToSql};

/// Nearer pages are stepped to.
const FAR: u64 = 500;
/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// The pictures that are counted: all of a user's, or by whether they are in the trash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    All,
    Kept,
    Trash,
}

/// A part of the gallery, by when pictures were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Before this millisecond.
    Before(i64),
    /// At it or later.
    Since(i64),
}

/// Where a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Start {
    /// The pictures it begins among; `None` for all of them.
    pub(super) part: Option<Part>,
    /// How many of these come before it.
    pub(super) offset: u64,
}

impl Part {
    /// What is left of a list when it has come to the span that begins at `start` and lasts `ms`.
    pub(super) const fn from_span(descending: bool, start: i64, ms: i64) -> Self {
        if descending { Self::Before(start.saturating_add(ms)) } else { Self::Since(start) }
    }
}

impl Counted {
    /// What the query asks for, if it is counted.
    pub(super) fn asked(query: &RecordQuery) -> Option<Self> {
        if query.collection != Collection::Images || query.search.is_some() {
            return None;
        }
        query.filter.as_ref().map_or(Some(Self::All), filtered)
    }

    /// How many there are.
    pub(super) fn total(self, db: &Connection, owner: &UserId) -> Result<u64, StoreError> {
        let count = self.column();
        let sql = format!("SELECT coalesce(sum({count}), 0) FROM image_counts WHERE owner = ?1 AND span = 'day'");
        Ok(db.prepare_cached(&sql)?.query_row([owner], |row| get(row, 0))?)
    }

    /// Where the page that leaves out `query.offset` begins.
    pub(super) fn start(self, db: &Connection, owner: &UserId, query: &RecordQuery) -> Result<Start, StoreError> {
        let near = Start { part: None, offset: query.offset };
        let Some(descending) = order::by_moment(&query.sort) else { return Ok(near) };
        if query.offset < FAR {
            return Ok(near);
        }
        let direction = order::direction(descending);
        let select = format!("SELECT start, {} FROM image_counts WHERE owner = ?1 AND span", self.column());
        let days = format!("{select} = 'day' ORDER BY start {direction}");
        let (day, offset) = step(db, &days, &[owner], query.offset)?;
        // Past the last day there is nothing, wherever one looks.
        let Some(day) = day else { return Ok(near) };
        let hours = format!("{select} = 'hour' AND start >= ?2 AND start < ?3 ORDER BY start {direction}");
        let (hour, offset) = step(db, &hours, &[owner, &day, &day.saturating_add(DAY)], offset)?;
        Ok(hour.map_or(near, |hour| Start { part: Some(Part::from_span(descending, hour, DAY / 24)), offset }))
    }

    const fn column(self) -> &'static str {
        match self {
            Self::All => "images",
            Self::Kept => "images - deleted",
            Self::Trash => "deleted",
        }
    }
}

/// Leaves out whole spans; gives the one where that ends, and how many are left to leave out there.
fn step(db: &Connection, sql: &str, params: &[&dyn ToSql], mut offset: u64) -> Result<(Option<i64>, u64), StoreError> {
    let mut spans = db.prepare_cached(sql)?;
    let mut spans = spans.query(params)?;
    while let Some(span) = spans.next()? {
        let count: u64 = get(span, 1)?;
        if offset < count {
            return Ok((Some(span.get(0)?), offset));
        }
        offset -= count;
    }
    Ok((None, offset))
}

fn filtered(filter: &Filter) -> Option<Counted> {
    match filter {
        Filter::All(parts) | Filter::Any(parts) if parts.len() == 1 => filtered(&parts[0]),
        Filter::All(_) | Filter::Any(_) => None,
        Filter::Compare(Comparison { left, op, right, .. }) => {
            let deleted = matches!(left, Operand::Path(path) if is_plain(path, "deleted_at"));
            let nothing = match right {
                Operand::Literal(Literal::Null) => true,
                Operand::Literal(Literal::Text(text)) => text.is_empty(),
                _ => false,
            };
            match op {
                Op::Equal if deleted && nothing => Some(Counted::Kept),
                Op::NotEqual if deleted && nothing => Some(Counted::Trash),
                _ => None,
            }
        }
    }
}

/// Whether the path is just this field of the record itself.
pub(super) fn is_plain(path: &Path, name: &str) -> bool {
    let Path { hops, field: Field { name: field, .. }, json, modifier } = path;
    hops.is_empty() && *field == name && json.is_empty() && modifier.is_none()
}
