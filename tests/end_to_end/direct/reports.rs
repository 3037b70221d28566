//! Which reports are taken when, and what becomes of the job, the hold and the charge.

use super::{browser, ledger, told};
use generatio_tests::{Browser, Reply, Reserved, World};
use http::Method;
use serde_json::{Value, json};

/// A job whose request FAL has, with FAL's answer.
async fn submitted(browser: &Browser, prompt: &str) -> (Reserved, Value) {
    let reserved = browser.reserve(prompt, 1).await;
    let answer = browser.submit(&reserved).await;
    browser.report_submitted(&reserved.id, &answer).await.ok();
    (reserved, answer)
}

#[track_caller]
fn conflict(reply: &Reply, state: &str) {
    let told = reply.json();
    let seen = (reply.status.as_u16(), &told["error"], &told["details"]["state"]);
    assert_eq!(seen, (409, &json!("conflict"), &json!(state)), "{}", reply.text);
}

#[tokio::test]
async fn two_tabs_report_the_same_and_are_told_the_same() {
    let world = World::start().await;
    let one = browser(&world).await;
    let other = one.clone();
    let reserved = one.reserve("x", 1).await;
    let answer = one.submit(&reserved).await;
    let both = tokio::join!(one.report_submitted(&reserved.id, &answer), other.report_submitted(&reserved.id, &answer));
    assert_eq!(both.0.ok(), both.1.ok());
    let report = one.fetch(&answer).await;
    let both = tokio::join!(one.report(&reserved.id, &report), other.report(&reserved.id, &report));
    assert_eq!(both.0.ok(), both.1.ok());
    assert_eq!(other.report_submitted(&reserved.id, &answer).await.ok()["state"], "completed");
    assert_eq!((ledger(&one).await.len(), world.book().submissions), (1, 1));
}

#[tokio::test]
async fn what_contradicts_a_report_is_refused_and_changes_nothing() {
    let world = World::start().await;
    let browser = browser(&world).await;
    let (reserved, answer) = submitted(&browser, "x").await;
    let id = &reserved.id;
    let other = browser.report_submitted(id, &json!({ "request_id": "another" })).await;
    conflict(&other, "submitted");
    assert_eq!(other.json()["details"]["request_id"], answer["request_id"]);
    let report = browser.fetch(&answer).await;
    let job = browser.report(id, &report).await.ok();
    let mut elsewhere = report.clone();
    elsewhere["images"][0]["url"] = json!(format!("{}/files/other.png", world.fal().url()));
    conflict(&browser.report(id, &elsewhere).await, "completed");
    conflict(&browser.report(id, &json!({ "error": { "status": 422 } })).await, "completed");
    conflict(&browser.report(id, &json!({ "error": { "type": "result_expired" } })).await, "completed");
    conflict(&browser.give_up(id).await, "completed");
    assert_eq!((browser.job(id).await, ledger(&browser).await.len()), (job, 1));
}

#[tokio::test]
async fn pictures_need_a_request() {
    let world = World::start().await;
    let browser = browser(&world).await;
    let reserved = browser.reserve("x", 1).await;
    let answer = browser.submit(&reserved).await;
    let report = browser.fetch(&answer).await;
    conflict(&browser.report(&reserved.id, &report).await, "created");
    conflict(&browser.report(&reserved.id, &json!({ "error": { "type": "result_expired" } })).await, "created");
    browser.report_submitted(&reserved.id, &answer).await.ok();
    assert_eq!(told(&browser.report(&reserved.id, &report).await.ok()), ("completed", "client", 1));
}

#[tokio::test]
async fn what_fal_could_not_have_said_is_refused() {
    let world = World::start().await;
    let browser = browser(&world).await;
    let (reserved, answer) = submitted(&browser, "x").await;
    let picture = browser.fetch(&answer).await["images"][0].clone();
    for report in [
        json!({}),
        json!({ "images": [] }),
        json!({ "images": [picture, picture] }),
        json!({ "images": [{ "url": "https://example.com/a.png" }] }),
        json!({ "images": [picture], "error": { "status": 422 } }),
        json!({ "images": [picture], "billable_units": "-1" }),
        json!({ "images": [picture], "seed": 0.5 }),
        json!({ "error": { "status": 200 } }),
    ] {
        let reply = browser.report(&reserved.id, &report).await;
        assert_eq!((reply.status.as_u16(), &reply.json()["error"]), (400, &json!("validation_error")), "{report}");
    }
    for answer in [json!({}), json!({ "request_id": "" }), json!({ "request_id": "a/../b" })] {
        let reserved = browser.reserve("y", 1).await;
        assert_eq!(browser.report_submitted(&reserved.id, &answer).await.status.as_u16(), 400, "{answer}");
    }
    assert_eq!(browser.job(&reserved.id).await["state"], "submitted");
}

