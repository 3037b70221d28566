//! What the fields of an account must be, whoever makes or changes it.

use crate::http::error::Problem;
use crate::records::problem;
use generatio_core::seal::{PasswordProblem, check_password, is_account_secret};
use generatio_core::validate::{Email, Name, NameError};
use std::collections::BTreeMap;

/// What is wrong, by field.
pub(in crate::records) type Problems = BTreeMap<&'static str, Problem>;

/// The value, or its problem among the others.
pub(in crate::records) fn keep<T>(
    problems: &mut Problems,
    field: &'static str,
    result: Result<T, Problem>,
) -> Option<T> {
    result.map_err(|found| problems.insert(field, found)).ok()
}

/// An address, given and well-formed.
pub(in crate::records) fn parse_email(text: &str) -> Result<Email, Problem> {
    if text.is_empty() {
        return Err(problem::required());
    }
    Email::parse(text).map_err(|_| problem::not_an_email())
}

/// A name of at most [`Name::MAX_CHARS`] characters; it may be empty, and a blank one is.
pub(in crate::records) fn parse_name(text: String) -> Result<String, Problem> {
    match Name::parse(&text) {
        Ok(_) => Ok(text),
        Err(NameError::Missing) => Ok(String::new()),
        Err(_) => Err(problem::longer_than(Name::MAX_CHARS)),
    }
}

/// Whether the password is an account secret; the rules are for passwords in the clear, if those are taken.
pub(in crate::records) fn check_account_password(password: &str, in_clear: bool) -> Result<bool, Problem> {
    if is_account_secret(password) {
        return Ok(true);
    }
    if !in_clear {
        return Err(problem::no_account_secret());
    }
    match check_password(password) {
        Ok(()) => Ok(false),
        Err(PasswordProblem::TooShort) => Err(problem::short_password()),
        Err(PasswordProblem::TooLong) => Err(problem::long_password()),
        Err(_) => Err(problem::common_password()),
    }
}
