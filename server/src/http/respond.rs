//! Makers of good answers. Bad ones are [`error`](super::error)'s.

use super::body;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use hyper::body::Frame;
use serde::Serialize;
use std::convert::Infallible;
use std::io;
use zeroize::Zeroizing;

/// The body of an answer: whole, or a stream of frames.
pub type Body = UnsyncBoxBody<Bytes, Infallible>;
/// An answer.
pub type Response = http::Response<Body>;

/// Room that most answers fit into without growing.
const USUAL_SIZE: usize = 1024;

/// Headers that most answers have in the end.
const USUAL_HEADERS: usize = 12;

/// 200 with `value` as JSON.
#[must_use]
pub fn ok(value: &impl Serialize) -> Response {
    json(StatusCode::OK, value)
}

/// `value` as JSON, not to be stored by caches: answers carry tokens, records or what only their owner may see. The
/// buffer is wiped once it is sent, and those it outgrew before.
///
/// A value that does not serialize is a bug of ours; it is logged and answered with an empty 500.
#[must_use]
pub fn json(status: StatusCode, value: &impl Serialize) -> Response {
    let mut text = Wiped(Zeroizing::new(Vec::with_capacity(USUAL_SIZE)));
    if let Err(error) = serde_json::to_writer(&mut text, value) {
        return not_serialized(&error);
    }
    whole(status, HeaderValue::from_static("application/json"), text.0)
}

/// 200 with `value` as JSON, which anybody may know: its buffer is not wiped. Otherwise as [`json`].
#[must_use]
pub fn public(value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(text) => written(text),
        Err(error) => not_serialized(&error),
    }
}

/// 200 with JSON that is written already and holds no secret: its buffer is not wiped. Otherwise as [`json`].
#[must_use]
pub fn written(json: impl Into<Bytes>) -> Response {
    with_body(StatusCode::OK, HeaderValue::from_static("application/json"), json.into())
}

/// 200 with a file of comma-separated values (RFC 4180, its first line the columns' names), not to be stored by caches.
#[must_use]
pub fn csv(text: String) -> Response {
    let kind = HeaderValue::from_static("text/csv; charset=utf-8; header=present");
    whole(StatusCode::OK, kind, Zeroizing::new(text.into_bytes()))
}

/// 200 with server-sent events, each piece of `pieces` sent as it comes; not to be stored, nor to be held back by proxies.
#[must_use]
pub fn events(pieces: impl Stream<Item = String> + Send + 'static) -> Response {
    let frames = pieces.map(|piece| Ok(Frame::data(Bytes::from(piece))));
    let mut response = http::Response::new(BodyExt::boxed_unsync(StreamBody::new(frames)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// A body of `pieces`, whose length is for the caller to say: one that fails on the way is cut off there.
#[must_use]
pub fn pieces(status: StatusCode, pieces: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> Response {
    let good = pieces.map(|piece| piece.inspect_err(|error| tracing::error!(%error, "a body ends early")).ok());
    let frames = good.take_while(|piece| std::future::ready(piece.is_some())).filter_map(std::future::ready);
    let mut response =
        http::Response::new(BodyExt::boxed_unsync(StreamBody::new(frames.map(|piece| Ok(Frame::data(piece))))));
    *response.status_mut() = status;
    response
}

fn whole(status: StatusCode, kind: HeaderValue, body: Zeroizing<Vec<u8>>) -> Response {
    with_body(status, kind, Bytes::from_owner(body))
}

fn with_body(status: StatusCode, kind: HeaderValue, body: Bytes) -> Response {
    let mut response = http::Response::new(Full::new(body).boxed_unsync());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.reserve(USUAL_HEADERS);
    headers.insert(CONTENT_TYPE, kind);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn not_serialized(error: &serde_json::Error) -> Response {
    tracing::error!(%error, "an answer does not serialize");
    empty(StatusCode::INTERNAL_SERVER_ERROR)
}

/// What is written, in a buffer that is wiped, also when it has to grow.
struct Wiped(Zeroizing<Vec<u8>>);

impl io::Write for Wiped {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.write_all(data)?;
        Ok(data.len())
    }

    /// JSON comes a few bytes at a time.
    #[inline]
    fn write_all(&mut self, data: &[u8]) -> io::Result<()> {
        if data.len() > self.0.capacity() - self.0.len() {
            body::append(&mut self.0, data, usize::MAX);
        } else {
            self.0.extend_from_slice(data);
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// No body and no type.
#[must_use]
pub fn empty(status: StatusCode) -> Response {
    let mut response = http::Response::new(Empty::new().boxed_unsync());
    *response.status_mut() = status;
    response
}

/// Sets a header of ours whose value is made of text.
pub(crate) fn insert(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    match HeaderValue::try_from(text) {
        Ok(value) => drop(headers.insert(name, value)),
        Err(_) => tracing::error!(%name, "a header of ours is not visible ASCII"),
    }
}

/// Adds `Location`, a path of ours (RFC 9110 §10.2.2).
#[must_use]
pub fn with_location(mut response: Response, path: &str) -> Response {
    insert(response.headers_mut(), LOCATION, path);
    response
}

#[cfg(test)]
mod tests {
    use super::{USUAL_SIZE, empty, ok};
    use http::StatusCode;
    use http_body_util::BodyExt;

    #[tokio::test]
    async fn json_is_compact_typed_and_not_stored() {
        let response = ok(&serde_json::json!({"a": [1, null]}));
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_eq!(response.headers()["cache-control"], "no-store");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, br#"{"a":[1,null]}"#.as_slice());
    }

    #[tokio::test]
    async fn long_answers_come_whole() {
        for length in [USUAL_SIZE - 3, USUAL_SIZE - 2, USUAL_SIZE - 1, 100 * USUAL_SIZE] {
            let text = "x".repeat(length);
            let body = ok(&[&text, &text]).into_body().collect().await.unwrap().to_bytes();
            assert_eq!(body, format!(r#"["{text}","{text}"]"#));
        }
    }

    #[tokio::test]
    async fn empty_has_nothing() {
        let response = empty(StatusCode::NO_CONTENT);
        assert!(response.headers().is_empty());
        assert!(response.into_body().collect().await.unwrap().to_bytes().is_empty());
    }
}
