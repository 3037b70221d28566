//! One's own account: another password, another address, another name, the end of it, and what takes a mailer.

use generatio_core::seal::{self, Iterations, account_secret};
use generatio_core::{Password, SecretText};
use generatio_testkit::rng;
use generatio_tests::{FAL_KEY, PASSWORD, Reply, User, World};
use http::Method;
use serde_json::{Value, json};

const LOGIN: &str = "/api/custom/auth/login";
const TOKENS: &str = "/api/custom/tokens";
const SETUP: &str = "/api/custom/tokens/setup";
const NEW: &str = "velvet-anchor-91";

fn renewed(old: &str, new: &str) -> Value {
    json!({ "oldPassword": old, "password": new, "passwordConfirm": new })
}

async fn change(user: &User, body: &Value) -> Reply {
    let path = format!("/api/collections/generatio_users/records/{}", user.id);
    user.send(Method::PATCH, &path, Some(&body.to_string())).await
}

/// Checks a refusal of PocketBase's shape: the code of one field.
#[track_caller]
fn refused(reply: &Reply, field: &str, code: &str) {
    let told = reply.json();
    let seen = (reply.status.as_u16(), &told["message"], &told["data"][field]["code"]);
    assert_eq!(seen, (400, &json!("Failed to update record."), &json!(code)), "{}", reply.text);
}

async fn login(world: &World, email: &str, password: &str) -> Reply {
    world.client().post(LOGIN, &json!({ "email": email, "password": password })).await
}

/// The text that the user's client would send.
fn client_sealed(user: &User, password: &str) -> String {
    let (key, password) = (SecretText::new(FAL_KEY.to_owned()), Password::new(password.to_owned()));
    let iterations = Iterations::new(100_000).expect("in range");
    let sealed = seal::seal(&key, &password, &user.id, iterations, &mut rng::SeededRng::new(7)).expect("it seals");
    sealed.as_str().to_owned()
}

#[tokio::test]
async fn a_new_password_takes_the_token_along_and_ends_everything_else() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let second = login(&world, &user.email, PASSWORD).await.ok();
    let changed = change(&user, &renewed(PASSWORD, NEW)).await.ok();
    assert_eq!((&changed["email"], changed.get("password")), (&json!("a@example.com"), None));

    // Every token and session from before is void.
    for jwt in [user.jwt.as_str(), second["token"].as_str().expect("a token")] {
        let reply = world.client().send(Method::GET, TOKENS, &[("authorization", jwt)], None).await;
        reply.refused(401, "authentication_error", "Authentication required");
    }
    login(&world, &user.email, PASSWORD).await.refused(401, "authentication_error", "Invalid credentials");
    let again = login(&world, &user.email, NEW).await.ok();
    assert_eq!(again["message"], "Login successful with auto-created session");
    let old = user.session.clone().expect("a session");
    let jwt = again["token"].as_str().expect("a token");
    let headers = [("authorization", jwt), ("x-session-id", old.as_str())];
    let body = json!({ "model": "flux/schnell", "prompt": "x" }).to_string();
    let reply = world.client().send(Method::POST, "/api/custom/generate/image", &headers, Some(&body)).await;
    reply.refused(401, "authentication_error", "Valid session required");
    let session = again["session_id"].as_str().expect("a session");
    let headers = [("authorization", jwt), ("x-session-id", session)];
    world.client().send(Method::POST, "/api/custom/generate/image", &headers, Some(&body)).await.ok();
}

#[tokio::test]
async fn a_wrong_old_password_changes_nothing_and_is_counted() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    refused(&change(&user, &renewed("guess", NEW)).await, "oldPassword", "validation_invalid_old_password");
    user.get(TOKENS).await.ok();
    let mut guesses = 1;
    loop {
        let reply = change(&user, &renewed("guess", NEW)).await;
        if reply.status.as_u16() == 429 {
            break;
        }
        guesses += 1;
        assert!(guesses < 30, "never slowed down: {}", reply.text);
    }
    assert!(guesses >= 10, "{guesses}");
}

