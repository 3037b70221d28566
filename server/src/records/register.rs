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
use std::sync::Arc;

/// 200 with the new record, as a guest sees it: nobody is logged in by registering.
///
/// The stages answer alone, in PocketBase's order: who may register (403), a readable body (400), passwords given and
/// equal, all other field rules, then what must be unique (400 with `data`). Between the last two a place to derive is
/// taken and the attempt counted against the caller's address block (429 for either).
///
/// # Errors
/// As above; 404 for other collections.
pub async fn create(app: &Arc<App>, mut request: Request) -> Result<Response, RecordsError> {
    if view::collection(request.param("collection"))? != Collection::Users {
        return Err(RecordsError::not_found());
    }
    may_register(app.settings.registration)?;
    let form: Form = body::read_secret(app, &mut request).await?;
    let account = form.check(app.settings.custody.takes_tokens())?;
    let wishes = Wishes::of(&request, Collection::Users)?;
    let place = app.derivations.place().map_err(|busy| RecordsError::too_many_attempts(busy.retry_after))?;
    let counted = throttle::count_registration(app, request.client()).await?;
    let user = store(app, place, account).await?;
    counted.succeeded(app).await;
    audit::by_user(app, Deed::Registered, &user.id, request.client()).await;
    // A guest sees nothing of what the new record points at.
    wishes.answer(&user::public(app, &user).await?)
}

fn may_register(registration: Registration) -> Result<(), RecordsError> {
    match registration {
        Registration::Open => Ok(()),
        Registration::Closed => Err(RecordsError::forbidden("Registration is closed.")),
        Registration::Invite => Err(RecordsError::forbidden(
            "Registration is by invitation only, and this server cannot take invitations yet.",
        )),
    }
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
        ..made
    };
    app.store.create_user(user).await.map_err(taken)
}

async fn hash(app: &App, place: Place, password: Password) -> Result<PasswordHash, RecordsError> {
    let hashed = app.derivations.run_in(place, None, move || passwords::hash(&password, &mut SysRng)).await;
    hashed.map_err(|busy| RecordsError::too_many_attempts(busy.retry_after))?.map_err(RecordsError::internal)
}

fn taken(error: StoreError) -> RecordsError {
    let field = match error {
        StoreError::EmailTaken => "email",
        StoreError::IdTaken => "id",
        other => return other.into(),
    };
    RecordsError::fields(FAILED, BTreeMap::from([(field, problem::not_unique())]))
}

#[cfg(test)]
mod tests {
    use super::{may_register, taken};
    use crate::http::Error;
    use crate::settings::Registration;
    use crate::store::StoreError;
    use http_body_util::BodyExt;

    async fn text(error: impl Into<Error>) -> String {
        let body = error.into().into_response().into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn registration_is_open_or_honestly_not() {
        assert!(may_register(Registration::Open).is_ok());
        let closed = r#"{"data":{},"message":"Registration is closed.","status":403}"#;
        assert_eq!(text(may_register(Registration::Closed).unwrap_err()).await, closed);
        assert!(text(may_register(Registration::Invite).unwrap_err()).await.ends_with(r#","status":403}"#));
    }

    #[tokio::test]
    async fn what_is_taken_names_its_field() {
        for (error, field) in [(StoreError::EmailTaken, "email"), (StoreError::IdTaken, "id")] {
            let problem = r#"{"code":"validation_not_unique","message":"Value must be unique."}"#;
            let expected =
                format!(r#"{{"data":{{"{field}":{problem}}},"message":"Failed to create record.","status":400}}"#);
            assert_eq!(text(taken(error)).await, expected);
        }
        assert!(text(taken(StoreError::Retry)).await.ends_with(r#","status":500}"#));
    }
}
