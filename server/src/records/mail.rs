//! What needs a mailer, which this server does not have, and ways to log in that it does not offer.
//!
//! PocketBase answers 204 to requests for mail whether or not it can send any, so that nobody learns who has an account;
//! so do we. `GET /api/custom/status` says that no mail is sent.

use super::account::rules::parse_email;
use super::login::users_only;
use super::{body, problem};
use crate::app::App;
use crate::auth;
use crate::http::error::Problem;
use crate::http::{RecordsError, Request, Response, respond};
use http::StatusCode;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

const INVALID: &str = "An error occurred while validating the submitted data.";

/// `GET …/auth-methods`: passwords, and nothing else.
///
/// # Errors
/// 404 for other collections.
pub async fn methods(_app: &Arc<App>, request: Request) -> Result<Response, RecordsError> {
    users_only(request.param("collection"))?;
    let all = json!({
        "password": { "identityFields": ["email"], "enabled": true },
        "oauth2": { "providers": [], "enabled": false },
        "mfa": { "enabled": false, "duration": 0 },
        "otp": { "enabled": false, "duration": 0 },
        "authProviders": [], "usernamePassword": false, "emailPassword": true,
    });
    Ok(respond::ok(&chosen(all, request.query("fields").as_deref())))
}

/// The members that `fields` names, or all.
fn chosen(all: Value, fields: Option<&str>) -> Value {
    let names: Vec<&str> =
        fields.unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    match all {
        Value::Object(members) if !names.is_empty() && !names.contains(&"*") => {
            members.into_iter().filter(|(name, _)| names.contains(&name.as_str())).collect()
        }
        all => all,
    }
}

/// `POST …/request-verification` and `…/request-password-reset`: 204 for any well-formed address.
///
/// # Errors
/// 404 for other collections; 400 with `data.email`.
pub async fn request(app: &Arc<App>, mut request: Request) -> Result<Response, RecordsError> {
    users_only(request.param("collection"))?;
    let form: Form = body::read(app, &mut request).await?;
    parse_email(&form.email).map_err(|problem| invalid("email", problem))?;
    Ok(respond::empty(StatusCode::NO_CONTENT))
}

/// `POST …/confirm-verification`, `…/confirm-password-reset`, `…/confirm-email-change`: no token was ever sent.
///
/// # Errors
/// 404 for other collections; 400 with `data.token` else.
pub async fn confirm(app: &Arc<App>, mut request: Request) -> Result<Response, RecordsError> {
    users_only(request.param("collection"))?;
    let form: Form = body::read(app, &mut request).await?;
    let wrong = if form.token.is_empty() { problem::required() } else { problem::invalid_token() };
    Err(invalid("token", wrong))
}

/// `POST …/request-email-change`: takes a mail to the new address.
///
/// # Errors
/// 404 for other collections, 401 for guests; 400, with `data.newEmail` for no address.
pub async fn request_email_change(app: &Arc<App>, mut request: Request) -> Result<Response, RecordsError> {
    users_only(request.param("collection"))?;
    auth::visitor(app, &request).await?.ok_or_else(RecordsError::unauthorized)?;
    let form: Form = body::read(app, &mut request).await?;
    parse_email(&form.new_email).map_err(|problem| invalid("newEmail", problem))?;
    Err(RecordsError::new(
        StatusCode::BAD_REQUEST,
        "Failed to request email change: this server sends no mail. Send email and oldPassword in an update instead.",
    ))
}

/// `POST …/request-otp`, `…/auth-with-otp`.
///
/// # Errors
/// Always 403, or 404 for other collections.
pub async fn one_time_passwords(_app: &Arc<App>, request: Request) -> Result<Response, RecordsError> {
    users_only(request.param("collection"))?;
    Err(RecordsError::forbidden("The collection is not configured to allow OTP authentication."))
}

/// `POST …/auth-with-oauth2`.
///
/// # Errors
/// Always 403, or 404 for other collections.
pub async fn other_providers(_app: &Arc<App>, request: Request) -> Result<Response, RecordsError> {
    users_only(request.param("collection"))?;
    Err(RecordsError::forbidden("The collection is not configured to allow OAuth2 authentication."))
}

/// `POST …/impersonate/{id}`.
///
/// # Errors
/// Always 401 or 403, or 404 for other collections.
pub async fn impersonate(app: &Arc<App>, request: Request) -> Result<Response, RecordsError> {
    users_only(request.param("collection"))?;
    auth::visitor(app, &request).await?.ok_or_else(RecordsError::unauthorized)?;
    Err(RecordsError::forbidden("The authorized record is not allowed to perform this action."))
}

fn invalid(field: &'static str, problem: Problem) -> RecordsError {
    RecordsError::fields(INVALID, BTreeMap::from([(field, problem)]))
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(rename = "MailForm")]
pub(crate) struct Form {
    #[serde(deserialize_with = "body::text")]
    #[schemars(email)]
    email: String,
    #[serde(deserialize_with = "body::text")]
    #[schemars(email)]
    new_email: String,
    #[serde(deserialize_with = "body::text")]
    #[schemars(length(min = 1))]
    token: String,
}

#[cfg(test)]
mod tests {
    use super::chosen;
    use serde_json::json;

    #[test]
    fn members_are_chosen_by_name() {
        let all = json!({ "a": 1, "b": 2 });
        for (fields, expected) in [
            (None, json!({ "a": 1, "b": 2 })),
            (Some(""), json!({ "a": 1, "b": 2 })),
            (Some("*"), json!({ "a": 1, "b": 2 })),
            (Some(" b ,c"), json!({ "b": 2 })),
            (Some("c"), json!({})),
        ] {
            assert_eq!(chosen(all.clone(), fields), expected, "{fields:?}");
        }
    }
}
