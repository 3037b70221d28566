//! Reading other people's JSON field by field: one that is missing, null or of another type is simply absent, and nothing
//! is built for those nobody asked for.

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// Most fields of an object that is read.
const MOST_FIELDS: usize = 1_000;

/// Longest array that is looked at: more log lines than this do not fit a status.
const LONGEST_LIST: usize = 1 << 16;

/// An object's fields, unread. One type for all objects is a fifth of the code of one for each.
#[derive(Default)]
pub(crate) struct Fields<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Fields<'a> {
    /// `None`: no JSON object, or one that names a field twice.
    pub(crate) fn read(json: &'a [u8]) -> Option<Self> {
        serde_json::from_str(std::str::from_utf8(json).ok()?).ok()
    }

    /// The field of this name, unless it is null.
    pub(crate) fn get(&self, name: &str) -> Option<&'a RawValue> {
        let (_, value) = self.0.iter().find(|(own, _)| own == name)?;
        Some(*value).filter(|value| value.get() != "null")
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
        let mut fields: Vec<(Cow<'de, str>, &'de RawValue)> = Vec::new();
        while let Some(name) = map.next_key::<Name<'de>>()? {
            let value = map.next_value()?;
            if fields.len() >= MOST_FIELDS || fields.iter().any(|(own, _)| *own == name.0) {
                return Err(A::Error::custom("a field named twice, or too many"));
            }
            fields.push((name.0, value));
        }
        Ok(Fields(fields))
    }
}

/// A field's name, borrowed where it holds no escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// The value of a field, if it has the type.
pub(crate) fn field<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> Option<T> {
    serde_json::from_str(raw?.get()).ok()
}

/// The first `most` entries of an array; one of an absurd length is absent.
pub(crate) fn list(raw: Option<&RawValue>, most: usize) -> Option<Vec<&RawValue>> {
    let mut entries: Vec<&RawValue> = field(raw.filter(|_| count(raw) <= LONGEST_LIST))?;
    entries.truncate(most);
    Some(entries)
}

/// How many entries an array has; counting takes no memory.
pub(crate) fn count(raw: Option<&RawValue>) -> usize {
    field::<Vec<IgnoredAny>>(raw).map_or(0, |entries| entries.len())
}

/// A number of seconds, whole or not, in whole milliseconds.
pub(crate) fn seconds_as_ms(raw: Option<&RawValue>) -> Option<u64> {
    let time = Duration::try_from_secs_f64(field(raw)?).ok()?;
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
