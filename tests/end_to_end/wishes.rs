//! What a user may say about a job: stop it; or whether one in doubt was charged.

use generatio_tests::{User, World};
use serde_json::{Value, json};

const SLOW: &str = r#"slow [[sim: {"latency_ms": 60000}]]"#;
/// FAL takes it, and its answer is lost.
const DOUBTED: &str = r#"x [[sim: {"fault": "submit_truncated", "times": 0}]]"#;

#[tokio::test]
async fn a_running_job_is_stopped_and_costs_nothing() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let body = json!({ "model": "flux/schnell", "prompt": SLOW }).to_string();
    let caller = tokio::spawn(user.clone().send_owned(http::Method::POST, "/api/custom/generate/image", body));
    world.until(async || world.book().submissions == 1).await;
    let job = only_job(&user).await;
    let canceled = user.delete(&job).await.ok();
    assert_eq!(
        (&canceled["stopped"], &canceled["at_fal"], &canceled["charged"]),
        (&json!(true), &json!("requested"), &json!(0))
    );
    let shown = user.get(&job).await.ok();
    assert_eq!((&canceled["job"], &shown["state"], shown.get("held")), (&shown, &json!("canceled"), None));
    assert_eq!(shown["failure"], json!({ "code": "fal_canceled", "message": "the request was canceled" }));
    let told = caller.await.expect("the call returns");
    assert_eq!((told.status.as_u16(), &told.json()["details"]["state"]), (502, &json!("canceled")), "{}", told.text);
    assert_eq!((world.book().cancelled, user.stats().await["total_spent"].clone()), (1, json!(0)));
}

#[tokio::test]
async fn what_fal_finishes_all_the_same_is_kept_and_charged() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let job = user.begin(r#"x [[sim: {"latency_ms": 400, "fault": "cancel_ignored"}]]"#).await;
    world.until(async || user.get(&job).await.ok()["state"] == "submitted").await;
    let canceled = user.delete(&job).await.ok();
    assert_eq!(
        (&canceled["stopped"], &canceled["at_fal"], &canceled["charged"]),
        (&json!(false), &json!("requested"), &json!(0.003))
    );
    assert_eq!(canceled["job"]["images"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn what_takes_longer_to_stop_is_answered_with_202() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let job = user.begin(r#"x [[sim: {"latency_ms": 60000, "fault": "cancel_ignored"}]]"#).await;
    world.until(async || user.get(&job).await.ok()["state"] == "submitted").await;
    let asked = user.delete(&job).await;
    assert_eq!(asked.status.as_u16(), 202, "{}", asked.text);
    let asked = asked.json();
    assert_eq!(
        (&asked["stopped"], &asked["charged"], &asked["job"]["state"]),
        (&Value::Null, &Value::Null, &json!("submitted"))
    );
    assert_eq!(asked["job"]["held"], json!(0.003));
    assert!(user.get(&job).await.ok()["cancel_asked"].is_string());
}

#[tokio::test]
async fn what_is_over_stays_as_it_is() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let made = user.begin("x").await;
    world.until(async || user.get(&made).await.ok()["state"] == "completed").await;
    let before = user.get(&made).await.ok();
    for _ in 0..2 {
        let late = user.delete(&made).await.ok();
        assert_eq!(late, json!({ "stopped": false, "at_fal": null, "charged": 0.003, "job": before }));
    }
    let job = user.begin(SLOW).await;
    let first = user.delete(&job).await.ok();
    let again = user.delete(&job).await.ok();
    assert_eq!((&again["stopped"], &again["at_fal"], &again["job"]), (&json!(true), &Value::Null, &first["job"]));
}

#[tokio::test]
async fn a_cancel_that_fal_does_not_hear_changes_nothing() {
    let world = World::start().await;
    let mut user = world.ready_user("a@example.com").await;
    let job = user.begin(r#"x [[sim: {"latency_ms": 500}]]"#).await;
    world.until(async || user.get(&job).await.ok()["state"] == "submitted").await;
    let good = user.session.clone();
    user.set_up_session_with("bad-id:secret").await;
    let refused = user.delete(&job).await;
    let details = &refused.json()["details"];
    assert_eq!((refused.status.as_u16(), &details["fal_status"]), (502, &json!(401)), "{}", refused.text);
    user.session = good;
    world.until(async || user.get(&job).await.ok()["state"] == "completed").await;
}

#[tokio::test]
async fn a_job_that_waited_since_a_restart_is_stopped_too() {
    let mut world = World::start().await;
    let mut user = world.ready_user("a@example.com").await;
    let job = user.begin(SLOW).await;
    world.until(async || user.get(&job).await.ok()["state"] == "submitted").await;
    world.take_server().kill();
    world.restart(&[]);
    user.moved_to(world.client());
    user.set_up_session().await;
    assert_eq!(user.delete(&job).await.ok()["stopped"], json!(true));
}

#[tokio::test]
async fn a_job_in_doubt_is_resolved_not_canceled() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    for (outcome, cost, code) in
        [("charged", json!(0.003), "resolved_charged"), ("not_charged", Value::Null, "resolved_not_charged")]
    {
        let spent = user.stats().await["total_spent"].as_f64().expect("an amount");
        let job = doubted(&user).await;
        let refused = user.delete(&job).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["error"]), (409, &json!("conflict")), "{}", refused.text);
        let resolved = user.post(&format!("{job}/resolve"), &json!({ "outcome": outcome })).await.ok();
        assert_eq!((&resolved["state"], &resolved["failure"]["code"]), (&json!("failed"), &json!(code)));
        assert_eq!((&resolved["cost"], resolved.get("held")), (&cost, None));
        assert_eq!(resolved, user.get(&job).await.ok());
        let charged = cost.as_f64().unwrap_or_default();
        assert_eq!(user.stats().await["total_spent"].as_f64(), Some(spent + charged));
    }
    let row = user.get("/api/custom/financial/ledger").await.ok()["items"][0].clone();
    assert_eq!(
        (&row["reported_by"], &row["images"], &row["certainty"]),
        (&json!("client"), &json!(0), &json!("known"))
    );
    assert_eq!(world.book().submissions, 2);
}

