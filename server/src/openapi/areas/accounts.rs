//! Accounts: the records of `generatio_users`, and logging in as PocketBase's SDK does.

use super::{EMAIL, PASSWORD};
use crate::http::error::Problem;
use crate::openapi::operation::{Access, Describe, Operations};
use crate::openapi::tables::{self, Names};
use crate::records::login::{LoggedIn, Login};
use crate::records::mail::Form as MailForm;
use crate::records::{Collection, account, register};
use serde_json::json;

const USERS: &str = "/api/collections/generatio_users";
const NO_MAIL: &str = "This server sends no mail: nobody learns from the answer who has an account.";

pub(super) fn describe(operations: &mut Operations) {
    operations.group(
        "Accounts",
        "The records of `generatio_users`. `auth-with-password` gives the token that `Authorization` carries.",
    );
    records(operations);
    logging_in(operations);
    mail(operations);
    not_offered(operations);
}

fn records(operations: &mut Operations) {
    let names = Names::of(Collection::Users);
    tables::keep(&mut operations.schemas, Collection::Users);
    let create = operations.post(format!("{USERS}/records"), "register", "Registers an account");
    tables::shown(create)
        .mentions::<Problem>()
        .access(Access::Public)
        .details(
            "Where the server's status says that `registration` is `invite`, it takes the code of an `invitation`, which is \
             used up with it. One that is not good is 400 with `data.invitation.code` `validation_invalid_invitation`.",
        )
        .takes::<register::form::Form>()
        .example(json!({ "email": "new@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD }))
        .answers_with(200, "The new record, as a guest sees it.", "application/json", names.record())
        .refused(400, "A field is not good; `data` says which and why.")
        .refused(403, "Registration is closed here.")
        .refused(429, "Too many attempts.");
    tables::list(operations, Collection::Users);
    tables::view(operations, Collection::Users);
    let update = operations.patch(format!("{USERS}/records/{{id}}"), "updateUser", "Changes your account");
    tables::shown(update)
        .details(
            "A new password or address takes `oldPassword`, voids every token and ends every session. The FAL key goes \
             along; one that your client sealed has to come in `sealed_token`.",
        )
        .takes_optional::<account::form::Form>()
        .example(json!({ "name": "Ann" }))
        .answers_with(200, "The record.", "application/json", names.record())
        .refused(400, "A field is not good; `data` says which and why.")
        .refused(404, "It is not your record.")
        .refused(429, "Too many attempts.");
    operations
        .delete(format!("{USERS}/records/{{id}}"), "deleteUser", "Ends your account, with all that is yours")
        .answers_empty(204, "It is gone.")
        .refused(404, "It is not your record.");
}

fn logging_in(operations: &mut Operations) {
    let login = operations.post(format!("{USERS}/auth-with-password"), "authWithPassword", "Gives a token");
    tables::shown(login)
        .access(Access::Public)
        .takes::<Login>()
        .example(json!({ "identity": EMAIL, "password": PASSWORD }))
        .answers::<LoggedIn<'_>>(200, "The token and your record.")
        .refused(400, "A field is missing, or address and password are not an account's.")
        .refused(429, "Too many attempts.");
    let refresh =
        operations.post(format!("{USERS}/auth-refresh"), "authRefresh", "Gives a newer token; the old one stays good");
    tables::shown(refresh)
        .answers::<LoggedIn<'_>>(200, "The token and your record.")
        .refused(401, "Nobody is logged in.");
    operations
        .get(format!("{USERS}/auth-methods"), "listAuthMethods", "Ways to log in: passwords, and nothing else")
        .access(Access::Public)
        .query("fields", "Which members the answer has, by name and comma.", json!({ "type": "string" }))
        .answers_with(200, "The ways.", "application/json", json!({ "type": "object" }));
}

fn mail(operations: &mut Operations) {
    for (path, id, summary) in [
        ("request-verification", "requestVerification", "Asks for a mail that confirms the address"),
        ("request-password-reset", "requestPasswordReset", "Asks for a mail that sets a new password"),
    ] {
        let request = operations.post(format!("{USERS}/{path}"), id, summary);
        public(request).details(NO_MAIL).takes_of::<MailForm>(&["email"]).answers_empty(204, "As if a mail were sent.");
    }
    operations
        .post(format!("{USERS}/request-email-change"), "requestEmailChange", "Asks for a mail to a new address")
        .details("Always refused: send `email` and `oldPassword` in an update instead.")
        .takes_of::<MailForm>(&["newEmail"])
        .refused(400, "There is no mail.")
        .refused(401, "Nobody is logged in.");
    for (path, id) in [
        ("confirm-verification", "confirmVerification"),
        ("confirm-password-reset", "confirmPasswordReset"),
        ("confirm-email-change", "confirmEmailChange"),
    ] {
        let confirm = operations.post(format!("{USERS}/{path}"), id, "Takes what a mail brought, which none does here");
        public(confirm).details(NO_MAIL).takes_of::<MailForm>(&["token"]).refused(400, "The token is not good.");
    }
}

fn not_offered(operations: &mut Operations) {
    for (path, id, summary) in [
        ("request-otp", "requestOtp", "One-time passwords are not offered"),
        ("auth-with-otp", "authWithOtp", "One-time passwords are not offered"),
        ("auth-with-oauth2", "authWithOauth2", "Other providers are not offered"),
    ] {
        public(operations.post(format!("{USERS}/{path}"), id, summary)).refused(403, "It is not offered.");
    }
    operations
        .post(format!("{USERS}/impersonate/{{id}}"), "impersonate", "Nobody becomes somebody else")
        .refused(401, "Nobody is logged in.")
        .refused(403, "Nobody may.");
}

fn public(operation: Describe<'_>) -> Describe<'_> {
    operation.access(Access::Public)
}
