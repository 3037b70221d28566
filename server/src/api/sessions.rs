//! `/api/custom/auth/{create-session, session, token-status}`: sealed sessions over the user's FAL token.

pub(crate) mod handles;
mod label;

pub(super) use label::Label;

use super::custody::{self, Opened};
use super::{Done, filled};
use crate::app::App;
use crate::audit;
use crate::auth;
use crate::clock;
use crate::http::error::ApiError;
use crate::http::{Error, Request, Response, SecretField, read_json, respond};
use crate::ids::UserId;
use crate::openapi::shapes;
use crate::sessions::Started;
use crate::store::{Custody, Deed, StoredToken};
use generatio_core::time::Clock;
use generatio_core::{FalKey, Password, SecretText};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::net::IpAddr;
use std::sync::Arc;

/// `POST /api/custom/auth/create-session`: opens the stored token with a password, or takes the opened token from a
/// client that sealed it itself.
pub(crate) async fn create(app: &App, mut request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    let body: Create = read_json(app, &mut request).await?;
    let label = Label::parse(body.label.as_deref())?;
    let (token, sealed) = given_token(app, request.client(), &user.id, body).await?;
    let key = FalKey::parse(token).map_err(|_| ApiError::validation("Invalid token format"))?;
    let started = begin(app, &user.id, key, sealed.as_deref(), &label).await?;
    audit::by_user(app, Deed::SessionStarted, &user.id, request.client()).await;
    Ok(respond::ok(&Created { session_id: started.id.to_text().expose(), expires_at: clock::rfc3339(started.expires) }))
}

/// `DELETE /api/custom/auth/session`: ends the session named in `X-Session-ID`.
pub(crate) async fn end(app: &App, request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    if !auth::names_session(&request) {
        return Err(ApiError::validation("Session ID required in X-Session-ID header").into());
    }
    let ended = match auth::session_id(&request) {
        Some(id) => app.sessions.end(&id, &user.id).await?,
        None => false,
    };
    // Another user's session reads as missing: its existence is not disclosed.
    if !ended {
        return Err(ApiError::not_found("Session not found").into());
    }
    audit::by_user(app, Deed::SessionEnded, &user.id, request.client()).await;
    Ok(respond::ok(&Done::new("Session deleted successfully")))
}

/// `GET /api/custom/auth/token-status`: what the user must do next.
pub(crate) async fn token_status(app: &App, request: Request) -> Result<Response, Error> {
    let (who, stored) = auth::principal_and_token(app, &request).await?;
    let has_active_session = app.sessions.has_live(&who.user.id, app.clock.now()).await?;
    Ok(respond::ok(&TokenStatus {
        has_token: stored.is_some(),
        has_active_session,
        requires_login: stored.is_some() && !has_active_session,
        custody: stored.map(|token| token.custody.as_str()),
    }))
}

/// Starts a session over a key that was opened while `sealed` was the stored text, and goes on with the user's jobs that
/// waited for one.
///
/// 409 when another text is stored by now: whoever replaced or removed it ended all sessions, and this one may have come
/// just after.
pub(super) async fn begin(
    app: &App,
    user: &UserId,
    key: FalKey,
    sealed: Option<&str>,
    label: &Label,
) -> Result<Started, ApiError> {
    // The session seals the text; the copy is wiped when it has.
    let token = SecretText::new(key.expose().to_owned());
    let started = app.sessions.start(user, token, label.as_str(), app.clock.now()).await?;
    let stored = app.store.sealed_token(user).await;
    let unchanged = stored.as_ref().is_ok_and(|stored| stored.as_ref().map(|token| token.sealed.as_str()) == sealed);
    if !unchanged {
        app.sessions.end(&started.id, user).await?;
        stored?;
        return Err(ApiError::conflict("The FAL token changed meanwhile, try again"));
    }
    // Jobs that cannot be taken up now wait for the next session; this one is good all the same.
    if let Err(error) = app.jobs.resume(user, &Arc::new(key)).await {
        tracing::error!(%error, "jobs could not be resumed");
    }
    Ok(started)
}

