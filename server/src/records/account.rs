//! One's own account: what is changed in it, and its end.

pub(crate) mod form;
pub(super) mod rules;

use crate::api::custody::{self, Opened};
use crate::app::App;
use crate::audit;
use crate::auth::derive::Place;
use crate::auth::login::{self, LoginError};
use crate::auth::{self, passwords};
use crate::http::error::ApiError;
use crate::http::{RecordsError, Request, Response, respond};
use crate::ids::UserId;
use crate::records::{Collection, Wishes, body, problem, view};
use crate::store::{
    Action, Change, Custody, Deed, NewCredentials, NewEmail, NewPassword, Reseal, StoreError, StoredToken, TokenKey,
    User, UserChange,
};
use form::{Asked, FAILED, Form};
use generatio_core::time::Clock;
use generatio_core::{FalKey, Password};
use getrandom::SysRng;
use http::StatusCode;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

/// `PATCH /api/collections/generatio_users/records/{id}`: the owner changes name, visibility, password or address.
///
/// A new password or address takes the old password, voids every token and ends every session. The FAL token goes along
/// in the same transaction: resealed here when the old password opens it, by the client (`sealed_token`) when that
/// sealed it.
///
/// # Errors
/// 404 for anybody else; 400 with `data`; 429 when the old password is guessed at.
pub async fn update(app: &Arc<App>, mut request: Request) -> Result<Response, RecordsError> {
    users_only(&request)?;
    let form: Form = body::read(app, &mut request).await?;
    let user = owner(app, &request).await?;
    let asked = form.check(&user, app.settings.custody.takes_tokens())?;
    let wishes = Wishes::of(&request, Collection::Users)?;
    let change = prepare(app, request.client(), &user, asked).await?;
    let deeds = deeds(&change);
    let User { id, .. } = store(app, &user.id, change).await?;
    for deed in deeds {
        audit::by_user(app, deed, &id, request.client()).await;
    }
    let record = app.store.record(&id, Collection::Users, id.as_str()).await?;
    let view = wishes.view(app, &id, record.ok_or_else(RecordsError::not_found)?).await?;
    wishes.answer(&view)
}

/// `DELETE /api/collections/generatio_users/records/{id}`: 204, and the account is gone with everything that is its
/// owner's.
///
/// # Errors
/// 404 for anybody else.
pub async fn delete(app: &Arc<App>, request: Request) -> Result<Response, RecordsError> {
    users_only(&request)?;
    let user = owner(app, &request).await?;
    let (store, sessions, id) = (Arc::clone(&app.store), Arc::clone(&app.sessions), user.id.clone());
    // Goes on to its end when nobody waits for it any more.
    let removing = tokio::spawn(async move {
        store.delete_user(&user.id).await?;
        sessions.end_all(&user.id).await.map_err(RecordsError::internal)
    });
    removing.await.map_err(RecordsError::internal)??;
    audit::by_user(app, Deed::Deleted, &id, request.client()).await;
    Ok(respond::empty(StatusCode::NO_CONTENT))
}

/// What the audit log says of a change.
fn deeds(change: &UserChange) -> Vec<Deed> {
    let Some(credentials) = &change.credentials else { return Vec::new() };
    let address = credentials.email.as_ref().map(|_| Deed::AddressChanged);
    address.into_iter().chain(credentials.password.as_ref().map(|_| Deed::PasswordChanged)).collect()
}

/// Other collections are written to another way.
fn users_only(request: &Request) -> Result<(), RecordsError> {
    match view::collection(request.param("collection"))? {
        Collection::Users => Ok(()),
        _ => Err(RecordsError::not_found()),
    }
}

/// Who asks, if the record is theirs.
async fn owner(app: &App, request: &Request) -> Result<User, RecordsError> {
    let visitor = auth::visitor(app, request).await?.map(|visitor| visitor.user);
    visitor.filter(|user| user.id.as_str() == request.param("id")).ok_or_else(RecordsError::not_found)
}

async fn prepare(app: &App, client: IpAddr, user: &User, asked: Asked) -> Result<UserChange, RecordsError> {
    let Asked { email_visibility, name, credentials } = asked;
    let credentials = match credentials {
        None => None,
        Some(asked) => Some(new_credentials(app, client, user, asked).await?),
    };
    Ok(UserChange { email_visibility, name, credentials, now: app.clock.now() })
}

