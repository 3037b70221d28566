//! The one way to log in, for every endpoint that takes an e-mail and a password.

use super::derive::{Busy, Place};
use super::passwords::{self, Checked, PasswordError};
use super::throttle::{self, Counted, Refusal};
use crate::app::App;
use crate::audit;
use crate::store::{Deed, PasswordHash, StoreError, User};
use generatio_core::Password;
use generatio_core::validate::Email;
use getrandom::SysRng;
use std::net::IpAddr;
use std::time::Duration;

/// Why nobody was logged in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// A part of ours failed; the text is for the log.
    #[error("login failed: {0}")]
    Internal(String),
    /// No such account, or not its password.
    #[error("wrong e-mail or password")]
    Rejected,
    /// Too many attempts on this account, from this address, or at all.
    #[error("too many attempts")]
    Throttled {
        /// How long to wait.
        retry_after: Duration,
    },
}

/// The account with this e-mail, in whatever case, if the password is its own.
///
/// The attempt is counted before any work and taken back on success. A place to derive is taken even before, so that who
/// finds none has not used up an attempt. An unknown account costs the same work as a known one ([`passwords::check`]).
///
/// # Errors
/// [`LoginError`].
pub async fn verify(app: &App, client: IpAddr, identity: &str, password: Password) -> Result<User, LoginError> {
    let place = app.derivations.place()?;
    let email = Email::parse(identity).ok().map(|email| email.key());
    let counted = throttle::count_login(app, email.as_deref().unwrap_or_default(), client).await?;
    let user = match &email {
        Some(email) => app.store.user_by_email(email).await?,
        None => None,
    };
    let id = user.as_ref().map(|user| user.id.clone());
    match check_password(app, place, &counted, user, password).await {
        Ok(user) => {
            counted.succeeded(app).await;
            Ok(user)
        }
        Err(error) => {
            if matches!(error, LoginError::Rejected) {
                audit::by_nobody(app, Deed::LoginFailed, id.as_ref(), client).await;
            }
            Err(error)
        }
    }
}

async fn check_password(
    app: &App,
    place: Place,
    counted: &Counted,
    user: Option<User>,
    password: Password,
) -> Result<User, LoginError> {
    let (hash, original_cost) =
        (user.as_ref().map(|user| user.password_hash.clone()), app.store.original_cost().await?);
    // Known or not, attempts on one account run one after another.
    let checked = app.derivations.run_in(place, Some(counted.account()), move || {
        passwords::check(&password, hash.as_ref(), original_cost, &mut SysRng)
    });
    match (checked.await??, user) {
        (Checked::Right, Some(user)) => Ok(user),
        (Checked::RightAnew(hash), Some(user)) => Ok(rehash(app, user, hash).await),
        _ => Err(LoginError::Rejected),
    }
}

/// Stores the new hash of the same password. When that fails, the old one stays good, and the next login tries again.
async fn rehash(app: &App, user: User, hash: PasswordHash) -> User {
    match app.store.rehash_password(&user.id, &user.password_hash, hash.clone()).await {
        Ok(true) => User { password_hash: hash, ..user },
        // Another login was faster, or a new password.
        Ok(false) => app.store.user(&user.id).await.ok().flatten().unwrap_or(user),
        Err(error) => {
            tracing::error!(%error, "a password could not be hashed anew");
            user
        }
    }
}

impl From<Busy> for LoginError {
    fn from(busy: Busy) -> Self {
        LoginError::Throttled { retry_after: busy.retry_after }
    }
}

impl From<PasswordError> for LoginError {
    fn from(error: PasswordError) -> Self {
        LoginError::Internal(error.to_string())
    }
}

impl From<Refusal> for LoginError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Store(error) => error.into(),
            Refusal::Wait { retry_after } => LoginError::Throttled { retry_after },
        }
    }
}

impl From<StoreError> for LoginError {
    fn from(error: StoreError) -> Self {
        LoginError::Internal(error.to_string())
    }
}
