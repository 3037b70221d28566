//! `Idempotency-Key`: however often a call is made, it is paid for once and answered alike.

use futures_util::future::join_all;
use generatio_tests::{Reply, User, World};
use http::Method;
use serde_json::{Value, json};

const IMAGE: &str = "/api/custom/generate/image";
const ASYNC: (&str, &str) = ("prefer", "respond-async");

/// Done at FAL at once, while the server hears nothing of it: its first status stream falls silent, for longer than any
/// of this takes, and the next one works.
const UNHEARD: &str = r#"unheard [[sim: {"fault": "stream_stall"}]]"#;

fn key(text: &str) -> (&str, &str) {
    ("idempotency-key", text)
}

/// What must not differ between two answers to one request.
fn told(reply: &Reply) -> (u16, &str) {
    (reply.status.as_u16(), reply.text.as_str())
}

fn place(reply: &Reply) -> String {
    reply.headers["location"].to_str().expect("a path").to_owned()
}

#[tokio::test]
async fn twenty_calls_at_once_are_one_job_and_one_answer() {
    let world = World::with(&["--max-running-jobs", "1"]).await;
    let user = world.ready_user("a@example.com").await;
    let slow = r#"slow [[sim: {"latency_ms": 300}]]"#;
    let replies = join_all((0..20).map(|_| {
        let user = user.clone();
        async move { user.generate_with(&[key("k")], slow).await }
    }));
    let replies = replies.await;
    replies[0].ok();
    for reply in &replies {
        assert_eq!(told(reply), told(&replies[0]));
    }
    // After completion, too.
    assert_eq!(told(&user.generate_with(&[key("k")], slow).await), told(&replies[0]));
    let stats = user.stats().await;
    assert_eq!((&stats["total_spent"], &stats["total_images"]), (&json!(0.003), &json!(1)));
    assert_eq!((world.book().submissions, world.book().billed.len()), (1, 1));
}

#[tokio::test]
async fn the_same_request_in_another_spelling_is_the_same() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let ask = async |body: &str| user.send_with(Method::POST, IMAGE, &[key("k")], Some(body)).await;
    let first = ask(r#"{"model":"flux/schnell","prompt":"x","parameters":{"num_images":1,"seed":7}}"#).await;
    let second = ask(r#"{ "collection_id": "", "prompt": "\u0078", "model": "flux/schnell",
             "parameters": { "seed": 7, "image_size": null, "num_images": 1 } }"#);
    let second = second.await;
    first.ok();
    assert_eq!((told(&first), world.book().submissions), (told(&second), 1));
}

#[tokio::test]
async fn another_request_with_the_key_is_a_conflict() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let folder = user.post("/api/custom/collections/create", &json!({ "name": "Birds" })).await.ok()["id"].clone();
    user.generate_with(&[key("k")], "x").await.ok();
    for other in [
        json!({ "model": "flux/schnell", "prompt": "y" }),
        json!({ "model": "hidream/hidream-i1-fast", "prompt": "x" }),
        json!({ "model": "flux/schnell", "prompt": "x", "parameters": { "seed": 7 } }),
        json!({ "model": "flux/schnell", "prompt": "x", "collection_id": folder }),
    ] {
        let reply = user.send_with(Method::POST, IMAGE, &[key("k")], Some(&other.to_string())).await;
        reply.refused(409, "conflict", "This Idempotency-Key was used with another request");
    }
    assert_eq!(world.book().submissions, 1);
}

#[tokio::test]
async fn keys_are_each_users_own() {
    let world = World::start().await;
    let (ada, bob) = (world.ready_user("a@example.com").await, world.ready_user("b@example.com").await);
    let hers = ada.generate_with(&[key("k")], "x").await.ok();
    let his = bob.generate_with(&[key("k")], "y").await.ok();
    assert_ne!(hers["job"], his["job"]);
    assert_eq!(world.book().submissions, 2);
}

#[tokio::test]
async fn bad_keys_are_refused_and_spend_nothing() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let long = "k".repeat(256);
    for bad in ["", "a b", "schlüssel", long.as_str()] {
        let reply = user.generate_with(&[key(bad)], "x").await;
        reply.refused(400, "validation_error", "Idempotency-Key must be 1 to 255 visible ASCII characters");
    }
    let twice = user.generate_with(&[key("a"), key("b")], "x").await;
    assert_eq!(twice.status.as_u16(), 400, "{}", twice.text);
    assert_eq!(world.book().submissions, 0);
    user.generate_with(&[key(&long[1..])], "x").await.ok();
}

