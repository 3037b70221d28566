//! Answers: how each kind is put together, and the headers every one carries.

use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use serde::Serialize;
use std::convert::Infallible;

/// Body of an answer on its way out.
pub(crate) type Body = UnsyncBoxBody<Bytes, Cut>;

/// The connection is to be dropped here, on purpose.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the connection was dropped on request")]
pub(crate) struct Cut;

/// What a handler answers.
pub(crate) enum Reply {
    /// An answer whose body is known.
    Whole(Response<Bytes>),
    /// An answer whose body comes as it comes.
    Flow(Response<Body>),
    /// No answer: the connection is reset.
    Reset,
}

impl Reply {
    /// Adds a header; a value that cannot be one is left out.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        if let (Some(headers), Ok(value)) = (self.headers_mut(), HeaderValue::from_str(value)) {
            headers.insert(HeaderName::from_static(name), value);
        }
        self
    }

    /// The headers, if there is to be an answer.
    pub(crate) fn headers_mut(&mut self) -> Option<&mut HeaderMap> {
        match self {
            Self::Whole(response) => Some(response.headers_mut()),
            Self::Flow(response) => Some(response.headers_mut()),
            Self::Reset => None,
        }
    }

    /// Turns it into what hyper sends.
    ///
    /// # Errors
    /// [`Cut`] when the connection is to be reset.
    pub(crate) fn into_response(self) -> Result<Response<Body>, Cut> {
        match self {
            Self::Whole(response) => Ok(response.map(|bytes| Full::new(bytes).map_err(never).boxed_unsync())),
            Self::Flow(response) => Ok(response),
            Self::Reset => Err(Cut),
        }
    }
}

fn never(never: Infallible) -> Cut {
    match never {}
}

/// An answer with `bytes` of `content_type`.
pub(crate) fn bytes(status: StatusCode, content_type: &str, bytes: impl Into<Bytes>) -> Reply {
    let mut response = Response::new(bytes.into());
    *response.status_mut() = status;
    let fallback = HeaderValue::from_static("application/octet-stream");
    let content_type = HeaderValue::from_str(content_type).unwrap_or(fallback);
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    Reply::Whole(response)
}

/// An answer in JSON.
pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Reply {
    bytes(status, "application/json", serde_json::to_vec(value).expect("our own types become JSON"))
}

/// `{"detail": text}`, the simplest of FAL's error bodies.
pub(crate) fn detail(status: StatusCode, text: &str) -> Reply {
    json(status, &serde_json::json!({ "detail": text }))
}

/// An infrastructure error: text and type in the body, the type again in `x-fal-error-type`.
pub(crate) fn infrastructure(status: StatusCode, error_type: &str, text: &str) -> Reply {
    let body = serde_json::json!({ "detail": text, "error_type": error_type });
    json(status, &body).with("x-fal-error-type", error_type)
}

/// `{"status": word}`, as cancel and unknown ids are answered.
pub(crate) fn word(status: StatusCode, word: &str) -> Reply {
    json(status, &serde_json::json!({ "status": word }))
}

/// The page of a proxy in front of FAL.
pub(crate) fn page(status: StatusCode) -> Reply {
    let title = format!("{} {}", status.as_str(), status.canonical_reason().unwrap_or_default());
    let head = format!("<html>\r\n<head><title>{title}</title></head>\r\n");
    let body =
        format!("<body>\r\n<center><h1>{title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n");
    bytes(status, "text/html", head + &body)
}

/// Adds what every answer of FAL carries: a request id (on those that are not a proxy's page), and CORS.
pub(crate) fn dress(reply: &mut Reply, asked: &HeaderMap, request_id: impl FnOnce() -> String) {
    let Some(headers) = reply.headers_mut() else { return };
    let from_proxy = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if !from_proxy && !headers.contains_key("x-fal-request-id") {
        let value = HeaderValue::from_str(&request_id()).expect("an id is visible ASCII");
        headers.insert("x-fal-request-id", value);
    }
    allow_origin(headers, asked);
}

fn allow_origin(headers: &mut HeaderMap, asked: &HeaderMap) {
    if let Some(origin) = asked.get(header::ORIGIN) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        headers.insert(header::VARY, HeaderValue::from_static("origin"));
    } else {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
    let exposed = "x-fal-request-id, x-fal-billable-units, x-fal-error-type, x-fal-request-timeout-type, \
                   x-fal-retryable, x-fal-needs-retry, x-fal-served-from, retry-after, etag";
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(exposed));
}

/// The answer to a browser's preflight.
pub(crate) fn preflight(asked: &HeaderMap) -> Reply {
    let mut reply = bytes(StatusCode::OK, "text/plain", Bytes::new())
        .with("access-control-allow-methods", "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS")
        .with("access-control-max-age", "600");
    let wanted = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    if let (Some(headers), Some(wanted)) = (reply.headers_mut(), wanted) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted);
    }
    reply
}
