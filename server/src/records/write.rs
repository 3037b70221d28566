//! `POST`, `PATCH` and `DELETE` of records: what is asked for becomes a typed write by the schema (`plan`), the store
//! does it in one transaction (`commit`), and the answer shows the record as reading it would.

mod coerce;
mod dates;
mod told;

pub(super) mod commit;
pub(super) mod given;
pub(super) mod plan;

use super::{Collection, Wishes, account, register, view};
use crate::app::App;
use crate::auth;
use crate::http::{RecordsError, Request, Response, respond};
use crate::ids::UserId;
use crate::store::Record;
use commit::commit;
use generatio_core::time::Clock;
use given::Given;
use http::StatusCode;
use plan::{Planned, Planner};
use std::sync::Arc;
use told::FAILED_TO_CREATE;

/// `POST /api/collections/{collection}/records`: 200 with the new record. For `generatio_users` it is a registration.
///
/// # Errors
/// In this order: 404 for an unknown collection, 400 for an unreadable body, 403 for one that is only read, 400 without
/// `data` when owner or relations are not the caller's own, 400 with `data` for what is wrong with fields.
pub async fn create(app: &Arc<App>, mut request: Request) -> Result<Response, RecordsError> {
    let collection = named(&request)?;
    if collection == Collection::Users {
        return register::create(app, request).await;
    }
    let given = Given::read(app, &mut request).await?;
    check_open(collection)?;
    let owner = caller(app, &request).await?.ok_or_else(not_made_for_guests)?;
    let planned = planner(app, &owner, collection).create(&given)?;
    store_and_show(app, &request, &owner, planned).await
}

/// `PATCH /api/collections/{collection}/records/{id}`: 200 with the changed record; what the body does not name stays.
///
/// # Errors
/// As [`create`]; 404 when the record, or what it is to point at, is not the caller's.
pub async fn update(app: &Arc<App>, mut request: Request) -> Result<Response, RecordsError> {
    let collection = named(&request)?;
    if collection == Collection::Users {
        return account::update(app, request).await;
    }
    let given = Given::read(app, &mut request).await?;
    check_open(collection)?;
    let owner = caller(app, &request).await?.ok_or_else(RecordsError::not_found)?;
    let planned = planner(app, &owner, collection).update(request.param("id"), &given);
    store_and_show(app, &request, &owner, planned).await
}

/// `DELETE /api/collections/{collection}/records/{id}`: 204, and the record is gone for good; what pointed at it points
/// nowhere. For `generatio_users` it is the end of the account.
///
/// # Errors
/// 404 for an unknown collection or when the record is not the caller's, 403 for a collection that is only read.
pub async fn delete(app: &Arc<App>, request: Request) -> Result<Response, RecordsError> {
    let collection = view::collection(request.param("collection"))?;
    if collection == Collection::Users {
        return account::delete(app, request).await;
    }
    check_open(collection)?;
    let owner = caller(app, &request).await?.ok_or_else(RecordsError::not_found)?;
    let planned = planner(app, &owner, collection).delete(request.param("id"));
    commit(app, &owner, vec![planned]).await.map_err(|not| not.error)?;
    Ok(respond::empty(StatusCode::NO_CONTENT))
}

/// 403 where clients do nothing but read.
pub(super) fn check_open(collection: Collection) -> Result<(), RecordsError> {
    if collection.is_read_only() {
        return Err(RecordsError::forbidden("Only superusers can perform this action."));
    }
    Ok(())
}

/// Nothing can be a guest's.
pub(super) fn not_made_for_guests() -> RecordsError {
    RecordsError::new(StatusCode::BAD_REQUEST, FAILED_TO_CREATE)
}

pub(super) fn planner<'a>(app: &App, owner: &'a UserId, collection: Collection) -> Planner<'a> {
    Planner { owner, collection, now: app.clock.now() }
}

fn named(request: &Request) -> Result<Collection, RecordsError> {
    let missing = || RecordsError::new(StatusCode::NOT_FOUND, "Missing or invalid collection context.");
    Collection::parse(request.param("collection")).ok_or_else(missing)
}

async fn caller(app: &App, request: &Request) -> Result<Option<UserId>, RecordsError> {
    Ok(auth::visitor(app, request).await?.map(|visitor| visitor.user.id))
}

async fn store_and_show(
    app: &Arc<App>,
    request: &Request,
    owner: &UserId,
    planned: Planned,
) -> Result<Response, RecordsError> {
    // Read before anything is written: a malformed wish refuses all of it.
    let wishes = Wishes::of(request, planned.write.collection)?;
    let written = commit(app, owner, vec![planned]).await.map_err(|not| not.error)?;
    let record: Option<Record> = written.into_iter().next().and_then(|written| written.record);
    let view = wishes.view(app, owner, record.ok_or_else(RecordsError::not_found)?).await?;
    wishes.answer(&view)
}
