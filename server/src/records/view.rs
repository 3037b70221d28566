//! `GET /api/collections/{collection}/records/{id}`: one record, for its owner.

use super::Collection;
use super::{image, user};
use crate::app::App;
use crate::auth::{self, Principal};
use crate::http::{RecordsError, Request, Response, respond};
use crate::ids::ImageId;
use http::StatusCode;
use std::sync::Arc;

/// The record; anybody else's reads as missing.
///
/// # Errors
/// 404 when there is no such record, it is another's, or its collection cannot be read here.
pub async fn show(app: &Arc<App>, request: Request) -> Result<Response, RecordsError> {
    let collection = collection(request.param("collection"))?;
    let reader = auth::visitor(app, &request).await?.ok_or_else(RecordsError::not_found)?;
    match collection {
        Collection::Images => show_image(app, &reader, request.param("id")).await,
        Collection::Users => show_user(app, &reader, request.param("id")).await,
        Collection::Folders | Collection::Jobs | Collection::Ledger | Collection::ModelPreferences => {
            Err(RecordsError::not_found())
        }
    }
}

/// The collection of a path, for endpoints of records.
pub(super) fn collection(text: &str) -> Result<Collection, RecordsError> {
    let missing = || RecordsError::new(StatusCode::NOT_FOUND, "Missing collection context.");
    Collection::parse(text).ok_or_else(missing)
}

async fn show_image(app: &App, reader: &Principal, id: &str) -> Result<Response, RecordsError> {
    let id = ImageId::parse(id).ok_or_else(RecordsError::not_found)?;
    let found = app.store.image(&reader.user.id, &id).await?.ok_or_else(RecordsError::not_found)?;
    let record = image::record(found).map_err(|error| RecordsError::internal(format!("stored JSON: {error}")))?;
    Ok(respond::ok(&record))
}

async fn show_user(app: &App, reader: &Principal, id: &str) -> Result<Response, RecordsError> {
    if reader.user.id.as_str() != id {
        return Err(RecordsError::not_found());
    }
    Ok(respond::ok(&user::own(app, &reader.user).await?))
}
