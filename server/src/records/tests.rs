//! The way from registering to reading one's own record, through the whole server but its sockets.

use crate::app::App;
use crate::auth::throttle::LOGINS;
use crate::http::answer::tests::{app, ask};
use http::Response;
use serde_json::{Value, json};
use std::sync::Arc;

const RECORDS: &str = "/api/collections/generatio_users/records";
const LOGIN: &str = "/api/collections/generatio_users/auth-with-password";
const REFRESH: &str = "/api/collections/generatio_users/auth-refresh";
const PASSWORD: &str = "quartz-harbour-27";

async fn post(app: &Arc<App>, path: &str, token: &str, body: &Value) -> (u16, Value) {
    let request = http::Request::post(path).header("content-type", "application/json").header("authorization", token);
    told(ask(app, request, body.to_string()).await)
}

async fn get(app: &Arc<App>, path: &str, token: &str) -> (u16, Value) {
    told(ask(app, http::Request::get(path).header("authorization", token), String::new()).await)
}

fn told(response: Response<String>) -> (u16, Value) {
    (response.status().as_u16(), serde_json::from_str(response.body()).unwrap())
}

async fn register(app: &Arc<App>, email: &str) -> (u16, Value) {
    post(app, RECORDS, "", &json!({"email": email, "password": PASSWORD, "passwordConfirm": PASSWORD})).await
}

async fn login(app: &Arc<App>, identity: &str, password: &str) -> (u16, Value) {
    post(app, LOGIN, "", &json!({"identity": identity, "password": password})).await
}

/// Registers and logs in: id and token.
async fn member(app: &Arc<App>, email: &str) -> (String, String) {
    assert_eq!(register(app, email).await.0, 200);
    let (status, answer) = login(app, email, PASSWORD).await;
    assert_eq!(status, 200, "{answer}");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&answer["record"]["id"]), text(&answer["token"]))
}

#[tokio::test]
async fn from_registering_to_reading_oneself() {
    let (app, _folder) = app().await;
    let (status, mut record) = register(&app, "Ann@example.com").await;
    assert_eq!((status, record.get("email")), (200, None), "a guest sees no address");
    let (status, answer) = login(&app, "ANN@EXAMPLE.COM", PASSWORD).await;
    assert_eq!(status, 200);
    record["email"] = json!("Ann@example.com");
    assert_eq!(answer["record"], record);
    let token = answer["token"].as_str().unwrap();
    let own = format!("{RECORDS}/{}", record["id"].as_str().unwrap());
    for token in [token.to_owned(), format!("Bearer {token}")] {
        assert_eq!(get(&app, &own, &token).await, (200, record.clone()));
    }
    let (status, refreshed) = post(&app, REFRESH, token, &json!({})).await;
    assert_eq!((status, &refreshed["record"]), (200, &record));
}

#[tokio::test]
async fn addresses_are_taken_whatever_their_case() {
    let (app, _folder) = app().await;
    assert_eq!(register(&app, "ann@example.com").await.0, 200);
    let (status, answer) = register(&app, "ANN@example.com").await;
    assert_eq!((status, &answer["data"]["email"]["code"]), (400, &json!("validation_not_unique")));
}

#[tokio::test]
async fn another_s_record_is_missing_and_a_guest_sees_none() {
    let (app, _folder) = app().await;
    let (ann, token) = member(&app, "ann@example.com").await;
    let (_, other) = member(&app, "bob@example.com").await;
    let path = format!("{RECORDS}/{ann}");
    assert_eq!(get(&app, &path, &token).await.0, 200);
    let missing = json!({"data": {}, "message": "The requested resource wasn't found.", "status": 404});
    let image = "/api/collections/images/records/aaaaaaaaaaaaaaa";
    for (path, token) in [(path.as_str(), other.as_str()), (&path, ""), (&path, "a.b.c"), (image, &token), (image, "")]
    {
        assert_eq!(get(&app, path, token).await, (404, missing.clone()), "{path}");
    }
    let (status, answer) = get(&app, "/api/collections/nothing/records/aaaaaaaaaaaaaaa", &token).await;
    assert_eq!((status, &answer["message"]), (404, &json!("Missing collection context.")));
}

#[tokio::test]
async fn refreshing_needs_a_live_token_of_these_users() {
    let (app, _folder) = app().await;
    let (_, token) = member(&app, "ann@example.com").await;
    let (status, answer) = post(&app, REFRESH, "", &json!({})).await;
    assert_eq!((status, &answer["message"]), (401, &json!("The request requires valid record authorization token.")));
    let (status, answer) = post(&app, "/api/collections/images/auth-refresh", &token, &json!({})).await;
    let message = "The request requires auth record from generatio_users collection.";
    assert_eq!((status, &answer["message"]), (403, &json!(message)));
}

#[tokio::test]
async fn guesses_are_refused_alike_then_slowed_and_forgiven_by_the_password() {
    let (app, _folder) = app().await;
    member(&app, "ann@example.com").await;
    let failed = json!({"data": {}, "message": "Failed to authenticate.", "status": 400});
    assert_eq!(login(&app, "nobody@example.com", PASSWORD).await, (400, failed.clone()));
    assert_eq!(login(&app, "not an address", PASSWORD).await, (400, failed.clone()));
    for _ in 0..9 {
        assert_eq!(login(&app, "ann@example.com", "wrong").await, (400, failed.clone()));
    }
    assert_eq!(login(&app, "ann@example.com", PASSWORD).await.0, 200, "the tenth is right, and clears the count");
    for _ in 0..10 {
        assert_eq!(login(&app, "ann@example.com", "wrong").await.0, 400);
    }
    let (status, answer) = login(&app, "ann@example.com", PASSWORD).await;
    assert_eq!((status, &answer["message"]), (429, &json!("Too many attempts, try again later.")));
}

#[tokio::test]
async fn who_finds_no_place_has_used_up_no_attempt() {
    let (app, _folder) = app().await;
    member(&app, "ann@example.com").await;
    let places: Vec<_> = std::iter::from_fn(|| app.derivations.place().ok()).collect();
    for _ in 0..=LOGINS.per_block {
        assert_eq!(login(&app, "ann@example.com", PASSWORD).await.0, 429);
        assert_eq!(register(&app, "bob@example.com").await.0, 429);
    }
    drop(places);
    assert_eq!(login(&app, "ann@example.com", PASSWORD).await.0, 200);
    assert_eq!(register(&app, "bob@example.com").await.0, 200);
}

#[tokio::test]
async fn only_json_is_read() {
    let (app, _folder) = app().await;
    let form = http::Request::post(LOGIN).header("content-type", "application/x-www-form-urlencoded");
    let (status, answer) = told(ask(&app, form, "identity=x".to_owned()).await);
    assert_eq!((status, &answer["message"]), (400, &json!("Unsupported Content-Type.")));
    for (body, message) in [
        ("", "An error occurred while validating the submitted data."),
        ("null", "An error occurred while validating the submitted data."),
        ("[]", "Something went wrong while processing your request."),
        ("{", "Something went wrong while processing your request."),
    ] {
        let request = http::Request::post(LOGIN).header("content-type", "application/json");
        let (status, answer) = told(ask(&app, request, body.to_owned()).await);
        assert_eq!((status, &answer["message"]), (400, &json!(message)), "{body}");
    }
}
