//! What was spent, and what may be.

use super::{rows, text};
use crate::api::financial::{Stats, budget, ledger, series};
use crate::openapi::operation::{Describe, Operations};
use crate::openapi::shapes;
use serde_json::json;

pub(super) fn describe(operations: &mut Operations) {
    operations.group(
        "Money",
        "Amounts are US dollars, exact to a nano-dollar; totals are sums of ledger rows. Deleted pictures were paid for.",
    );
    operations
        .get("/api/custom/financial/stats", "getStats", "What was spent, and what the month will come to")
        .answers::<Stats>(200, "The sums, in the account's prices and in FAL's.");
    operations
        .get("/api/custom/financial/budget", "getBudget", "What you let yourself spend, and what counts against it")
        .answers::<budget::View>(200, "The budget.");
    operations
        .put("/api/custom/financial/budget", "setBudget", "Replaces the budget")
        .details("A limit that is absent or `null` is none. Jobs that run already are not disturbed.")
        .takes::<budget::Asked>()
        .example(json!({ "day": 5, "month": "49.90", "warn_percent": 80 }))
        .answers::<budget::View>(200, "The budget.");
    let ledger =
        operations.get("/api/custom/financial/ledger", "listLedger", "What each job was charged, the newest first");
    span(ledger)
        .details("Where `Accept` names `text/csv` first, the same page comes as CSV; its last line's `id` is the next cursor.")
        .query("model", "Only this model.", text())
        .query_of::<shapes::Id>("folder", "Only pictures that were ordered to this folder.")
        .query("limit", "Rows of a page.", rows(ledger::USUAL_LIMIT, ledger::MAX_LIMIT))
        .query_of::<shapes::Id>("cursor", "`next` of the page before.")
        .empty_is_none()
        .answers::<ledger::Page<'_>>(200, "A page.")
        .answers_with(200, "A page.", "text/csv", text());
    let series = operations.get("/api/custom/financial/series", "getSeries", "Spending over time, ready to plot");
    span(series)
        .details("The buckets are whole and UTC: without `from` the last 30, and 366 at most.")
        .query_of::<shapes::Bucket>("bucket", "What is summed up; `day` unless told otherwise.")
        .query("by", "One line for each model instead of one for all.", json!({ "type": "string", "enum": ["model"] }))
        .empty_is_none()
        .answers::<series::Series>(200, "The sums.");
}

fn span(operation: Describe<'_>) -> Describe<'_> {
    operation.query_of::<shapes::Moment>("from", "Not before.").query_of::<shapes::Moment>("to", "Before, and not at.")
}
