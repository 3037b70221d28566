//! `fields=id,title,expand.folder_id.name`: which parts of an answer are asked for.

mod excerpt;
mod pick;

pub(crate) use pick::{Chosen, chosen};

use excerpt::Excerpt;
use std::collections::BTreeMap;

/// Longest list, in bytes.
const MAX_BYTES: usize = 3500;
/// Deepest path.
const MAX_DEPTH: usize = 16;

/// What to show of an object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pick {
    /// `*`: all members that are not named.
    rest: Option<Whole>,
    named: BTreeMap<String, Choice>,
}

/// What to show of a member: all of it, where that is asked for, or parts.
#[derive(Clone, Debug, Default, PartialEq)]
struct Choice {
    whole: Option<Whole>,
    parts: Pick,
}

/// A value as a whole, shortened if it is a text.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Whole {
    excerpt: Option<Excerpt>,
}

/// The list is too long, or asks for something that is not offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a list of fields is malformed")]
pub struct FieldsError;

impl Pick {
    /// Everything.
    #[must_use]
    pub fn everything() -> Self {
        Self { rest: Some(Whole::default()), named: BTreeMap::new() }
    }

    /// Reads a list; one without entries asks for everything.
    ///
    /// # Errors
    /// [`FieldsError`] beyond the limits, and for another modifier than `:excerpt(max, withEllipsis?)`.
    pub fn parse(text: &str) -> Result<Self, FieldsError> {
        if text.len() > MAX_BYTES {
            return Err(FieldsError);
        }
        let mut pick = Self::default();
        for entry in entries(text).map(str::trim).filter(|entry| !entry.is_empty()) {
            let (path, modifier) = entry.split_once(':').map_or((entry, None), |(path, after)| (path, Some(after)));
            let excerpt = modifier.map(|modifier| Excerpt::parse(modifier).ok_or(FieldsError)).transpose()?;
            pick.add(path, Whole { excerpt })?;
        }
        Ok(if pick == Self::default() { Self::everything() } else { pick })
    }

    fn add(&mut self, path: &str, whole: Whole) -> Result<(), FieldsError> {
        if path.split('.').count() > MAX_DEPTH {
            return Err(FieldsError);
        }
        let (way, last) = path.rsplit_once('.').map_or((None, path), |(way, last)| (Some(way), last));
        let mut here = self;
        for name in way.into_iter().flat_map(|way| way.split('.')) {
            here = &mut here.named.entry(name.to_owned()).or_default().parts;
        }
        if last == "*" {
            here.rest = Some(whole);
        } else {
            here.named.entry(last.to_owned()).or_default().whole = Some(whole);
        }
        Ok(())
    }
}

/// The entries of a list, whose commas may also stand between parentheses.
fn entries(text: &str) -> impl Iterator<Item = &str> {
    let mut open = 0_usize;
    text.split(move |letter| {
        match letter {
            '(' => open += 1,
            ')' => open = open.saturating_sub(1),
            _ => {}
        }
        letter == ',' && open == 0
    })
}

#[cfg(test)]
mod tests {
    use super::pick::picked;
    use super::{FieldsError, Pick};
    use serde_json::value::RawValue;

    fn show(fields: &str, json: &str) -> String {
        let pick = Pick::parse(fields).unwrap();
        let raw: &RawValue = serde_json::from_str(json).unwrap();
        serde_json::to_string(&picked(raw, &pick).unwrap()).unwrap()
    }

    #[test]
    fn parts_are_picked_and_digits_stay() {
        let json = r#"{"a":12345678901234567890,"b":{"c":[{"d":1.0,"e":2}],"f":"x"},"t":"one two three"}"#;
        let rows = [
            ("a", r#"{"a":12345678901234567890}"#),
            ("b.c.d", r#"{"b":{"c":[{"d":1.0}]}}"#),
            ("b.f,a", r#"{"a":12345678901234567890,"b":{"f":"x"}}"#),
            ("b,b.f", r#"{"b":{"c":[{"d":1.0,"e":2}],"f":"x"}}"#),
            ("*,b.f", r#"{"a":12345678901234567890,"b":{"f":"x"},"t":"one two three"}"#),
            ("b.*", r#"{"b":{"c":[{"d":1.0,"e":2}],"f":"x"}}"#),
            (" t:excerpt(5,true) , a.x", r#"{"a":12345678901234567890,"t":"one t..."}"#),
            ("*:excerpt(3)", r#"{"a":12345678901234567890,"b":{"c":[{"d":1.0,"e":2}],"f":"x"},"t":"one"}"#),
            ("nothing,,", "{}"),
            ("", json),
            (" , ", json),
        ];
        for (fields, expected) in rows {
            assert_eq!(show(fields, json), expected, "{fields}");
        }
    }

    #[test]
    fn unknown_modifiers_and_bottomless_paths_are_refused() {
        let deep = "a.".repeat(20) + "a";
        let long = "a,".repeat(2000);
        for fields in
            ["a:upper", "a:excerpt", "a:excerpt()", "a:excerpt(0)", "a:excerpt(x)", "a:excerpt(1,true,2)", &deep, &long]
        {
            assert_eq!(Pick::parse(fields), Err(FieldsError), "{fields}");
        }
    }
}
