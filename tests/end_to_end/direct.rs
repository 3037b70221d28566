//! Direct mode: the client calls FAL, the server reserves and records. No key and no session ever reach the server.

mod custody;
mod lost;
mod ownership;
mod reports;
mod reserving;
mod webhook;

use generatio_tests::{Browser, World};
use serde_json::Value;

const JOBS: &str = "/api/custom/generate/jobs";
const OPEN: &str = "/api/custom/generate/jobs?source=direct&open=true";

async fn browser(world: &World) -> Browser {
    Browser::new(&world.user("a@example.com").await)
}

/// The ledger's rows, newest first.
async fn ledger(browser: &Browser) -> Vec<Value> {
    let rows = browser.user().get("/api/custom/financial/ledger").await.ok()["items"].take();
    rows.as_array().expect("rows").clone()
}

/// What of a job matters to most tests: its state, who said so, and how many pictures it has.
fn told(job: &Value) -> (&str, &str, usize) {
    let text = |name: &str| job[name].as_str().unwrap_or_default();
    (text("state"), text("reported_by"), job["images"].as_array().map_or(0, Vec::len))
}
