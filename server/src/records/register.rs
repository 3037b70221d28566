//! `POST /api/collections/{collection}/records` for `generatio_users`: making an account.
//!
//! The password may be an account secret (`g2.…`): the checks on what it was derived from ran in the client then, and
//! the account remembers that it was derived. A server that only serves direct mode takes nothing else: the password in
//! the clear could open the token.

pub(crate) mod form;

use super::{Collection, Wishes, body, problem, user, view};
use crate::app::App;
use crate::audit;
use crate::auth::derive::Place;
use crate::auth::{passwords, throttle};
use crate::http::{RecordsError, Request, Response};
use crate::settings::Registration;
use crate::store::{Deed, NewUser, PasswordHash, StoreError, User};
use form::{Account, FAILED, Form};
use generatio_core::Password;
use generatio_core::time::Clock;
use getrandom::SysRng;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

/// 200 with the new record, as a guest sees it: nobody is logged in by registering.
///
/// The stages answer alone, in PocketBase's order: who may register (403), a readable body (400), passwords given and
/// equal, all other field rules, then what must be unique (400 with `data`). Between the last two a place to derive is
/// taken and the attempt counted against the caller's address block (429 for either), and an invitation, where it takes
/// one, is looked at (400 with `data`). It is used up with the account.
///
/// # Errors
/// As above; 404 for other collections.
pub async fn create(app: &Arc<App>, mut request: Request) -> Result<Response, RecordsError> {
    if view::collection(request.param("collection"))? != Collection::Users {
        return Err(RecordsError::not_found());
    }
    let registration = app.settings.registration;
    if registration == Registration::Closed {
        return Err(RecordsError::forbidden("Registration is closed."));
    }
    let form: Form = body::read(app, &mut request).await?;
    let account = form.check(app.settings.custody.takes_tokens(), registration)?;
    let wishes = Wishes::of(&request, Collection::Users)?;
    let place = app.derivations.place().map_err(|busy| RecordsError::too_many_attempts(busy.retry_after))?;
    let counted = throttle::count_registration(app, request.client()).await?;
    look_at_invitation(app, &account, request.client()).await?;
    let is_invited = account.invitation.is_some();
    let user = store(app, place, account).await?;
    counted.succeeded(app).await;
    audit::by_user(app, Deed::Registered, &user.id, request.client()).await;
    if is_invited {
        audit::by_user(app, Deed::InvitationUsed, &user.id, request.client()).await;
    }
    // A guest sees nothing of what the new record points at.
    wishes.answer(&user::public(app, &user).await?)
}

/// Before the work of a derivation: a guess is to cost the server as little as it can.
async fn look_at_invitation(app: &App, account: &Account, client: IpAddr) -> Result<(), RecordsError> {
    let Some(code) = account.invitation else { return Ok(()) };
    if app.store.is_invited(code, &account.email.key(), app.clock.now()).await? {
        return Ok(());
    }
    audit::by_nobody(app, Deed::InvitationRefused, None, client).await;
    Err(refusal(StoreError::Uninvited))
}

async fn store(app: &App, place: Place, account: Account) -> Result<User, RecordsError> {
    let password_hash = hash(app, place, account.password).await?;
    let made = NewUser::generate(&account.email, password_hash, app.clock.now(), &mut SysRng);
    let made = made.map_err(RecordsError::internal)?;
    let user = NewUser {
        id: account.id.unwrap_or(made.id),
        email_visibility: account.email_visibility,
        name: account.name,
        password_derived: account.password_derived,
        invitation: account.invitation,
        ..made
    };
    app.store.create_user(user).await.map_err(refusal)
}

async fn hash(app: &App, place: Place, password: Password) -> Result<PasswordHash, RecordsError> {
    let hashed = app.derivations.run_in(place, None, move || passwords::hash(&password, &mut SysRng)).await;
    hashed.map_err(|busy| RecordsError::too_many_attempts(busy.retry_after))?.map_err(RecordsError::internal)
}

fn refusal(error: StoreError) -> RecordsError {
    let problem = match error {
        StoreError::EmailTaken => ("email", problem::not_unique()),
        StoreError::IdTaken => ("id", problem::not_unique()),
        StoreError::Uninvited => ("invitation", problem::not_invited()),
        other => return other.into(),
    };
    RecordsError::fields(FAILED, BTreeMap::from([problem]))
}

#[cfg(test)]
mod tests {
    use super::refusal;
    use crate::http::Error;
    use crate::store::StoreError;
    use http_body_util::BodyExt;

    async fn text(error: impl Into<Error>) -> String {
        let body = error.into().into_response().into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn what_is_taken_names_its_field() {
        for (error, field) in [(StoreError::EmailTaken, "email"), (StoreError::IdTaken, "id")] {
            let problem = r#"{"code":"validation_not_unique","message":"Value must be unique."}"#;
            let expected =
                format!(r#"{{"data":{{"{field}":{problem}}},"message":"Failed to create record.","status":400}}"#);
            assert_eq!(text(refusal(error)).await, expected);
        }
        assert!(text(refusal(StoreError::Retry)).await.ends_with(r#","status":500}"#));
    }
}
