//! Money: exact sums, of ledger rows, in JSON too.

use generatio_tests::{User, World};
use serde_json::json;

#[tokio::test]
async fn sums_come_out_exact() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    costs(&user, "hidream/hidream-i1-dev", 2, "0.008").await;
    costs(&user, "flux/schnell", 3, "0.009").await;
    let stats = user.get("/api/custom/financial/stats").await;
    for exact in
        [r#""total_spent":0.017,"#, r#""total_images":5,"#, r#""recent_spending":0.017,"#, r#""average_cost":0.0034,"#]
    {
        assert!(stats.text.contains(exact), "{exact} in {}", stats.text);
    }
}

#[tokio::test]
async fn a_million_small_charges_are_three_thousand_dollars() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    costs(&user, "flux/schnell", 1, "0.003").await;
    // The other 999,999 as the ledger would hold them, in one row and its roll-up.
    world.sql(
        "UPDATE ledger SET account_amount = account_amount * 1000000, images = 1000000;
         UPDATE rollups SET account_lower = account_lower * 1000000, images = 1000000;",
    );
    let stats = user.get("/api/custom/financial/stats").await;
    assert!(stats.text.contains(r#""total_spent":3000,"#), "{}", stats.text);
    assert!(stats.text.contains(r#""average_cost":0.003,"#), "{}", stats.text);
}

#[tokio::test]
async fn totals_are_the_ledgers_and_the_record_says_the_same() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    for _ in 0..3 {
        costs(&user, "flux/schnell", 2, "0.006").await;
    }
    let sum: i64 =
        world.database().query_row("SELECT sum(account_amount) FROM ledger", [], |row| row.get(0)).expect("a sum");
    assert_eq!(sum, 18_000_000);
    let rows = "SELECT count(*) FROM ledger WHERE account_certainty = 'known' AND account_units = '2'";
    let known: i64 = world.database().query_row(rows, [], |row| row.get(0)).expect("a count");
    assert_eq!(known, 3, "priced by the catalog's own rule");
    let record = user.get(&format!("/api/collections/generatio_users/records/{}", user.id)).await.ok();
    assert_eq!(record["financial_data"], json!({ "total_spent": 0.018, "total_images": 6 }));
}

#[tokio::test]
async fn a_deleted_picture_was_paid_for_all_the_same() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    costs(&user, "flux/schnell", 1, "0.003").await;
    world.sql("UPDATE images SET deleted = created");
    let stats = user.stats().await;
    assert_eq!((&stats["recent_spending"], &stats["total_images"]), (&json!(0.003), &json!(1)));
}

#[tokio::test]
async fn what_is_older_than_thirty_days_is_not_recent() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    costs(&user, "flux/schnell", 1, "0.003").await;
    world.sql(
        "UPDATE ledger SET created = created - 31 * 86400000;
         UPDATE rollups SET start = start - 31 * 24 WHERE span = 'hour';
         UPDATE rollups SET start = start - 31 WHERE span = 'day';",
    );
    costs(&user, "hidream/hidream-i1-dev", 1, "0.004").await;
    let stats = user.stats().await;
    assert_eq!((&stats["total_spent"], &stats["recent_spending"]), (&json!(0.007), &json!(0.004)));
}

#[tokio::test]
async fn both_bills_are_kept() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    costs(&user, "hidream/hidream-i1-dev", 1, "0.004").await;
    // FAL bills this model 0.03 a megapixel; the seed's catalog says 0.004 an image.
    assert_eq!(user.stats().await["fal_spent"], json!(0.03));
}

#[tokio::test]
async fn a_deployment_can_account_in_fals_prices() {
    let world = World::with(&["--prices", "fal"]).await;
    let user = world.ready_user("a@example.com").await;
    costs(&user, "hidream/hidream-i1-dev", 2, "0.06").await;
    assert_eq!(user.stats().await["total_spent"], json!(0.06));
}

#[tokio::test]
async fn a_refused_submit_costs_and_holds_nothing() {
    let world = World::start().await;
    let mut user = world.user("a@example.com").await;
    // FAL knows this key, and takes no request from it: the credit is used up.
    user.set_up_session_with("poor-id:secret").await;
    let refused = user.generate("flux/schnell", "a heron", json!({})).await.json();
    let id = refused["details"]["job"].as_str().expect("an id");
    let job = user.get(&format!("/api/custom/generate/jobs/{id}")).await.ok();
    assert_eq!((&job["state"], &job["failure"]["code"]), (&json!("failed"), &json!("fal_access_denied")));
    assert_eq!((job.get("held"), user.stats().await["total_spent"].clone()), (None, json!(0)));
    assert_eq!((world.book().submissions, world.book().refused), (0, 1));
}

async fn costs(user: &User, model: &str, images: u32, cost: &str) {
    let made = user.generate(model, "a heron", json!({ "num_images": images })).await;
    assert!(made.text.contains(&format!(r#""cost":{cost},"#)), "{cost} in {}", made.text);
    assert_eq!(made.ok()["images"].as_array().map(Vec::len), usize::try_from(images).ok());
}
