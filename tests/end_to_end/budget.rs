//! Budgets: what they let through under any concurrency, what they say of themselves, and what is refused.

use futures_util::future::join_all;
use generatio_core::cost::Usd;
use generatio_core::time::Clock;
use generatio_server::clock::{SystemClock, parse_rfc3339};
use generatio_tests::{Reply, User, World};
use http::Method;
use serde_json::{Value, json};

const BUDGET: &str = "/api/custom/financial/budget";
const ESTIMATE: &str = "/api/custom/generate/estimate";
const IMAGE: &str = "/api/custom/generate/image";
const JOBS: &str = "/api/custom/generate/jobs";
const STATS: &str = "/api/custom/financial/stats";
const ASYNC: (&str, &str) = ("prefer", "respond-async");
/// A job that FAL works on for longer than any test.
const SLOW: &str = r#"slow [[sim: {"latency_ms": 60000}]]"#;

async fn put(user: &User, body: &str) -> Reply {
    user.send(Method::PUT, BUDGET, Some(body)).await
}

/// Sets a budget that must be taken; what it answers.
async fn set(user: &User, body: &Value) -> Value {
    put(user, &body.to_string()).await.ok()
}

async fn show(user: &User) -> Value {
    user.get(BUDGET).await.ok()
}

/// One picture of the fast model costs this, by either book, in USD.
const PICTURE: f64 = 0.003;

async fn picture(user: &User) -> Reply {
    user.generate("flux/schnell", "a heron", json!({})).await
}

fn is_over_budget(reply: &Reply) -> bool {
    (reply.status.as_u16(), &reply.json()["error"]) == (402, &json!("budget_exceeded"))
}

fn ledger_total(world: &World, column: &str) -> i64 {
    let sql = format!("SELECT coalesce(sum({column}), 0) FROM ledger");
    world.database().query_row(&sql, [], |row| row.get(0)).expect("a sum")
}

#[tokio::test]
async fn two_hundred_at_once_against_a_budget_for_fifty_spend_it_exactly() {
    for (period, basis) in [("month", "account"), ("total", "fal")] {
        let world = World::with(&["--max-running-jobs", "200"]).await;
        let user = world.ready_user("a@example.com").await;
        set(&user, &json!({ "basis": basis, period: "0.15" })).await;
        let replies = join_all((0..200).map(|_| picture(&user))).await;
        let (made, refused): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.status.as_u16() == 200);
        assert_eq!((made.len(), refused.len()), (50, 150), "{period}");
        assert!(refused.iter().all(|reply| is_over_budget(reply)), "{refused:?}");
        let book = world.book();
        assert_eq!((book.submissions, book.billed.len()), (50, 50), "{period}");
        let limit = Usd::parse("0.15").expect("an amount").nano();
        assert_eq!((ledger_total(&world, "account_amount"), ledger_total(&world, "fal_amount")), (limit, limit));
        let state = &show(&user).await[period];
        assert_eq!((&state["spent"], &state["held"], &state["remaining"]), (&json!(0.15), &json!(0), &json!(0)));
    }
}

