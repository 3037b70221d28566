//! Nobody learns from a refused login who has an account: answers are alike to the last byte, and so is when they end.
//! Whether the time tells is `cargo xtask timing`'s question.

use generatio_tests::{Reply, World};
use http::Method;
use serde_json::{Value, json};

const ENDPOINTS: [(&str, &str); 2] =
    [("/api/collections/generatio_users/auth-with-password", "identity"), ("/api/custom/auth/login", "email")];
const ACCOUNT: &str = "somebody@example.com";

fn form(field: &str, who: &str) -> Value {
    json!({ field: who, "password": "not-the-password-7" })
}

/// Status, headers and body, without what differs between any two answers.
fn lasting(reply: &Reply) -> (u16, Vec<String>, &str) {
    let changes = |name: &str| ["date", "x-request-id", "retry-after"].contains(&name);
    let headers = reply.headers.iter().filter(|(name, _)| !changes(name.as_str()));
    (reply.status.as_u16(), headers.map(|header| format!("{header:?}")).collect(), &reply.text)
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_answered_alike() {
    let world = World::start().await;
    world.user(ACCOUNT).await;
    for (path, field) in ENDPOINTS {
        let refuse = async |who: &str| {
            let body = form(field, who).to_string();
            world.client().send(Method::POST, path, &[("origin", "https://elsewhere.example")], Some(&body)).await
        };
        let wrong = refuse(ACCOUNT).await;
        assert!(wrong.status.is_client_error(), "{}", wrong.text);
        for who in ["nobody@example.com", "SOMEBODY@example.org", "not an address"] {
            assert_eq!(lasting(&refuse(who).await), lasting(&wrong), "{path}: {who}");
        }
    }
}

#[tokio::test]
async fn both_are_slowed_down_after_the_same_number_of_failures() {
    for (path, field) in ENDPOINTS {
        let world = World::start().await;
        world.user(ACCOUNT).await;
        let (known, known_end) = world.client().until_throttled(path, &form(field, ACCOUNT)).await;
        let (unknown, unknown_end) = world.client().until_throttled(path, &form(field, "nobody@example.com")).await;
        // The first wait is a second, which a slow machine may let pass unnoticed: for either of them.
        assert!(known.len() >= 10 && unknown.len() >= 10, "{path}: after {} and {}", known.len(), unknown.len());
        assert_eq!(lasting(&known[0]), lasting(&unknown[0]), "{path}");
        assert_eq!(lasting(&known_end), lasting(&unknown_end), "{path}");
        assert!([known_end, unknown_end].iter().all(|end| end.headers.contains_key("retry-after")), "{path}");
    }
}
