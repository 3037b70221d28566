//! `POST /api/custom/auth/login`: a JWT and, when the password opens the stored token, a session.

use super::custody::{self, Opened};
use super::{filled, sessions};
use crate::app::App;
use crate::auth;
use crate::http::error::{ApiError, ApiErrorKind};
use crate::http::{Error, Request, Response, SecretField, read_secret_json, respond};
use crate::ids::UserId;
use crate::records;
use crate::sessions::Started;
use crate::store::{Custody, StoredToken};
use generatio_core::time::Clock;
use generatio_core::{FalKey, Password, SecretText};
use serde::{Deserialize, Serialize};

const NO_TOKEN: &str = "Login successful. No FAL token configured - setup required";
const OTHER_PASSWORD: &str =
    "Login successful. FAL token found but password doesn't match - please call create-session manually";
const DAMAGED: &str = "Login successful. Invalid FAL token format - please setup token again";
const SESSION_FAILED: &str = "Login successful. Failed to auto-create session - please call create-session manually";
const SESSION_MADE: &str = "Login successful with auto-created session";

/// `200 {token, record, session_id?, message, custody?}`; 401 for an unknown address and a wrong password alike.
pub(crate) async fn login(app: &App, mut request: Request) -> Result<Response, Error> {
    let body: Login = read_secret_json(app, &mut request).await?;
    let (Some(email), Some(password)) = (filled(body.email), filled(body.password)) else {
        return Err(ApiError::validation("Email and password are required").into());
    };
    // Two uses, two wiped copies: the account's hash and the token's key.
    let second = Password::new(password.expose().to_owned());
    let user = auth::login::verify(app, request.peer(), &email, password.into_password()).await?;
    let stored = app.store.sealed_token(&user.id).await?;
    let (message, session) = auto_session(app, &user.id, stored.as_ref(), second).await?;
    let session_id = session.map(|started| started.id.to_text());
    Ok(respond::ok(&LoggedIn {
        token: app.jwt.issue(&user, app.clock.now()),
        record: records::user::own(app, &user).await?,
        session_id: session_id.as_ref().map(SecretText::expose),
        message,
        custody: stored.map(|token| token.custody.as_str()),
    }))
}

/// Tries to open the stored token with the login password. Whatever comes of it, the login stands.
async fn auto_session(
    app: &App,
    user: &UserId,
    stored: Option<&StoredToken>,
    password: Password,
) -> Result<(&'static str, Option<Started>), ApiError> {
    let Some(stored) = stored else { return Ok((NO_TOKEN, None)) };
    let ours = stored.custody == Custody::Password && app.settings.custody.password;
    if !ours {
        return Ok((OTHER_PASSWORD, None));
    }
    let token = match custody::open(app, user, stored, password).await {
        Ok(Opened::Token(token)) => token,
        Ok(Opened::WrongPassword) => return Ok((OTHER_PASSWORD, None)),
        Ok(Opened::Damaged) => return Ok((DAMAGED, None)),
        // Too many derivations just now: the JWT is good all the same.
        Err(error) if error.kind() == ApiErrorKind::RateLimit => return Ok((SESSION_FAILED, None)),
        Err(error) => return Err(error),
    };
    let Ok(key) = FalKey::parse(token) else { return Ok((DAMAGED, None)) };
    match sessions::begin(app, user, &key).await {
        Ok(started) => Ok((SESSION_MADE, Some(started))),
        Err(_) => Ok((SESSION_FAILED, None)),
    }
}

#[derive(Deserialize)]
struct Login {
    email: Option<String>,
    password: Option<SecretField>,
}

#[derive(Serialize)]
struct LoggedIn<'a> {
    token: String,
    record: records::user::UserRecord,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a str>,
    message: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    custody: Option<&'static str>,
}