#[tokio::test]
async fn a_refusal_says_which_limit_is_in_the_way() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    picture(&user).await.ok();
    let month = set(&user, &json!({ "day": 1, "month": 0.0059999, "total": 0.005 })).await["month"].clone();
    let refused = picture(&user).await;
    refused.refused(
        402,
        "budget_exceeded",
        "This generation may cost 0.003 USD, and 0.0029999 USD are left of the budget (month)",
    );
    let expected = json!({
        "period": "month", "basis": "fal", "limit": 0.0059999, "spent": PICTURE, "held": 0, "asked": PICTURE,
        "resets": month["resets"],
    });
    assert_eq!(refused.json()["details"], expected);
    assert!(refused.text.contains(r#""limit":0.0059999,"spent":0.003,"#), "{}", refused.text);
    set(&user, &json!({ "total": 0.005 })).await;
    let refused = picture(&user).await.json();
    assert_eq!((&refused["details"]["period"], refused["details"].get("resets")), (&json!("total"), None));
    assert_eq!(world.book().submissions, 1);
}

#[tokio::test]
async fn amounts_come_back_as_they_were_set() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    let first = user.get(BUDGET).await;
    let unlimited = r#"{"basis":"fal","warn_percent":80,"day":null,"month":null,"total":null,"updated":null}"#;
    assert_eq!(first.text, unlimited);
    // 0.1 + 0.2 as a double would be 0.30000000000000004.
    for (given, shown) in [
        ("0.3", "0.3"),
        ("\"0.3\"", "0.3"),
        ("0.300000000", "0.3"),
        ("9007199254.740992999", "9007199254.740992999"),
        ("\"9223372036.854775807\"", "9223372036.854775807"),
        ("0.000000001", "0.000000001"),
        ("0", "0"),
    ] {
        let body = format!(r#"{{"basis":"account","warn_percent":50,"day":{given},"total":null}}"#);
        let put = put(&user, &body).await;
        let day = format!(r#"{{"basis":"account","warn_percent":50,"day":{{"limit":{shown},"spent":0,"held":0,"#);
        assert!(put.text.starts_with(&day), "{given}: {}", put.text);
        let remaining = format!(r#""remaining":{shown},"#);
        assert!(put.text.contains(&remaining) && put.text.contains(r#""month":null,"total":null,"#), "{}", put.text);
        assert_eq!(user.get(BUDGET).await.text, put.text, "{given}");
    }
    // What is missing is unset: a budget is replaced whole.
    let replaced = set(&user, &json!({ "month": "30.50" })).await;
    assert_eq!((&replaced["basis"], &replaced["warn_percent"]), (&json!("fal"), &json!(80)));
    assert_eq!((&replaced["day"], &replaced["month"]["limit"]), (&Value::Null, &json!(30.5)));
    let updated = replaced["updated"].as_str().expect("a time");
    assert!(updated.ends_with('Z') && replaced["month"]["resets"].as_str().is_some_and(|resets| resets > updated));
    assert_eq!(set(&user, &json!({})).await["month"], Value::Null);
    assert_eq!(set(&user, &json!({ "warn_percent": 67.0 })).await["warn_percent"], 67);
}

#[tokio::test]
async fn sums_against_a_budget_are_exact() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    for _ in 0..3 {
        picture(&user).await.ok();
    }
    set(&user, &json!({ "total": "0.01" })).await;
    let text = user.get(BUDGET).await.text;
    assert!(text.contains(r#""limit":0.01,"spent":0.009,"held":0,"remaining":0.001,"warning":true}"#), "{text}");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_by_name_and_changes_nothing() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    let before = set(&user, &json!({ "day": 7 })).await;
    let amount = |name: &str| format!("The field {name} must be an amount in USD, 0 or more, with at most 9 decimals");
    let percent = "The field warn_percent must be a whole number from 1 to 100".to_owned();
    let basis = "The field basis must be fal or account".to_owned();
    for (body, message) in [
        (r#"{"day":-1}"#, amount("day")),
        (r#"{"day":"-0.000000001"}"#, amount("day")),
        (r#"{"month":"1e3"}"#, amount("month")),
        (r#"{"month":1e3}"#, amount("month")),
        (r#"{"total":"0.0000000001"}"#, amount("total")),
        (r#"{"total":9223372036.854775808}"#, amount("total")),
        (r#"{"total":""}"#, amount("total")),
        (r#"{"total":"lots"}"#, amount("total")),
        (r#"{"total":true}"#, amount("total")),
        (r#"{"day":{"limit":1}}"#, amount("day")),
        (r#"{"day":[1]}"#, amount("day")),
        (r#"{"warn_percent":0}"#, percent.clone()),
        (r#"{"warn_percent":101}"#, percent.clone()),
        (r#"{"warn_percent":80.5}"#, percent.clone()),
        (r#"{"warn_percent":"80"}"#, percent),
        (r#"{"basis":"catalog"}"#, basis.clone()),
        (r#"{"basis":""}"#, basis.clone()),
        (r#"{"basis":1}"#, basis),
        (r#"{"day":1,"week":1}"#, "The field week is not known".to_owned()),
        (r#"{"we\nek":1}"#, r"The field we\nek is not known".to_owned()),
        (r#"{"day":1"#, "Invalid request body".to_owned()),
        ("[]", "Invalid request body".to_owned()),
        ("7", "Invalid request body".to_owned()),
        ("", "Invalid request body".to_owned()),
    ] {
        put(&user, body).await.refused(400, "validation_error", &message);
    }
    assert_eq!(show(&user).await, before);
    let long = format!(r#"{{"{}":1}}"#, "x".repeat(10_000));
    assert!(put(&user, &long).await.text.len() < 200);
    let stranger = world.client().send(Method::PUT, BUDGET, &[], Some("{}")).await;
    assert_eq!(stranger.status.as_u16(), 401);
}

#[tokio::test]
async fn holds_go_with_failed_jobs_and_stay_with_unknown_ones() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    set(&user, &json!({ "total": "0.003" })).await;
    let faulty = |fault: &str| format!(r#"{fault} [[sim: {{"fault": "{fault}", "times": 0}}]]"#);
    let failed = user.generate("flux/schnell", &faulty("job_failed_500"), json!({})).await;
    assert_eq!(failed.status.as_u16(), 502);
    let unknown = user.generate("flux/schnell", &faulty("submit_truncated"), json!({})).await;
    assert_eq!(unknown.json()["details"]["state"], json!("unknown"));
    let refused = picture(&user).await;
    assert!(is_over_budget(&refused), "{}", refused.text);
    let details = &refused.json()["details"];
    assert_eq!((&details["spent"], &details["held"]), (&json!(0), &json!(PICTURE)));
    // Neither books nor rows know of the refused one.
    let jobs = user.get(JOBS).await.ok();
    assert_eq!((jobs["items"].as_array().map(Vec::len), world.book().submissions), (Some(2), 2));
}

#[tokio::test]
async fn a_running_job_holds_what_it_may_cost() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    set(&user, &json!({ "day": 0.005 })).await;
    assert_eq!(user.generate_with(&[ASYNC], SLOW).await.status.as_u16(), 202);
    let day = &show(&user).await["day"];
    assert_eq!((&day["spent"], &day["held"], &day["remaining"]), (&json!(0), &json!(PICTURE), &json!(0.002)));
    assert!(is_over_budget(&user.generate_with(&[ASYNC], SLOW).await));
    set(&user, &json!({ "day": 0.006 })).await;
    assert_eq!(user.generate_with(&[ASYNC], SLOW).await.status.as_u16(), 202);
}

#[tokio::test]
async fn a_budget_binds_before_the_running_limit() {
    let world = World::with(&["--max-running-jobs", "1"]).await;
    let user = world.ready_user("a@example.com").await;
    assert_eq!(user.generate_with(&[ASYNC], SLOW).await.status.as_u16(), 202);
    assert_eq!(picture(&user).await.status.as_u16(), 429);
    set(&user, &json!({ "day": 0 })).await;
    assert!(is_over_budget(&picture(&user).await));
}

/// Moves every charge back by whole days.
fn age(world: &World, days: i64) {
    world.sql(&format!(
        "UPDATE ledger SET created = created - {days} * 86400000;
         UPDATE rollups SET start = start - {days} * 24 WHERE span = 'hour';
         UPDATE rollups SET start = start - {days} WHERE span = 'day';"
    ));
}

#[tokio::test]
async fn a_new_day_and_a_new_month_begin_with_nothing_spent() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    picture(&user).await.ok();
    age(&world, 1);
    assert_eq!(set(&user, &json!({ "day": 0.003 })).await["day"]["spent"], json!(0));
    picture(&user).await.ok();
    set(&user, &json!({ "month": 0.006 })).await;
    // Longer than any month.
    age(&world, 31);
    assert_eq!(show(&user).await["month"]["spent"], json!(0));
    for _ in 0..2 {
        picture(&user).await.ok();
    }
    assert!(is_over_budget(&picture(&user).await));
    assert_eq!(set(&user, &json!({ "total": 1 })).await["total"]["spent"], json!(0.012));
}

#[tokio::test]
async fn a_repeated_call_is_answered_when_the_budget_is_used_up() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    set(&user, &json!({ "total": 0.003 })).await;
    let key = [("idempotency-key", "k")];
    let first = user.generate_with(&key, "x").await;
    first.ok();
    assert!(is_over_budget(&user.generate_with(&[], "x").await));
    let again = user.generate_with(&key, "x").await;
    assert_eq!((again.status, &again.text, world.book().submissions), (first.status, &first.text, 1));
    // A refusal is not remembered: the same key goes through once there is room.
    let other = [("idempotency-key", "other")];
    assert!(is_over_budget(&user.generate_with(&other, "x").await));
    set(&user, &json!({ "total": 0.006 })).await;
    user.generate_with(&other, "x").await.ok();
}

#[tokio::test]
async fn a_budget_is_its_owners_alone() {
    let world = World::start().await;
    let (ada, bob) = (world.ready_user("a@example.com").await, world.ready_user("b@example.com").await);
    set(&ada, &json!({ "total": 0 })).await;
    assert!(is_over_budget(&picture(&ada).await));
    picture(&bob).await.ok();
    assert_eq!(show(&bob).await["total"], Value::Null);
    assert_eq!(show(&ada).await["total"]["spent"], json!(0));
}

#[tokio::test]
async fn warnings_come_before_the_limit_does() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let unlimited = picture(&user).await.ok();
    assert_eq!(unlimited.get("budget_warning"), None);
    let set = set(&user, &json!({ "month": 0.01, "total": 1, "warn_percent": 90 })).await;
    assert_eq!((&set["month"]["warning"], &set["total"]["warning"]), (&json!(false), &json!(false)));
    let estimate = async || estimate(&user).await["budget"].clone();
    assert_eq!(estimate().await, json!({ "basis": "fal", "remaining": 0.007, "allowed": true, "warning": false }));
    assert_eq!(picture(&user).await.ok()["budget_warning"], json!(false));
    assert_eq!(picture(&user).await.ok()["budget_warning"], json!(true));
    let shown = show(&user).await;
    assert_eq!((&shown["month"]["warning"], &shown["total"]["warning"]), (&json!(true), &json!(false)));
    assert_eq!(estimate().await, json!({ "basis": "fal", "remaining": 0.001, "allowed": false, "warning": true }));
}

/// Of one picture of the fast model.
async fn estimate(user: &User) -> Value {
    user.post(ESTIMATE, &json!({ "model": "flux/schnell", "prompt": "a heron" })).await.ok()
}

#[tokio::test]
async fn an_estimate_says_what_the_budget_allows() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    assert_eq!(estimate(&user).await["budget"], Value::Null);
    for (limits, remaining, allowed, warning) in [
        (json!({}), Value::Null, true, false),
        (json!({ "day": 3, "month": "0.003", "total": 2 }), json!(0.003), true, false),
        (json!({ "day": 3, "month": "0.002999999" }), json!(0.002_999_999), false, false),
        (json!({ "basis": "account", "total": 0 }), json!(0), false, true),
    ] {
        set(&user, &limits).await;
        let basis = limits.get("basis").cloned().unwrap_or(json!("fal"));
        let expected = json!({ "basis": basis, "remaining": remaining, "allowed": allowed, "warning": warning });
        assert_eq!(estimate(&user).await["budget"], expected, "{limits}");
    }
    assert_eq!(world.book().submissions, 0);
}

#[tokio::test]
async fn the_basis_decides_which_bill_is_protected() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    // FAL bills this model 0.03 a megapixel; the seed's catalog says 0.004 an image.
    let dev = async || user.generate("hidream/hidream-i1-dev", "a heron", json!({})).await;
    set(&user, &json!({ "total": 0.01 })).await;
    let refused = dev().await;
    assert!(is_over_budget(&refused), "{}", refused.text);
    assert_eq!(refused.json()["details"]["asked"], json!(0.03));
    set(&user, &json!({ "basis": "account", "total": 0.01 })).await;
    dev().await.ok();
    assert_eq!(show(&user).await["total"]["spent"], json!(0.004));
    assert_eq!(set(&user, &json!({ "total": 1 })).await["total"]["spent"], json!(0.03));
}

#[tokio::test]
async fn no_budget_covers_what_has_no_price() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let body = json!({ "model": "fast-sdxl", "prompt": "a heron" });
    set(&user, &json!({})).await;
    let allowed = user.post(ESTIMATE, &body).await.ok();
    assert_eq!((&allowed["certainty"], &allowed["budget"]["allowed"]), (&json!("unpriced"), &json!(true)));
    set(&user, &json!({ "total": 1000 })).await;
    assert_eq!(user.post(ESTIMATE, &body).await.ok()["budget"]["allowed"], json!(false));
    let refused = user.post(IMAGE, &body).await;
    refused.refused(402, "budget_exceeded", "This generation has no known price, which no budget can cover");
    assert_eq!(refused.json()["details"]["asked"], Value::Null);
    assert_eq!(world.book().submissions, 0);
}

#[tokio::test]
async fn browsers_may_put_a_budget() {
    let world = World::start().await;
    let asking = [("origin", "https://a.example"), ("access-control-request-method", "PUT")];
    let allowed = world.client().send(Method::OPTIONS, BUDGET, &asking, None).await;
    let methods = allowed.headers["access-control-allow-methods"].to_str().expect("a text");
    assert!(methods.split(',').any(|method| method == "PUT"), "{methods}");
    let user = world.user("a@example.com").await;
    let put = user.send_with(Method::PUT, BUDGET, &[("origin", "https://a.example")], Some("{}")).await;
    put.ok();
    assert_eq!(put.headers["access-control-allow-origin"], "*");
}

#[tokio::test]
async fn a_budget_outlives_a_kill() {
    let mut world = World::start().await;
    let mut user = world.ready_user("a@example.com").await;
    picture(&user).await.ok();
    let before = set(&user, &json!({ "total": 0.004 })).await;
    world.take_server().kill();
    world.restart(&[]);
    user.moved_to(world.client());
    user.set_up_session().await;
    assert_eq!(show(&user).await, before);
    assert!(is_over_budget(&picture(&user).await));
}

#[tokio::test]
async fn a_month_is_forecast_from_the_pace_of_late() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    assert_eq!(user.stats().await["month_forecast"], json!(0));
    picture(&user).await.ok();
    // Nothing was charged this month; thirty days ago and more, a pace that is none of late.
    age(&world, 62);
    let stats = user.stats().await;
    assert_eq!((&stats["month_forecast"], &stats["fal_recent_spending"]), (&json!(0), &json!(0)));
    user.generate("hidream/hidream-i1-dev", "a heron", json!({})).await.ok();
    let resets = set(&user, &json!({ "month": 1 })).await["month"]["resets"].clone();
    let month_end = parse_rfc3339(resets.as_str().expect("a time")).expect("RFC 3339");
    let rest = i64::try_from(month_end.since(SystemClock.now()).as_millis()).expect("within a month");
    let reply = user.get(STATS).await;
    let stats = reply.ok();
    assert_eq!((&stats["recent_spending"], &stats["fal_recent_spending"]), (&json!(0.004), &json!(0.03)));
    // 0.004 so far, and 0.004 more for each thirty days that are left of the month.
    let expected = 4_000_000 + 4_000_000 * rest / (30 * 86_400_000);
    let told = Usd::parse(&stats["month_forecast"].to_string()).expect("an amount").nano();
    // The server looked at its clock a little later: a second is worth less than two nano-dollars.
    assert!((-60..=1).contains(&(told - expected)), "{told} {expected}");
}
