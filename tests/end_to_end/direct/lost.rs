//! Browsers that go away, and servers that do.

use super::{OPEN, browser, ledger, told};
use generatio_tests::{Browser, World};
use serde_json::{Value, json};

/// As if nobody had said anything of any job for longer than `--direct-wait`.
const LONG_AGO: &str = "UPDATE jobs SET updated = updated - 3601000";

async fn open(browser: &Browser) -> Vec<Value> {
    browser.user().get(OPEN).await.ok()["items"].as_array().expect("jobs").clone()
}

#[tokio::test]
async fn the_next_visit_finishes_what_a_lost_browser_left() {
    let mut world = World::start().await;
    let lost = browser(&world).await;
    let (untouched, reserved) = (lost.reserve("x", 1).await, lost.reserve("y", 1).await);
    let answer = lost.submit(&reserved).await;
    lost.report_submitted(&reserved.id, &answer).await.ok();
    let before = open(&lost).await;
    drop(lost.clone());

    // The server goes, too, and comes back with all of it.
    world.take_server().kill();
    world.restart(&[]);
    let mut user = lost.user().clone();
    user.moved_to(world.client());
    let next = Browser::new(&user);
    let found = open(&next).await;
    assert_eq!(found, before);
    assert_eq!([&found[0]["id"], &found[1]["id"]], [&json!(reserved.id), &json!(untouched.id)]);
    assert_eq!((&found[0]["state"], &found[1]["state"]), (&json!("submitted"), &json!("created")));

    let report = next.fetch(&found[0]["direct"]).await;
    assert_eq!(told(&next.report(&reserved.id, &report).await.ok()), ("completed", "client", 1));
    next.give_up(&untouched.id).await.ok();
    assert_eq!((open(&next).await.len(), ledger(&next).await.len(), world.book().submissions), (0, 1, 1));
}

#[tokio::test]
async fn a_session_takes_up_no_direct_job() {
    let mut world = World::start().await;
    let mut user = world.user("a@example.com").await;
    let browser = Browser::new(&user);
    let reserved = browser.reserve("x", 1).await;
    browser.report_submitted(&reserved.id, &browser.submit(&reserved).await).await.ok();
    world.take_server().kill();
    world.restart(&[]);
    user.moved_to(world.client());
    let browser = Browser::new(&user);
    user.set_up().await;
    user.generate("flux/schnell", "mine", json!({})).await.ok();
    assert_eq!(told(&browser.job(&reserved.id).await), ("submitted", "", 0));
}

#[tokio::test]
async fn silence_ends_in_doubt_which_holds_the_budget_and_hears_late_reports() {
    let world = World::with(&["--sweep-interval", "1s", "--max-running-jobs", "2"]).await;
    let browser = browser(&world).await;
    let (untouched, reserved) = (browser.reserve("x", 1).await, browser.reserve("y", 1).await);
    let answer = browser.submit(&reserved).await;
    browser.report_submitted(&reserved.id, &answer).await.ok();
    let body = json!({ "model": "flux/schnell", "prompt": "z" });
    assert_eq!(browser.ask(&[], &body).await.status.as_u16(), 429, "both run");

    world.sql(LONG_AGO);
    for id in [&untouched.id, &reserved.id] {
        world.until(async || browser.job(id).await["state"] == "unknown").await;
        let job = browser.job(id).await;
        assert_eq!((told(&job), &job["held"]), (("unknown", "server", 0), &json!(0.003)));
        assert_eq!(job["failure"]["code"], "client_silent");
    }
    assert_eq!(open(&browser).await.len(), 2, "the next visit finds them");
    let third = browser.ask(&[], &body).await;
    assert_eq!(third.status.as_u16(), 201, "and others may run: {}", third.text);

    let report = browser.fetch(&answer).await;
    assert_eq!(told(&browser.report(&reserved.id, &report).await.ok()), ("completed", "client", 1));
    let late = browser.submit(&untouched).await;
    assert_eq!(told(&browser.report_submitted(&untouched.id, &late).await.ok()), ("submitted", "", 0));
    let report = browser.fetch(&late).await;
    assert_eq!(told(&browser.report(&untouched.id, &report).await.ok()), ("completed", "client", 1));
    assert_eq!(ledger(&browser).await.len(), 2);
}

#[tokio::test]
async fn jobs_that_somebody_speaks_of_and_those_of_the_server_are_not_doubted() {
    let world = World::with(&["--sweep-interval", "1s"]).await;
    let user = world.ready_user("a@example.com").await;
    let browser = Browser::new(&user);
    let ours = user.begin(r#"x [[sim: {"latency_ms": 3600000}]]"#).await;
    world.until(async || user.get(&ours).await.ok()["state"] == "submitted").await;
    let silent = browser.reserve("x", 1).await;
    world.sql(LONG_AGO);
    let fresh = browser.reserve("y", 1).await;
    world.until(async || browser.job(&silent.id).await["state"] == "unknown").await;
    let states = (&browser.job(&fresh.id).await["state"], &user.get(&ours).await.ok()["state"]);
    assert_eq!(states, (&json!("created"), &json!("submitted")));
}

#[tokio::test]
async fn a_caller_who_leaves_before_the_answer_finds_the_job_by_its_key() {
    let world = World::start().await;
    let browser = browser(&world).await;
    let body = json!({ "model": "flux/schnell", "prompt": "x" });
    let key = [("idempotency-key", "k")];
    let left = tokio::time::timeout(std::time::Duration::from_millis(1), browser.ask(&key, &body)).await;
    let found = browser.ask(&key, &body).await.json();
    if let Ok(reply) = left {
        assert_eq!(reply.json()["job"]["id"], found["job"]["id"]);
    }
    assert_eq!((open(&browser).await.len(), found["submit"].is_object()), (1, true));
}
