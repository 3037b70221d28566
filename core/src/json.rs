//! Reading other people's JSON field by field: one that is missing, null or of another type is simply absent, and nothing
//! is built for those nobody asked for.

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Number, Value};
use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// Most fields of an object that is read field by field.
const MOST_FIELDS: usize = 1_000;

/// Most members of any object: more do not fit a catalog's file.
const MOST_MEMBERS: usize = 1 << 18;

/// Longest array that is looked at: more log lines than this do not fit a status.
const LONGEST_LIST: usize = 1 << 16;

/// An object's members as they stand in the text, unread, names given twice among them. One type for all objects is a
/// fifth of the code of one for each.
#[derive(Default)]
pub(crate) struct Members<'a>(pub(crate) Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members: Vec<(Cow<'de, str>, &'de RawValue)> = Vec::new();
        while let Some(name) = map.next_key::<Name<'de>>()? {
            if members.len() >= MOST_MEMBERS {
                return Err(A::Error::custom("an object has too many members"));
            }
            members.push((name.0, map.next_value()?));
        }
        Ok(Members(members))
    }
}

/// A member's name, borrowed where it holds no escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// An object's fields, unread.
#[derive(Default)]
pub(crate) struct Fields<'a>(Members<'a>);

impl<'a> Fields<'a> {
    /// `None`: no JSON object, or one that names a field twice.
    pub(crate) fn read(json: &'a [u8]) -> Option<Self> {
        let members: Members<'a> = serde_json::from_str(std::str::from_utf8(json).ok()?).ok()?;
        let names = || members.0.iter().map(|(name, _)| name);
        let good = names().len() <= MOST_FIELDS
            && names().enumerate().all(|(at, name)| !names().take(at).any(|own| own == name));
        good.then_some(Self(members))
    }

    /// The field of this name, unless it is null.
    pub(crate) fn get(&self, name: &str) -> Option<&'a RawValue> {
        let (_, value) = self.0.0.iter().find(|(own, _)| own == name)?;
        Some(*value).filter(|value| value.get() != "null")
    }
}

/// The fields of an object.
pub(crate) fn fields(raw: Option<&RawValue>) -> Option<Fields<'_>> {
    Fields::read(raw?.get().as_bytes())
}

/// The value of a field, if it is a text.
pub(crate) fn text(raw: Option<&RawValue>) -> Option<String> {
    match value(raw.filter(|raw| raw.get().starts_with('"')))? {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// The value of a field, if it is a number.
pub(crate) fn number(raw: Option<&RawValue>) -> Option<Number> {
    match value(raw.filter(|raw| raw.get().starts_with(|c: char| c == '-' || c.is_ascii_digit())))? {
        Value::Number(number) => Some(number),
        _ => None,
    }
}

/// The value of a field, if it is an integer from 0.
pub(crate) fn count(raw: Option<&RawValue>) -> Option<u64> {
    number(raw)?.as_u64()
}

/// By one type for all: a reader for each is much more code in WebAssembly.
fn value(raw: Option<&RawValue>) -> Option<Value> {
    serde_json::from_str(raw?.get()).ok()
}

/// The first `most` entries of an array; one of an absurd length is absent.
pub(crate) fn list(raw: Option<&RawValue>, most: usize) -> Option<Vec<&RawValue>> {
    let mut entries: Vec<&RawValue> = serde_json::from_str(raw.filter(|_| length(raw) <= LONGEST_LIST)?.get()).ok()?;
    entries.truncate(most);
    Some(entries)
}

/// How many entries an array has; counting takes no memory.
pub(crate) fn length(raw: Option<&RawValue>) -> usize {
    let entries = raw.and_then(|raw| serde_json::from_str::<Vec<IgnoredAny>>(raw.get()).ok());
    entries.map_or(0, |entries| entries.len())
}

/// A number of seconds, whole or not, in whole milliseconds.
pub(crate) fn seconds_as_ms(raw: Option<&RawValue>) -> Option<u64> {
    let time = Duration::try_from_secs_f64(number(raw)?.as_f64()?).ok()?;
    u64::try_from(time.as_millis()).ok()
}

/// At most `most` characters of `text`, control characters turned into spaces, no space around it.
pub(crate) fn visible(text: &str, most: usize) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(most).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn text_is_trimmed_by_characters() {
        assert_eq!(visible(" a\u{1b}[0m\nb ", 300), "a [0m b");
        assert_eq!(visible("žžžž", 2), "žž");
    }
}
