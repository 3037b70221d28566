//! A server for direct mode alone never takes a key, nor anything a key may be sealed under.

use generatio_core::seal::{self, Iterations, account_secret};
use generatio_core::{Password, SecretText};
use generatio_testkit::rng;
use generatio_tests::{Browser, FAL_KEY, PASSWORD, Reply, User, World};
use http::Method;
use serde_json::{Value, json};

const USERS: &str = "/api/collections/generatio_users/records";
const SESSION: &str = "/api/custom/auth/create-session";
const SETUP: &str = "/api/custom/tokens/setup";
const DIRECT: [&str; 2] = ["--custody", "direct"];

fn secret(email: &str, password: &str) -> String {
    let password = Password::new(password.to_owned());
    account_secret(email, &password, "").expect("it derives").expose().to_owned()
}

fn sealed(user: &User, password: &str) -> String {
    let (key, password) = (SecretText::new(FAL_KEY.to_owned()), Password::new(password.to_owned()));
    let iterations = Iterations::new(100_000).expect("in range");
    let sealed = seal::seal(&key, &password, &user.id, iterations, &mut rng::SeededRng::new(7)).expect("it seals");
    sealed.as_str().to_owned()
}

async fn register(world: &World, email: &str, password: &str) -> Reply {
    let account = json!({ "email": email, "password": password, "passwordConfirm": password });
    world.client().post(USERS, &account).await
}

async fn change(user: &User, old: &str, new: &str, more: Value) -> Reply {
    let mut body = json!({ "oldPassword": old, "password": new, "passwordConfirm": new });
    body.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
    user.send(Method::PATCH, &format!("{USERS}/{}", user.id), Some(&body.to_string())).await
}

#[track_caller]
fn field(reply: &Reply, field: &str, code: &str) {
    assert_eq!((reply.status.as_u16(), &reply.json()["data"][field]["code"]), (400, &json!(code)), "{}", reply.text);
}

/// Somebody with an account secret, on a server for direct mode alone.
async fn member(world: &World) -> User {
    let password = secret("a@example.com", PASSWORD);
    register(world, "a@example.com", &password).await.ok();
    User::log_in(world.client(), "a@example.com", &password).await
}

#[tokio::test]
async fn every_secret_in_the_clear_is_refused() {
    let world = World::with(&DIRECT).await;
    let user = member(&world).await;
    let status = world.client().get("/api/custom/status").await.ok();
    assert_eq!(status["custody"], json!(["direct"]));
    let generation = json!({ "model": "flux/schnell", "prompt": "x" });
    for (path, body) in [
        (SETUP, json!({ "fal_token": FAL_KEY, "password": PASSWORD })),
        (SETUP, json!({ "fal_token": FAL_KEY })),
        (SETUP, json!({ "password": PASSWORD })),
        (SETUP, json!({ "sealed_token": sealed(&user, PASSWORD), "password": PASSWORD })),
        ("/api/custom/tokens/verify", json!({ "password": PASSWORD })),
        (SESSION, json!({ "password": PASSWORD })),
        (SESSION, json!({ "fal_token": FAL_KEY })),
        (SESSION, json!({ "password": PASSWORD, "fal_token": FAL_KEY })),
        ("/api/custom/generate/image", generation.clone()),
    ] {
        let reply = user.post(path, &body).await;
        let told = reply.json();
        let seen = (reply.status.as_u16(), &told["error"], &told["details"]["custody"]);
        assert_eq!(seen, (403, &json!("authorization_error"), &json!(["direct"])), "{path} {body}: {}", reply.text);
    }
    assert_eq!(user.get("/api/custom/auth/token-status").await.ok()["has_token"], false);
    user.post(SETUP, &json!({ "sealed_token": sealed(&user, PASSWORD) })).await.ok();
    let job = Browser::new(&user).generate("a heron", 1).await;
    assert_eq!(job["state"], "completed");
}

#[tokio::test]
async fn accounts_take_secrets_alone() {
    let world = World::with(&DIRECT).await;
    field(&register(&world, "b@example.com", PASSWORD).await, "password", "validation_account_secret_required");
    let user = member(&world).await;
    let (old, new) = (secret("a@example.com", PASSWORD), secret("a@example.com", "velvet-anchor-91"));
    let plain = change(&user, &old, "velvet-anchor-91", json!({})).await;
    field(&plain, "password", "validation_account_secret_required");
    change(&user, &old, &new, json!({})).await.ok();
    User::log_in(world.client(), "a@example.com", &new).await;
}

#[tokio::test]
async fn whoever_has_a_password_from_before_moves_over() {
    let mut world = World::start().await;
    let mut user = world.ready_user("a@example.com").await;
    world.take_server().kill();
    world.restart(&DIRECT);
    user.moved_to(world.client());
    let login = json!({ "email": "a@example.com", "password": PASSWORD });
    let login = world.client().post("/api/custom/auth/login", &login).await.ok();
    assert_eq!((login["token"].is_string(), login.get("session_id")), (true, None), "it stands, and opens nothing");
    let new = secret("a@example.com", PASSWORD);
    // The server may not open the token to seal it anew.
    field(&change(&user, PASSWORD, &new, json!({})).await, "sealed_token", "validation_not_resealed");
    change(&user, PASSWORD, &new, json!({ "sealed_token": sealed(&user, PASSWORD) })).await.ok();
    let user = User::log_in(world.client(), "a@example.com", &new).await;
    assert_eq!(user.get("/api/custom/tokens").await.ok()["custody"], "client");
}

#[tokio::test]
async fn without_direct_mode_nothing_is_reserved_and_what_was_is_still_reported() {
    let mut world = World::start().await;
    let user = world.user("a@example.com").await;
    let browser = Browser::new(&user);
    let reserved = browser.reserve("x", 1).await;
    let answer = browser.submit(&reserved).await;
    world.take_server().kill();
    world.restart(&["--custody", "password,sealed"]);
    let mut user = user;
    user.moved_to(world.client());
    let browser = Browser::new(&user);
    let refused = browser.ask(&[], &json!({ "model": "flux/schnell", "prompt": "x" })).await;
    let told = refused.json();
    assert_eq!((refused.status.as_u16(), &told["details"]["custody"]), (403, &json!(["password", "sealed"])));
    browser.report_submitted(&reserved.id, &answer).await.ok();
    let report = browser.fetch(&answer).await;
    assert_eq!(browser.report(&reserved.id, &report).await.ok()["state"], "completed");
}