#[tokio::test]
async fn refusals_are_not_remembered() {
    let world = World::with(&["--max-running-jobs", "1"]).await;
    let user = world.ready_user("a@example.com").await;
    user.generate_with(&[key("k")], " ").await.refused(400, "validation_error", "Model and prompt are required");
    let busy = user.generate_with(&[ASYNC], r#"slow [[sim: {"latency_ms": 60000}]]"#).await;
    assert_eq!(busy.status.as_u16(), 202, "{}", busy.text);
    assert_eq!(user.generate_with(&[key("k")], "x").await.status.as_u16(), 429);
    assert_eq!(user.generate_with(&[key("k")], "y").await.status.as_u16(), 429, "no conflict: nothing was begun");
}

#[tokio::test]
async fn failures_are_told_again_word_for_word() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    for (fault, state) in [("job_failed_422", "failed"), ("submit_truncated", "unknown"), ("zero_images", "failed")] {
        let prompt = format!(r#"x [[sim: {{"fault": "{fault}", "times": 0}}]]"#);
        let before = world.book().submissions;
        let first = user.generate_with(&[key(fault)], &prompt).await;
        assert_eq!((first.status.as_u16(), &first.json()["details"]["state"]), (502, &json!(state)), "{}", first.text);
        let again = user.generate_with(&[key(fault)], &prompt).await;
        assert_eq!((told(&again), world.book().submissions), (told(&first), before + 1));
    }
}

#[tokio::test]
async fn a_preference_for_202_holds_for_replays() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let first = user.generate_with(&[key("k"), ASYNC], "x").await;
    let made = user.generate_with(&[key("k")], "x").await.ok();
    let again = user.generate_with(&[key("k"), ASYNC], "x").await;
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (202, 202));
    assert_eq!((place(&first), &first.json()["id"]), (place(&again), &made["job"]));
    assert_eq!((&again.json()["state"], &again.json()["images"]), (&json!("completed"), &made["images"]));
    assert_eq!(world.book().submissions, 1);
}

#[tokio::test]
async fn a_kill_changes_nothing() {
    let mut world = World::start().await;
    let mut user = world.ready_user("a@example.com").await;
    let done = user.generate_with(&[key("done")], "x").await;
    done.ok();
    let failing = r#"x [[sim: {"fault": "job_failed_422"}]]"#;
    let failed = user.generate_with(&[key("failed")], failing).await;
    let waiting = user.generate_with(&[key("waiting"), ASYNC], UNHEARD).await;
    let cut_off = r#"cut off [[sim: {"fault": "submit_stall"}]]"#;
    let unknown = user.generate_with(&[key("unknown"), ASYNC], cut_off).await;
    world.until(async || user.get(&place(&waiting)).await.ok()["state"] == "submitted").await;
    world.until(async || world.book().submissions == 4).await;
    restarted(&mut world, &mut user).await;

    assert_eq!(told(&user.generate_with(&[key("done")], "x").await), told(&done));
    assert_eq!(told(&user.generate_with(&[key("failed")], failing).await), told(&failed));
    // Its session takes the job up again, so that the same call waits for the pictures.
    let made = user.generate_with(&[key("waiting")], UNHEARD).await.ok();
    assert_eq!(made["job"], waiting.json()["id"]);
    let in_doubt = user.generate_with(&[key("unknown")], cut_off).await;
    let details = in_doubt.json()["details"].clone();
    assert_eq!((in_doubt.status.as_u16(), &details["job"]), (502, &unknown.json()["id"]));
    assert_eq!(
        details,
        json!({
            "type": "fal_interrupted", "fal_status": null, "retryable": false,
            "job": unknown.json()["id"], "state": "unknown",
        })
    );
    assert_eq!((world.book().submissions, user.stats().await["total_images"].clone()), (4, json!(2)));
}

#[tokio::test]
async fn a_job_that_nobody_works_on_is_shown() {
    let mut world = World::start().await;
    let mut user = world.ready_user("a@example.com").await;
    let handed = user.generate_with(&[key("k"), ASYNC], UNHEARD).await;
    world.until(async || user.get(&place(&handed)).await.ok()["state"] == "submitted").await;
    world.take_server().kill();
    world.restart(&[]);
    user.moved_to(world.client());
    // FAL does not take this session's key, so that the job waits for the next.
    user.set_up_session_with("bad-id:secret").await;
    world.until(async || user.get(&place(&handed)).await.ok()["failure"]["code"] == "fal_key_refused").await;
    let shown = user.generate_with(&[key("k")], UNHEARD).await;
    assert_eq!((shown.status.as_u16(), place(&shown)), (202, place(&handed)), "{}", shown.text);
    assert_eq!((&shown.json()["state"], world.book().submissions), (&json!("submitted"), 1));
}

/// The server dies and comes back; the user has a session again.
async fn restarted(world: &mut World, user: &mut User) {
    world.take_server().kill();
    world.restart(&[]);
    user.moved_to(world.client());
    user.set_up_session().await;
}

#[tokio::test]
async fn browsers_may_send_the_headers() {
    let world = World::start().await;
    let asked = "content-type,idempotency-key,prefer,x-session-id";
    let headers = [
        ("origin", "https://a.example"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", asked),
    ];
    let reply = world.client().send(Method::OPTIONS, IMAGE, &headers, None).await;
    assert_eq!(reply.headers["access-control-allow-headers"], asked);
    assert_eq!(reply.json(), Value::Null);
}
