//! `/api/custom/tokens`: the user's sealed FAL token.

use super::{Done, custody, filled};
use crate::app::App;
use crate::audit;
use crate::auth::{self, Quota};
use crate::clock;
use crate::http::error::ApiError;
use crate::http::{Error, Request, Response, SecretField, read_json, respond};
use crate::ids::UserId;
use crate::openapi::shapes;
use crate::store::{Custody, Deed, StoredToken};
use generatio_core::time::Clock;
use generatio_core::{ErrorCode, FalKey, Password};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// How long FAL may take to say whether it knows a key.
const CHECK_PATIENCE: Duration = Duration::from_secs(10);

/// `POST /api/custom/tokens/setup`: seals and stores a FAL key, or stores one that the client sealed.
pub(crate) async fn setup(app: &App, mut request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    let body: Setup = read_json(app, &mut request).await?;
    let token = match body {
        Setup { sealed_token: Some(text), fal_token: None, password: None } => custody::client_sealed(app, &text)?,
        // Before anything else is said of them: who sent them shall learn not to.
        Setup { fal_token, password, .. }
            if !app.settings.custody.password
                && (filled(fal_token.as_ref()).is_some() || filled(password.as_ref()).is_some()) =>
        {
            return Err(custody::refused(app).into());
        }
        Setup { sealed_token: None, fal_token, password } => {
            let (Some(key), Some(password)) = (filled(fal_token), filled(password)) else {
                return Err(ApiError::validation("FAL token and password are required").into());
            };
            let key = FalKey::parse(key.into_secret()).map_err(|_| ApiError::validation("Invalid FAL AI token"))?;
            let password = password.into_password();
            custody::check_length(&password)?;
            // Before FAL hears of the key: nobody tries keys through this server without end.
            custody::admit(app, &user.id)?;
            check_key(app, &key).await?;
            custody::seal(app, &user.id, key, password).await?
        }
        Setup { .. } => {
            let problem = "Send either sealed_token alone, or fal_token and password";
            return Err(ApiError::validation(problem).into());
        }
    };
    replace(app, &user.id, Some(token)).await?;
    audit::by_user(app, Deed::TokenSet, &user.id, request.client()).await;
    Ok(respond::ok(&Done::new("FAL token setup successfully")))
}

/// `POST /api/custom/tokens/verify`: whether a password opens the stored token.
pub(crate) async fn verify(app: &App, mut request: Request) -> Result<Response, Error> {
    let user = auth::principal(app, &request).await?.user;
    let body: Verify = read_json(app, &mut request).await?;
    let password = filled(body.password).ok_or_else(|| ApiError::validation("Password is required"))?;
    custody::allow(app, app.settings.custody.password)?;
    let Some(stored) = app.store.sealed_token(&user.id).await? else {
        return Ok(respond::ok(&Verified { has_token: false, can_decrypt: false, custody: None }));
    };
    let can_decrypt = opens(app, request.client(), &user.id, &stored, password.into_password()).await?;
    Ok(respond::ok(&Verified { has_token: true, can_decrypt, custody: Some(stored.custody.as_str()) }))
}

/// `GET /api/custom/tokens`: the sealed text itself, for its owner's other devices.
pub(crate) async fn show(app: &App, request: Request) -> Result<Response, Error> {
    let (who, stored) = auth::principal_and_token(app, &request).await?;
    app.derivations.admit(Quota::Disclosure, who.user.id.as_str(), app.clock.now())?;
    let stored = stored.ok_or_else(no_token)?;
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
    if !replace(app, &user.id, None).await? {
        return Err(no_token().into());
    }
    audit::by_user(app, Deed::TokenRemoved, &user.id, request.client()).await;
    Ok(respond::ok(&Done::new("FAL token removed successfully")))
}

