//! `/api/collections/generatio_users`: register, log in, refresh, one's own record; in PocketBase's shapes.

use generatio_core::Password;
use generatio_core::seal::account_secret;
use generatio_tests::{FAL_KEY, PASSWORD, World};
use http::Method;
use serde_json::{Value, json};

const RECORDS: &str = "/api/collections/generatio_users/records";
const LOGIN: &str = "/api/collections/generatio_users/auth-with-password";
const REFRESH: &str = "/api/collections/generatio_users/auth-refresh";

#[tokio::test]
async fn registering_answers_as_pocketbase_does() {
    let world = World::start().await;
    let account = json!({
        "email": "Ann@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD, "name": "Ann",
        "fal_token": "ignored", "financial_data": { "total_spent": -5 }, "unknown": 1,
    });
    let record = world.client().post(RECORDS, &account).await.ok();
    assert_eq!(record["collectionId"], "pbc_733528692");
    assert_eq!(record["collectionName"], "generatio_users");
    assert_eq!(
        (&record["name"], &record["verified"], &record["emailVisibility"]),
        (&json!("Ann"), &json!(false), &json!(false))
    );
    assert_eq!(record["financial_data"], json!({ "total_spent": 0, "total_images": 0 }));
    assert_eq!(record["model_preferences"], json!([]));
    for hidden in ["email", "password", "passwordConfirm", "tokenKey", "fal_token"] {
        assert_eq!(record.get(hidden), None, "{hidden}");
    }
    let id = record["id"].as_str().expect("an id");
    assert!(id.len() == 15 && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()), "{id}");
    let created = record["created"].as_str().expect("a date");
    assert!(created.len() == 24 && created.ends_with('Z') && created.as_bytes()[10] == b' ', "{created}");
}

#[tokio::test]
async fn bad_registrations_name_the_field() {
    let world = World::start().await;
    world.user("taken@example.com").await;
    let account = |email: &str, password: &str, confirm: &str| json!({ "email": email, "password": password, "passwordConfirm": confirm });
    let long = "p".repeat(72);
    for (body, field, code) in [
        (json!({}), "password", "validation_required"),
        (json!({}), "passwordConfirm", "validation_required"),
        (account("a@example.com", PASSWORD, "other"), "passwordConfirm", "validation_values_mismatch"),
        (account("", PASSWORD, PASSWORD), "email", "validation_required"),
        (account("nonsense", PASSWORD, PASSWORD), "email", "validation_is_email"),
        (account("user@localhost", PASSWORD, PASSWORD), "email", "validation_is_email"),
        (account("a@example.com", "short", "short"), "password", "validation_min_text_constraint"),
        (account("a@example.com", &long, &long), "password", "validation_max_text_constraint"),
        (account("TAKEN@example.com", PASSWORD, PASSWORD), "email", "validation_not_unique"),
    ] {
        let reply = world.client().post(RECORDS, &body).await;
        let told = reply.json();
        assert_eq!((reply.status.as_u16(), &told["message"]), (400, &json!("Failed to create record.")), "{body}");
        assert_eq!(told["data"][field]["code"], json!(code), "{}", reply.text);
    }
    let common = world.client().post(RECORDS, &account("a@example.com", "password123", "password123")).await;
    assert_eq!((common.status.as_u16(), common.json()["data"].get("password").is_some()), (400, true));
}

#[tokio::test]
async fn logging_in_gives_a_jwt_and_the_own_record() {
    let world = World::start().await;
    let user = world.user("ann@example.com").await;
    let login = world.client().post(LOGIN, &json!({ "identity": "ANN@example.com", "password": PASSWORD })).await;
    assert_eq!(login.headers["cache-control"], "no-store");
    let login = login.ok();
    assert_eq!((&login["record"]["id"], &login["record"]["email"]), (&json!(user.id), &json!("ann@example.com")));
    assert_eq!(login["token"].as_str().map(|jwt| jwt.split('.').count()), Some(3));

    let refreshed = user.send(Method::POST, REFRESH, None).await.ok();
    assert_eq!(refreshed["record"], login["record"]);
    let own = user.get(&format!("{RECORDS}/{}", user.id)).await.ok();
    assert_eq!(own, login["record"]);
}

