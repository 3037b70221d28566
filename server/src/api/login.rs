//! `POST /api/custom/auth/login`: a JWT and, when the password opens the stored token, a session.

use super::custody::{self, Opened};
use super::{filled, sessions};
use crate::app::App;
use crate::audit;
use crate::auth;
use crate::http::error::ApiError;
use crate::http::{Error, Request, Response, SecretField, read_json, respond};
use crate::ids::UserId;
use crate::openapi::shapes;
use crate::records;
use crate::sessions::Started;
use crate::store::{Custody, Deed, StoredToken};
use generatio_core::time::Clock;
use generatio_core::{FalKey, Password, SecretText};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const NO_TOKEN: &str = "Login successful. No FAL token configured - setup required";
const OTHER_PASSWORD: &str =
    "Login successful. FAL token found but password doesn't match - please call create-session manually";
const DAMAGED: &str = "Login successful. Invalid FAL token format - please setup token again";
const SESSION_FAILED: &str = "Login successful. Failed to auto-create session - please call create-session manually";
const SESSION_MADE: &str = "Login successful with auto-created session";

/// `200 {token, record, session_id?, message, custody?}`; 401 for an unknown address and a wrong password alike.
pub(crate) async fn login(app: &App, mut request: Request) -> Result<Response, Error> {
    let body: Login = read_json(app, &mut request).await?;
    let (Some(email), Some(password)) = (filled(body.email), filled(body.password)) else {
        return Err(ApiError::validation("Email and password are required").into());
    };
    let label = sessions::Label::parse(body.label.as_deref())?;
    // Two uses, two wiped copies: the account's hash and the token's key.
    let second = Password::new(password.expose().to_owned());
    let user = auth::login::verify(app, request.client(), &email, password.into_password()).await?;
    audit::by_user(app, Deed::LoggedIn, &user.id, request.client()).await;
    let record = records::user::own(app, &user).await?;
    let auto = auto_session(app, &user.id, second, &label).await;
    if auto.session.is_some() {
        audit::by_user(app, Deed::SessionStarted, &user.id, request.client()).await;
    }
    let session_id = auto.session.map(|started| started.id.to_text());
    Ok(respond::ok(&LoggedIn {
        token: app.jwt.issue(&user, app.clock.now()),
        record,
        session_id: session_id.as_ref().map(SecretText::expose),
        message: auto.message,
        custody: auto.custody,
    }))
}

/// What came of the attempt to begin a session.
struct AutoSession {
    message: &'static str,
    session: Option<Started>,
    custody: Option<&'static str>,
}

/// Tries to open the stored token with the login password. Whatever comes of it, the login stands.
async fn auto_session(app: &App, user: &UserId, password: Password, label: &sessions::Label) -> AutoSession {
    let stored = match app.store.sealed_token(user).await {
        Ok(Some(stored)) => stored,
        Ok(None) => return AutoSession { message: NO_TOKEN, session: None, custody: None },
        Err(error) => return AutoSession { message: failed(error.into()), session: None, custody: None },
    };
    let (message, session) = match begin(app, user, &stored, password, label).await {
        Ok(Ok(started)) => (SESSION_MADE, Some(started)),
        Ok(Err(obstacle)) => (obstacle, None),
        Err(error) => (failed(error), None),
    };
    AutoSession { message, session, custody: Some(stored.custody.as_str()) }
}

/// The session, or what keeps this password from opening it.
async fn begin(
    app: &App,
    user: &UserId,
    stored: &StoredToken,
    password: Password,
    label: &sessions::Label,
) -> Result<Result<Started, &'static str>, ApiError> {
    let ours = stored.custody == Custody::Password && app.settings.custody.password;
    if !ours {
        return Ok(Err(OTHER_PASSWORD));
    }
    let (token, sealed) = match custody::open(app, user, stored, password).await? {
        Opened::Token { token, sealed } => (token, sealed),
        Opened::WrongPassword => return Ok(Err(OTHER_PASSWORD)),
        Opened::Damaged => return Ok(Err(DAMAGED)),
    };
    let Ok(key) = FalKey::parse(token) else { return Ok(Err(DAMAGED)) };
    sessions::begin(app, user, key, Some(&sealed), label).await.map(Ok)
}

