//! `GET /metrics` on a listener of its own, which operators keep away from everybody else.

use crate::app::App;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

const FORMAT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Connections at a time.
const CONNECTIONS: usize = 8;
/// How long one may take, from first to last.
const PATIENCE: Duration = Duration::from_secs(10);
/// After a failed accept.
const PAUSE: Duration = Duration::from_millis(100);

/// Answers for as long as it is polled.
pub async fn serve(listener: TcpListener, app: Arc<App>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let Ok((stream, _)) = listener.accept().await else {
            sleep(PAUSE).await;
            continue;
        };
        let app = Arc::clone(&app);
        tokio::spawn(async move {
            // Who is late or breaks off comes again.
            let _ = timeout(PATIENCE, connection(stream, app)).await;
            drop(place);
        });
    }
}

async fn connection(stream: TcpStream, app: Arc<App>) -> hyper::Result<()> {
    let service = service_fn(move |request| {
        let app = Arc::clone(&app);
        async move { Ok::<_, Infallible>(answer(&app, &request).await) }
    });
    let io = TokioIo::new(stream);
    http1::Builder::new().timer(TokioTimer::new()).keep_alive(false).serve_connection(io, service).await
}

async fn answer(app: &App, request: &http::Request<Incoming>) -> http::Response<Full<Bytes>> {
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/metrics") => with(StatusCode::OK, CONTENT_TYPE, FORMAT, app.metrics.text(app).await),
        (_, "/metrics") => with(StatusCode::METHOD_NOT_ALLOWED, ALLOW, "GET", String::new()),
        _ => with(StatusCode::NOT_FOUND, CONTENT_TYPE, "text/plain", "metrics are at /metrics\n".to_owned()),
    }
}

fn with(status: StatusCode, name: HeaderName, value: &'static str, text: String) -> http::Response<Full<Bytes>> {
    let mut response = http::Response::new(Full::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(name, HeaderValue::from_static(value));
    response
}
