//! `/api/custom/auth/sessions`: which devices hold a session, and ending one of them.

use generatio_tests::{PASSWORD, User, World};
use serde_json::{Value, json};

const LIST: &str = "/api/custom/auth/sessions";
const CREATE: &str = "/api/custom/auth/create-session";
const LOGIN: &str = "/api/custom/auth/login";

async fn sessions(user: &User) -> Vec<Value> {
    user.get(LIST).await.ok()["sessions"].as_array().expect("a list").clone()
}

fn labels(sessions: &[Value]) -> Vec<(&str, bool)> {
    sessions
        .iter()
        .map(|one| (one["label"].as_str().expect("a text"), one["current"].as_bool().expect("a switch")))
        .collect()
}

#[tokio::test]
async fn sessions_are_listed_by_name_and_ended_by_handle() {
    let world = World::start().await;
    let mut user = world.user("a@example.com").await;
    assert!(sessions(&user).await.is_empty());
    user.set_up().await;
    user.post(CREATE, &json!({ "password": PASSWORD, "label": " my phone " })).await.ok();
    let login = json!({ "email": user.email, "password": PASSWORD, "label": "a tablet" });
    world.client().post(LOGIN, &login).await.ok();

    let listed = sessions(&user).await;
    assert_eq!(labels(&listed), [("session", true), ("my phone", false), ("a tablet", false)]);
    for one in &listed {
        assert!(one["created"].as_str() < one["expires_at"].as_str(), "{one}");
        assert_ne!(one["handle"].as_str(), user.session.as_deref(), "a handle opens nothing");
    }
    let phone = listed[1]["handle"].as_str().unwrap();
    let ended = user.delete(&format!("{LIST}/{phone}")).await.ok();
    assert_eq!(ended, json!({ "success": true, "message": "Session deleted successfully" }));
    user.delete(&format!("{LIST}/{phone}")).await.refused(404, "not_found", "Session not found");
    assert_eq!(labels(&sessions(&user).await), [("session", true), ("a tablet", false)]);
    user.generate("flux/schnell", "a heron", json!({})).await.ok();
}

#[tokio::test]
async fn nobody_sees_or_ends_anothers_sessions() {
    let world = World::start().await;
    let ann = world.ready_user("a@example.com").await;
    let mut ben = world.user("b@example.com").await;
    let handle = sessions(&ann).await[0]["handle"].as_str().unwrap().to_owned();
    assert!(sessions(&ben).await.is_empty());
    ben.delete(&format!("{LIST}/{handle}")).await.refused(404, "not_found", "Session not found");
    // Nor does holding another's session id make one's own list say anything.
    ben.session = ann.session.clone();
    assert!(sessions(&ben).await.is_empty());
    assert_eq!(sessions(&ann).await.len(), 1);
}

#[tokio::test]
async fn a_label_is_bounded() {
    let world = World::start().await;
    let mut user = world.user("a@example.com").await;
    user.set_up().await;
    let long = user.post(CREATE, &json!({ "password": PASSWORD, "label": "x".repeat(201) })).await;
    long.refused(400, "validation_error", "The label must be at most 200 characters");
}
