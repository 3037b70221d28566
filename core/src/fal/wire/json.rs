//! Reading other people's JSON field by field: one that is missing, null or of another type is simply absent, and nothing
//! is built for those nobody asked for.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use std::time::Duration;

/// Longest array that is looked at: more log lines than this do not fit a status.
const LONGEST_LIST: usize = 1 << 16;

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
