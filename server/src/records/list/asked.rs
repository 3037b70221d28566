//! The query of a list's URL, read and checked.

use crate::app::App;
use crate::http::{RecordsError, Request};
use crate::records::Collection;
use crate::records::filter::{self, FilterError, Resolver};
use crate::store::RecordQuery;
use generatio_core::time::Clock;

/// Records of a page, unless told otherwise.
pub(crate) const USUAL: u32 = 30;
/// The most records of a page.
pub(crate) const MOST: u32 = 1000;
/// Longest search, in bytes.
pub(crate) const LONGEST_SEARCH: usize = 500;

/// What a list was asked for.
pub(super) struct Asked {
    /// The page, from 1.
    pub(super) page: i64,
    pub(super) query: RecordQuery,
}

impl Asked {
    /// Reads the query for records of `collection`.
    pub(super) fn read(app: &App, request: &Request, collection: Collection) -> Result<Self, RecordsError> {
        let text = |name| request.query(name).unwrap_or_default();
        let (condition, order) = (text("filter"), text("sort"));
        superusers_only(&condition)?;
        superusers_only(&order)?;
        let mut resolver = Resolver::new(collection, app.clock.now());
        let filter = present(&condition).map(|text| resolver.filter(&filter::parse(text)?)).transpose();
        let filter = filter.map_err(refused)?;
        let sort = present(&order).map(|text| filter::sort::parse(text, &mut resolver)).transpose();
        let sort = sort.map_err(refused)?.unwrap_or_default();
        let limit = limit(whole(&text("perPage"))?);
        let page = whole(&text("page"))?.unwrap_or(1).max(1);
        let offset = u64::try_from(page - 1).unwrap_or_default().saturating_mul(limit.into());
        let search = text("search");
        if search.len() > LONGEST_SEARCH {
            return Err(RecordsError::unreadable());
        }
        // Other collections have no words to search for; there it is a parameter like any other unknown one.
        let search = present(search.trim()).filter(|_| collection == Collection::Images).map(str::to_owned);
        let with_total = !flag(&text("skipTotal"))?;
        Ok(Self { page, query: RecordQuery { collection, filter, sort, search, offset, limit, with_total } })
    }
}

fn present(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

fn limit(given: Option<i64>) -> u32 {
    match given {
        Some(given @ 1..) => u32::try_from(given).map_or(MOST, |given| given.min(MOST)),
        _ => USUAL,
    }
}

fn whole(text: &str) -> Result<Option<i64>, RecordsError> {
    present(text).map(|text| text.parse().map_err(|_| RecordsError::unreadable())).transpose()
}

fn flag(text: &str) -> Result<bool, RecordsError> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "" | "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(RecordsError::unreadable()),
    }
}

/// What is for PocketBase's rules is for nobody here.
fn superusers_only(text: &str) -> Result<(), RecordsError> {
    match ["@collection.", "@request."].into_iter().find(|name| text.contains(name)) {
        Some(name) => Err(RecordsError::forbidden(format!("Only superusers can filter by {name}"))),
        None => Ok(()),
    }
}

/// The caller is told that it was refused, as by PocketBase; why stands in the log.
fn refused(error: FilterError) -> RecordsError {
    tracing::debug!(%error, "a filter or sort was refused");
    RecordsError::unreadable()
}
