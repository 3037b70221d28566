//! Full text: pictures whose title or prompt has all words of a search.

use super::condition::Params;
use super::{order, words};
use crate::ids::UserId;
use crate::store::StoreError;
use crate::store::sqlite::rows::{all, execute, get};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params};

/// Most words that count.
const MAX_WORDS: usize = 32;
/// Most words that a word may be the beginning of, itself aside, for each to be looked for.
const MAX_ENDINGS: usize = 7;
/// So many pictures are looked up one by one; more are cheaper to recognize among all that the owner has.
const FEW: usize = 1000;

/// Pages of the index that are written before other writes get their turn.
const MERGED: u32 = 64;

/// Puts parts of the index together that writes have left, for a moment; says whether there may be more to do. A search
/// looks for its words in each part.
pub(in crate::store::sqlite) fn merge(db: &Connection) -> Result<bool, StoreError> {
    let before = db.total_changes();
    execute(db, "INSERT INTO images_search (images_search, rank) VALUES ('merge', ?1)", [MERGED])?;
    // As FTS5 tells: one is the statement itself.
    Ok(db.total_changes() - before > 1)
}

/// What a search found, as far as it was looked at.
pub(super) enum Search {
    /// These pictures, by number.
    Few(Vec<i64>),
    /// More than [`FEW`]; what to match them with.
    Many(String),
}

/// Looks for pictures with what [`expression`] gave.
pub(super) fn search(db: &Connection, expression: &str) -> Result<Search, StoreError> {
    let sql = format!("SELECT rowid FROM images_search WHERE images_search MATCH ?1 LIMIT {}", FEW + 1);
    let found: Vec<i64> = all(db, &sql, [expression], |row| row.get(0))?;
    Ok(if found.len() > FEW { Search::Many(expression.to_owned()) } else { Search::Few(found) })
}

/// Looks for all of them between these numbers; `None` when they are more than `most`. From the end of all that there are
/// on where these are `latest`: FTS5 steps over what comes before.
pub(super) fn between(
    db: &Connection,
    expression: &str,
    (first, last): (i64, i64),
    latest: bool,
    most: usize,
) -> Result<Option<Search>, StoreError> {
    let direction = order::direction(latest);
    let sql = format!(
        "SELECT rowid FROM images_search WHERE images_search MATCH ?1 AND rowid BETWEEN ?2 AND ?3
         ORDER BY rowid {direction} LIMIT ?4"
    );
    let limit = i64::try_from(most.saturating_add(1)).unwrap_or(i64::MAX);
    let found: Vec<i64> = all(db, &sql, params![expression, first, last, limit], |row| row.get(0))?;
    Ok((found.len() <= most).then_some(Search::Few(found)))
}

/// How many pictures there are.
pub(super) fn total(db: &Connection, expression: &str) -> Result<u64, StoreError> {
    let sql = "SELECT count(*) FROM images_search WHERE images_search MATCH ?1";
    Ok(db.prepare_cached(sql)?.query_row([expression], |row| get(row, 0))?)
}

/// Where the rows are that were found, and the condition that one is the owner's, `?1`.
pub(super) fn rows((table, own): (&str, &str), found: &Search, params: &mut Params) -> (String, String) {
    match found {
        Search::Few(numbers) => {
            let numbers: Vec<_> = numbers.iter().map(i64::to_string).collect();
            let numbers = params.bind(Value::Text(format!("[{}]", numbers.join(","))));
            // CROSS: these are looked up, and nothing else is gone through. FTS5 gives no number twice.
            (
                format!("json_each({numbers}) AS found CROSS JOIN {table} AS t ON t.rowid = found.value"),
                format!("(t.{own} = ?1)"),
            )
        }
        Search::Many(expression) => {
            let expression = params.bind(Value::Text(expression.clone()));
            let found = format!("SELECT rowid FROM images_search WHERE images_search MATCH {expression}");
            (format!("{table} AS t"), format!("(t.{own} = ?1) AND t.rowid IN ({found})"))
        }
    }
}

