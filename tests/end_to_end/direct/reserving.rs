//! From a reservation to pictures, and what a reservation checks.

use super::{browser, ledger, told};
use generatio_tests::{Browser, World};
use serde_json::{Value, json};

#[tokio::test]
async fn a_picture_without_the_servers_help() {
    let world = World::start().await;
    let browser = browser(&world).await;
    let reserved = browser.reserve("a heron", 2).await;
    assert_eq!(reserved.submit["endpoint"], "fal-ai/flux/schnell");
    assert_eq!(reserved.submit["input"]["prompt"], "a heron");
    assert_eq!((reserved.submit.get("webhook"), &reserved.submit["fal_url"]), (None, &json!(world.fal().url())));
    let job = browser.job(&reserved.id).await;
    assert_eq!((told(&job), &job["held"], &job["source"]), (("created", "", 0), &json!(0.006), &json!("direct")));
    assert_eq!(job["direct"], json!({ "endpoint": "fal-ai/flux/schnell", "num_images": 2 }));

    let answer = browser.submit(&reserved).await;
    let job = browser.report_submitted(&reserved.id, &answer).await.ok();
    assert_eq!(told(&job), ("submitted", "", 0));
    for name in ["request_id", "status_url", "response_url", "cancel_url"] {
        assert_eq!(job["direct"][name], answer[name], "{name}");
    }

    let report = browser.fetch(&answer).await;
    let job = browser.report(&reserved.id, &report).await.ok();
    assert_eq!((told(&job), &job["cost"], job.get("held")), (("completed", "client", 2), &json!(0.006), None));
    let rows = ledger(&browser).await;
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!((&row["job"], &row["reported_by"]), (&json!(reserved.id), &json!("client")));
    assert_eq!((&row["billable_units"], &row["amount"]), (&report["billable_units"], &json!(0.006)));
    assert_eq!((&row["fal"]["certainty"], world.book().submissions), (&json!("known"), 1));

    let image = job["images"][0]["id"].as_str().expect("an id");
    let record = browser.user().get(&format!("/api/collections/images/records/{image}")).await.ok();
    assert_eq!((&record["prompt"], &record["request_id"]), (&json!("a heron"), &answer["request_id"]));
    assert_eq!(
        (&record["other_info"]["seed"], &record["other_info"]["reported_by"]),
        (&report["seed"], &json!("client"))
    );
    let stats = browser.user().stats().await;
    assert_eq!((&stats["total_spent"], &stats["total_images"]), (&json!(0.006), &json!(2)));
}

#[tokio::test]
async fn followers_and_records_see_it_like_any_other_job() {
    let world = World::start().await;
    let browser = browser(&world).await;
    let job = browser.generate("a heron", 1).await;
    let id = job["id"].as_str().expect("an id");
    let events = browser.user().stream(&format!("{}/{id}/events", super::JOBS), None).await.rest().await;
    let states: Vec<&Value> = events.iter().map(|event| &event.data["state"]).collect();
    assert_eq!(states, ["created", "submitted", "completed"]);
    assert_eq!(events[2].data["job"], job);
    let record = browser.user().get(&format!("/api/collections/jobs/records/{id}")).await.ok();
    let seen = (&record["state"], &record["source"], &record["reported_by"]);
    assert_eq!(seen, (&json!("completed"), &json!("direct"), &json!("client")));
    let page = browser.user().get("/api/collections/ledger/records").await.ok();
    assert_eq!((&page["items"][0]["job_id"], &page["items"][0]["reported_by"]), (&json!(id), &json!("client")));
}

#[tokio::test]
async fn a_reservation_checks_what_a_generation_checks_and_spends_nothing() {
    let world = World::with(&["--max-running-jobs", "1"]).await;
    let browser = browser(&world).await;
    let body = |model: &str, prompt: &str| json!({ "model": model, "prompt": prompt });
    browser.ask(&[], &body("flux/schnell", "")).await.refused(400, "validation_error", "Model and prompt are required");
    let told = browser.ask(&[], &body("no/model", "x")).await;
    assert_eq!((told.status.as_u16(), &told.json()["error"]), (400, &json!("validation_error")));
    let mut lost = body("flux/schnell", "x");
    lost["collection_id"] = json!("aaaaaaaaaaaaaaa");
    browser.ask(&[], &lost).await.refused(404, "not_found", "Folder not found");
    let guest = world.client().post("/api/custom/generate/record", &body("flux/schnell", "x")).await;
    guest.refused(401, "authentication_error", "Authentication required");
    let first = browser.reserve("x", 1).await;
    assert_eq!(browser.ask(&[], &body("flux/schnell", "x")).await.status.as_u16(), 429);
    browser.give_up(&first.id).await.ok();
    browser.reserve("x", 1).await;
    assert_eq!((world.book().submissions, ledger(&browser).await.len()), (0, 0));
}

#[tokio::test]
async fn a_reservation_holds_the_budget_until_it_is_over() {
    let world = World::start().await;
    let browser = browser(&world).await;
    let limits = json!({ "basis": "account", "total": 0.003 });
    let path = "/api/custom/financial/budget";
    browser.user().send(http::Method::PUT, path, Some(&limits.to_string())).await.ok();
    let first = browser.reserve("x", 1).await;
    let body = json!({ "model": "flux/schnell", "prompt": "y" });
    let over = browser.ask(&[], &body).await;
    assert_eq!((over.status.as_u16(), &over.json()["error"]), (402, &json!("budget_exceeded")), "{}", over.text);
    browser.give_up(&first.id).await.ok();
    let again = browser.reserve("y", 1).await;
    let answer = browser.submit(&again).await;
    browser.report_submitted(&again.id, &answer).await.ok();
    assert_eq!(browser.ask(&[], &body).await.status.as_u16(), 402, "held");
    browser.report(&again.id, &browser.fetch(&answer).await).await.ok();
    assert_eq!(browser.ask(&[], &body).await.status.as_u16(), 402, "spent");
}

#[tokio::test]
async fn a_key_makes_a_reservation_repeatable() {
    let world = World::start().await;
    let browser = browser(&world).await;
    let (key, body) = ([("idempotency-key", "k")], json!({ "model": "flux/schnell", "prompt": "x" }));
    let first = browser.ask(&key, &body).await;
    let second = browser.ask(&key, &body).await;
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (201, 200));
    assert_eq!(first.json(), second.json());
    assert_eq!(first.headers["location"], second.headers["location"]);
    let other = browser.ask(&key, &json!({ "model": "flux/schnell", "prompt": "y" })).await;
    other.refused(409, "conflict", "This Idempotency-Key was used with another request");
    // The same words on another route are another request.
    let mut with_session = world.ready_user("b@example.com").await;
    Browser::new(&with_session).ask(&key, &body).await;
    let crossed = with_session.generate_with(&key, "x").await;
    crossed.refused(409, "conflict", "This Idempotency-Key was used with another request");
    with_session.session = None;
    // What is over is not submitted again.
    browser.give_up(first.json()["job"]["id"].as_str().expect("an id")).await.ok();
    let third = browser.ask(&key, &body).await.ok();
    assert_eq!((&third["job"]["state"], third.get("submit")), (&json!("canceled"), None));
}
