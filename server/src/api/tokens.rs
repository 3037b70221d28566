//! `/api/custom/tokens`: the user's sealed FAL token.

use super::{Done, custody, filled};
use crate::app::App;
use crate::auth;
use crate::clock;
use crate::http::error::ApiError;
use crate::http::{Error, Request, Response, SecretField, read_secret_json, respond};
use crate::store::{Custody, StoredToken};
use generatio_core::seal::Version;
use generatio_core::time::Clock;
use generatio_core::{ErrorCode, FalKey, Password};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long FAL may take to say whether it knows a key.
const CHECK_PATIENCE: Duration = Duration::from_secs(10);

/// `POST /api/custom/tokens/setup`: seals and stores a FAL key, or stores one that the client sealed.
pub(crate) async fn setup(app: &App, mut request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    let body: Setup = read_secret_json(app, &mut request).await?;
    let token = match body {
        Setup { sealed_token: Some(text), fal_token: None, password: None } => client_sealed(app, &text)?,
        Setup { sealed_token: None, fal_token, password } => {
            let (Some(key), Some(password)) = (filled(fal_token), filled(password)) else {
                return Err(ApiError::validation("FAL token and password are required").into());
            };
            custody::allow(app, app.settings.custody.password)?;
            let key = FalKey::parse(key.into_secret()).map_err(|_| ApiError::validation("Invalid FAL AI token"))?;
            check_key(app, &key).await?;
            custody::seal(app, &user.id, key, password.into_password()).await?
        }
        Setup { .. } => {
            let problem = "Send either sealed_token alone, or fal_token and password";
            return Err(ApiError::validation(problem).into());
        }
    };
    app.store.set_sealed_token(&user.id, token).await?;
    // Sessions made from the replaced token must not outlive it.
    app.sessions.end_all(&user.id).await?;
    Ok(respond::ok(&Done::new("FAL token setup successfully")))
}

/// `POST /api/custom/tokens/verify`: whether a password opens the stored token.
pub(crate) async fn verify(app: &App, mut request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    let body: Verify = read_secret_json(app, &mut request).await?;
    let password = filled(body.password).ok_or_else(|| ApiError::validation("Password is required"))?;
    custody::allow(app, app.settings.custody.password)?;
    let Some(stored) = app.store.sealed_token(&user.id).await? else {
        return Ok(respond::ok(&Verified { has_token: false, can_decrypt: false, custody: None }));
    };
    let can_decrypt = opens(app, &user.id, &stored, password.into_password()).await?;
    Ok(respond::ok(&Verified { has_token: true, can_decrypt, custody: Some(stored.custody.as_str()) }))
}

/// `GET /api/custom/tokens`: the sealed text itself, for its owner's other devices.
pub(crate) async fn show(app: &App, request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    app.derivations.admit(user.id.as_str(), app.clock.now())?;
    let stored = app.store.sealed_token(&user.id).await?.ok_or_else(no_token)?;
    let shown = Shown {
        sealed_token: stored.sealed,
        custody: stored.custody.as_str(),
        updated: clock::rfc3339(stored.updated),
    };
    Ok(respond::ok(&shown))
}

/// `DELETE /api/custom/tokens`: forgets the token and ends every session made from it.
pub(crate) async fn remove(app: &App, request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    let removed = app.store.remove_sealed_token(&user.id).await?;
    app.sessions.end_all(&user.id).await?;
    if !removed {
        return Err(no_token().into());
    }
    Ok(respond::ok(&Done::new("FAL token removed successfully")))
}

fn no_token() -> ApiError {
    ApiError::not_found("No FAL token configured")
}

/// A text sealed elsewhere: parsed, never opened.
fn client_sealed(app: &App, text: &str) -> Result<StoredToken, ApiError> {
    custody::allow(app, app.settings.custody.sealed || app.settings.custody.direct)?;
    let readable = custody::readable(text).filter(|sealed| sealed.version() == Version::V2);
    let sealed = readable.ok_or_else(|| ApiError::validation("Invalid token format"))?;
    Ok(StoredToken { sealed: sealed.as_str().to_owned(), custody: Custody::Client, updated: app.clock.now() })
}

/// Asks FAL whether it knows the key; costs the user nothing.
async fn check_key(app: &App, key: &FalKey) -> Result<(), ApiError> {
    match app.fal.check_key(key, app.clock.now().after(CHECK_PATIENCE)).await {
        Ok(()) => Ok(()),
        Err(error) => match error.code() {
            ErrorCode::FalKeyRefused | ErrorCode::FalAccessDenied => Err(ApiError::validation("Invalid FAL AI token")),
            _ => Err(ApiError::fal("The FAL token could not be checked", &error)),
        },
    }
}

async fn opens(
    app: &App,
    user: &crate::ids::UserId,
    stored: &StoredToken,
    password: Password,
) -> Result<bool, ApiError> {
    if stored.custody == Custody::Client {
        // Only the client may try: its password is not ours to derive from.
        return Ok(false);
    }
    let opened = custody::open(app, user, stored, password).await?;
    Ok(matches!(opened, custody::Opened::Token(_)))
}

#[derive(Deserialize)]
struct Setup {
    fal_token: Option<SecretField>,
    password: Option<SecretField>,
    sealed_token: Option<String>,
}

#[derive(Deserialize)]
struct Verify {
    password: Option<SecretField>,
}

#[derive(Serialize)]
struct Verified {
    has_token: bool,
    can_decrypt: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    custody: Option<&'static str>,
}

#[derive(Serialize)]
struct Shown {
    sealed_token: String,
    custody: &'static str,
    updated: String,
}
