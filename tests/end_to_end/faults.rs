//! What becomes of a job, and of its money, when something goes wrong at FAL.

use futures_util::StreamExt;
use generatio_tests::{User, World};
use serde_json::json;

/// A fault, how often it strikes, and what the job comes to: its state, the code of its failure, what its ledger rows
/// charge (nano-dollars) and what it still holds (dollars).
type Row = (&'static str, u32, &'static str, Option<&'static str>, &'static [i64], Option<f64>);

const PAID: &[i64] = &[3_000_000];
const HELD: Option<f64> = Some(0.003);
/// How often a fault strikes that never stops.
const ALWAYS: u32 = 0;
/// Rows at a time: fewer than one user's running jobs may be.
const AT_ONCE: usize = 4;

const ROWS: [Row; 24] = [
    // Troubles that pass.
    ("submit_429", 1, "completed", None, PAID, None),
    ("submit_503", 1, "completed", None, PAID, None),
    ("stream_404", ALWAYS, "completed", None, PAID, None),
    ("stream_cut", ALWAYS, "completed", None, PAID, None),
    ("stream_reset", ALWAYS, "completed", None, PAID, None),
    ("result_429", 1, "completed", None, PAID, None),
    ("result_500", 1, "completed", None, PAID, None),
    ("result_html", 1, "completed", None, PAID, None),
    ("result_truncated", 1, "completed", None, PAID, None),
    ("result_reset", 1, "completed", None, PAID, None),
    // Delivered, if not as wished.
    ("flagged", ALWAYS, "completed", None, PAID, None),
    ("no_billable_header", ALWAYS, "completed", None, PAID, None),
    // FAL may have taken it.
    ("submit_html", ALWAYS, "unknown", Some("fal_protocol"), &[], HELD),
    ("submit_reset_before", ALWAYS, "unknown", Some("fal_interrupted"), &[], HELD),
    ("submit_reset_after", ALWAYS, "unknown", Some("fal_interrupted"), &[], HELD),
    ("submit_truncated", ALWAYS, "unknown", Some("fal_interrupted"), &[], HELD),
    // FAL says that nothing came of it.
    ("job_failed_422", ALWAYS, "failed", Some("fal_input_refused"), &[], None),
    ("job_failed_500", ALWAYS, "failed", Some("fal_unavailable"), &[], None),
    ("job_failed_503", ALWAYS, "failed", Some("fal_unavailable"), &[], None),
    ("content_policy", ALWAYS, "failed", Some("fal_input_refused"), &[], None),
    ("zero_images", ALWAYS, "failed", Some("fal_no_pictures"), &[], None),
    ("result_expired", ALWAYS, "failed", Some("fal_result_expired"), PAID, None),
    // What came of it cannot be read.
    ("oversized_result", ALWAYS, "unknown", Some("fal_answer_too_large"), &[], HELD),
    // FAL has it; the next session asks again.
    ("result_500", ALWAYS, "submitted", Some("fal_unavailable"), &[], HELD),
];

#[tokio::test]
async fn each_fault_has_its_state_charge_and_hold() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let runs = ROWS.iter().map(|row| come_to(&world, &user, row));
    let wrong: Vec<Option<String>> = futures_util::stream::iter(runs).buffered(AT_ONCE).collect().await;
    assert_eq!(wrong.into_iter().flatten().collect::<Vec<_>>(), [] as [String; 0]);
}

/// What the job of a row comes to, if it is something else.
async fn come_to(world: &World, user: &User, row: &Row) -> Option<String> {
    let (fault, times, state, code, charged, held) = row;
    let prompt = format!(r#"{fault} [[sim: {{"fault": "{fault}", "times": {times}}}]]"#);
    let told = user.generate("flux/schnell", &prompt, json!({})).await;
    let (id, status) = match *state {
        "completed" => (&told.json()["job"], 200),
        _ => (&told.json()["details"]["job"], 502),
    };
    let id = id.as_str().unwrap_or_default();
    let job = user.get(&format!("/api/custom/generate/jobs/{id}")).await.json();
    let database = world.database();
    let mut ledger = database.prepare("SELECT account_amount FROM ledger WHERE job_id = ?1").expect("a query");
    let rows: Vec<i64> =
        ledger.query_map([id], |row| row.get(0)).expect("rows").collect::<Result<_, _>>().expect("integers");
    let seen =
        (told.status.as_u16(), job["state"].as_str(), job["failure"]["code"].as_str(), rows, job["held"].as_f64());
    (seen != (status, Some(state), *code, charged.to_vec(), *held)).then(|| format!("{fault} × {times}: {seen:?}"))
}
