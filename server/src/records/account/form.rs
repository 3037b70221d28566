//! The form of a change, and what it asks for. Nothing here looks anything up.

use super::rules::{Problems, check_account_password, keep, parse_email, parse_name};
use crate::http::{RecordsError, SecretField};
use crate::records::{body, problem};
use crate::store::User;
use generatio_core::Password;
use generatio_core::validate::{Email, Name};
use schemars::JsonSchema;
use serde::Deserialize;
use subtle::ConstantTimeEq;

/// What PocketBase says when a record was not changed.
pub(super) const FAILED: &str = "Failed to update record.";

/// What a client sends; fields that are not here are the server's, and ignored.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(rename = "AccountUpdate")]
pub(crate) struct Form {
    #[serde(deserialize_with = "body::some_text")]
    email: Option<String>,
    #[serde(deserialize_with = "body::some_flag")]
    email_visibility: Option<bool>,
    #[serde(deserialize_with = "body::some_flag")]
    verified: Option<bool>,
    #[serde(deserialize_with = "body::some_text")]
    #[schemars(length(max = Name::MAX_CHARS))]
    name: Option<String>,
    old_password: SecretField,
    password: SecretField,
    password_confirm: SecretField,
    #[serde(rename = "sealed_token", deserialize_with = "body::some_text")]
    sealed_token: Option<String>,
}

/// A form that follows all rules.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) email_visibility: Option<bool>,
    pub(super) name: Option<String>,
    pub(super) credentials: Option<Credentials>,
}

/// What is asked for with the old password.
#[derive(Debug)]
pub(super) struct Credentials {
    pub(super) old_password: Password,
    pub(super) email: Option<Email>,
    /// The new one, and whether it is an account secret.
    pub(super) password: Option<(Password, bool)>,
    /// The FAL token as the client sealed it anew.
    pub(super) sealed_token: Option<String>,
}

impl Form {
    /// What is asked for, or the problems of the first stage that has any. New passwords in the clear are good only
    /// `in_clear`.
    pub(super) fn check(self, user: &User, in_clear: bool) -> Result<Asked, RecordsError> {
        let moves = self.email.as_ref().is_some_and(|email| *email != user.email);
        let mut problems = self.check_form(user, moves);
        if !problems.is_empty() {
            return Err(RecordsError::fields(FAILED, problems));
        }
        let email = self.email.filter(|_| moves);
        let email = email.and_then(|email| keep(&mut problems, "email", parse_email(&email)));
        let name = self.name.and_then(|name| keep(&mut problems, "name", parse_name(name)));
        // Looked at by the rules for passwords.
        let given = (!self.password.is_empty()).then(|| check_account_password(self.password.expose(), in_clear));
        let derived = given.and_then(|checked| keep(&mut problems, "password", checked));
        if !problems.is_empty() {
            return Err(RecordsError::fields(FAILED, problems));
        }
        let credentials = (!self.old_password.is_empty()).then(|| Credentials {
            old_password: self.old_password.into_password(),
            email,
            password: derived.map(|derived| (self.password.into_password(), derived)),
            sealed_token: self.sealed_token.filter(|text| !text.is_empty()),
        });
        Ok(Asked { email_visibility: self.email_visibility, name, credentials })
    }