#[tokio::test]
async fn only_a_job_in_doubt_is_resolved_and_only_by_its_owner() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let other = world.ready_user("b@example.com").await;
    let made = user.begin("x").await;
    world.until(async || user.get(&made).await.ok()["state"] == "completed").await;
    let doubted = doubted(&user).await;
    let (charged, message) = (json!({ "outcome": "charged" }), "Only a job whose state is unknown can be resolved");
    user.post(&format!("{made}/resolve"), &charged).await.refused(409, "conflict", message);
    for (method, path) in [(http::Method::POST, format!("{doubted}/resolve")), (http::Method::DELETE, doubted.clone())]
    {
        let foreign = other.send(method, &path, Some(&charged.to_string())).await;
        foreign.refused(404, "not_found", "Job not found");
    }
    for bad in [json!({}), json!({ "outcome": "maybe" }), json!({ "outcome": null })] {
        let reply = user.post(&format!("{doubted}/resolve"), &bad).await;
        reply.refused(400, "validation_error", "The outcome must be charged or not_charged");
    }
    user.post(&format!("{doubted}/resolve"), &charged).await.ok();
    user.post(&format!("{doubted}/resolve"), &charged).await.refused(409, "conflict", message);
    assert_eq!(user.stats().await["total_spent"], json!(0.006));
}

#[tokio::test]
async fn canceling_takes_a_session() {
    let world = World::start().await;
    let mut user = world.ready_user("a@example.com").await;
    let job = user.begin(SLOW).await;
    user.session = None;
    user.delete(&job).await.refused(401, "authentication_error", "Valid session required");
}

async fn only_job(user: &User) -> String {
    let jobs = user.get("/api/custom/generate/jobs").await.ok();
    format!("/api/custom/generate/jobs/{}", jobs["items"][0]["id"].as_str().expect("a job"))
}

/// The path of a job whose submit answer was lost.
async fn doubted(user: &User) -> String {
    let told = user.generate("flux/schnell", DOUBTED, json!({})).await.json();
    assert_eq!(told["details"]["state"], "unknown", "{told}");
    format!("/api/custom/generate/jobs/{}", told["details"]["job"].as_str().expect("an id"))
}
