//! Opening and sealing a user's FAL token on the server, for deployments and users that allow it.

use crate::app::App;
use crate::http::error::ApiError;
use crate::ids::UserId;
use crate::settings::MAX_ITERATIONS;
use crate::store::{Custody, StoredToken};
use generatio_core::seal::{self, OpenError, SealedToken, Version};
use generatio_core::time::Clock;
use generatio_core::{ErrorCode, FalKey, Password, SecretText};
use getrandom::SysRng;
use serde_json::json;

/// 403 unless `allowed`, a custody mode's setting, is on.
pub(super) fn allow(app: &App, allowed: bool) -> Result<(), ApiError> {
    if allowed {
        return Ok(());
    }
    Err(ApiError::authorization("This server does not accept tokens in this custody mode")
        .with_details(json!({ "custody": app.settings.custody.names() })))
}

/// What came of opening a stored token.
pub(super) enum Opened {
    /// The token in the clear.
    Token(SecretText),
    /// Another password.
    WrongPassword,
    /// Nothing that this server opens, whatever the password.
    Damaged,
}

/// Opens a stored token off the async threads; counted and queued per user.
pub(super) async fn open(
    app: &App,
    user: &UserId,
    stored: &StoredToken,
    password: Password,
) -> Result<Opened, ApiError> {
    let Some(sealed) = readable(&stored.sealed) else { return Ok(Opened::Damaged) };
    app.derivations.admit(user.as_str(), app.clock.now())?;
    let context = user.as_str().to_owned();
    let target = app.settings.pbkdf2_iterations;
    let stale = app.settings.seal_format == Version::V2 && sealed.needs_reseal(target);
    let (opened, resealed) = app
        .derivations
        .run(Some(user.as_str()), move || {
            let opened = seal::open(&sealed, &password, &context);
            // Resealing at once, while the password is here, is what carries old tokens to the present strength.
            let resealed = match &opened {
                Ok(token) if stale => seal::seal(token, &password, &context, target, &mut SysRng).ok(),
                _ => None,
            };
            (opened, resealed)
        })
        .await?;
    if let Some(new) = resealed {
        app.store.reseal_token(user, &stored.sealed, new.as_str(), app.clock.now()).await?;
    }
    match opened {
        Ok(token) => Ok(Opened::Token(token)),
        Err(OpenError::Corrupt) => Ok(Opened::Damaged),
        Err(_) => Ok(Opened::WrongPassword),
    }
}

/// A sealed text this server would open: well-formed and within its bound on work.
pub(super) fn readable(text: &str) -> Option<SealedToken> {
    let sealed = SealedToken::parse(text).ok()?;
    (sealed.iterations().get() <= MAX_ITERATIONS).then_some(sealed)
}

/// Seals a key under the configured format and work, off the async threads.
pub(super) async fn seal(app: &App, user: &UserId, key: FalKey, password: Password) -> Result<StoredToken, ApiError> {
    app.derivations.admit(user.as_str(), app.clock.now())?;
    let context = user.as_str().to_owned();
    let iterations = app.settings.pbkdf2_iterations;
    let format = app.settings.seal_format;
    let sealed = app
        .derivations
        .run(Some(user.as_str()), move || {
            // The key leaves its type only to be sealed; both copies are wiped with this closure.
            let token = SecretText::new(key.expose().to_owned());
            match format {
                Version::V1 => seal::seal_v1(&token, &password, &mut SysRng),
                Version::V2 => seal::seal(&token, &password, &context, iterations, &mut SysRng),
            }
        })
        .await?
        .map_err(|error| match error.code() {
            ErrorCode::RandomUnavailable => ApiError::internal(error),
            _ => ApiError::validation(error.to_string()),
        })?;
    Ok(StoredToken { sealed: sealed.as_str().to_owned(), custody: Custody::Password, updated: app.clock.now() })
}
