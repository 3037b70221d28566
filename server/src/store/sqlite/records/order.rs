//! `ORDER BY`.

use super::columns::{Stored, column};
use super::condition::Condition;
use super::counts::is_plain;
use crate::store::{Path, SortBy, SortKey, StoreError};

/// All terms. The last one is the order rows were made in, so that no two pages share a row.
pub(super) fn terms(sort: &[SortKey], condition: &mut Condition) -> Result<String, StoreError> {
    let mut terms = Vec::new();
    for SortKey { by, descending } in sort {
        let direction = direction(*descending);
        terms.push(match by {
            SortBy::Age => format!("t.rowid {direction}"),
            SortBy::Path(path) => format!("{} {direction}", key(path, condition)?),
            SortBy::Random => "random()".to_owned(),
        });
    }
    if terms.is_empty() {
        terms.push("t.created".to_owned());
    }
    terms.push(format!("t.rowid {}", direction(sort.last().is_some_and(|key| key.descending))));
    Ok(terms.join(", "))
}

/// Whether rows come by when they were made and nothing else: the latest first, or the earliest.
pub(super) fn by_moment(sort: &[SortKey]) -> Option<bool> {
    match sort {
        [] => Some(false),
        [SortKey { by: SortBy::Path(path), descending }] if is_plain(path, "created") => Some(*descending),
        _ => None,
    }
}

pub(super) const fn direction(descending: bool) -> &'static str {
    if descending { "DESC" } else { "ASC" }
}

/// A column of the row itself is sorted as it is kept, which is the same order and one that an index may have.
fn key(path: &Path, condition: &mut Condition) -> Result<String, StoreError> {
    let place = condition.joins.follow(path)?;
    let column = column(place.collection, path.field)?;
    match column.stored {
        Stored::Millis | Stored::MaybeMillis | Stored::MaybeText if !place.joined && path.modifier.is_none() => {
            Ok(column.of(&place.alias))
        }
        _ => condition.value(path),
    }
}
