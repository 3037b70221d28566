//! Opening and sealing a user's FAL token on the server, for deployments and users that allow it.

use crate::app::App;
use crate::auth::derive::Place;
use crate::auth::{Busy, Quota, throttle};
use crate::http::error::ApiError;
use crate::ids::UserId;
use crate::settings::MAX_ITERATIONS;
use crate::store::{Custody, StoredToken};
use generatio_core::seal::{self, OpenError, PasswordLengthError, SealedToken, Version};
use generatio_core::time::Clock;
use generatio_core::{FalKey, Password, SecretText};
use getrandom::SysRng;
use serde_json::json;
use std::net::IpAddr;

/// 403 unless `allowed`, a custody mode's setting, is on.
pub(super) fn allow(app: &App, allowed: bool) -> Result<(), ApiError> {
    if allowed { Ok(()) } else { Err(refused(app)) }
}

/// 403 with the modes that there are.
pub(super) fn refused(app: &App) -> ApiError {
    ApiError::authorization("This server does not accept tokens in this custody mode")
        .with_details(json!({ "custody": app.settings.custody.names() }))
}

/// What came of opening a stored token.
pub(crate) enum Opened {
    /// It opened.
    Token {
        /// The token in the clear.
        token: SecretText,
        /// The text it is sealed in now: another than before when it was resealed.
        sealed: String,
    },
    /// Another password.
    WrongPassword,
    /// Nothing that this server opens, whatever the password.
    Damaged,
}

/// [`open`] with a password that is only now tried: counted per user and address block, as logins are.
pub(super) async fn try_open(
    app: &App,
    client: IpAddr,
    user: &UserId,
    stored: &StoredToken,
    password: Password,
) -> Result<Opened, ApiError> {
    // Whoever finds no place has not used up an attempt.
    let place = app.derivations.place()?;
    let counted = throttle::count_opening(app, user, client).await?;
    let opened = open_in(app, place, user, stored, password).await?;
    if !matches!(opened, Opened::WrongPassword) {
        counted.succeeded(app).await;
    }
    Ok(opened)
}

/// Opens a stored token off the async threads; counted and queued per user. One sealed with less than the present
/// strength is resealed on the way. The password has proved to be the account's.
pub(crate) async fn open(
    app: &App,
    user: &UserId,
    stored: &StoredToken,
    password: Password,
) -> Result<Opened, ApiError> {
    open_in(app, app.derivations.place()?, user, stored, password).await
}

async fn open_in(
    app: &App,
    place: Place,
    user: &UserId,
    stored: &StoredToken,
    password: Password,
) -> Result<Opened, ApiError> {
    let Some(sealed) = readable(&stored.sealed) else { return Ok(Opened::Damaged) };
    check_length(&password)?;
    admit(app, user)?;
    let (opened, resealed) = derive(app, place, user, sealed, password).await?;
    match opened {
        Ok(token) => Ok(Opened::Token { token, sealed: replace(app, user, &stored.sealed, resealed).await }),
        Err(OpenError::Corrupt) => Ok(Opened::Damaged),
        Err(_) => Ok(Opened::WrongPassword),
    }
}

/// Counts one derivation of the user's, or refuses it.
pub(super) fn admit(app: &App, user: &UserId) -> Result<(), ApiError> {
    Ok(app.derivations.admit(Quota::Derivation, user.as_str(), app.clock.now())?)
}

/// The token, and its new seal if the old one is stale.
async fn derive(
    app: &App,
    place: Place,
    user: &UserId,
    sealed: SealedToken,
    password: Password,
) -> Result<(Result<SecretText, OpenError>, Option<SealedToken>), Busy> {
    let context = user.as_str().to_owned();
    let target = app.settings.pbkdf2_iterations;
    let stale = app.settings.seal_format == Version::V2 && sealed.needs_reseal(target);
    let deriving = app.derivations.run_in(place, Some(user.as_str()), move || {
        let opened = seal::open(&sealed, &password, &context);
        // Resealing at once, while the password is here, is what carries old tokens to the present strength.
        let resealed = match &opened {
            Ok(token) if stale => seal::seal(token, &password, &context, target, &mut SysRng).ok(),
            _ => None,
        };
        (opened, resealed)
    });
    deriving.await
}

/// Stores the new text in the old one's place and says which is there now. When that fails, the old one stays good, and
/// the next opening tries again.
async fn replace(app: &App, user: &UserId, old: &str, new: Option<SealedToken>) -> String {
    let Some(new) = new else { return old.to_owned() };
    let replaced = app.store.reseal_token(user, old, new.as_str(), app.clock.now()).await.unwrap_or_else(|error| {
        tracing::error!(%error, "a resealed token could not be stored");
        false
    });
    if replaced { new.as_str().to_owned() } else { old.to_owned() }
}

/// A sealed text this server would open: well-formed and within its bound on work.
pub(super) fn readable(text: &str) -> Option<SealedToken> {
    let sealed = SealedToken::parse(text).ok()?;
    (sealed.iterations().get() <= MAX_ITERATIONS).then_some(sealed)
}

/// A text sealed elsewhere: parsed, never opened.
pub(crate) fn client_sealed(app: &App, text: &str) -> Result<StoredToken, ApiError> {
    allow(app, app.settings.custody.sealed || app.settings.custody.direct)?;
    let readable = readable(text).filter(|sealed| sealed.version() == Version::V2);
    let sealed = readable.ok_or_else(|| ApiError::validation("Invalid token format"))?;
    Ok(StoredToken { sealed: sealed.as_str().to_owned(), custody: Custody::Client, updated: app.clock.now() })
}

/// 400 for a password that nothing can be sealed under, without deriving from it.
pub(super) fn check_length(password: &Password) -> Result<(), ApiError> {
    // Measured, not kept.
    match password.expose().len() {
        0 => Err(ApiError::validation(PasswordLengthError::Empty.to_string())),
        1..=Password::MAX_BYTES => Ok(()),
        _ => Err(ApiError::validation(PasswordLengthError::TooLong.to_string())),
    }
}

/// Seals a key under the configured format and work, off the async threads. [`admit`] and [`check_length`] come first.
pub(crate) async fn seal(app: &App, user: &UserId, key: FalKey, password: Password) -> Result<StoredToken, ApiError> {
    let context = user.as_str().to_owned();
    let iterations = app.settings.pbkdf2_iterations;
    let format = app.settings.seal_format;
    let sealing = app.derivations.run(Some(user.as_str()), move || {
        // The key leaves its type only to be sealed; both copies are wiped with this closure.
        let token = SecretText::new(key.expose().to_owned());
        match format {
            Version::V1 => seal::seal_v1(&token, &password, &mut SysRng),
            Version::V2 => seal::seal(&token, &password, &context, iterations, &mut SysRng),
        }
    });
    let sealed = sealing.await?.map_err(ApiError::internal)?;
    Ok(StoredToken { sealed: sealed.as_str().to_owned(), custody: Custody::Password, updated: app.clock.now() })
}