#[tokio::test]
async fn logging_in_shows_what_is_asked_for() {
    let world = World::start().await;
    let user = world.user("ann@example.com").await;
    let preferences = json!({ "model_name": "flux/schnell", "preferences": { "seed": 1 } });
    user.post("/api/custom/preferences/save", &preferences).await.ok();
    let login = json!({ "identity": user.email, "password": PASSWORD });
    let thin = world.client().post(&format!("{LOGIN}?fields=record.id,none"), &login).await.ok();
    assert_eq!(thin, json!({ "record": { "id": user.id } }));
    let refresh = async |query: &str| user.send(Method::POST, &format!("{REFRESH}?{query}"), None).await;
    let wide = refresh("expand=model_preferences&fields=*,record.expand.model_preferences.model_name").await.ok();
    assert_eq!(wide["record"], json!({ "expand": { "model_preferences": [{ "model_name": "flux/schnell" }] } }));
    assert!(wide["token"].is_string());
    assert_eq!(refresh("fields=record.id:upper").await.status.as_u16(), 400);
    let hidden = refresh("fields=record.password,record.tokenKey,record.fal_token").await.ok();
    assert_eq!(hidden, json!({ "record": {} }));
}

#[tokio::test]
async fn bad_logins_are_refused_alike() {
    let world = World::start().await;
    world.user("ann@example.com").await;
    for identity in ["ann@example.com", "nobody@example.com"] {
        let reply = world.client().post(LOGIN, &json!({ "identity": identity, "password": "wrong-password" })).await;
        let body = json!({ "status": 400, "message": "Failed to authenticate.", "data": {} });
        assert_eq!((reply.status.as_u16(), reply.json()), (400, body));
    }
    let empty = world.client().post(LOGIN, &json!({ "identity": "" })).await;
    assert_eq!(empty.status.as_u16(), 400);
    assert_eq!(empty.json()["data"]["identity"]["code"], "validation_required");
    assert_eq!(empty.json()["data"]["password"]["code"], "validation_required");
    let guest = world.client().send(Method::POST, REFRESH, &[], None).await;
    assert_eq!(guest.status.as_u16(), 401);
    assert_eq!(guest.json()["message"], "The request requires valid record authorization token.");
}

#[tokio::test]
async fn guessing_is_slowed_down_here_too() {
    let world = World::start().await;
    world.user("ann@example.com").await;
    let guess = json!({ "identity": "ann@example.com", "password": "wrong-password" });
    let (refusals, throttled) = world.client().until_throttled(LOGIN, &guess).await;
    assert!(refusals.len() >= 10 && refusals.iter().all(|reply| reply.status.as_u16() == 400), "{refusals:?}");
    assert_eq!(throttled.json()["status"], 429);
    assert!(throttled.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn registration_can_be_closed() {
    let world = World::with(&["--registration", "closed"]).await;
    let account = json!({ "email": "a@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD });
    assert_eq!(world.client().post(RECORDS, &account).await.status.as_u16(), 403);
}

#[tokio::test]
async fn an_account_secret_stands_in_for_the_password() {
    let world = World::start().await;
    let email = "ann@example.com";
    let secret = account_secret(email, &Password::new(PASSWORD.to_owned()), "").expect("it derives");
    let account = json!({ "email": email, "password": secret.expose(), "passwordConfirm": secret.expose() });
    world.client().post(RECORDS, &account).await.ok();
    let login = json!({ "identity": email, "password": secret.expose() });
    let jwt = world.client().post(LOGIN, &login).await.ok()["token"].clone();
    let plain = world.client().post(LOGIN, &json!({ "identity": email, "password": PASSWORD })).await;
    assert_eq!(plain.status.as_u16(), 400, "the raw password is not the account's");

    // The page seals under the account secret as well: the raw password stays with the user.
    let headers = [("authorization", jwt.as_str().expect("a JWT"))];
    let setup = json!({ "fal_token": FAL_KEY, "password": secret.expose() }).to_string();
    world.client().send(Method::POST, "/api/custom/tokens/setup", &headers, Some(&setup)).await.ok();
    let login = json!({ "email": email, "password": secret.expose() });
    let login: Value = world.client().post("/api/custom/auth/login", &login).await.ok();
    assert_eq!(login["message"], "Login successful with auto-created session");
}
