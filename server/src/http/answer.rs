//! From a request to its answer: preflights, routing, the handler behind a guard against panics, the headers that every
//! answer carries, and one log line without a word of the user's.

use super::body::Incoming;
use super::cors;
use super::error::{Error, RecordsError};
use super::request::Request;
use super::respond::Response;
use super::routes::{self, Route};
use crate::app::App;
use futures_util::FutureExt;
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, HeaderName, STRICT_TRANSPORT_SECURITY, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
    X_XSS_PROTECTION,
};
use http::{HeaderMap, HeaderValue, Method};
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Instant;
use tracing::Instrument;

/// What the log says of a page, and of a path that does not exist: both are made up by whoever asks.
const NO_ROUTE: &str = "-";
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Browsers come back by HTTPS alone, for a year (RFC 6797).
const YEAR_OF_HTTPS: HeaderValue = HeaderValue::from_static("max-age=31536000");
const SAFETY: [(HeaderName, &str); 4] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "SAMEORIGIN"),
    (X_XSS_PROTECTION, "1; mode=block"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// Answers one request. Dropped when the client goes away: what must go on is spawned by its handler.
pub(super) async fn answer(app: Arc<App>, peer: IpAddr, request: http::Request<Incoming>) -> Response {
    let id = request_id();
    let span = tracing::info_span!("request", id);
    let mut response = logged(app, peer, request).instrument(span).await;
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// Counted and logged.
async fn logged(app: Arc<App>, peer: IpAddr, request: http::Request<Incoming>) -> Response {
    let start = Instant::now();
    let client = app.settings.trusted_proxies.client(peer, request.headers());
    let method = known_method(request.method());
    let (route, response) = match *request.method() {
        Method::OPTIONS => (None, cors::preflight(&app.settings.origins, request.headers())),
        _ => routed(&app, Request::new(request, client)).await,
    };
    let (route, status, took) = (route.map_or(NO_ROUTE, Route::pattern), response.status().as_u16(), start.elapsed());
    app.metrics.answered(method, route, status, took);
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(%client, method, route, status, ms, "answered");
    response
}

async fn routed(app: &Arc<App>, mut request: Request) -> (Option<&'static Route>, Response) {
    let origin = cors::allowed(&app.settings.origins, request.headers());
    let (route, result) = match routes::find(request.method(), request.path()) {
        Ok((route, params)) => {
            request.set_params(params);
            (Some(route), guarded(app, route, request).await)
        }
        Err(missing) => (None, outside_of_the_api(app, &request, missing).await.map_err(Error::from)),
    };
    let mut response = result.unwrap_or_else(Error::into_response);
    finish(response.headers_mut(), origin);
    if app.settings.has_tls() {
        response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, YEAR_OF_HTTPS);
    }
    (route, response)
}

/// A page, where there is one; else what the API says of a path it does not know.
async fn outside_of_the_api(app: &App, request: &Request, missing: RecordsError) -> Result<Response, RecordsError> {
    if app.page.is_there() { app.page.answer(request).await } else { Err(missing) }
}

/// Runs the handler; a panic in it is our failure and nobody else's.
async fn guarded(app: &Arc<App>, route: &Route, request: Request) -> Result<Response, Error> {
    let handling = route.call(Arc::clone(app), request);
    let outcome = AssertUnwindSafe(handling).catch_unwind().await;
    outcome.unwrap_or_else(|_| Err(Error::internal_at(route.pattern(), "the handler panicked")))
}

/// Adds what every answer carries.
fn finish(headers: &mut HeaderMap, origin: Option<HeaderValue>) {
    for (name, value) in SAFETY {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.append(VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
}

/// 16 hexadecimal digits, to find a request's log lines by. No two of a run are likely to be the same, and nobody who sees
/// one can tell the next.
fn request_id() -> String {
    static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let number = KEY.hash_one(COUNT.fetch_add(1, Ordering::Relaxed));
    // Digit by digit: `format!` asks for widths and signs with each answer.
    let digits = number.to_be_bytes().into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let mut id = String::with_capacity(16);
    id.extend(digits.filter_map(|digit| char::from_digit(digit.into(), 16)));
    id
}

/// The method's name for the log; a made-up one could be any text.
fn known_method(method: &Method) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    known.into_iter().find(|known| method == known).unwrap_or("OTHER")
}

#[cfg(test)]
pub(crate) mod tests;
