//! Cross-origin rules (Fetch standard, "CORS protocol"), as PocketBase answers them: open unless narrowed, and without
//! credentials, since tokens travel in headers that only the page itself can set.

use super::respond::{self, Response};
use crate::settings::Origins;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, StatusCode};

const METHODS: HeaderValue = HeaderValue::from_static("GET,HEAD,PUT,PATCH,POST,DELETE");
/// Two hours, the longest that browsers agree on.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");

/// The answer to `OPTIONS`, whatever the path.
pub(super) fn preflight(origins: &Origins, request: &HeaderMap) -> Response {
    let mut response = respond::empty(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    for name in ["Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"] {
        headers.append(VARY, HeaderValue::from_static(name));
    }
    if let Some(allowed) = allowed(origins, request) {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
        if let Some(asked) = request.get(ACCESS_CONTROL_REQUEST_HEADERS) {
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
        }
    }
    response
}

/// `Access-Control-Allow-Origin` for any other answer, if the request has an origin that may read it.
pub(super) fn allowed(origins: &Origins, request: &HeaderMap) -> Option<HeaderValue> {
    let origin = request.get(ORIGIN)?;
    match origins {
        Origins::Any => Some(HeaderValue::from_static("*")),
        Origins::Listed(listed) => {
            listed.iter().any(|listed| listed.as_bytes() == origin.as_bytes()).then(|| origin.clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{allowed, preflight};
    use crate::settings::Origins;
    use http::{HeaderMap, HeaderValue};

    fn headers(rows: &[(&'static str, &'static str)]) -> HeaderMap {
        rows.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    fn listed() -> Origins {
        Origins::Listed(vec!["https://a.example".into(), "http://localhost:5173".into()])
    }

    #[test]
    fn origins() {
        let rows: [(Origins, Option<&'static str>, Option<&str>); 7] = [
            (Origins::Any, Some("https://b.example"), Some("*")),
            (Origins::Any, None, None),
            (listed(), Some("https://a.example"), Some("https://a.example")),
            (listed(), Some("http://localhost:5173"), Some("http://localhost:5173")),
            (listed(), Some("https://a.example.evil"), None),
            (listed(), Some("null"), None),
            (listed(), None, None),
        ];
        for (origins, origin, expected) in rows {
            let request = origin.map_or_else(HeaderMap::new, |origin| headers(&[("origin", origin)]));
            assert_eq!(allowed(&origins, &request).as_ref().map(|value| value.to_str().unwrap()), expected);
        }
    }

    #[test]
    fn a_preflight_echoes_the_headers_asked_for() {
        let asked = headers(&[("origin", "https://a.example"), ("access-control-request-headers", "x-session-id")]);
        let response = preflight(&Origins::Any, &asked);
        assert_eq!(response.status(), 204);
        let expected = headers(&[
            ("vary", "Origin"),
            ("vary", "Access-Control-Request-Method"),
            ("vary", "Access-Control-Request-Headers"),
            ("access-control-allow-origin", "*"),
            ("access-control-allow-methods", "GET,HEAD,PUT,PATCH,POST,DELETE"),
            ("access-control-max-age", "7200"),
            ("access-control-allow-headers", "x-session-id"),
        ]);
        assert_eq!(response.headers().len(), expected.len());
        for name in expected.keys() {
            assert!(response.headers().get_all(name).iter().eq(expected.get_all(name)), "{name}");
        }
    }

    #[test]
    fn a_stranger_s_preflight_allows_nothing() {
        for request in [headers(&[("origin", "https://b.example")]), HeaderMap::new()] {
            let response = preflight(&listed(), &request);
            assert_eq!(response.status(), 204);
            assert_eq!(response.headers().keys().collect::<Vec<_>>(), ["vary"]);
        }
    }
}