fn no_token() -> ApiError {
    ApiError::not_found("No FAL token configured")
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

/// Puts `token`, or nothing, in the stored one's place and ends every session: none must outlive the token it was made
/// from. Says whether there is or was a token. Goes on to its end when nobody waits for it any more.
async fn replace(app: &App, user: &UserId, token: Option<StoredToken>) -> Result<bool, ApiError> {
    let (store, sessions, user) = (Arc::clone(&app.store), Arc::clone(&app.sessions), user.clone());
    let replacing = tokio::spawn(async move {
        let found = match token {
            Some(token) => store.set_sealed_token(&user, token).await.map(|()| true)?,
            None => store.remove_sealed_token(&user).await?,
        };
        sessions.end_all(&user).await?;
        Ok(found)
    });
    replacing.await.unwrap_or_else(|error| Err(ApiError::internal(error)))
}

async fn opens(
    app: &App,
    client: IpAddr,
    user: &UserId,
    stored: &StoredToken,
    password: Password,
) -> Result<bool, ApiError> {
    if stored.custody == Custody::Client {
        // Only the client may try: its password is not ours to derive from.
        return Ok(false);
    }
    let opened = custody::try_open(app, client, user, stored, password).await?;
    Ok(matches!(opened, custody::Opened::Token { .. }))
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "TokenSetup")]
pub(crate) struct Setup {
    /// FAL's key, for the server to seal under `password`.
    fal_token: Option<SecretField>,
    password: Option<SecretField>,
    /// Instead of both: the key as the client sealed it (v2).
    sealed_token: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "TokenVerify")]
pub(crate) struct Verify {
    #[schemars(required, length(min = 1))]
    password: Option<SecretField>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TokenVerified")]
pub(crate) struct Verified {
    has_token: bool,
    can_decrypt: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shapes::Custody>")]
    custody: Option<&'static str>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SealedToken")]
pub(crate) struct Shown {
    sealed_token: String,
    #[schemars(with = "shapes::Custody")]
    custody: &'static str,
    #[schemars(with = "shapes::Moment")]
    updated: String,
}

#[cfg(test)]
mod tests {
    use super::replace;
    use crate::app::App;
    use crate::auth::Quota;
    use crate::http::answer::tests::{app, ask};
    use crate::store::{Custody, NewUser, PasswordHash, StoredToken, User};
    use futures_util::FutureExt;
    use generatio_core::time::Clock;
    use generatio_core::validate::Email;
    use generatio_core::{Password, SecretText, Timestamp};
    use getrandom::SysRng;
    use std::time::Duration;

    #[tokio::test]
    async fn a_client_that_leaves_does_not_save_a_session() {
        let (app, _folder) = app().await;
        let user = member(&app).await.id;
        let token = |text: &str| StoredToken {
            sealed: text.to_owned(),
            custody: Custody::Client,
            updated: Timestamp::from_unix_ms(0),
        };
        for change in [Some(token("first")), Some(token("second")), None] {
            let key = SecretText::new("id:secret".to_owned());
            app.sessions.start(&user, key, "session", app.clock.now()).await.unwrap();
            let begun = replace(&app, &user, change).now_or_never();
            assert!(begun.is_none(), "it has begun, and nobody waits for it");
            let ended = async {
                while app.sessions.has_live(&user, app.clock.now()).await.unwrap() {
                    tokio::task::yield_now().await;
                }
            };
            tokio::time::timeout(Duration::from_secs(10), ended).await.expect("the session ends");
        }
    }

    /// FAL cannot be reached from here: asking it would be a 502.
    #[tokio::test]
    async fn fal_is_not_asked_for_what_is_refused_anyway() {
        let (app, _folder) = app().await;
        let user = member(&app).await;
        let jwt = app.jwt.issue(&user, app.clock.now());
        let setup = async |password: &str| {
            let request = http::Request::post("/api/custom/tokens/setup").header("authorization", &jwt);
            let body = serde_json::json!({ "fal_token": "id:secret", "password": password }).to_string();
            ask(&app, request, body).await.status().as_u16()
        };
        assert_eq!(setup(&"x".repeat(Password::MAX_BYTES + 1)).await, 400);
        while app.derivations.admit(Quota::Derivation, user.id.as_str(), app.clock.now()).is_ok() {}
        assert_eq!(setup("quartz-harbour-27").await, 429);
    }

    async fn member(app: &App) -> User {
        let email = Email::parse("ann@example.com").unwrap();
        let user = NewUser::generate(&email, PasswordHash("none".into()), app.clock.now(), &mut SysRng).unwrap();
        app.store.create_user(user).await.unwrap()
    }
}
