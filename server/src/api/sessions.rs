//! `/api/custom/auth/{create-session, session, token-status}`: sealed sessions over the user's FAL token.

use super::custody::{self, Opened};
use super::{Done, filled};
use crate::app::App;
use crate::auth;
use crate::clock;
use crate::http::error::ApiError;
use crate::http::{Error, Request, Response, SecretField, read_secret_json, respond};
use crate::ids::UserId;
use crate::sessions::Started;
use crate::store::{Custody, StoredToken};
use generatio_core::time::Clock;
use generatio_core::{FalKey, Password, SecretText};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// `POST /api/custom/auth/create-session`: opens the stored token with a password, or takes the opened token from a
/// client that sealed it itself.
pub(crate) async fn create(app: &App, mut request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    let body: Create = read_secret_json(app, &mut request).await?;
    let token = match (filled(body.password), filled(body.fal_token)) {
        (Some(password), None) => {
            custody::allow(app, app.settings.custody.password)?;
            open_stored(app, &user.id, password.into_password()).await?
        }
        (None, Some(token)) => {
            custody::allow(app, app.settings.custody.sealed)?;
            token.into_secret()
        }
        (None, None) => return Err(ApiError::validation("Password is required").into()),
        (Some(_), Some(_)) => return Err(ApiError::validation("Send either password or fal_token").into()),
    };
    let key = FalKey::parse(token).map_err(|_| ApiError::validation("Invalid token format"))?;
    let started = begin(app, &user.id, &key).await?;
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
    Ok(respond::ok(&Done::new("Session deleted successfully")))
}

/// `GET /api/custom/auth/token-status`: what the user must do next.
pub(crate) async fn token_status(app: &App, request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    let stored = app.store.sealed_token(&user.id).await?;
    let has_active_session = app.sessions.has_live(&user.id, app.clock.now()).await?;
    Ok(respond::ok(&TokenStatus {
        has_token: stored.is_some(),
        has_active_session,
        requires_login: stored.is_some() && !has_active_session,
        custody: stored.map(|token| token.custody.as_str()),
    }))
}

/// Starts a session over an opened key and goes on with the user's jobs that waited for one.
pub(super) async fn begin(app: &App, user: &UserId, key: &FalKey) -> Result<Started, ApiError> {
    // The session seals the text; the copy is wiped when it has.
    let token = SecretText::new(key.expose().to_owned());
    let started = app.sessions.start(user, token, "session", app.clock.now()).await?;
    let again = || FalKey::parse(SecretText::new(key.expose().to_owned())).ok();
    app.jobs.resume(user, again).await;
    Ok(started)
}

async fn open_stored(app: &App, user: &UserId, password: Password) -> Result<SecretText, ApiError> {
    let Some(stored) = app.store.sealed_token(user).await? else {
        return Err(ApiError::validation("FAL token not configured. Please setup token first"));
    };
    if stored.custody == Custody::Client {
        return Err(client_must_open(&stored));
    }
    match custody::open(app, user, &stored, password).await? {
        Opened::Token(token) => Ok(token),
        Opened::WrongPassword => Err(ApiError::authentication("Invalid password")),
        Opened::Damaged => Err(ApiError::validation("Invalid token format")),
    }
}

fn client_must_open(stored: &StoredToken) -> ApiError {
    ApiError::validation("This token was sealed by your client: open it there and send fal_token")
        .with_details(json!({ "custody": stored.custody.as_str() }))
}

#[derive(Deserialize)]
struct Create {
    password: Option<SecretField>,
    fal_token: Option<SecretField>,
}

#[derive(Serialize)]
struct Created<'a> {
    session_id: &'a str,
    expires_at: String,
}

#[derive(Serialize)]
struct TokenStatus {
    has_token: bool,
    has_active_session: bool,
    requires_login: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    custody: Option<&'static str>,
}