#[tokio::test]
async fn what_the_client_sealed_must_come_sealed_anew() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    user.post(SETUP, &json!({ "sealed_token": client_sealed(&user, "mine alone") })).await.ok();
    let before = user.get(TOKENS).await.ok();
    refused(&change(&user, &renewed(PASSWORD, NEW)).await, "sealed_token", "validation_not_resealed");
    let mut with_token = renewed(PASSWORD, NEW);
    with_token["sealed_token"] = json!("v2.nonsense");
    refused(&change(&user, &with_token).await, "sealed_token", "validation_invalid_format");
    assert_eq!(user.get(TOKENS).await.ok(), before, "and the login stands");

    let anew = client_sealed(&user, "mine alone still");
    with_token["sealed_token"] = json!(anew);
    change(&user, &with_token).await.ok();
    let again = login(&world, &user.email, NEW).await.ok();
    let jwt = again["token"].as_str().expect("a token");
    let shown = world.client().send(Method::GET, TOKENS, &[("authorization", jwt)], None).await.ok();
    assert_eq!((&shown["sealed_token"], &shown["custody"]), (&json!(anew), &json!("client")));
}

#[tokio::test]
async fn a_token_under_a_password_of_its_own_stays_as_it_is() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    user.post(SETUP, &json!({ "fal_token": FAL_KEY, "password": "another one" })).await.ok();
    let before = user.get(TOKENS).await.ok()["sealed_token"].clone();
    change(&user, &renewed(PASSWORD, NEW)).await.ok();
    let jwt = login(&world, &user.email, NEW).await.ok()["token"].as_str().expect("a token").to_owned();
    let shown = world.client().send(Method::GET, TOKENS, &[("authorization", &jwt)], None).await.ok();
    assert_eq!(shown["sealed_token"], before);
}

#[tokio::test]
async fn an_address_changes_with_the_old_password_only() {
    let world = World::start().await;
    let (user, other) = (world.ready_user("a@example.com").await, world.user("b@example.com").await);
    refused(&change(&user, &json!({ "email": "c@example.com" })).await, "email", "validation_values_mismatch");
    let taken = json!({ "email": other.email.to_uppercase(), "oldPassword": PASSWORD });
    refused(&change(&user, &taken).await, "email", "validation_not_unique");
    let moved = change(&user, &json!({ "email": "C@example.com", "oldPassword": PASSWORD })).await.ok();
    assert_eq!((&moved["email"], &moved["verified"]), (&json!("C@example.com"), &json!(false)));
    login(&world, "a@example.com", PASSWORD).await.refused(401, "authentication_error", "Invalid credentials");
    let again = login(&world, "c@example.com", PASSWORD).await.ok();
    assert_eq!(again["message"], "Login successful with auto-created session", "the token is under the same password");
    assert_eq!(user.get(TOKENS).await.status.as_u16(), 401, "tokens from before are void");
}

#[tokio::test]
async fn a_derived_password_follows_the_address() {
    let world = World::start().await;
    let secret = |email: &str| {
        let secret = account_secret(email, &Password::new("violet-otter-42".to_owned()), "");
        secret.expect("a secret").expose().to_owned()
    };
    let (first, second) = (secret("a@example.com"), secret("b@example.com"));
    let account = json!({ "email": "a@example.com", "password": first, "passwordConfirm": first });
    let record = world.client().post("/api/collections/generatio_users/records", &account).await.ok();
    let jwt = login(&world, "a@example.com", &first).await.ok()["token"].as_str().expect("a token").to_owned();
    let path = format!("/api/collections/generatio_users/records/{}", record["id"].as_str().expect("an id"));
    let send = async |body: Value| {
        world.client().send(Method::PATCH, &path, &[("authorization", &jwt)], Some(&body.to_string())).await
    };
    let alone = send(json!({ "email": "b@example.com", "oldPassword": first })).await;
    refused(&alone, "password", "validation_required");
    let mut both = renewed(&first, &second);
    both["email"] = json!("b@example.com");
    send(both).await.ok();
    login(&world, "b@example.com", &second).await.ok();
}