    fn check_form(&self, user: &User, moves: bool) -> Problems {
        // The two are compared with each other, and only whether they are there or equal gets out.
        let (password, confirmed) = (self.password.expose().as_bytes(), self.password_confirm.expose().as_bytes());
        let mut problems = Problems::new();
        let mut require = |field, is_missing: bool| {
            if is_missing {
                problems.insert(field, problem::required());
            }
        };
        let proves = !self.old_password.is_empty();
        let renews = !password.is_empty() || !confirmed.is_empty();
        // An account secret is made of the address, so that a new address takes a new one.
        let must_renew = renews || proves && (!moves && self.sealed_token.is_none() || moves && user.password_derived);
        require("oldPassword", !proves && (renews || self.sealed_token.is_some()));
        require("password", must_renew && password.is_empty());
        require("passwordConfirm", must_renew && confirmed.is_empty());
        if must_renew && !confirmed.is_empty() && !bool::from(password.ct_eq(confirmed)) {
            problems.insert("passwordConfirm", problem::mismatch());
        }
        if self.verified.is_some_and(|verified| verified != user.verified) {
            problems.insert("verified", problem::mismatch());
        }
        if moves && !proves {
            problems.insert("email", problem::mismatch());
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::{Asked, Form};
    use crate::http::Error;
    use crate::ids::UserId;
    use crate::store::{PasswordHash, TokenKey, User};
    use generatio_core::Timestamp;
    use http_body_util::BodyExt;
    use serde_json::{Value, json};

    fn user(password_derived: bool) -> User {
        User {
            id: UserId::parse("h9abrttn6oajblr").unwrap(),
            email: "Ann@example.com".into(),
            email_visibility: false,
            verified: false,
            name: "Ann".into(),
            password_hash: PasswordHash("$argon2id$hidden".into()),
            password_derived,
            token_key: TokenKey("hidden".into()),
            created: Timestamp::from_unix_ms(0),
            updated: Timestamp::from_unix_ms(0),
        }
    }

    fn asked(form: &Value, derived: bool) -> Asked {
        serde_json::from_str::<Form>(&form.to_string()).unwrap().check(&user(derived), true).unwrap()
    }

    /// The codes of a refused form, by field.
    async fn codes(form: &Value, derived: bool) -> Vec<String> {
        let error = serde_json::from_str::<Form>(&form.to_string()).unwrap().check(&user(derived), true).unwrap_err();
        let body = Error::from(error).into_response().into_body().collect().await.unwrap().to_bytes();
        let answer: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((&answer["status"], &answer["message"]), (&json!(400), &json!("Failed to update record.")));
        let data = answer["data"].as_object().unwrap();
        data.iter().map(|(field, problem)| format!("{field} {}", problem["code"].as_str().unwrap())).collect()
    }

    #[test]
    fn what_is_absent_stays() {
        let nothing = asked(&json!({}), false);
        assert_eq!((nothing.email_visibility, nothing.name, nothing.credentials.is_none()), (None, None, true));
        let some = asked(&json!({ "name": null, "emailVisibility": "true", "email": "Ann@example.com" }), false);
        assert_eq!(
            (some.email_visibility, some.name, some.credentials.is_none()),
            (Some(true), Some(String::new()), true)
        );
    }

    #[test]
    fn credentials_take_the_old_password() {
        let new = json!({ "oldPassword": "x", "password": "violet-otter-42", "passwordConfirm": "violet-otter-42" });
        let credentials = asked(&new, false).credentials.unwrap();
        assert_eq!(
            (credentials.password.map(|(_, derived)| derived), credentials.email.is_none()),
            (Some(false), true)
        );
        let moved = asked(&json!({ "oldPassword": "x", "email": "bob@example.com" }), false).credentials.unwrap();
        assert_eq!((moved.password.is_none(), moved.email.unwrap().as_str()), (true, "bob@example.com"));
    }

    #[tokio::test]
    async fn what_is_wrong_is_told_by_field() {
        let good = "violet-otter-42";
        for (form, derived, expected) in [
            (
                json!({ "oldPassword": "x" }),
                false,
                &["password validation_required", "passwordConfirm validation_required"][..],
            ),
            (json!({ "password": good, "passwordConfirm": good }), false, &["oldPassword validation_required"]),
            (
                json!({ "oldPassword": "x", "password": good, "passwordConfirm": "other" }),
                false,
                &["passwordConfirm validation_values_mismatch"],
            ),
            (
                json!({ "oldPassword": "x", "password": "short", "passwordConfirm": "short" }),
                false,
                &["password validation_min_text_constraint"],
            ),
            (
                json!({ "oldPassword": "x", "password": "PassWord123", "passwordConfirm": "PassWord123" }),
                false,
                &["password validation_common_password"],
            ),
            (json!({ "email": "bob@example.com" }), false, &["email validation_values_mismatch"]),
            (json!({ "oldPassword": "x", "email": "bob" }), false, &["email validation_is_email"]),
            (
                json!({ "oldPassword": "x", "email": "bob@example.com" }),
                true,
                &["password validation_required", "passwordConfirm validation_required"],
            ),
            (json!({ "verified": true }), false, &["verified validation_values_mismatch"]),
            (json!({ "name": "n".repeat(201) }), false, &["name validation_max_text_constraint"]),
            (json!({ "sealed_token": "v2.x" }), false, &["oldPassword validation_required"]),
        ] {
            assert_eq!(codes(&form, derived).await, expected, "{form}");
        }
    }
}
