//! From a request's headers to a user, and to their session's FAL token.

use crate::app::App;
use crate::http::request::SESSION_HEADER;
use crate::http::{ApiError, Request};
use crate::ids::UserId;
use crate::store::{StoreError, StoredToken, User};
use generatio_core::SecretText;
use generatio_core::Timestamp;
use generatio_core::session::SessionId;
use generatio_core::time::Clock;
use http::header::AUTHORIZATION;

/// Who asks, and what they may do.
#[derive(Debug)]
pub struct Principal {
    /// The account.
    pub user: User,
    /// What may be done in its name.
    pub scopes: Scopes,
    /// What it was proven by.
    pub grant: Grant,
}

/// What a grant allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scopes {
    /// Everything the user may do.
    All,
}

/// How a principal proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Grant {
    /// A login's token.
    Login,
}

/// Who asks.
///
/// # Errors
/// 401 `Authentication required` without a live token of one of our users; 500 when the store fails.
pub async fn principal(app: &App, request: &Request) -> Result<Principal, ApiError> {
    visitor(app, request).await?.ok_or_else(unknown)
}

/// Who asks, and the sealed token that is stored for them.
///
/// # Errors
/// As [`principal`].
pub async fn principal_and_token(app: &App, request: &Request) -> Result<(Principal, Option<StoredToken>), ApiError> {
    let Some(login) = Login::of(app, request) else { return Err(unknown()) };
    let (user, token) = app.store.user_and_token(&login.claimed).await?.ok_or_else(unknown)?;
    Ok((login.proves(app, user).ok_or_else(unknown)?, token))
}

/// Who asks, if anybody known: a missing, broken, expired or foreign token makes a guest.
///
/// # Errors
/// When the store fails.
pub async fn visitor(app: &App, request: &Request) -> Result<Option<Principal>, StoreError> {
    let Some(login) = Login::of(app, request) else { return Ok(None) };
    let user = app.store.user(&login.claimed).await?;
    Ok(user.and_then(|user| login.proves(app, user)))
}

fn unknown() -> ApiError {
    ApiError::authentication("Authentication required")
}

/// A login's token, whose claims are read and not yet believed.
struct Login<'a> {
    token: &'a str,
    claimed: UserId,
    now: Timestamp,
}

impl<'a> Login<'a> {
    fn of(app: &App, request: &'a Request) -> Option<Self> {
        let now = app.clock.now();
        let token = request.header(AUTHORIZATION.as_str()).map(bare_token)?;
        Some(Self { token, claimed: app.jwt.claimed_user(token, now)?, now })
    }

    /// `user`, if the user that the claims name signed them.
    fn proves(&self, app: &App, user: User) -> Option<Principal> {
        let is_theirs = app.jwt.is_signed_for(&user, self.token, self.now);
        is_theirs.then_some(Principal { user, scopes: Scopes::All, grant: Grant::Login })
    }
}

/// The session id of the request, if it carries one.
#[must_use]
pub fn session_id(request: &Request) -> Option<SessionId> {
    SessionId::parse(request.header(SESSION_HEADER)?).ok()
}

/// Whether the request names a session at all, well or badly.
#[must_use]
pub fn names_session(request: &Request) -> bool {
    request.header(SESSION_HEADER).is_some_and(|id| !id.is_empty())
}

/// The FAL token that the request's session id opens.
///
/// # Errors
/// 401 `Valid session required` when there is no id, or none that opens a live session of `user`; 500 when the session
/// is damaged.
pub async fn session_token(app: &App, request: &Request, user: &UserId) -> Result<SecretText, ApiError> {
    let opened = match session_id(request) {
        Some(id) => app.sessions.open(&id, user, app.clock.now()).await?,
        None => None,
    };
    opened.ok_or_else(|| ApiError::authentication("Valid session required"))
}

/// The token of an `Authorization` value: alone, as PocketBase's SDK sends it, or after `Bearer` in any case.
fn bare_token(value: &str) -> &str {
    match value.split_at_checked("Bearer ".len()) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("Bearer ") => token.trim_ascii(),
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::{bare_token, names_session, session_id};
    use crate::http::request::tests::request;

    #[test]
    fn tokens_come_bare_or_with_bearer() {
        for value in ["a.b.c", "Bearer a.b.c", "bearer a.b.c", "BEARER  a.b.c"] {
            assert_eq!(bare_token(value), "a.b.c");
        }
        assert_eq!(bare_token("Basic YTpi"), "Basic YTpi");
        assert_eq!(bare_token("Bearer"), "Bearer");
        assert_eq!(bare_token(""), "");
    }

    #[test]
    fn session_ids_are_uuids() {
        let id = "7f8f4d6c-9e0b-4a3c-8b1d-2f6a5c4e3d21";
        assert_eq!(session_id(&request("/", &[("X-Session-ID", id)], "")).unwrap().to_text().expose(), id);
        for (headers, named) in
            [(vec![("X-Session-ID", "mine")], true), (vec![("X-Session-ID", "")], false), (vec![], false)]
        {
            let request = request("/", &headers, "");
            assert!(session_id(&request).is_none());
            assert_eq!(names_session(&request), named);
        }
    }
}
