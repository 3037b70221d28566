//! The form of a registration and its rules, stage by stage. Nothing here looks anything up.

use crate::auth::invitation;
use crate::http::error::Problem;
use crate::http::{RecordsError, SecretField};
use crate::ids::{ID_LENGTH, UserId};
use crate::openapi::shapes;
use crate::records::account::rules::{Problems, check_account_password, keep, parse_email, parse_name};
use crate::records::{body, problem};
use crate::settings::Registration;
use crate::store::InvitationHash;
use generatio_core::Password;
use generatio_core::validate::{Email, Name};
use schemars::JsonSchema;
use serde::Deserialize;
use subtle::ConstantTimeEq;

/// What PocketBase says when a record was not made.
pub(super) const FAILED: &str = "Failed to create record.";
/// What a client sends; fields that are not here are the server's, and ignored.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(rename = "AccountCreate", extend("required" = ["email", "password", "passwordConfirm"]))]
pub(crate) struct Form {
    /// Of one's own choice, if anything.
    #[serde(deserialize_with = "body::text")]
    #[schemars(with = "shapes::IdOrNone")]
    id: String,
    #[serde(deserialize_with = "body::text")]
    #[schemars(email)]
    email: String,
    #[serde(deserialize_with = "body::flag")]
    email_visibility: bool,
    #[serde(deserialize_with = "body::flag")]
    #[schemars(extend("const" = false))]
    verified: bool,
    #[serde(deserialize_with = "body::text")]
    #[schemars(length(max = Name::MAX_CHARS))]
    name: String,
    /// Or the account secret (`g2.…`) that the client derives from it.
    #[schemars(length(min = 8))]
    password: SecretField,
    #[schemars(length(min = 8))]
    password_confirm: SecretField,
    /// The code of an invitation, where registration takes one.
    invitation: SecretField,
}

/// A form that follows all rules.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) id: Option<UserId>,
    pub(super) email: Email,
    pub(super) email_visibility: bool,
    pub(super) name: String,
    pub(super) password: Password,
    /// Whether the password is an account secret.
    pub(super) password_derived: bool,
    /// What the code of the invitation hashes to, where registration takes one.
    pub(super) invitation: Option<InvitationHash>,
}

impl Form {
    /// The account that is asked for, or the problems of the first stage that has any. Passwords in the clear are good only
    /// `in_clear`; an invitation is asked for where `registration` takes one, and not looked at elsewhere.
    pub(super) fn check(self, in_clear: bool, registration: Registration) -> Result<Account, RecordsError> {
        self.check_form()?;
        let mut problems = Problems::new();
        let id = keep(&mut problems, "id", parse_id(&self.id));
        let email = keep(&mut problems, "email", parse_email(&self.email));
        let name = keep(&mut problems, "name", parse_name(self.name));
        // Looked at by the rules for passwords.
        let derived = keep(&mut problems, "password", check_account_password(self.password.expose(), in_clear));
        let invitation = keep(&mut problems, "invitation", read_invitation(&self.invitation, registration));
        match (id, email, name, derived, invitation) {
            (Some(id), Some(email), Some(name), Some(password_derived), Some(invitation)) => {
                let (email_visibility, password) = (self.email_visibility, self.password.into_password());
                Ok(Account { id, email, email_visibility, name, password, password_derived, invitation })
            }
            _ => Err(RecordsError::fields(FAILED, problems)),
        }
    }

    fn check_form(&self) -> Result<(), RecordsError> {
        // The two are compared with each other, and only whether they are there or equal gets out.
        let (password, confirmed) = (self.password.expose().as_bytes(), self.password_confirm.expose().as_bytes());
        let mut problems = Problems::new();
        if password.is_empty() {
            problems.insert("password", problem::required());
        }
        if confirmed.is_empty() {
            problems.insert("passwordConfirm", problem::required());
        } else if !bool::from(password.ct_eq(confirmed)) {
            problems.insert("passwordConfirm", problem::mismatch());
        }
        if self.verified {
            problems.insert("verified", problem::mismatch());
        }
        if problems.is_empty() { Ok(()) } else { Err(RecordsError::fields(FAILED, problems)) }
    }
}

fn read_invitation(given: &SecretField, registration: Registration) -> Result<Option<InvitationHash>, Problem> {
    // Hashed, not kept.
    match (registration, given.expose().trim()) {
        (Registration::Invite, "") => Err(problem::required()),
        (Registration::Invite, code) => Ok(Some(invitation::hash(code))),
        (Registration::Open | Registration::Closed, _) => Ok(None),
    }
}

fn parse_id(text: &str) -> Result<Option<UserId>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    match text.chars().count() {
        ..ID_LENGTH => Err(problem::shorter_than(ID_LENGTH)),
        ID_LENGTH => UserId::parse(text).map(Some).ok_or_else(problem::invalid_format),
        _ => Err(problem::longer_than(ID_LENGTH)),
    }
}

#[cfg(test)]
mod tests;
