//! Texts as the full-text index gets them: each word with its owner's id before it. So a word of the index is one user's,
//! and a search walks through nobody else's pictures.
//!
//! Where words begin is FTS5's to say, whose `unicode61` tokenizer they go through: a test holds the rules here against
//! it.

use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, Result};
use std::sync::LazyLock;

/// What the function is called in SQL.
const NAME: &str = "generatio_own_words";

/// What is between words beyond ASCII, ranges of code points in hexadecimal: marks, punctuation, symbols, spaces and
/// controls of Unicode 6.1, which is FTS5's, and U+FFFE and U+FFFF, which it takes for U+FFFD.
static SEPARATORS: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
    let code_point = |text| u32::from_str_radix(text, 16).ok().and_then(char::from_u32);
    let range = |text: &'static str| {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        Some((code_point(first)?, code_point(last)?))
    };
    include_str!("separators.txt").split_ascii_whitespace().filter_map(range).collect()
});

/// Makes `generatio_own_words(owner, text)` known to a connection: the index's triggers call it, so that who writes
/// pictures needs it.
pub(in crate::store::sqlite) fn register(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function(NAME, 2, flags, |context| {
        Ok(own(context.get_raw(0).as_str()?, context.get_raw(1).as_str()?))
    })
}

/// The text with `owner` before each word.
pub(super) fn own(owner: &str, text: &str) -> String {
    let mut owned = String::with_capacity(4 * text.len() + owner.len());
    let mut is_within = false;
    for character in text.chars() {
        is_within = match (is_within, is_letter(character)) {
            (false, true) => {
                owned.push_str(owner);
                true
            }
            (true, false) => is_diacritic(character),
            (same, _) => same,
        };
        owned.push(character);
    }
    owned
}

/// Whether a word may begin with it.
fn is_letter(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_alphanumeric();
    }
    let after = SEPARATORS.partition_point(|(first, _)| *first <= character);
    after.checked_sub(1).and_then(|index| SEPARATORS.get(index)).is_none_or(|(_, last)| *last < character)
}

/// Whether it goes on with a word that it could not begin: accents that stand behind their letter.
fn is_diacritic(character: char) -> bool {
    /// Those from U+0300 on, a bit each.
    const KNOWN: u64 = 0x0003_61f8_0802_9fdf;
    u32::from(character).checked_sub(0x300).is_some_and(|index| index < 64 && KNOWN >> index & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::own;
    use rusqlite::Connection;

    const OWNER: &str = "h9abrttn6oajblr";

    #[test]
    fn each_word_has_its_owner_before_it() {
        let rows = [
            ("", ""),
            (" -- ", " -- "),
            ("red fox", "Ored Ofox"),
            ("(a)b1,\u{2014}c", "(Oa)Ob1,\u{2014}Oc"),
            ("e\u{301}t\u{e9}", "Oe\u{301}t\u{e9}"),
        ];
        for (text, expected) in rows {
            assert_eq!(own("O", text), expected);
        }
    }

    /// Every character that FTS5 knows, within a word, before and behind an accent.
    #[test]
    fn words_are_those_of_fts5() {
        let db = Connection::open_in_memory().unwrap();
        for table in ["plain", "owned"] {
            let sql = format!(
                "CREATE VIRTUAL TABLE {table} USING fts5 (x, tokenize = 'unicode61 remove_diacritics 2');
                 CREATE VIRTUAL TABLE {table}_words USING fts5vocab ({table}, row)"
            );
            db.execute_batch(&sql).unwrap();
        }
        let known = ('\0'..'\u{30000}').chain('\u{e0000}'..'\u{e1000}').chain('\u{ffff0}'..'\u{100010}');
        let texts: Vec<String> = known.map(|one| format!("a{one}b {one}\u{301}c\u{345}{one} ")).collect();
        for texts in texts.chunks(500) {
            let text = texts.concat();
            db.execute("INSERT INTO plain VALUES (?1)", [&text]).unwrap();
            db.execute("INSERT INTO owned VALUES (?1)", [own(OWNER, &text)]).unwrap();
        }
        let (plain, owned) = ("term, cnt FROM plain_words", "substr(term, 16), cnt FROM owned_words");
        let owners = "DISTINCT substr(term, 1, 15) FROM owned_words";
        for (one, other) in [(plain, owned), (owned, plain), (owners, &format!("'{OWNER}'"))] {
            let sql = format!("SELECT count(*) FROM (SELECT {one} EXCEPT SELECT {other})");
            let different: i64 = db.query_row(&sql, [], |row| row.get(0)).unwrap();
            assert_eq!(different, 0, "{one}");
        }
    }
}
