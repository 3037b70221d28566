//! `POST /api/batch`: several writes that happen together or not at all.

pub(crate) mod item;

use super::write::commit::{NotWritten, commit};
use super::write::given::{Given, Unreadable};
use super::write::plan::Planned;
use super::{Wishes, problem};
use crate::app::App;
use crate::auth;
use crate::http::error::Problem;
use crate::http::{RecordsError, Request, Response, respond};
use crate::ids::UserId;
use crate::openapi::shapes;
use http::StatusCode;
use item::Item;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Most writes of one batch.
pub(crate) const MOST: usize = 50;
const INVALID: &str = "Invalid batch request data.";

/// 200 with `[{"status","body"}]`, in the order of the requests; each sees what those before it did.
///
/// # Errors
/// 400 for an unreadable body, a malformed request, and with `data.requests` of the request at fault, which undoes all.
pub async fn run(app: &Arc<App>, mut request: Request) -> Result<Response, RecordsError> {
    let items = read(app, &mut request).await?;
    check(&items)?;
    let caller = auth::visitor(app, &request).await?.map(|visitor| visitor.user.id);
    let mut planned = Vec::new();
    let mut wishes = Vec::new();
    for (index, item) in items.iter().enumerate() {
        // What is wrong with an item by itself is found before the store is asked.
        let (plan, wish) = item.plan(app, &request, caller.as_ref()).map_err(|error| failed(index, error))?;
        planned.push(plan);
        wishes.push(wish);
    }
    // A batch of a guest has an item that failed.
    let owner = caller.ok_or_else(RecordsError::unauthorized)?;
    answer(app, &owner, planned, &wishes).await
}

async fn read(app: &App, request: &mut Request) -> Result<Vec<Item>, RecordsError> {
    let unreadable = || RecordsError::new(StatusCode::BAD_REQUEST, "Failed to read the submitted batch data.");
    let given = Given::read(app, request).await.map_err(|error| match error {
        Unreadable::Malformed => unreadable(),
        other => other.into(),
    })?;
    let items: Option<Vec<Item>> = match given.get("requests").map(RawValue::get) {
        None => None,
        Some(requests) => serde_json::from_str(requests).map_err(|_| unreadable())?,
    };
    Ok(items.unwrap_or_default())
}

fn check(items: &[Item]) -> Result<(), RecordsError> {
    let wrong = match items.len() {
        0 => json!(problem::required()),
        1..=MOST => {
            let problems = items.iter().enumerate().map(|(index, item)| (index.to_string(), json!(item.problems())));
            let problems: Map<_, _> = problems.filter(|(_, found)| *found != json!({})).collect();
            if problems.is_empty() {
                return Ok(());
            }
            Value::Object(problems)
        }
        _ => json!(problem::more_than(MOST)),
    };
    Err(RecordsError::data(INVALID, Map::from_iter([("requests".to_owned(), wrong)])))
}

async fn answer(
    app: &Arc<App>,
    owner: &UserId,
    planned: Vec<Planned>,
    wishes: &[Wishes],
) -> Result<Response, RecordsError> {
    let written = commit(app, owner, planned).await.map_err(|NotWritten { index, error }| match index {
        Some(index) => failed(index, error),
        None => error,
    })?;
    let mut results = Vec::new();
    for (written, wishes) in written.into_iter().zip(wishes) {
        results.push(match written.record {
            None => Done { body: None, status: StatusCode::NO_CONTENT.as_u16() },
            Some(record) => {
                let view = wishes.view(app, owner, record).await?;
                let body = to_raw_value(&view.shown(&wishes.pick)).map_err(RecordsError::internal)?;
                Done { body: Some(body), status: StatusCode::OK.as_u16() }
            }
        });
    }
    Ok(respond::ok(&results))
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "BatchResult")]
pub(crate) struct Done {
    /// The record; `null` of one that was deleted.
    #[schemars(with = "Option<shapes::Object>")]
    body: Option<Box<RawValue>>,
    status: u16,
}

/// What one request would have been answered alone, in the answer to all.
fn failed(index: usize, error: RecordsError) -> RecordsError {
    if error.is_internal() {
        return error;
    }
    let Problem { code, message, .. } = problem::batch_request_failed();
    let one = json!({ "code": code, "message": message, "response": error.document() });
    let requests = json!({ index.to_string(): one });
    RecordsError::data("Batch transaction failed.", Map::from_iter([("requests".to_owned(), requests)]))
}