/// The JWT is good all the same, be it too many derivations or a failure of ours; the latter is logged.
fn failed(error: ApiError) -> &'static str {
    if let Some(cause) = error.into_cause() {
        tracing::error!(cause, "a login goes without its session");
    }
    SESSION_FAILED
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "LoginRequest")]
pub(crate) struct Login {
    #[schemars(required, length(min = 1))]
    email: Option<String>,
    #[schemars(required, length(min = 1))]
    password: Option<SecretField>,
    /// What the session is called in the user's list.
    #[schemars(length(max = sessions::Label::MAX_CHARS))]
    label: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LoggedIn")]
pub(crate) struct LoggedIn<'a> {
    token: String,
    #[schemars(with = "shapes::UserRecord")]
    record: records::RecordView,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shapes::SessionId>")]
    session_id: Option<&'a str>,
    message: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shapes::Custody>")]
    custody: Option<&'static str>,
}

#[cfg(test)]
mod tests {
    use super::SESSION_FAILED;
    use crate::app::App;
    use crate::auth::passwords;
    use crate::http::answer::tests::{app, ask};
    use crate::store::sqlite::FILE_NAME;
    use crate::store::{Custody, NewUser, StoredToken};
    use generatio_core::seal::seal_v1;
    use generatio_core::time::Clock;
    use generatio_core::validate::Email;
    use generatio_core::{Password, SecretText};
    use getrandom::SysRng;
    use serde_json::{Value, json};
    use std::sync::Arc;

    const EMAIL: &str = "ann@example.com";
    const PASSWORD: &str = "quartz-harbour-27";

    fn password() -> Password {
        Password::new(PASSWORD.to_owned())
    }

    /// An account with a token in the old form, which a login reseals.
    async fn member(app: &App) {
        let (email, now) = (Email::parse(EMAIL).unwrap(), app.clock.now());
        let hash = passwords::hash(&password(), &mut SysRng).unwrap();
        let user = NewUser::generate(&email, hash, now, &mut SysRng).unwrap();
        let user = app.store.create_user(user).await.unwrap();
        let sealed = seal_v1(&SecretText::new("id:secret".to_owned()), &password(), &mut SysRng).unwrap();
        let token = StoredToken { sealed: sealed.as_str().to_owned(), custody: Custody::Password, updated: now };
        app.store.set_sealed_token(&user.id, token).await.unwrap();
    }

    fn sql(app: &App, statement: &str) {
        let db = rusqlite::Connection::open(app.settings.data_dir.join(FILE_NAME)).unwrap();
        db.execute_batch(statement).unwrap();
    }

    async fn login(app: &Arc<App>) -> (u16, Value) {
        let body = json!({ "email": EMAIL, "password": PASSWORD }).to_string();
        let response = ask(app, http::Request::post("/api/custom/auth/login"), body).await;
        (response.status().as_u16(), serde_json::from_str(response.body()).unwrap())
    }

    #[tokio::test]
    async fn a_token_that_cannot_be_resealed_opens_all_the_same() {
        let (app, _folder) = app().await;
        member(&app).await;
        sql(&app, "CREATE TRIGGER no BEFORE UPDATE ON sealed_tokens BEGIN SELECT RAISE(ABORT, 'on purpose'); END");
        let (status, answer) = login(&app).await;
        assert_eq!((status, answer["session_id"].is_string()), (200, true), "{answer}");
        sql(&app, "DROP TRIGGER no");
        let (status, answer) = login(&app).await;
        assert_eq!(
            (status, answer["session_id"].is_string()),
            (200, true),
            "resealed, and the session holds: {answer}"
        );
    }

    #[tokio::test]
    async fn a_login_stands_without_its_token() {
        let (app, _folder) = app().await;
        member(&app).await;
        sql(&app, "ALTER TABLE sealed_tokens RENAME TO elsewhere");
        let (status, answer) = login(&app).await;
        assert_eq!((status, &answer["message"]), (200, &json!(SESSION_FAILED)), "{answer}");
        assert!(answer["token"].is_string() && answer["record"]["id"].is_string() && answer["session_id"].is_null());
    }
}
