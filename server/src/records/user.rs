//! How an account reads as a record. Password, token key and the sealed FAL token are in no record.

use super::{Collection, RecordView};
use crate::app::App;
use crate::store::{StoreError, User};

/// The user's record as they see it themselves.
///
/// # Errors
/// When the store fails.
pub async fn own(app: &App, user: &User) -> Result<RecordView, StoreError> {
    let record = app.store.record(&user.id, Collection::Users, user.id.as_str()).await?;
    record.map(RecordView::new).ok_or(StoreError::Missing)
}

/// The user's record as nobody known sees it.
///
/// # Errors
/// When the store fails.
pub async fn public(app: &App, user: &User) -> Result<RecordView, StoreError> {
    Ok(own(app, user).await?.for_guest())
}