/// What to match pictures of the owner's with that have these words, in FTS5's language: whole words, the last of them
/// perhaps unfinished. Each is a quoted string, so that nothing of it is read as an operator, and the owner's own
/// (`words.rs`). `None` when nothing of it could be a word, which finds nothing.
pub(super) fn expression(db: &Connection, owner: &UserId, search: &str) -> Result<Option<String>, StoreError> {
    let words = search.split(|letter: char| letter.is_whitespace() || letter.is_control());
    let words = words.filter(|word| word.contains(char::is_alphanumeric)).take(MAX_WORDS);
    let mut words: Vec<_> = words.map(|word| words::own(owner.as_str(), word)).collect();
    let Some(last) = words.pop() else { return Ok(None) };
    let last = match finished(db, last)? {
        Ok(all) => format!("({})", all.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" OR ")),
        Err(last) => format!("{}*", quoted(&last)),
    };
    let all: Vec<_> = words.iter().map(|word| quoted(word)).chain([last]).collect();
    Ok(Some(all.join(" AND ")))
}

fn quoted(word: &str) -> String {
    format!("\"{}\"", word.replace('"', "\"\""))
}

/// The owner's words that begin with this one, where they are [`MAX_ENDINGS`] at most; else the word. FTS5 goes through
/// such words one picture after the other, while for an unfinished one it first puts together all pictures that have any
/// of them. Only for words that are surely a single one in the index, too.
fn finished(db: &Connection, word: String) -> Result<Result<Vec<String>, String>, StoreError> {
    if !word.chars().all(|letter| letter.is_ascii_alphanumeric()) {
        return Ok(Err(word));
    }
    let mut next = db.prepare_cached("SELECT term FROM images_words WHERE term >= ?1 LIMIT 1")?;
    let mut found = vec![word.to_ascii_lowercase()];
    loop {
        // No word has a control character in it, so that the one after this comes after all its pictures.
        let after = format!("{}\u{1}", found[found.len() - 1]);
        match next.query_row([after], |row| row.get::<_, String>(0)).optional()? {
            Some(term) if !term.starts_with(&found[0]) => return Ok(Ok(found)),
            Some(_) if found.len() > MAX_ENDINGS => return Ok(Err(word)),
            Some(term) => found.push(term),
            None => return Ok(Ok(found)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::expression;
    use crate::ids::UserId;
    use crate::store::sqlite::schema;
    use rusqlite::params;

    #[test]
    fn words_are_quoted_and_operators_are_none() {
        let directory = tempfile::tempdir().unwrap();
        let db = schema::open_writer(&directory.path().join("x.db")).unwrap();
        let owner = UserId::parse("h9abrttn6oajblr").unwrap();
        for (number, owner, text) in [
            (1, owner.as_str(), "Cats dog dogs dogged"),
            (2, owner.as_str(), "catsuit x1 x2 x3 x4 x5 x6 x7 x8"),
            (3, owner.as_str(), "y1 y2 y3 y4 y5 y6 y7"),
            (4, "h9abrttn6oajbls", "cathedral doggedly zebras"),
        ] {
            let sql = "INSERT INTO images_search (rowid, prompt) VALUES (?1, generatio_own_words(?2, ?3))";
            db.execute(sql, params![number, owner, text]).unwrap();
        }
        let rows = [
            ("cat", Some("(\"~cat\" OR \"~cats\" OR \"~catsuit\")")),
            ("CATS", Some("(\"~cats\" OR \"~catsuit\")")),
            ("dogge", Some("(\"~dogge\" OR \"~dogged\")")),
            ("zebra", Some("(\"~zebra\")")),
            // The word itself, of the index or not, and seven more.
            ("y", Some("(\"~y\" OR \"~y1\" OR \"~y2\" OR \"~y3\" OR \"~y4\" OR \"~y5\" OR \"~y6\" OR \"~y7\")")),
            ("x", Some("\"~x\"*")),
            (" red  dogs\n", Some("\"~red\" AND (\"~dogs\")")),
            ("dogs OR owner:x", Some("\"~dogs\" AND \"~OR\" AND \"~owner:~x\"*")),
            ("a\"b", Some("\"~a\"\"~b\"*")),
            ("nul\0byt\u{e9}", Some("\"~nul\" AND \"~byt\u{e9}\"*")),
            ("-- * ()", None),
            ("", None),
        ];
        for (search, expected) in rows {
            let found = expression(&db, &owner, search).unwrap();
            assert_eq!(found, expected.map(|words| words.replace('~', owner.as_str())), "{search}");
        }
    }
}
