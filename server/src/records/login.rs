//! `auth-with-password` and `auth-refresh` of `generatio_users`.

use super::fields::{Chosen, Pick};
use super::render::Shown;
use super::{Collection, Wishes, body, problem};
use crate::app::App;
use crate::audit;
use crate::auth::{self, login};
use crate::http::error::Problem;
use crate::http::{RecordsError, Request, Response, SecretField, respond};
use crate::openapi::shapes;
use crate::store::{Deed, User};
use generatio_core::time::Clock;
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Longest identity and password, in characters.
const LONGEST: usize = 255;

/// `POST …/auth-with-password`: 200 with the owner's record and a token. `expand` says what comes along with the record,
/// `fields` which parts of the answer are shown (`token,record.id`).
///
/// # Errors
/// 404 for another collection; 400 with `data` for missing or overlong fields, 400 `Failed to authenticate.`, 400 for
/// malformed wishes, 429.
pub async fn with_password(app: &Arc<App>, mut request: Request) -> Result<Response, RecordsError> {
    users_only(request.param("collection"))?;
    let form: Login = body::read(app, &mut request).await?;
    form.check()?;
    let wishes = Wishes::of(&request, Collection::Users)?;
    let user = login::verify(app, request.client(), &form.identity, form.password.into_password()).await?;
    audit::by_user(app, Deed::LoggedIn, &user.id, request.client()).await;
    logged_in(app, &user, &wishes).await
}

/// `POST …/auth-refresh`: 200 with the owner's record and a fresh token; the old one stays good. `expand` and `fields` as
/// at [`with_password`].
///
/// # Errors
/// 401 for guests, 403 through another collection, 400 for malformed wishes.
pub async fn refresh(app: &Arc<App>, request: Request) -> Result<Response, RecordsError> {
    let user = auth::visitor(app, &request).await?.ok_or_else(RecordsError::unauthorized)?.user;
    if Collection::parse(request.param("collection")) != Some(Collection::Users) {
        return Err(RecordsError::forbidden("The request requires auth record from generatio_users collection."));
    }
    logged_in(app, &user, &Wishes::of(&request, Collection::Users)?).await
}

async fn logged_in(app: &App, user: &User, wishes: &Wishes) -> Result<Response, RecordsError> {
    let record = app.store.record(&user.id, Collection::Users, user.id.as_str()).await?;
    let record = record.ok_or_else(RecordsError::not_found)?;
    let (view, everything) = (wishes.view(app, &user.id, record).await?, Pick::everything());
    let record = wishes.pick.of("record").map(|chosen| match chosen {
        Chosen::Parts(pick) => view.shown(pick),
        Chosen::Whole(_) => view.shown(&everything),
    });
    let token = wishes.pick.of("token").map(|_| app.jwt.issue(user, app.clock.now()));
    Ok(respond::ok(&LoggedIn { record, token }))
}

/// The answer, without what was not asked for.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AuthWithRecord")]
pub(crate) struct LoggedIn<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shapes::UserRecord>")]
    record: Option<Shown<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

pub(super) fn users_only(collection: &str) -> Result<(), RecordsError> {
    match Collection::parse(collection) {
        Some(Collection::Users) => Ok(()),
        Some(_) => Err(RecordsError::new(StatusCode::NOT_FOUND, "Missing or invalid auth collection context.")),
        None => Err(RecordsError::new(StatusCode::NOT_FOUND, "Missing or invalid collection context.")),
    }
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(rename = "AuthWithPassword", extend("required" = ["identity", "password"]))]
pub(crate) struct Login {
    #[serde(deserialize_with = "body::text")]
    #[schemars(length(min = 1, max = LONGEST))]
    identity: String,
    /// `email`, if anything.
    #[serde(deserialize_with = "body::text")]
    #[schemars(regex(pattern = "^(email)?$"))]
    identity_field: String,
    #[schemars(length(min = 1, max = LONGEST))]
    password: SecretField,
}

impl Login {
    fn check(&self) -> Result<(), RecordsError> {
        let wrong_field = !matches!(self.identity_field.as_str(), "" | "email");
        let problems = [
            ("identity", length_problem(&self.identity)),
            ("identityField", wrong_field.then(problem::not_in_list)),
            // Measured, not kept.
            ("password", length_problem(self.password.expose())),
        ];
        let data: BTreeMap<_, Problem> =
            problems.into_iter().filter_map(|(name, found)| Some((name, found?))).collect();
        if data.is_empty() {
            return Ok(());
        }
        Err(RecordsError::fields("An error occurred while validating the submitted data.", data))
    }
}

fn length_problem(text: &str) -> Option<Problem> {
    match text.chars().take(LONGEST + 1).count() {
        0 => Some(problem::required()),
        1..=LONGEST => None,
        _ => Some(problem::length_outside(1, LONGEST)),
    }
}

#[cfg(test)]
mod tests {
    use super::{Login, users_only};
    use crate::http::Error;
    use http_body_util::BodyExt;

    async fn text(error: impl Into<Error>) -> String {
        let body = error.into().into_response().into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn forms_are_checked_field_by_field() {
        let required = r#"{"code":"validation_required","message":"Cannot be blank."}"#;
        let range = r#"{"code":"validation_length_out_of_range","message":"The length must be between 1 and 255.","params":{"max":255,"min":1}}"#;
        let invalid = r#"{"code":"validation_in_invalid","message":"Must be a valid value."}"#;
        let long = "é".repeat(256);
        let rows = [
            ("{}".to_owned(), format!(r#"{{"identity":{required},"password":{required}}}"#)),
            (format!(r#"{{"identity":"{long}","password":"x"}}"#), format!(r#"{{"identity":{range}}}"#)),
            (format!(r#"{{"identity":"x","password":"{long}"}}"#), format!(r#"{{"password":{range}}}"#)),
            (
                r#"{"identity":"x","password":"x","identityField":"name"}"#.to_owned(),
                format!(r#"{{"identityField":{invalid}}}"#),
            ),
        ];
        for (form, data) in rows {
            let error = serde_json::from_str::<Login>(&form).unwrap().check().unwrap_err();
            let message = "An error occurred while validating the submitted data.";
            assert_eq!(text(error).await, format!(r#"{{"data":{data},"message":"{message}","status":400}}"#));
        }
    }

    #[test]
    fn whole_forms_pass() {
        let longest = "é".repeat(255);
        for form in [
            format!(r#"{{"identity":"{longest}","password":"{longest}"}}"#),
            r#"{"identity":"x","password":" ","identityField":"email","more":1}"#.to_owned(),
            r#"{"identity":"x","password":"x","identityField":null}"#.to_owned(),
        ] {
            assert!(serde_json::from_str::<Login>(&form).unwrap().check().is_ok(), "{form}");
        }
    }

    #[tokio::test]
    async fn only_users_log_in() {
        assert!(users_only("generatio_users").is_ok() && users_only("pbc_733528692").is_ok());
        for (collection, message) in
            [("images", "Missing or invalid auth collection context."), ("x", "Missing or invalid collection context.")]
        {
            let expected = format!(r#"{{"data":{{}},"message":"{message}","status":404}}"#);
            assert_eq!(text(users_only(collection).unwrap_err()).await, expected);
        }
    }
}
