//! How SQLite finds the answers: what a gallery asks for stands in an index, in its order.

use super::counts::{Part, Start};
use super::search::Search;
use super::{Statements, statements};
use crate::ids::UserId;
use crate::records::Collection;
use crate::records::filter::{Resolver, parse, sort};
use crate::store::RecordQuery;
use crate::store::sqlite::schema;
use generatio_core::Timestamp;
use rusqlite::{Connection, params_from_iter};
use tempfile::TempDir;

fn database() -> (Connection, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    (schema::open_writer(&directory.path().join("x.db")).unwrap(), directory)
}

fn query(collection: Collection, filter: &str, order: &str) -> RecordQuery {
    let mut resolver = Resolver::new(collection, Timestamp::from_unix_ms(0));
    let filter = (!filter.is_empty()).then(|| resolver.filter(&parse(filter).unwrap()).unwrap());
    let sort = if order.is_empty() { Vec::new() } else { sort::parse(order, &mut resolver).unwrap() };
    RecordQuery { collection, filter, sort, search: None, offset: 29_970, limit: 30, with_total: true }
}

/// SQLite's plans for the page and for the count, a line a step.
fn plans(db: &Connection, query: &RecordQuery, found: Option<&Search>) -> [String; 2] {
    plans_in(db, query, found, None)
}

fn plans_in(db: &Connection, query: &RecordQuery, found: Option<&Search>, part: Option<Part>) -> [String; 2] {
    let owner = UserId::parse("h9abrttn6oajblr").unwrap();
    let start = Start { part, offset: query.offset };
    let Statements { page, count, shared, params } = statements(&owner, query, found, start).unwrap();
    let plan = |sql: &str, given: &[rusqlite::types::Value]| {
        let mut explain = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps = explain.query_map(params_from_iter(given), |row| row.get::<_, String>("detail")).unwrap();
        steps.map(Result::unwrap).collect::<Vec<_>>().join("\n")
    };
    [plan(&page, &params), plan(&count, &params[..shared])]
}

#[test]
fn lists_of_pictures_are_read_from_an_index_alone() {
    let (db, _directory) = database();
    let by_owner = "SEARCH t USING COVERING INDEX images_by_owner (owner=?)";
    let by_moment = "SEARCH t USING COVERING INDEX images_by_owner (owner=? AND created>?)";
    let by_folder = "SEARCH t USING COVERING INDEX images_by_folder (folder=? AND owner=?)";
    for (filter, step) in [
        ("", by_owner),
        ("deleted_at = null", by_owner),
        ("deleted_at != ''", by_owner),
        ("deleted_at > '2024-01-01'", by_owner),
        ("model = 'flux/schnell' && deleted_at = ''", by_owner),
        ("created >= '2024-01-01'", by_moment),
        ("created > @monthStart && deleted_at = ''", by_moment),
        ("folder_id = 'abcdefghijklmno'", by_folder),
        ("folder_id = ''", by_folder),
        ("folder_id = 'abcdefghijklmno' && deleted_at = ''", by_folder),
        ("(deleted_at = '' && folder_id.id = 'abcdefghijklmno')", by_folder),
    ] {
        for order in ["-created", "created", ""] {
            let plans = plans(&db, &query(Collection::Images, filter, order), None);
            assert_eq!(plans, [step, step], "{filter} {order}");
        }
    }
}

#[test]
fn far_pages_and_totals_step_over_hours_and_days() {
    let (db, _directory) = database();
    for (part, range) in [(Part::Before(1), "created<?"), (Part::Since(1), "created>?")] {
        for (filter, order) in [("", "-created"), ("deleted_at = ''", "created"), ("deleted_at != ''", "")] {
            let [page, count] = plans_in(&db, &query(Collection::Images, filter, order), None, Some(part));
            let step = format!("SEARCH t USING COVERING INDEX images_by_owner (owner=? AND {range})");
            assert_eq!(page, step, "{filter} {order}");
            assert!(count.ends_with("(owner=?)"), "the total is of all: {count}");
        }
    }
    let span = "SEARCH image_counts USING PRIMARY KEY (owner=? AND span=?)";
    let both = "SEARCH image_counts USING PRIMARY KEY (owner=? AND span=? AND start=?)";
    for (sql, step) in [
        ("SELECT sum(images) FROM image_counts WHERE owner = 'x' AND span = 'day'", span),
        ("SELECT start FROM image_counts WHERE owner = 'x' AND span = 'day' ORDER BY start DESC", span),
        ("DELETE FROM image_counts WHERE owner = 'x' AND (span, start) IN (VALUES ('hour', 1), ('day', 1))", both),
    ] {
        let plan: String = db.query_row(&format!("EXPLAIN QUERY PLAN {sql}"), [], |row| row.get("detail")).unwrap();
        assert_eq!(plan, step, "{sql}");
    }
}

#[test]
fn lists_of_the_rest_begin_with_the_owner_s() {
    let (db, _directory) = database();
    for (collection, filter, step) in [
        (Collection::Folders, "", "folders_by_owner (owner=?)"),
        (Collection::Folders, "parent_id = ''", "folders_by_parent (parent=? AND owner=?)"),
        (Collection::Jobs, "", "jobs_by_owner (owner=?)"),
        (Collection::Ledger, "created >= '2024-01-01'", "ledger_by_owner (owner=? AND created>?)"),
        (Collection::Users, "", "sqlite_autoindex_users_1 (id=?)"),
    ] {
        for plan in plans(&db, &query(collection, filter, "-created"), None) {
            let step = format!("INDEX {step}");
            assert!(plan.ends_with(&step) && plan.lines().count() == 1, "{collection:?} {filter}: {plan}");
        }
    }
}

#[test]
fn other_columns_need_their_rows_but_no_other_user_s() {
    let (db, _directory) = database();
    for filter in
        ["title ~ 'cat'", "title = 'cat'", "image_size.width > 512", "folder_id.name = 'x'", "1 = 1 || id != ''"]
    {
        for plan in plans(&db, &query(Collection::Images, filter, "-created"), None) {
            let first = plan.lines().next().unwrap();
            assert!(first.ends_with("INDEX images_by_owner (owner=?)"), "{filter}: {plan}");
            assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{filter}: {plan}");
        }
    }
}

#[test]
fn few_pictures_are_looked_up_and_many_recognized() {
    let (db, _directory) = database();
    let query = query(Collection::Images, "deleted_at = ''", "-created");
    for plan in plans(&db, &query, Some(&Search::Few(vec![1, 2]))) {
        let lookups = "SCAN found VIRTUAL TABLE INDEX 1:\nSEARCH t USING INTEGER PRIMARY KEY (rowid=?)";
        assert!(plan.starts_with(lookups), "{plan}");
    }
    for plan in plans(&db, &query, Some(&Search::Many("\"cat\"".into()))) {
        assert!(plan.starts_with("SEARCH t USING COVERING INDEX images_by_owner"), "{plan}");
        assert!(plan.contains("VIRTUAL TABLE INDEX") && !plan.contains("TEMP B-TREE"), "{plan}");
    }
}

#[test]
fn what_lies_in_a_folder_is_found_when_the_folder_goes() {
    let (db, _directory) = database();
    for (table, column) in [("images", "folder"), ("folders", "parent"), ("jobs", "folder")] {
        let sql = format!("EXPLAIN QUERY PLAN SELECT 1 FROM {table} WHERE {column} = 'x'");
        let step: String = db.query_row(&sql, [], |row| row.get("detail")).unwrap();
        assert!(step.starts_with("SEARCH"), "{step}");
    }
}
