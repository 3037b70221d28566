//! What there is to call, one file for each group of the document.

mod about;
mod accounts;
mod generation;
mod keys;
mod library;
mod money;
mod records;

use super::operation::Operations;
use serde_json::{Value, json};

/// Who stands in examples.
const EMAIL: &str = "ann@example.com";
const PASSWORD: &str = "quartz-harbour-27";

/// Describes every operation.
pub(super) fn describe(operations: &mut Operations) {
    about::describe(operations);
    accounts::describe(operations);
    keys::describe(operations);
    generation::describe(operations);
    money::describe(operations);
    library::describe(operations);
    records::describe(operations);
}

/// How many rows a page has.
fn rows(usual: u32, most: u32) -> Value {
    json!({ "type": "integer", "minimum": 1, "maximum": most, "default": usual })
}

fn text() -> Value {
    json!({ "type": "string" })
}