#[tokio::test]
async fn a_profile_changes_without_a_new_login() {
    let world = World::start().await;
    let (user, other) = (world.user("a@example.com").await, world.user("b@example.com").await);
    let profile = json!({ "name": "Ann", "emailVisibility": true, "financial_data": { "total_spent": 9 } });
    let changed = change(&user, &profile).await.ok();
    assert_eq!((&changed["name"], &changed["emailVisibility"]), (&json!("Ann"), &json!(true)));
    assert_eq!(changed["financial_data"], json!({ "total_spent": 0, "total_images": 0 }));
    let again = change(&user, &json!({})).await.ok();
    assert_eq!((&again["name"], again["updated"].as_str() >= changed["updated"].as_str()), (&json!("Ann"), true));
    for foreign in [Method::PATCH, Method::DELETE] {
        let path = format!("/api/collections/generatio_users/records/{}", user.id);
        let reply = other.send(foreign.clone(), &path, Some(r#"{"name":"Bob"}"#)).await;
        assert_eq!(reply.status.as_u16(), 404, "{foreign}");
        let guest = world.client().send(foreign.clone(), &path, &[], Some(r#"{"name":"Bob"}"#)).await;
        assert_eq!(guest.status.as_u16(), 404, "{foreign}");
    }
    user.get(TOKENS).await.refused(404, "not_found", "No FAL token configured");
}

#[tokio::test]
async fn a_deleted_account_leaves_nothing() {
    let world = World::start().await;
    let (user, other) = (world.ready_user("a@example.com").await, world.ready_user("b@example.com").await);
    for user in [&user, &other] {
        user.generate_with(&[("idempotency-key", "k")], "x").await.ok();
        user.post("/api/custom/collections/create", &json!({ "name": "Birds" })).await.ok();
        user.post("/api/custom/preferences/save", &json!({ "model_name": "flux/schnell", "preferences": {} })).await;
        let budget = json!({ "day": 1 }).to_string();
        user.send(Method::PUT, "/api/custom/financial/budget", Some(&budget)).await.ok();
    }
    let before = rows(&world);
    let path = format!("/api/collections/generatio_users/records/{}", user.id);
    let gone = user.delete(&path).await;
    assert_eq!((gone.status.as_u16(), gone.text.as_str()), (204, ""));
    user.get(TOKENS).await.refused(401, "authentication_error", "Authentication required");
    login(&world, &user.email, PASSWORD).await.refused(401, "authentication_error", "Invalid credentials");
    for ((table, before), (_, after)) in before.iter().zip(rows(&world)) {
        assert_eq!(after * 2, *before, "{table} held as much of each");
    }
    other.generate("flux/schnell", "y", json!({})).await.ok();
    // The address is free again.
    world.user("a@example.com").await;
}

/// How many rows each table has that belongs to users.
fn rows(world: &World) -> Vec<(String, i64)> {
    let database = world.database();
    let mut tables = database
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%REFERENCES%' OR name = 'users'")
        .expect("a query");
    let names: Vec<String> =
        tables.query_map([], |row| row.get(0)).expect("rows").collect::<Result<_, _>>().expect("names");
    assert!(names.len() >= 9, "{names:?}");
    let count = |name: String| {
        let rows = database.query_row(&format!("SELECT count(*) FROM {name}"), [], |row| row.get(0)).expect("a count");
        (name, rows)
    };
    names.into_iter().map(count).collect()
}

#[tokio::test]
async fn what_takes_a_mailer_is_answered_without_one() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    let call =
        async |name: &str, body: Value| user.post(&format!("/api/collections/generatio_users/{name}"), &body).await;
    for name in ["request-verification", "request-password-reset"] {
        for address in ["a@example.com", "nobody@example.com"] {
            assert_eq!(call(name, json!({ "email": address })).await.status.as_u16(), 204, "{name} {address}");
        }
        for (bad, code) in [("", "validation_required"), ("nonsense", "validation_is_email")] {
            let told = call(name, json!({ "email": bad })).await;
            assert_eq!((told.status.as_u16(), &told.json()["data"]["email"]["code"]), (400, &json!(code)), "{name}");
        }
    }
    for name in ["confirm-verification", "confirm-password-reset", "confirm-email-change"] {
        let told = call(name, json!({ "token": "x" })).await;
        let code = &told.json()["data"]["token"]["code"];
        assert_eq!((told.status.as_u16(), code), (400, &json!("validation_invalid_token")), "{name}");
    }
    assert_eq!(call("request-email-change", json!({ "newEmail": "c@example.com" })).await.status.as_u16(), 400);
    for name in ["request-otp", "auth-with-otp", "auth-with-oauth2", "impersonate/aaaaaaaaaaaaaaa"] {
        assert_eq!(call(name, json!({})).await.status.as_u16(), 403, "{name}");
    }
    let methods = user.get("/api/collections/generatio_users/auth-methods?fields=mfa,otp,password,oauth2").await.ok();
    assert_eq!(methods["password"], json!({ "identityFields": ["email"], "enabled": true }));
    assert_eq!((methods.as_object().map(serde_json::Map::len), &methods["oauth2"]["providers"]), (Some(4), &json!([])));
    let elsewhere = user.get("/api/collections/images/auth-methods").await;
    assert_eq!(elsewhere.status.as_u16(), 404);
}