#[tokio::test]
async fn addresses_that_lead_away_from_fal_are_not_kept() {
    let world = World::start().await;
    let browser = browser(&world).await;
    let reserved = browser.reserve("x", 1).await;
    let lure = json!({ "request_id": "r-1", "status_url": "https://evil.example/fal-ai/flux/requests/r-1/status" });
    let job = browser.report_submitted(&reserved.id, &lure).await.ok();
    let expected = format!("{}/fal-ai/flux/requests/r-1/status", world.fal().url());
    assert_eq!(job["direct"]["status_url"], json!(expected));
}

#[tokio::test]
async fn failures_that_fal_does_not_bill_are_charged_nothing() {
    let world = World::start().await;
    let browser = browser(&world).await;
    for (prompt, code) in [
        (r#"x [[sim: {"fault": "content_policy"}]]"#, "fal_input_refused"),
        (r#"x [[sim: {"fault": "job_failed_422"}]]"#, "fal_input_refused"),
        (r#"x [[sim: {"fault": "job_failed_500"}]]"#, "fal_unavailable"),
    ] {
        let (reserved, answer) = submitted(&browser, prompt).await;
        let report = browser.fetch(&answer).await;
        let job = browser.report(&reserved.id, &report).await.ok();
        assert_eq!((told(&job), &job["failure"]["code"]), (("failed", "client", 0), &json!(code)), "{report}");
        assert_eq!((job.get("held"), browser.report(&reserved.id, &report).await.ok()), (None, job.clone()));
        conflict(&browser.report(&reserved.id, &json!({ "error": { "status": 418 } })).await, "failed");
        conflict(&browser.give_up(&reserved.id).await, "failed");
    }
    assert_eq!((ledger(&browser).await.len(), browser.user().stats().await["total_spent"].clone()), (0, json!(0)));
}

#[tokio::test]
async fn a_submit_that_fal_refuses_is_a_failure() {
    let world = World::start().await;
    let browser = browser(&world).await;
    let reserved = browser.reserve("x", 1).await;
    let (status, _) = browser.try_submit(&reserved, "bad-key:x").await;
    let job = browser.report(&reserved.id, &json!({ "error": { "status": status } })).await.ok();
    assert_eq!((status, told(&job)), (401, ("failed", "client", 0)));
    assert_eq!(job["failure"]["code"], "fal_key_refused");
}

#[tokio::test]
async fn an_error_that_says_nothing_of_the_request_leaves_a_doubt_that_can_be_cleared() {
    let world = World::start().await;
    let browser = browser(&world).await;
    let lost = json!({ "error": { "message": "the connection broke" } });
    // By the pictures.
    let (reserved, answer) = submitted(&browser, "x").await;
    let job = browser.report(&reserved.id, &lost).await.ok();
    assert_eq!((told(&job), &job["held"]), (("unknown", "client", 0), &json!(0.003)));
    assert_eq!(browser.report(&reserved.id, &lost).await.ok(), job, "once is enough");
    assert_eq!(
        told(&browser.report(&reserved.id, &browser.fetch(&answer).await).await.ok()),
        ("completed", "client", 1)
    );
    // By the request id.
    let reserved = browser.reserve("y", 1).await;
    browser.report(&reserved.id, &lost).await.ok();
    let job = browser.report_submitted(&reserved.id, &browser.submit(&reserved).await).await.ok();
    assert_eq!((told(&job), job.get("failure")), (("submitted", "", 0), None));
    // By the owner.
    for (outcome, rows) in [("not_charged", 1), ("charged", 2)] {
        let reserved = browser.reserve("z", 1).await;
        browser.report(&reserved.id, &lost).await.ok();
        let path = format!("{}/{}/resolve", super::JOBS, reserved.id);
        let job = browser.user().post(&path, &json!({ "outcome": outcome })).await.ok();
        assert_eq!((told(&job), ledger(&browser).await.len()), (("failed", "client", 0), rows), "{outcome}");
    }
}

#[tokio::test]
async fn a_result_that_is_gone_was_paid_for() {
    let world = World::start().await;
    let browser = browser(&world).await;
    let (reserved, _) = submitted(&browser, "x").await;
    let gone = json!({ "error": { "type": "result_expired" } });
    let job = browser.report(&reserved.id, &gone).await.ok();
    assert_eq!((told(&job), &job["cost"]), (("failed", "client", 0), &json!(0.003)));
    assert_eq!(
        (&job["failure"]["code"], browser.report(&reserved.id, &gone).await.ok()),
        (&json!("fal_result_expired"), job.clone())
    );
    assert_eq!(ledger(&browser).await.len(), 1);
}

#[tokio::test]
async fn what_is_given_up_is_free_unless_pictures_come() {
    let world = World::start().await;
    let browser = browser(&world).await;
    let untouched = browser.reserve("x", 1).await;
    let job = browser.give_up(&untouched.id).await.ok();
    assert_eq!((told(&job), &job["failure"]["code"]), (("canceled", "client", 0), &json!("fal_canceled")));
    assert_eq!(browser.give_up(&untouched.id).await.ok(), job);
    conflict(&browser.report_submitted(&untouched.id, &json!({ "request_id": "r" })).await, "canceled");
    conflict(&browser.report(&untouched.id, &json!({ "error": { "status": 422 } })).await, "canceled");

    let (reserved, answer) = submitted(&browser, "y").await;
    browser.give_up(&reserved.id).await.ok();
    assert_eq!(ledger(&browser).await.len(), 0);
    let job = browser.report(&reserved.id, &browser.fetch(&answer).await).await.ok();
    assert_eq!((told(&job), ledger(&browser).await.len()), (("completed", "client", 1), 1));
}

#[tokio::test]
async fn a_request_that_fal_canceled_is_canceled() {
    let world = World::start().await;
    let browser = browser(&world).await;
    let (reserved, _) = submitted(&browser, "x").await;
    let word = json!({ "error": { "type": "client_cancelled", "status": 499 } });
    let job = browser.report(&reserved.id, &word).await.ok();
    assert_eq!((told(&job), browser.give_up(&reserved.id).await.ok()), (("canceled", "client", 0), job.clone()));
}

#[tokio::test]
async fn without_units_fals_amount_is_estimated() {
    let world = World::start().await;
    let browser = browser(&world).await;
    let (reserved, answer) = submitted(&browser, r#"x [[sim: {"fault": "no_billable_header"}]]"#).await;
    let report = browser.fetch(&answer).await;
    assert_eq!(report.get("billable_units"), None);
    browser.report(&reserved.id, &report).await.ok();
    let row = ledger(&browser).await.remove(0);
    let seen = (&row["certainty"], &row["fal"]["certainty"], &row["billable_units"]);
    assert_eq!(seen, (&json!("known"), &json!("estimated"), &Value::Null));
}

#[tokio::test]
async fn a_job_of_the_servers_takes_no_reports_and_a_direct_one_no_cancel() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let browser = Browser::new(&user);
    let ours = user.begin(r#"x [[sim: {"latency_ms": 3600000}]]"#).await.rsplit_once('/').expect("a path").1.to_owned();
    for reply in [
        browser.report_submitted(&ours, &json!({ "request_id": "r" })).await,
        browser.report(&ours, &json!({ "error": {} })).await,
        browser.give_up(&ours).await,
    ] {
        reply.refused(404, "not_found", "Job not found");
    }
    let reserved = browser.reserve("x", 1).await;
    let told = browser.user().send(Method::DELETE, &format!("{}/{}", super::JOBS, reserved.id), None).await;
    assert_eq!((told.status.as_u16(), &told.json()["details"]["source"]), (409, &json!("direct")), "{}", told.text);
    assert_eq!(browser.job(&reserved.id).await["state"], "created");
}
