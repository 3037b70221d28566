//! `/api/custom/auth/{login, create-session, session, token-status}`.

use generatio_tests::{FAL_KEY, PASSWORD, World};
use http::Method;
use serde_json::{Value, json};

const CREATE: &str = "/api/custom/auth/create-session";
const END: &str = "/api/custom/auth/session";
const LOGIN: &str = "/api/custom/auth/login";
const SETUP: &str = "/api/custom/tokens/setup";
const STATUS: &str = "/api/custom/auth/token-status";

#[tokio::test]
async fn token_status_tells_what_to_do_next() {
    let world = World::start().await;
    let mut user = world.user("a@example.com").await;
    let status = |has_token, has_active_session, requires_login| json!({ "has_token": has_token, "has_active_session": has_active_session, "requires_login": requires_login });
    assert_eq!(user.get(STATUS).await.ok(), status(false, false, false));
    user.post(SETUP, &json!({ "fal_token": FAL_KEY, "password": PASSWORD })).await.ok();
    assert_eq!(without_custody(user.get(STATUS).await.ok()), status(true, false, true));
    user.set_up().await;
    assert_eq!(without_custody(user.get(STATUS).await.ok()), status(true, true, false));
}

#[tokio::test]
async fn a_session_is_made_used_and_ended() {
    let world = World::start().await;
    let mut user = world.user("a@example.com").await;
    user.set_up().await;
    user.generate("flux/schnell", "a heron", json!({})).await.ok();
    let ended = user.delete(END).await.ok();
    assert_eq!(ended, json!({ "success": true, "message": "Session deleted successfully" }));
    user.delete(END).await.refused(404, "not_found", "Session not found");
    let dead = user.generate("flux/schnell", "a heron", json!({})).await;
    dead.refused(401, "authentication_error", "Valid session required");
}

#[tokio::test]
async fn several_devices_have_several_sessions() {
    let world = World::start().await;
    let mut user = world.user("a@example.com").await;
    user.set_up().await;
    let first = user.session.clone();
    user.post(CREATE, &json!({ "password": PASSWORD })).await.ok();
    user.session = first;
    user.generate("flux/schnell", "a heron", json!({})).await.ok();
}

#[tokio::test]
async fn replacing_or_removing_the_token_ends_all_sessions() {
    let world = World::start().await;
    let mut user = world.user("a@example.com").await;
    user.set_up().await;
    user.post(SETUP, &json!({ "fal_token": "other-id:other", "password": PASSWORD })).await.ok();
    user.generate("flux/schnell", "x", json!({})).await.refused(401, "authentication_error", "Valid session required");
    user.set_up().await;
    user.delete("/api/custom/tokens").await.ok();
    user.generate("flux/schnell", "x", json!({})).await.refused(401, "authentication_error", "Valid session required");
    user.delete("/api/custom/tokens").await.refused(404, "not_found", "No FAL token configured");
}

#[tokio::test]
async fn create_session_refuses() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    let unset = "FAL token not configured. Please setup token first";
    user.post(CREATE, &json!({ "password": PASSWORD })).await.refused(400, "validation_error", unset);
    user.post(SETUP, &json!({ "fal_token": FAL_KEY, "password": PASSWORD })).await.ok();
    for (body, status, code, message) in [
        (json!({}), 400, "validation_error", "Password is required"),
        (json!({ "password": "" }), 400, "validation_error", "Password is required"),
        (json!({ "password": "another-password" }), 401, "authentication_error", "Invalid password"),
        (json!({ "password": 1 }), 400, "validation_error", "Invalid request body"),
        (json!({ "fal_token": "not a key" }), 400, "validation_error", "Invalid token format"),
    ] {
        user.post(CREATE, &body).await.refused(status, code, message);
    }
    let damaged = "UPDATE sealed_tokens SET sealed = 'x' || sealed";
    world.sql(damaged);
    user.post(CREATE, &json!({ "password": PASSWORD })).await.refused(400, "validation_error", "Invalid token format");
}

#[tokio::test]
async fn ending_needs_a_session_of_ones_own() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    let mut other = world.user("b@example.com").await;
    other.set_up().await;
    user.delete(END).await.refused(400, "validation_error", "Session ID required in X-Session-ID header");
    for id in ["nonsense", other.session.as_deref().expect("set up")] {
        let bearer = format!("Bearer {}", user.jwt);
        let headers = [("authorization", bearer.as_str()), ("x-session-id", id)];
        let reply = world.client().send(Method::DELETE, END, &headers, None).await;
        reply.refused(404, "not_found", "Session not found");
    }
    other.generate("flux/schnell", "still mine", json!({})).await.ok();
}

