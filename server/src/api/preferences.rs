//! `/api/custom/preferences`: what a user likes to use with a model. One object for each user and model.

use super::{Done, filled, to_its_end};
use crate::app::App;
use crate::auth;
use crate::http::error::ApiError;
use crate::http::{Error, Request, Response, read_json, respond};
use crate::ids::UserId;
use crate::openapi::shapes;
use crate::records::Collection;
use crate::store::{Action, Change, MAX_PREFERENCES, StoreError};
use generatio_core::time::Clock;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::sync::Arc;

/// Most bytes of preferences, as JSON text.
const MAX_BYTES: usize = 64 * 1024;
/// Longest model name, in characters; it need not be in the catalog.
const MAX_MODEL_NAME: usize = 200;

/// `POST /api/custom/preferences/get`.
pub(crate) async fn load(app: &App, mut request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    let body: Load = read_json(app, &mut request).await?;
    let model = model_name(body.model_name)?;
    let saved = app.store.preferences(&user.id, &model).await?;
    let has_preferences = saved.is_some();
    let text = saved.map_or_else(|| "{}".to_owned(), |saved| saved.values);
    let preferences = RawValue::from_string(text).map_err(ApiError::internal)?;
    Ok(respond::ok(&Loaded { model_name: model, preferences, has_preferences }))
}

/// `POST /api/custom/preferences/save`: replaces what was saved.
pub(crate) async fn save(app: &App, mut request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    let body: Save = read_json(app, &mut request).await?;
    let model = model_name(body.model_name)?;
    let values = body.preferences.as_deref().map_or("", RawValue::get);
    // Kept as the text that came: numbers stay exact and keys in their order.
    if !values.starts_with('{') {
        return Err(ApiError::validation("Preferences must be an object").into());
    }
    if values.len() > MAX_BYTES {
        return Err(ApiError::validation("Preferences are larger than 64 KiB").into());
    }
    let saved = store(app, user.id, model, values.to_owned()).await;
    saved.map_err(|error| match error {
        StoreError::Full => {
            ApiError::validation(format!("Too many models with preferences, at most {MAX_PREFERENCES} are kept"))
        }
        other => other.into(),
    })?;
    Ok(respond::ok(&Done::new("Preferences saved successfully")))
}

/// Saves them and tells of it, also when nobody waits for it any more.
async fn store(app: &App, user: UserId, model: String, values: String) -> Result<(), StoreError> {
    let (store, changes, now) = (Arc::clone(&app.store), app.changes.clone(), app.clock.now());
    to_its_end(async move {
        let saved = store.save_preferences(&user, &model, values, now).await?;
        let is_new = saved.created == saved.updated;
        let action = if is_new { Action::Create } else { Action::Update };
        let mut told = vec![Change::of(Collection::ModelPreferences, saved.id.as_str(), action)];
        // Their record lists it.
        told.extend(is_new.then(|| Change::of(Collection::Users, user.as_str(), Action::Update)));
        changes.publish(&user, told);
        Ok(())
    })
    .await
}

fn model_name(name: Option<String>) -> Result<String, ApiError> {
    let name = filled(name).ok_or_else(|| ApiError::validation("Model name is required"))?;
    if name.chars().count() > MAX_MODEL_NAME {
        return Err(ApiError::validation("Model name is longer than 200 characters"));
    }
    Ok(name)
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "PreferencesLoad")]
pub(crate) struct Load {
    #[schemars(required, length(min = 1, max = MAX_MODEL_NAME))]
    model_name: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "PreferencesSave")]
pub(crate) struct Save {
    #[schemars(required, length(min = 1, max = MAX_MODEL_NAME))]
    model_name: Option<String>,
    /// An object of at most 64 KiB as text, kept as it is.
    #[schemars(required, with = "Option<shapes::Object>")]
    preferences: Option<Box<RawValue>>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Preferences")]
pub(crate) struct Loaded {
    model_name: String,
    #[schemars(with = "shapes::Object")]
    preferences: Box<RawValue>,
    has_preferences: bool,
}
