//! `GET /api/health`: what PocketBase's SDK asks to see whether anybody is there.

use crate::app::App;
use crate::http::{Error, Request, Response, respond};
use std::sync::Arc;

/// 200, for everybody.
///
/// # Errors
/// None.
pub async fn show(_app: &Arc<App>, _request: Request) -> Result<Response, Error> {
    Ok(respond::public(&serde_json::json!({"message": "API is healthy.", "code": 200, "data": {}})))
}
