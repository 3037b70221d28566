//! Places in JSON text: from an offset to the path of keys that leads there, and back.
//!
//! The text has been read by serde_json, up to a fault at least; nothing here checks it again.

use super::problem::visible;
use std::fmt::Write;

/// One step from a JSON value to a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

/// Line and column, both from 1, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: usize,
    pub(super) column: usize,
}

/// The path to the value before or around `offset`.
pub(super) fn path_at(text: &str, offset: usize) -> Vec<Step> {
    walk(text, |_, at| at >= offset).0
}

/// Where the value at `path` begins, or the nearest one around it that exists.
pub(super) fn find(text: &str, path: &[Step]) -> Position {
    let mut path = path;
    loop {
        let (steps, at) = walk(text, |steps, _| steps == path);
        match path.split_last() {
            Some((_, rest)) if steps != path => path = rest,
            _ => return position(text, at),
        }
    }
}

/// The position of the byte at `offset`.
pub(super) fn position(text: &str, offset: usize) -> Position {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or(before);
    Position { line: before.matches('\n').count() + 1, column: line.chars().count() + 1 }
}

/// The offset that serde_json calls `line` and `column` (bytes read of that line).
pub(super) fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    start + column
}

/// A path in words: model and field.
pub(super) fn describe(path: &[Step]) -> String {
    let (mut words, rest) = match path {
        [Step::Key(part), Step::Key(name), rest @ ..] if part == "models" || part == "prices" => {
            (format!("model `{}`", visible(name)), rest)
        }
        _ => (String::new(), path),
    };
    for (at, step) in rest.iter().enumerate() {
        let joint = if at > 0 {
            "."
        } else if words.is_empty() {
            ""
        } else {
            ", "
        };
        let _ = match step {
            Step::Key(key) => write!(words, "{joint}{}", visible(key)),
            Step::Index(index) => write!(words, "{joint}{index}"),
        };
    }
    words
}

/// Goes from token to token until `stop` likes the path and offset, or the text ends; says where that was.
fn walk(text: &str, mut stop: impl FnMut(&[Step], usize) -> bool) -> (Vec<Step>, usize) {
    let bytes = text.as_bytes();
    let (mut steps, mut key_next, mut at) = (Vec::new(), false, 0);
    while let Some(byte) = bytes.get(at).copied() {
        if matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b':') {
            at += 1;
            continue;
        }
        if stop(&steps, at) {
            break;
        }
        let end = token_end(bytes, at);
        match byte {
            b'{' => steps.push(Step::Key(String::new())),
            b'[' => steps.push(Step::Index(0)),
            b'}' | b']' => _ = steps.pop(),
            _ => {}
        }
        match (byte, steps.last_mut()) {
            (b'{', _) => key_next = true,
            (b',', Some(Step::Index(index))) => *index += 1,
            (b',', Some(Step::Key(_))) => key_next = true,
            (b'"', Some(Step::Key(key))) if key_next => {
                *key = serde_json::from_str(&text[at..end]).unwrap_or_default();
                key_next = false;
            }
            _ => key_next = false,
        }
        at = end;
    }
    (steps, at)
}

/// Where the token that begins at `at` ends: a text, a punctuation mark, or a number or word.
fn token_end(bytes: &[u8], at: usize) -> usize {
    if bytes[at] != b'"' {
        let word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        return at + bytes[at..].iter().take_while(|byte| word(byte)).count().max(1);
    }
    let mut escaped = false;
    let close = bytes[at + 1..].iter().position(|&byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    });
    close.map_or(bytes.len(), |close| at + close + 2)
}

#[cfg(test)]
mod tests {
    use super::{Position, Step, describe, find, offset, path_at};

    const TEXT: &str = "{\n \"models\": {\"a/b\": {\"tiers\": [{}, {\"say \\\"x\\\"\": \"é}\", \"is\": 5}]}}\n}";

    fn path(of: &str) -> String {
        describe(&path_at(TEXT, TEXT.find(of).unwrap() + of.len()))
    }

    #[test]
    fn an_offset_has_a_path() {
        for (of, expected) in [
            ("\"is\": 5", "model `a/b`, tiers.1.is"),
            ("\"é}\"", "model `a/b`, tiers.1.say?\"x\""),
            ("{}", "model `a/b`, tiers.0"),
            ("5}", "model `a/b`, tiers.1"),
            ("5}]", "model `a/b`, tiers"),
            ("5}]}", "model `a/b`"),
            ("\"models\"", "models"),
        ] {
            assert_eq!(path(of), expected, "{of}");
        }
        assert_eq!(describe(&path_at(TEXT, 0)), "");
    }

    #[test]
    fn a_path_has_a_position() {
        let is: Vec<Step> = ["models", "a/b", "tiers"].map(Step::from).into_iter().chain([Step::Index(1)]).collect();
        assert_eq!(find(TEXT, &is), Position { line: 2, column: 35 });
        let absent: Vec<Step> = ["models", "a/b", "none", "x"].map(Step::from).to_vec();
        assert_eq!(find(TEXT, &absent), Position { line: 2, column: 20 });
        assert_eq!(find("[]", &[]), Position { line: 1, column: 1 });
    }

    #[test]
    fn serde_json_s_columns_are_offsets() {
        let fault = serde_json::from_str::<Vec<u8>>("[1,\n 2, -3]").unwrap_err();
        assert_eq!(&"[1,\n 2, -3]"[..offset("[1,\n 2, -3]", fault.line(), fault.column())], "[1,\n 2, -3");
    }

    #[test]
    fn broken_text_is_walked_to_its_end() {
        for text in ["", "\"", "{\"a\\", "]]}", "[[[", "{\"a\":1,,}", "é"] {
            path_at(text, usize::MAX);
            find(text, &[Step::from("a")]);
        }
    }
}
