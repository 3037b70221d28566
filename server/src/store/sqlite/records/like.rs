//! What stands right of `~`, as a pattern of SQL's LIKE.

/// A text with a `%` that no backslash precedes is a pattern already. Any other is searched for as it is, but for what a
/// backslash escapes: `\%`, `\_` and `\\` stand for their second character.
pub(super) fn pattern(text: &str) -> String {
    if is_pattern(text) { text.to_owned() } else { format!("%{}%", escaped(text)) }
}

fn is_pattern(text: &str) -> bool {
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '%' => return true,
            '\\' => drop(letters.next()),
            _ => {}
        }
    }
    false
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => {
                escaped.push('\\');
                // Either the pair that stands here already, or the backslash itself.
                escaped.push(letters.next_if(|next| matches!(next, '\\' | '%' | '_')).unwrap_or('\\'));
            }
            '%' | '_' => escaped.extend(['\\', letter]),
            plain => escaped.push(plain),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn texts_are_searched_and_patterns_stay() {
        let rows = [
            ("", "%%"),
            ("cat", "%cat%"),
            ("al%", "al%"),
            ("%pha", "%pha"),
            ("a_b%", "a_b%"),
            ("a_b", r"%a\_b%"),
            ("__", r"%\_\_%"),
            (r"100\%", r"%100\%%"),
            (r"a\b", r"%a\\b%"),
            (r"a\\b", r"%a\\b%"),
            (r"a\", r"%a\\%"),
            (r"\\%", r"\\%"),
        ];
        for (text, expected) in rows {
            assert_eq!(pattern(text), expected, "{text}");
        }
    }
}