#[tokio::test]
async fn login_gives_a_real_token_and_says_how_it_went() {
    let world = World::start().await;
    let user = world.user("Ann@Example.com").await;
    let login = async |password: &str| {
        world.client().post(LOGIN, &json!({ "email": "ann@example.com", "password": password })).await
    };
    let bare = login(PASSWORD).await.ok();
    assert_eq!(bare["message"], "Login successful. No FAL token configured - setup required");
    assert_eq!((bare.get("session_id"), &bare["record"]["id"]), (None, &json!(user.id)));
    assert_eq!(bare["record"]["email"], "Ann@Example.com");

    user.post(SETUP, &json!({ "fal_token": FAL_KEY, "password": PASSWORD })).await.ok();
    let full = login(PASSWORD).await.ok();
    assert_eq!(full["message"], "Login successful with auto-created session");
    works(&world, &full).await;

    user.post(SETUP, &json!({ "fal_token": FAL_KEY, "password": "another-password" })).await.ok();
    let other = login(PASSWORD).await.ok();
    let differs = "Login successful. FAL token found but password doesn't match - please call create-session manually";
    assert_eq!((other["message"].as_str(), other.get("session_id")), (Some(differs), None));

    world.sql("UPDATE sealed_tokens SET sealed = 'damaged'");
    let damaged = login(PASSWORD).await.ok();
    assert_eq!(damaged["message"], "Login successful. Invalid FAL token format - please setup token again");
}

#[tokio::test]
async fn login_refuses_unknown_and_wrong_alike() {
    let world = World::start().await;
    world.user("a@example.com").await;
    for (email, password) in [("nobody@example.com", PASSWORD), ("a@example.com", "wrong-password")] {
        let reply = world.client().post(LOGIN, &json!({ "email": email, "password": password })).await;
        reply.refused(401, "authentication_error", "Invalid credentials");
    }
    for body in [json!({}), json!({ "email": "a@example.com" }), json!({ "email": "", "password": PASSWORD })] {
        let reply = world.client().post(LOGIN, &body).await;
        reply.refused(400, "validation_error", "Email and password are required");
    }
}

#[tokio::test]
async fn guessing_is_slowed_down() {
    let world = World::start().await;
    world.user("a@example.com").await;
    let attempt = json!({ "email": "a@example.com", "password": "wrong-password" });
    let (refusals, throttled) = world.client().until_throttled(LOGIN, &attempt).await;
    for refusal in &refusals {
        refusal.refused(401, "authentication_error", "Invalid credentials");
    }
    assert!(refusals.len() >= 10, "{}", refusals.len());
    assert_eq!(throttled.json()["error"], "rate_limit_error");
    assert!(throttled.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn an_original_token_is_carried_to_the_present_format() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    user.post(SETUP, &json!({ "fal_token": FAL_KEY, "password": PASSWORD })).await.ok();
    let original =
        "oKGio6SlpqeoqaqrzQnF0/nKIhKjri0UN0wiTZ7F7pCKhEvppWUf7bEVHDwrv7q0.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    world.sql(&format!("UPDATE sealed_tokens SET sealed = '{original}'"));
    user.post(CREATE, &json!({ "password": "testpassword123" })).await.ok();
    let sealed = user.get("/api/custom/tokens").await.ok();
    assert!(sealed["sealed_token"].as_str().is_some_and(|text| text.starts_with("v2.600000.")), "{sealed}");
    user.post(CREATE, &json!({ "password": "testpassword123" })).await.ok();
}

/// The session of a login answer makes a picture.
async fn works(world: &World, login: &Value) {
    let headers = [
        ("authorization", login["token"].as_str().expect("a JWT")),
        ("x-session-id", login["session_id"].as_str().expect("a session")),
    ];
    let body = json!({ "model": "flux/schnell", "prompt": "a heron" }).to_string();
    world.client().send(Method::POST, "/api/custom/generate/image", &headers, Some(&body)).await.ok();
}

fn without_custody(mut status: Value) -> Value {
    assert_eq!(status.as_object_mut().and_then(|status| status.remove("custody")), Some(json!("password")));
    status
}
