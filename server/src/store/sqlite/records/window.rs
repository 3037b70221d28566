//! Searches whose first page is full of what was made lately, as that of a frequent word is: they look no further.

use super::counts::Part;
use super::order;
use super::search::{self, Search};
use crate::ids::UserId;
use crate::store::sqlite::rows::get;
use crate::store::{RecordQuery, StoreError};
use rusqlite::Connection;

/// A page is looked for among so many times the pictures that lead to its end.
const SPARSE: u64 = 50;
/// The most pictures that are looked at.
const MOST: usize = 20_000;
/// Of so many pictures one must be the owner's; else looking at all of theirs takes no longer.
const SHARE: u64 = 40;
/// Milliseconds of an hour.
const HOUR: i64 = 3_600_000;

/// One end of a gallery.
pub(super) struct Window {
    /// What lies in it.
    pub(super) part: Part,
    /// The search's pictures in it, and perhaps some more.
    pub(super) found: Search,
}

/// What is found at the end of the gallery that the list begins with. `None` where it is no use to look there first. What
/// is not in the window comes after everything that is, so that a page full of it is the page.
pub(super) fn window(
    db: &Connection,
    owner: &UserId,
    query: &RecordQuery,
    expression: &str,
) -> Result<Option<Window>, StoreError> {
    let Some(descending) = order::by_moment(&query.sort) else { return Ok(None) };
    let wanted = query.offset.saturating_add(query.limit.into()).saturating_mul(SPARSE);
    if wanted > MOST as u64 {
        return Ok(None);
    }
    let Some(Hours { part, first, last }) = hours(db, owner, descending, wanted)? else { return Ok(None) };
    if last.abs_diff(first) > wanted.saturating_mul(SHARE) {
        return Ok(None);
    }
    let found = search::between(db, expression, (first, last), descending, MOST)?;
    Ok(found.map(|found| Window { part, found }))
}

/// Some hours at one end of a gallery, and between which numbers their pictures are.
struct Hours {
    part: Part,
    first: i64,
    last: i64,
}

/// The fewest that have `wanted` pictures, if that is not all.
fn hours(db: &Connection, owner: &UserId, descending: bool, wanted: u64) -> Result<Option<Hours>, StoreError> {
    let sql = format!(
        "SELECT start, images, first_seq, last_seq FROM image_counts WHERE owner = ?1 AND span = 'hour'
         ORDER BY start {}",
        order::direction(descending)
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query([owner])?;
    let (mut count, mut first, mut last) = (0_u64, i64::MAX, i64::MIN);
    while let Some(row) = rows.next()? {
        let start: i64 = row.get(0)?;
        count = count.saturating_add(get(row, 1)?);
        (first, last) = (first.min(row.get(2)?), last.max(row.get(3)?));
        if count >= wanted {
            // The same part seen from its other end.
            let part = Part::from_span(!descending, start, HOUR);
            return Ok(Some(Hours { part, first, last }));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::super::{Start, recent, search, statements};
    use crate::ids::UserId;
    use crate::records::Collection;
    use crate::records::filter::{Resolver, parse, sort};
    use crate::store::RecordQuery;
    use crate::store::sqlite::schema;
    use generatio_core::Timestamp;
    use rusqlite::Connection;
    use tempfile::TempDir;

    const WORDS: [&str; 5] = ["cat", "dog", "cat dog", "stray", "rare"];

    /// Two galleries whose pictures were not made in the order of their numbers, several at once. Those with `stray` are
    /// the earliest of all and the other way round, wherever their numbers are; `rare` is in 20 of 8000.
    fn database() -> (Connection, [UserId; 2], TempDir) {
        let directory = tempfile::tempdir().unwrap();
        let db = schema::open_writer(&directory.path().join("x.db")).unwrap();
        let owners = ["aaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbb"].map(|id| UserId::parse(id).unwrap());
        for owner in &owners {
            let sql = "INSERT INTO users VALUES (?1, ?1, ?1, 0, 0, '', '', 0, ?1, 0, 0)";
            db.execute(sql, [owner.as_str()]).unwrap();
        }
        let rows = "WITH RECURSIVE n (i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < 7999)
             INSERT INTO images (id, owner, title, url, prompt, request_id, model, batch_number, image_size, other_info,
                                 deleted, created, updated)
             SELECT printf('i%014d', i), iif(i % 4 = 0, ?2, ?1), 'picture ' || i, '',
                    iif(i % 3 = 0, 'cat', '') || iif(i % 7 = 0, ' dogs', '') || iif(i % 400 = 1, ' rare', '')
                        || iif(i % 40 = 5, ' stray', ''),
                    '', '', 1, 'null', 'null', iif(i % 5 = 0, 1, NULL),
                    iif(i % 40 = 5, -i * 1000, (i + i * 7919 % 100) / 5 * 100000), 0 FROM n";
        db.execute(rows, [owners[0].as_str(), owners[1].as_str()]).unwrap();
        (db, owners, directory)
    }

    fn query(filter: &str, order: &str, offset: u64) -> RecordQuery {
        let collection = Collection::Images;
        let mut resolver = Resolver::new(collection, Timestamp::from_unix_ms(0));
        let filter = (!filter.is_empty()).then(|| resolver.filter(&parse(filter).unwrap()).unwrap());
        let sort = if order.is_empty() { Vec::new() } else { sort::parse(order, &mut resolver).unwrap() };
        RecordQuery { collection, filter, sort, search: None, offset, limit: 12, with_total: false }
    }

    #[test]
    fn a_full_page_is_that_of_the_whole_gallery() {
        let (db, owners, _directory) = database();
        let mut full = 0;
        for (owner, words) in owners.iter().flat_map(|owner| WORDS.map(|words| (owner, words))) {
            let expression = search::expression(&db, owner, words).unwrap().unwrap();
            let found = search::search(&db, &expression).unwrap();
            for query in ["", "deleted_at = ''", "title !~ '7'"]
                .into_iter()
                .flat_map(|filter| ["-created", "created", ""].map(|order| (filter, order)))
                .flat_map(|(filter, order)| [0, 12, 30].map(|offset| query(filter, order, offset)))
            {
                let start = Start { part: None, offset: query.offset };
                let whole =
                    statements(owner, &query, Some(&found), start).unwrap().page(&db, query.collection).unwrap();
                let Some(page) = recent(&db, owner, &query, &expression).unwrap() else { continue };
                assert_eq!(page, whole, "{words}");
                assert_ne!(words, "rare");
                full += 1;
            }
        }
        assert!(full > 70, "{full}");
    }

    #[test]
    fn other_orders_and_far_pages_have_no_window() {
        let (db, [owner, _], _directory) = database();
        let expression = search::expression(&db, &owner, "cat").unwrap().unwrap();
        for (order, offset) in [("title", 0), ("created,title", 0), ("@random", 0), ("-created", 1000)] {
            assert_eq!(recent(&db, &owner, &query("", order, offset), &expression), Ok(None), "{order}");
        }
        assert!(recent(&db, &owner, &query("", "-created", 0), &expression).unwrap().is_some());
    }
}
