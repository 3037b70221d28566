//! A request as handlers see it, and its body as JSON.

pub use super::secret::SecretField;

use super::body::{self, BodyError, Incoming};
use super::error::ApiError;
use crate::app::App;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, Method};
use hyper::body::Body as _;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::net::IpAddr;
use url::form_urlencoded;
use zeroize::Zeroizing;

/// The header that carries a session id.
pub const SESSION_HEADER: &str = "x-session-id";

/// What stands in a path at the names of its pattern.
pub(super) type Params = Vec<(&'static str, String)>;

/// A request on its way to a handler.
#[derive(Debug)]
pub struct Request {
    parts: Parts,
    body: Option<Incoming>,
    params: Params,
    client: IpAddr,
}

impl Request {
    /// `client` is whose request it is, which the connection alone does not tell when a proxy stands between.
    pub(super) fn new(request: http::Request<Incoming>, client: IpAddr) -> Self {
        let (parts, body) = request.into_parts();
        Self { parts, body: Some(body), params: Vec::new(), client }
    }

    pub(super) fn set_params(&mut self, params: Params) {
        self.params = params;
    }

    /// Its method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.parts.method
    }

    /// Its path as sent, percent-encoding included.
    #[must_use]
    pub fn path(&self) -> &str {
        self.parts.uri.path()
    }

    /// All its headers.
    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// The first header of this name, if its value is visible ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.parts.headers.get(name)?.to_str().ok()
    }

    /// What stands in the path at `{name}` of the route's pattern, as sent; empty when the pattern has no such name.
    #[must_use]
    pub fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }

    /// The first query parameter of this name, decoded (`+` is a space).
    #[must_use]
    pub fn query(&self, name: &str) -> Option<Cow<'_, str>> {
        let pairs = self.parts.uri.query()?.split('&').filter(|pair| may_be(pair, name));
        let mut decoded = pairs.flat_map(|pair| form_urlencoded::parse(pair.as_bytes()));
        decoded.find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The client's address: the connection's, or what a trusted proxy says.
    #[must_use]
    pub fn client(&self) -> IpAddr {
        self.client
    }

    /// Whether the body is JSON by its `Content-Type`, or there is none to speak of.
    pub(crate) fn has_json_or_no_body(&self) -> bool {
        let empty = self.body.as_ref().is_none_or(|body| body.is_end_stream() || body.size_hint().exact() == Some(0));
        empty || self.header(CONTENT_TYPE.as_str()).is_some_and(|given| given.starts_with("application/json"))
    }

    /// The body, once; of at most `limit` bytes.
    pub(crate) async fn read_body(&mut self, limit: usize) -> Result<Zeroizing<Vec<u8>>, BodyError> {
        match self.body.take() {
            Some(body) => body::read(body, limit).await,
            None => Ok(Zeroizing::default()),
        }
    }
}

/// Whether the pair's name is this one as far as that is seen without decoding: a list reads ten of them.
fn may_be(pair: &str, name: &str) -> bool {
    let known = pair.split('=').next().unwrap_or_default();
    known == name || known.contains(['%', '+'])
}

/// The body as one JSON object, whatever its `Content-Type`.
///
/// # Errors
/// 413 beyond the configured size; 400 `Invalid request body` when it is late, broken, not JSON, not an object, followed
/// by something else, or not a `T`.
pub async fn read_json<T: DeserializeOwned>(app: &App, request: &mut Request) -> Result<T, ApiError> {
    parse(&request.read_body(app.settings.max_body_bytes).await?)
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    object(body).ok_or_else(|| ApiError::validation("Invalid request body"))
}

/// `body` as a `T`, if it is a JSON object: serde alone would take an array for a struct, by position.
pub(crate) fn object<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    body.trim_ascii_start().starts_with(b"{").then(|| serde_json::from_slice(body).ok()).flatten()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{Request, parse};
    use crate::http::body::tests::whole;
    use serde::Deserialize;
    use std::net::Ipv4Addr;

    /// A request with these headers and this body from 127.0.0.1.
    pub(crate) fn request(path: &str, headers: &[(&str, &str)], body: &'static str) -> Request {
        let mut builder = http::Request::builder().uri(path);
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        Request::new(builder.body(whole(body)).unwrap(), Ipv4Addr::LOCALHOST.into())
    }

    #[derive(Debug, Default, Deserialize, PartialEq)]
    struct Sample {
        #[serde(default)]
        name: Option<String>,
    }

    #[test]
    fn an_object_is_taken() {
        for (body, name) in [(r#"{}"#, None), (r#" {"name":"x","more":[1]} "#, Some("x")), ("{\"name\":null}\n", None)]
        {
            assert_eq!(parse::<Sample>(body.as_bytes()).unwrap().name.as_deref(), name);
        }
    }

    #[test]
    fn anything_else_is_an_invalid_body() {
        for body in
            ["", " ", "null", r#"["x"]"#, r#""x""#, "{", r#"{"name":7}"#, "{} {}", "{}x", "{\"name\":\"\u{1}\"}"]
        {
            assert!(parse::<Sample>(body.as_bytes()).is_err(), "{body}");
        }
        assert!(parse::<Sample>(b"{\"name\":\"\xff\"}").is_err());
    }

    #[test]
    fn queries_decode_and_the_first_counts() {
        let request = request("/x?a=1&b=a+b%2Fc&a=2&empty&&%63d=7", &[], "");
        assert_eq!(request.query("cd").as_deref(), Some("7"));
        assert_eq!(request.query("a").as_deref(), Some("1"));
        assert_eq!(request.query("b").as_deref(), Some("a b/c"));
        assert_eq!(request.query("empty").as_deref(), Some(""));
        assert_eq!(request.query("c"), None);
    }

    #[test]
    fn content_types_of_records() {
        let rows = [
            (Some("application/json"), "{}", true),
            (Some("application/json; charset=utf-8"), "{}", true),
            (Some("text/plain"), "{}", false),
            (None, "{}", false),
            (None, "", true),
            (Some("text/plain"), "", true),
        ];
        for (given, body, fits) in rows {
            let headers: Vec<_> = given.map(|given| ("content-type", given)).into_iter().collect();
            assert_eq!(request("/", &headers, body).has_json_or_no_body(), fits, "{given:?} {body}");
        }
    }
}