async fn new_credentials(
    app: &App,
    client: IpAddr,
    user: &User,
    asked: form::Credentials,
) -> Result<NewCredentials, RecordsError> {
    let form::Credentials { old_password, email, password, sealed_token } = asked;
    // Several uses, several wiped copies: the check, the token's key, the new seal.
    let again = |password: &Password| Password::new(password.expose().to_owned());
    let checked = login::verify(app, client, &user.email, again(&old_password)).await.map_err(wrong_password)?;
    let stored = app.store.sealed_token(&user.id).await?;
    let reseal = match (&password, sealed_token, stored) {
        (_, Some(sealed), stored) => Some(client_resealed(app, stored, &sealed)?),
        (Some(_), None, Some(StoredToken { custody: Custody::Client, .. })) => return Err(must_be_resealed()),
        (Some((new, _)), None, Some(stored)) => reseal(app, &user.id, stored, old_password, again(new)).await?,
        _ => None,
    };
    let password = match password {
        None => None,
        Some((password, derived)) => Some(NewPassword { hash: hash(app, password).await?, derived }),
    };
    let email = email.map(|email| NewEmail { email: email.as_str().to_owned(), email_key: email.key() });
    let token_key = TokenKey::generate(&mut SysRng).map_err(RecordsError::internal)?;
    Ok(NewCredentials { checked: checked.password_hash, email, password, token_key, reseal })
}

fn wrong_password(error: LoginError) -> RecordsError {
    match error {
        LoginError::Rejected => refused("oldPassword", problem::wrong_old_password()),
        error => error.into(),
    }
}

/// The client sealed the token under a password that this server never sees, hence only the client can do it again.
fn must_be_resealed() -> RecordsError {
    refused("sealed_token", problem::not_resealed())
}

fn client_resealed(app: &App, stored: Option<StoredToken>, sealed: &str) -> Result<Reseal, RecordsError> {
    let new = custody::client_sealed(app, sealed).map_err(|_| refused("sealed_token", problem::invalid_format()))?;
    Ok(Reseal { old: stored.map(|token| token.sealed), new })
}

/// The token under the new password, if the old one opens it. One that was sealed under a password of its own, or that
/// nothing opens, stays as it is. A server that opens none leaves it to the client.
async fn reseal(
    app: &App,
    user: &UserId,
    stored: StoredToken,
    old: Password,
    new: Password,
) -> Result<Option<Reseal>, RecordsError> {
    if !app.settings.custody.password {
        return Err(refused("sealed_token", problem::cannot_reseal()));
    }
    let opened = custody::open(app, user, &stored, old).await.map_err(busy)?;
    let Opened::Token { token, sealed } = opened else { return Ok(None) };
    let Ok(key) = FalKey::parse(token) else { return Ok(None) };
    let new = custody::seal(app, user, key, new).await.map_err(busy)?;
    Ok(Some(Reseal { old: Some(sealed), new }))
}

fn busy(error: ApiError) -> RecordsError {
    match error.retry_after() {
        Some(wait) => RecordsError::too_many_attempts(wait),
        None => RecordsError::internal(error.into_cause().unwrap_or_default()),
    }
}

async fn hash(app: &App, password: Password) -> Result<crate::store::PasswordHash, RecordsError> {
    let place: Place = app.derivations.place().map_err(|busy| RecordsError::too_many_attempts(busy.retry_after))?;
    let hashed = app.derivations.run_in(place, None, move || passwords::hash(&password, &mut SysRng)).await;
    hashed.map_err(|busy| RecordsError::too_many_attempts(busy.retry_after))?.map_err(RecordsError::internal)
}

/// Stores the change and, with new credentials, ends every session. Goes on to its end when nobody waits for it any more.
async fn store(app: &App, id: &UserId, change: UserChange) -> Result<User, RecordsError> {
    let (store, sessions, changes) = (Arc::clone(&app.store), Arc::clone(&app.sessions), app.changes.clone());
    let id = id.clone();
    let ends_sessions = change.credentials.is_some();
    let storing = tokio::spawn(async move {
        let user = store.update_user(&id, change).await.map_err(not_stored)?;
        changes.publish(&id, vec![Change::of(Collection::Users, id.as_str(), Action::Update)]);
        if ends_sessions {
            sessions.end_all(&id).await.map_err(RecordsError::internal)?;
        }
        Ok(user)
    });
    storing.await.map_err(RecordsError::internal)?
}

fn not_stored(error: StoreError) -> RecordsError {
    match error {
        StoreError::EmailTaken => refused("email", problem::not_unique()),
        StoreError::Retry => RecordsError::new(StatusCode::CONFLICT, "The account was changed meanwhile, try again."),
        StoreError::Missing => RecordsError::not_found(),
        other => other.into(),
    }
}

fn refused(field: &'static str, problem: crate::http::error::Problem) -> RecordsError {
    RecordsError::fields(FAILED, BTreeMap::from([(field, problem)]))
}
