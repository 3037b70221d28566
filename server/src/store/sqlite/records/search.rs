//! Full text: pictures whose title or prompt has all words of a search.

use super::condition::Params;
use crate::ids::UserId;
use crate::store::StoreError;
use crate::store::sqlite::rows::all;
use rusqlite::Connection;
use rusqlite::types::Value;

/// Most words that count.
const MAX_WORDS: usize = 32;
/// So many pictures are looked up one by one; more are cheaper to recognize among all that the owner has.
const FEW: usize = 1000;

/// What a search found, as far as it was looked at.
pub(super) enum Search {
    /// These pictures, by number.
    Few(Vec<i64>),
    /// More than [`FEW`]; what to match them with.
    Many(String),
}

/// Looks for pictures with these words. Nothing that could be a word finds nothing.
pub(super) fn search(db: &Connection, owner: &UserId, words: &str) -> Result<Search, StoreError> {
    let Some(expression) = expression(owner, words) else { return Ok(Search::Few(Vec::new())) };
    let sql = format!("SELECT rowid FROM images_search WHERE images_search MATCH ?1 LIMIT {}", FEW + 1);
    let found: Vec<i64> = all(db, &sql, [&expression], |row| row.get(0))?;
    Ok(if found.len() > FEW { Search::Many(expression) } else { Search::Few(found) })
}

/// The condition that a row of the owner's, `?1`, is one that was found.
pub(super) fn condition(own: &str, found: &Search, params: &mut Params) -> String {
    match found {
        Search::Few(numbers) => {
            let numbers: Vec<_> = numbers.iter().map(i64::to_string).collect();
            let numbers = params.bind(Value::Text(format!("[{}]", numbers.join(","))));
            // The sign keeps SQLite from going through all of the owner's.
            format!("(+t.{own} = ?1) AND t.rowid IN (SELECT value FROM json_each({numbers}))")
        }
        Search::Many(expression) => {
            let expression = params.bind(Value::Text(expression.clone()));
            format!(
                "(t.{own} = ?1) AND t.rowid IN (SELECT rowid FROM images_search WHERE images_search MATCH {expression})"
            )
        }
    }
}

/// In FTS5's language: whole words, the last of them perhaps unfinished. Each is a quoted string, so that nothing of it
/// is read as an operator.
fn expression(owner: &UserId, search: &str) -> Option<String> {
    let words = search.split(|letter: char| letter.is_whitespace() || letter.is_control());
    let words = words.filter(|word| word.contains(char::is_alphanumeric)).take(MAX_WORDS);
    let words: Vec<_> = words.map(|word| format!("\"{}\"", word.replace('"', "\"\""))).collect();
    let all = words.join(" AND ");
    (!words.is_empty()).then(|| format!("owner : \"{owner}\" AND {{title prompt}} : ({all}*)"))
}

#[cfg(test)]
mod tests {
    use super::expression;
    use crate::ids::UserId;

    #[test]
    fn words_are_quoted_and_operators_are_none() {
        let owner = UserId::parse("h9abrttn6oajblr").unwrap();
        let own = "owner : \"h9abrttn6oajblr\" AND {title prompt} : ";
        let rows = [
            ("cat", Some("(\"cat\"*)")),
            (" red  cat\n", Some("(\"red\" AND \"cat\"*)")),
            ("cat OR owner:x", Some("(\"cat\" AND \"OR\" AND \"owner:x\"*)")),
            ("a\"b", Some("(\"a\"\"b\"*)")),
            ("nul\0byte", Some("(\"nul\" AND \"byte\"*)")),
            ("-- * ()", None),
            ("", None),
        ];
        for (search, expected) in rows {
            assert_eq!(expression(&owner, search), expected.map(|words| format!("{own}{words}")), "{search}");
        }
    }
}
