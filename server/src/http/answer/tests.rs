use super::{answer, finish, guarded, known_method, request_id};
use crate::app::App;
use crate::http::body::tests::whole;
use crate::http::request::tests::request;
use crate::http::routes::Route;
use crate::http::{Error, Request, Response};
use crate::settings::Settings;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use http_body_util::BodyExt;
use std::net::Ipv4Addr;
use std::sync::Arc;
use tempfile::TempDir;

/// A server's inside over an empty folder, which lives as long as the second part.
pub(crate) async fn app() -> (Arc<App>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { data_dir: folder.path().to_owned(), ..Settings::default() };
    (App::start(settings).await.unwrap(), folder)
}

/// The answer to a request from 127.0.0.1, headers and text.
pub(crate) async fn ask(app: &Arc<App>, request: http::request::Builder, body: String) -> http::Response<String> {
    let response = answer(Arc::clone(app), Ipv4Addr::LOCALHOST.into(), request.body(whole(body)).unwrap()).await;
    let (parts, body) = response.into_parts();
    let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    http::Response::from_parts(parts, text)
}

const MISSING: &str = r#"{"data":{},"message":"The requested resource wasn't found.","status":404}"#;

#[tokio::test]
async fn answers_know_their_request_and_bad_ones_are_readable_across_origins() {
    let (app, _folder) = app().await;
    let from = |path: &str| http::Request::get(path).header("origin", "https://a.example");
    let health = ask(&app, from("/api/health"), String::new()).await;
    assert_eq!(health.body(), r#"{"code":200,"data":{},"message":"API is healthy."}"#);
    let missing = ask(&app, from("/nowhere"), String::new()).await;
    assert_eq!((missing.status(), missing.body().as_str()), (StatusCode::NOT_FOUND, MISSING));
    for response in [&health, &missing] {
        assert_eq!(response.headers()["access-control-allow-origin"], "*");
        assert_eq!(response.headers()["x-request-id"].len(), 16);
    }
    assert_ne!(health.headers()["x-request-id"], missing.headers()["x-request-id"]);
}

#[tokio::test]
async fn preflights_go_before_routing() {
    let (app, _folder) = app().await;
    for path in ["/api/health", "/nowhere", "*"] {
        let request = http::Request::options(path).header("origin", "https://a.example");
        let response = ask(&app, request, String::new()).await;
        assert_eq!((response.status(), response.body().as_str()), (StatusCode::NO_CONTENT, ""));
        assert_eq!(response.headers()["access-control-max-age"], "7200");
        assert!(!response.headers().contains_key("x-frame-options"));
    }
}

#[tokio::test]
async fn a_panic_is_an_internal_error_in_the_shape_of_its_path() {
    async fn panics(_app: &Arc<App>, _request: Request) -> Result<Response, Error> {
        panic!("on purpose")
    }
    let (app, _folder) = app().await;
    let custom = r#"{"error":"internal_error","message":"Something went wrong while processing your request."}"#;
    let records = r#"{"data":{},"message":"Something went wrong while processing your request.","status":500}"#;
    for (pattern, expected) in [("/api/custom/x", custom), ("/api/x", records)] {
        let route =
            Route::new(Method::GET, pattern, |app, request| Box::pin(async move { panics(&app, request).await }));
        let response = guarded(&app, &route, request(pattern, &[], "")).await.unwrap_err().into_response();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), expected);
    }
}

#[test]
fn every_answer_carries_these_headers() {
    let mut headers = HeaderMap::new();
    finish(&mut headers, Some(HeaderValue::from_static("*")));
    let expected = [
        ("access-control-allow-origin", "*"),
        ("cross-origin-opener-policy", "same-origin"),
        ("vary", "Origin"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "SAMEORIGIN"),
        ("x-xss-protection", "1; mode=block"),
    ];
    let mut found: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    found.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn without_an_origin_none_is_allowed() {
    let mut headers = HeaderMap::new();
    finish(&mut headers, None);
    assert!(!headers.contains_key("access-control-allow-origin"));
}

#[test]
fn ids_are_random_and_methods_known() {
    assert_eq!(request_id().len(), 16);
    assert_ne!(request_id(), request_id());
    assert_eq!(known_method(&Method::PATCH), "PATCH");
    assert_eq!(known_method(&Method::from_bytes(b"HUNTER2").unwrap()), "OTHER");
}
