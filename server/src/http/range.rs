//! Parts of a file: `Range`, `If-Range` and `If-None-Match` (RFC 9110 §13 and §14).

use super::request::Request;
use super::respond::{self, Response};
use http::header::{CONTENT_LENGTH, CONTENT_RANGE, IF_NONE_MATCH, IF_RANGE, RANGE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use std::ops::Range;

/// What a request asks of a file.
pub(crate) enum Asked {
    /// Nothing: it has it.
    Known,
    /// What does not exist.
    Outside,
    /// These bytes, under this status.
    Bytes(StatusCode, Range<u64>),
}

/// What `request` asks of a file of `length` bytes with this strong entity tag.
pub(crate) fn asked(request: &Request, tag: &str, length: u64) -> Asked {
    if is_known(request.header(IF_NONE_MATCH.as_str()), tag) {
        return Asked::Known;
    }
    let wish = request.header(RANGE.as_str()).filter(|_| request.method() == Method::GET);
    let wish = wish.filter(|_| is_same(request.header(IF_RANGE.as_str()), tag));
    match part(wish, length) {
        Part::Of(range) => Asked::Bytes(StatusCode::PARTIAL_CONTENT, range),
        Part::Outside => Asked::Outside,
        Part::Whole => Asked::Bytes(StatusCode::OK, 0..length),
    }
}

/// 416 with how much there is.
pub(crate) fn outside(length: u64) -> Response {
    let mut response = respond::empty(StatusCode::RANGE_NOT_SATISFIABLE);
    respond::insert(response.headers_mut(), CONTENT_RANGE, &format!("bytes */{length}"));
    response
}

/// Says which bytes follow, of how many.
pub(crate) fn describe(headers: &mut HeaderMap, status: StatusCode, range: &Range<u64>, length: u64) {
    headers.insert(CONTENT_LENGTH, HeaderValue::from(range.end - range.start));
    if status == StatusCode::PARTIAL_CONTENT {
        let last = range.end.saturating_sub(1);
        respond::insert(headers, CONTENT_RANGE, &format!("bytes {}-{last}/{length}", range.start));
    }
}

/// What of a file is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// From the first byte up to before the second.
    Of(Range<u64>),
    /// What does not exist.
    Outside,
    /// All of it, also where the wish makes no sense or is for several parts, which need not be granted.
    Whole,
}

/// The part of a file of `length` bytes that a `Range` asks for.
fn part(range: Option<&str>, length: u64) -> Part {
    let Some((first, last)) = range.and_then(single) else { return Part::Whole };
    match (first, last) {
        (None, None) => Part::Whole,
        (Some(first), Some(last)) if last < first => Part::Whole,
        (Some(first), _) if first >= length => Part::Outside,
        (Some(first), last) => Part::Of(first..last.map_or(length, |last| length.min(last.saturating_add(1)))),
        (None, Some(suffix)) if suffix == 0 || length == 0 => Part::Outside,
        (None, Some(suffix)) => Part::Of(length.saturating_sub(suffix)..length),
    }
}

/// Both ends of a single range of bytes.
fn single(range: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (unit, ends) = range.split_once('=')?;
    let (first, last) = ends.trim().split_once('-')?;
    let bytes = unit.trim().eq_ignore_ascii_case("bytes");
    bytes.then_some(())?;
    Some((number(first)?, number(last)?))
}

/// Digits, or nothing; a number that is too large is the largest.
fn number(text: &str) -> Option<Option<u64>> {
    let text = text.trim();
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((!text.is_empty()).then(|| text.parse().unwrap_or(u64::MAX)))
}

/// Whether a client that sends this `If-None-Match` has what `tag` names, a strong entity tag in its quotes.
fn is_known(if_none_match: Option<&str>, tag: &str) -> bool {
    let Some(tags) = if_none_match else { return false };
    tags.trim() == "*" || tags.split(',').any(|known| known.trim().trim_start_matches("W/") == tag)
}

/// Whether a part is still one of what the client has the rest of: without `If-Range`, or with just that tag.
fn is_same(if_range: Option<&str>, tag: &str) -> bool {
    if_range.is_none_or(|known| known.trim() == tag)
}

#[cfg(test)]
mod tests {
    use super::{Part, is_known, is_same, part};

    #[test]
    fn ranges() {
        for (range, expected) in [
            ("bytes=0-0", Part::Of(0..1)),
            ("bytes=0-99", Part::Of(0..100)),
            ("bytes=10-19", Part::Of(10..20)),
            ("bytes=10-", Part::Of(10..100)),
            ("bytes=90-1000", Part::Of(90..100)),
            ("bytes=-10", Part::Of(90..100)),
            ("bytes=-1000", Part::Of(0..100)),
            ("bytes=99-99999999999999999999999", Part::Of(99..100)),
            ("Bytes = 5 - 6", Part::Of(5..7)),
            ("bytes=100-", Part::Outside),
            ("bytes=99999999999999999999999-", Part::Outside),
            ("bytes=-0", Part::Outside),
            ("bytes=20-10", Part::Whole),
            ("bytes=0-1,5-6", Part::Whole),
            ("bytes=-", Part::Whole),
            ("bytes=", Part::Whole),
            ("bytes=a-b", Part::Whole),
            ("bytes=+1-2", Part::Whole),
            ("pages=1-2", Part::Whole),
            ("0-1", Part::Whole),
            ("", Part::Whole),
        ] {
            assert_eq!(part(Some(range), 100), expected, "{range}");
        }
        assert_eq!(part(None, 100), Part::Whole);
        assert_eq!(part(Some("bytes=0-"), 0), Part::Outside);
        assert_eq!(part(Some("bytes=-5"), 0), Part::Outside);
    }

    #[test]
    fn tags() {
        for (known, expected) in [
            ("\"a\"", true),
            ("W/\"a\"", true),
            ("\"b\", \"a\"", true),
            ("*", true),
            ("\"b\"", false),
            ("a", false),
            ("", false),
        ] {
            assert_eq!(is_known(Some(known), "\"a\""), expected, "{known}");
        }
        assert!(!is_known(None, "\"a\""));
        for (known, expected) in
            [("\"a\"", true), ("W/\"a\"", false), ("\"b\"", false), ("Wed, 21 Oct 2015 07:28:00 GMT", false)]
        {
            assert_eq!(is_same(Some(known), "\"a\""), expected, "{known}");
        }
        assert!(is_same(None, "\"a\""));
    }
}