/// The token in the clear, and the sealed text that is stored for it.
async fn given_token(
    app: &App,
    client: IpAddr,
    user: &UserId,
    body: Create,
) -> Result<(SecretText, Option<String>), ApiError> {
    let (password, token) = (filled(body.password), filled(body.fal_token));
    custody::allow(app, app.settings.custody.password || password.is_none())?;
    custody::allow(app, app.settings.custody.sealed || token.is_none())?;
    match (password, token) {
        (Some(password), None) => {
            let (token, sealed) = open_stored(app, client, user, password.into_password()).await?;
            Ok((token, Some(sealed)))
        }
        (None, Some(token)) => {
            let stored = app.store.sealed_token(user).await?;
            Ok((token.into_secret(), stored.map(|stored| stored.sealed)))
        }
        (None, None) => Err(ApiError::validation("Password is required")),
        (Some(_), Some(_)) => Err(ApiError::validation("Send either password or fal_token")),
    }
}

/// The stored token in the clear, and the text it is sealed in.
async fn open_stored(
    app: &App,
    client: IpAddr,
    user: &UserId,
    password: Password,
) -> Result<(SecretText, String), ApiError> {
    let Some(stored) = app.store.sealed_token(user).await? else {
        return Err(ApiError::validation("FAL token not configured. Please setup token first"));
    };
    if stored.custody == Custody::Client {
        return Err(client_must_open(&stored));
    }
    match custody::try_open(app, client, user, &stored, password).await? {
        Opened::Token { token, sealed } => Ok((token, sealed)),
        Opened::WrongPassword => Err(ApiError::authentication("Invalid password")),
        Opened::Damaged => Err(ApiError::validation("Invalid token format")),
    }
}

fn client_must_open(stored: &StoredToken) -> ApiError {
    ApiError::validation("This token was sealed by your client: open it there and send fal_token")
        .with_details(json!({ "custody": stored.custody.as_str() }))
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "SessionCreate")]
pub(crate) struct Create {
    /// What opens a token that the server sealed.
    password: Option<SecretField>,
    /// The token itself, from a client that sealed it.
    fal_token: Option<SecretField>,
    /// What the session is called in the user's list.
    #[schemars(length(max = Label::MAX_CHARS))]
    label: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SessionCreated")]
pub(crate) struct Created<'a> {
    #[schemars(with = "shapes::SessionId")]
    session_id: &'a str,
    #[schemars(with = "shapes::Moment")]
    expires_at: String,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TokenStatus")]
pub(crate) struct TokenStatus {
    has_token: bool,
    has_active_session: bool,
    requires_login: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shapes::Custody>")]
    custody: Option<&'static str>,
}

#[cfg(test)]
mod tests {
    use super::{Label, begin};
    use crate::http::answer::tests::app;
    use crate::http::error::ApiErrorKind;
    use crate::store::{Custody, NewUser, PasswordHash, StoredToken};
    use generatio_core::time::Clock;
    use generatio_core::validate::Email;
    use generatio_core::{FalKey, SecretText};
    use getrandom::SysRng;

    fn key() -> FalKey {
        FalKey::parse(SecretText::new("id:secret".to_owned())).unwrap()
    }

    #[tokio::test]
    async fn a_session_over_a_token_that_was_replaced_meanwhile_ends_at_once() {
        let (app, _folder) = app().await;
        let now = app.clock.now();
        let email = Email::parse("ann@example.com").unwrap();
        let user = NewUser::generate(&email, PasswordHash("none".into()), now, &mut SysRng).unwrap();
        let user = app.store.create_user(user).await.unwrap().id;
        begin(&app, &user, key(), None, &Label::default()).await.expect("no token was stored, nor is it now");
        app.sessions.end_all(&user).await.unwrap();

        let token = StoredToken { sealed: "second".to_owned(), custody: Custody::Client, updated: now };
        app.store.set_sealed_token(&user, token).await.unwrap();
        for opened in [None, Some("first")] {
            let refused = begin(&app, &user, key(), opened, &Label::default()).await.unwrap_err();
            assert_eq!(refused.kind(), ApiErrorKind::Conflict);
            assert!(!app.sessions.has_live(&user, app.clock.now()).await.unwrap(), "{opened:?}");
        }
        begin(&app, &user, key(), Some("second"), &Label::default()).await.expect("it is what is stored");
        assert!(app.sessions.has_live(&user, app.clock.now()).await.unwrap());
    }
}
