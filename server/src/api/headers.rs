//! What the headers of a generation ask for: how it is answered, and with what it may be repeated.

use crate::http::Request;
use crate::http::error::ApiError;
use http::HeaderMap;

/// The most characters of an `Idempotency-Key`.
pub(crate) const MAX_KEY: usize = 255;

/// Whether `Prefer: respond-async` is among the caller's preferences (RFC 7240 §4.1).
pub(super) fn prefers_async(request: &Request) -> bool {
    any_preference(request.headers(), "respond-async")
}

/// The `Idempotency-Key`, if there is one.
///
/// # Errors
/// 400 when there are several, or it is not 1 to 255 characters of visible ASCII.
pub(super) fn idempotency_key(request: &Request) -> Result<Option<String>, ApiError> {
    one_key(request.headers())
        .map_err(|BadKey| ApiError::validation("Idempotency-Key must be 1 to 255 visible ASCII characters"))
}

/// Preferences come in one header or several, each with parameters of its own that are none of ours.
fn any_preference(headers: &HeaderMap, wanted: &str) -> bool {
    let given = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    let mut names = given.flat_map(|list| list.split(',')).filter_map(|preference| preference.split([';', '=']).next());
    names.any(|name| name.trim().eq_ignore_ascii_case(wanted))
}

#[derive(Debug, PartialEq)]
struct BadKey;

fn one_key(headers: &HeaderMap) -> Result<Option<String>, BadKey> {
    let mut given = headers.get_all("idempotency-key").iter();
    let Some(key) = given.next() else { return Ok(None) };
    let key = key.to_str().map_err(|_| BadKey)?;
    let fits = (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    if fits && given.next().is_none() { Ok(Some(key.to_owned())) } else { Err(BadKey) }
}

#[cfg(test)]
mod tests {
    use super::{BadKey, MAX_KEY, any_preference, one_key};
    use http::{HeaderMap, HeaderName, HeaderValue};

    fn headers(name: &'static str, values: &[&[u8]]) -> HeaderMap {
        let name = HeaderName::from_static(name);
        values.iter().map(|value| (name.clone(), HeaderValue::from_bytes(value).unwrap())).collect()
    }

    #[test]
    fn preferences_are_lists_of_names_with_parameters() {
        let rows: [(&[&[u8]], bool); 9] = [
            (&[b"respond-async"], true),
            (&[b"Respond-Async"], true),
            (&[b"wait=10, respond-async"], true),
            (&[b"respond-async;x=1 , wait=10"], true),
            (&[b"wait=10", b"respond-async"], true),
            (&[], false),
            (&[b"wait=respond-async"], false),
            (&[b"respond-asynchronously"], false),
            (&[b"\xff"], false),
        ];
        for (values, expected) in rows {
            assert_eq!(any_preference(&headers("prefer", values), "respond-async"), expected, "{values:?}");
        }
    }

    #[test]
    fn keys_are_visible_ascii_of_bounded_length() {
        let (longest, longer) = ("k".repeat(MAX_KEY), "k".repeat(MAX_KEY + 1));
        let key = |values: &[&[u8]]| one_key(&headers("idempotency-key", values));
        assert_eq!(key(&[]), Ok(None));
        for good in ["k", "!~", "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", longest.as_str()] {
            assert_eq!(key(&[good.as_bytes()]), Ok(Some(good.to_owned())));
        }
        for bad in ["", " ", "a b", "a\tb", "schlüssel", longer.as_str()] {
            assert_eq!(key(&[bad.as_bytes()]), Err(BadKey), "{bad}");
        }
        assert_eq!(key(&[b"a", b"a"]), Err(BadKey), "which of the two?");
    }
}
