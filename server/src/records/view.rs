//! `GET /api/collections/{collection}/records/{id}`: one record, for its owner.

use super::{Collection, Wishes};
use crate::app::App;
use crate::auth;
use crate::http::{RecordsError, Request, Response};
use http::StatusCode;
use std::sync::Arc;

/// The record; anybody else's reads as missing. `fields` and `expand` say what is shown.
///
/// # Errors
/// 404 when there is no such record, it is another's, or nobody is logged in; 400 for malformed wishes.
pub async fn show(app: &Arc<App>, request: Request) -> Result<Response, RecordsError> {
    let collection = collection(request.param("collection"))?;
    let reader = auth::visitor(app, &request).await?.ok_or_else(RecordsError::not_found)?.user.id;
    let record = app.store.record(&reader, collection, request.param("id")).await?;
    let record = record.ok_or_else(RecordsError::not_found)?;
    let wishes = Wishes::of(&request, collection)?;
    let view = wishes.view(app, &reader, record).await?;
    wishes.answer(&view)
}

/// The collection of a path, for endpoints of records.
pub(super) fn collection(text: &str) -> Result<Collection, RecordsError> {
    let missing = || RecordsError::new(StatusCode::NOT_FOUND, "Missing collection context.");
    Collection::parse(text).ok_or_else(missing)
}
