//! `GET /api/health`: what PocketBase's SDK asks to see whether anybody is there.

use crate::app::App;
use crate::http::{Error, Request, Response, respond};
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// 200, for everybody.
///
/// # Errors
/// None.
pub async fn show(_app: &Arc<App>, _request: Request) -> Result<Response, Error> {
    Ok(respond::public(&Health { code: 200, data: Empty {}, message: "API is healthy." }))
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Health {
    code: u16,
    data: Empty,
    message: &'static str,
}

#[derive(Serialize, JsonSchema)]
struct Empty {}
