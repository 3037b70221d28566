//! `/api/custom/tokens`: set up, verify, show, remove.

use generatio_core::seal::{self, Iterations};
use generatio_core::{Password, SecretText};
use generatio_testkit::rng;
use generatio_tests::{FAL_KEY, PASSWORD, World};
use serde_json::{Value, json};

const SETUP: &str = "/api/custom/tokens/setup";
const TOKENS: &str = "/api/custom/tokens";
const VERIFY: &str = "/api/custom/tokens/verify";

#[tokio::test]
async fn a_key_is_sealed_under_the_password() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    let done = user.post(SETUP, &json!({ "fal_token": FAL_KEY, "password": PASSWORD })).await.ok();
    assert_eq!(done, json!({ "success": true, "message": "FAL token setup successfully" }));

    let shown = user.get(TOKENS).await;
    assert_eq!(shown.headers["cache-control"], "no-store");
    let shown = shown.ok();
    assert_eq!(shown["custody"], "password");
    let sealed = seal::SealedToken::parse(shown["sealed_token"].as_str().expect("a text")).expect("well-formed");
    let opened = seal::open(&sealed, &Password::new(PASSWORD.into()), &user.id).expect("it opens for its owner");
    assert_eq!(opened.expose(), FAL_KEY);
    assert_eq!(world.book().submissions, 0, "checking a key costs nothing");
}

#[tokio::test]
async fn setup_refuses_and_keeps_what_was_there() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    user.post(SETUP, &json!({ "fal_token": FAL_KEY, "password": PASSWORD })).await.ok();
    let before = user.get(TOKENS).await.ok();
    let missing = "FAL token and password are required";
    let invalid = "Invalid FAL AI token";
    for (body, message) in [
        (json!({}), missing),
        (json!({ "fal_token": FAL_KEY }), missing),
        (json!({ "fal_token": "", "password": PASSWORD }), missing),
        (json!({ "fal_token": FAL_KEY, "password": "" }), missing),
        (json!({ "fal_token": FAL_KEY, "password": null }), missing),
        (json!({ "fal_token": "bad-id:secret", "password": PASSWORD }), invalid),
        (json!({ "fal_token": "two words", "password": PASSWORD }), invalid),
        (json!({ "fal_token": "key\nx-injected: 1", "password": PASSWORD }), invalid),
        (json!({ "fal_token": "k".repeat(4097), "password": PASSWORD }), invalid),
        (json!({ "sealed_token": "nonsense" }), "Invalid token format"),
        (json!([]), "Invalid request body"),
    ] {
        user.post(SETUP, &body).await.refused(400, "validation_error", message);
    }
    let long = user.post(SETUP, &json!({ "fal_token": FAL_KEY, "password": "p".repeat(1025) })).await;
    assert_eq!((long.status.as_u16(), &long.json()["error"]), (400, &json!("validation_error")));
    assert_eq!(user.get(TOKENS).await.ok(), before);
}

#[tokio::test]
async fn a_silent_fal_is_not_an_invalid_key() {
    let world = World::without_fal().await;
    let user = world.user("a@example.com").await;
    let reply = user.post(SETUP, &json!({ "fal_token": FAL_KEY, "password": PASSWORD })).await;
    assert_eq!((reply.status.as_u16(), &reply.json()["error"]), (502, &json!("external_error")), "{}", reply.text);
}

#[tokio::test]
async fn verify_tells_whether_a_password_opens() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    let verify = async |password: &str| without_custody(user.post(VERIFY, &json!({ "password": password })).await.ok());
    assert_eq!(verify(PASSWORD).await, json!({ "has_token": false, "can_decrypt": false }));
    user.post(SETUP, &json!({ "fal_token": FAL_KEY, "password": PASSWORD })).await.ok();
    assert_eq!(verify(PASSWORD).await, json!({ "has_token": true, "can_decrypt": true }));
    assert_eq!(verify("another-password").await, json!({ "has_token": true, "can_decrypt": false }));
    world.sql("UPDATE sealed_tokens SET sealed = 'damaged'");
    assert_eq!(verify(PASSWORD).await, json!({ "has_token": true, "can_decrypt": false }));
    user.post(VERIFY, &json!({})).await.refused(400, "validation_error", "Password is required");
}

#[tokio::test]
async fn a_client_can_seal_for_itself() {
    let world = World::start().await;
    let mut user = world.user("a@example.com").await;
    let sealed = seal_for(&user.id);
    user.post(SETUP, &json!({ "sealed_token": sealed })).await.ok();
    let shown = user.get(TOKENS).await.ok();
    assert_eq!((&shown["sealed_token"], &shown["custody"]), (&json!(sealed), &json!("client")));

    // The server does not derive from the client's password, not even when it is handed over.
    let told = user.post("/api/custom/auth/create-session", &json!({ "password": PASSWORD })).await;
    assert_eq!((told.status.as_u16(), &told.json()["details"]["custody"]), (400, &json!("client")), "{}", told.text);
    let login = json!({ "email": "a@example.com", "password": PASSWORD });
    let login = world.client().post("/api/custom/auth/login", &login).await.ok();
    assert_eq!((login.get("session_id"), &login["custody"]), (None, &json!("client")));

    let opened = user.post("/api/custom/auth/create-session", &json!({ "fal_token": FAL_KEY })).await.ok();
    user.session = opened["session_id"].as_str().map(ToOwned::to_owned);
    user.generate("flux/schnell", "a heron", json!({})).await.ok();
}

#[tokio::test]
async fn a_deployment_can_refuse_a_custody_mode() {
    let world = World::with(&["--custody", "sealed,direct"]).await;
    let user = world.user("a@example.com").await;
    let setup = json!({ "fal_token": FAL_KEY, "password": PASSWORD });
    let opening = json!({ "password": PASSWORD });
    for (path, body) in [(SETUP, &setup), (VERIFY, &opening), ("/api/custom/auth/create-session", &opening)] {
        let reply = user.post(path, body).await;
        assert_eq!(reply.status.as_u16(), 403, "{path}: {}", reply.text);
        assert_eq!(reply.json()["error"], "authorization_error");
        assert_eq!(reply.json()["details"]["custody"], json!(["sealed", "direct"]));
    }
    user.post(SETUP, &json!({ "sealed_token": seal_for(&user.id) })).await.ok();
}

#[tokio::test]
async fn derivations_are_counted_per_user() {
    // All of them must fall within a minute, on a busy machine too.
    let world = World::with(&["--pbkdf2-iterations", "100000"]).await;
    let user = world.user("a@example.com").await;
    user.post(SETUP, &json!({ "fal_token": FAL_KEY, "password": PASSWORD })).await.ok();
    let mut refused = None;
    for _ in 0..31 {
        let reply = user.post(VERIFY, &json!({ "password": PASSWORD })).await;
        if reply.status.as_u16() == 429 {
            refused = Some(reply);
            break;
        }
    }
    let refused = refused.expect("the 31st derivation of a minute is refused");
    assert_eq!(refused.json()["error"], "rate_limit_error");
    assert!(refused.headers.contains_key("retry-after"));
}

fn seal_for(user_id: &str) -> String {
    let token = SecretText::new(FAL_KEY.to_owned());
    let password = Password::new(PASSWORD.to_owned());
    let sealed = seal::seal(&token, &password, user_id, Iterations::DEFAULT, &mut rng::SeededRng::new(7));
    sealed.expect("it seals").as_str().to_owned()
}

fn without_custody(mut verified: Value) -> Value {
    verified.as_object_mut().expect("an object").remove("custody");
    verified
}
