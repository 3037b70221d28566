//! What can be wrong with a field: PocketBase's codes and sentences, in one place.

use crate::http::error::Problem;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// `validation_required`.
pub(super) fn required() -> Problem {
    plain("validation_required", "Cannot be blank.")
}

/// `validation_is_email`.
pub(super) fn not_an_email() -> Problem {
    plain("validation_is_email", "Must be a valid email address.")
}

/// `validation_not_unique`.
pub(super) fn not_unique() -> Problem {
    plain("validation_not_unique", "Value must be unique.")
}

/// `validation_values_mismatch`.
pub(super) fn mismatch() -> Problem {
    plain("validation_values_mismatch", "Values don't match.")
}

/// `validation_in_invalid`.
pub(super) fn not_in_list() -> Problem {
    plain("validation_in_invalid", "Must be a valid value.")
}

/// `validation_invalid_format`.
pub(super) fn invalid_format() -> Problem {
    plain("validation_invalid_format", "Invalid value format.")
}

/// `validation_invalid_token`.
pub(super) fn invalid_token() -> Problem {
    plain("validation_invalid_token", "Invalid or expired token.")
}

/// `validation_invalid_old_password`.
pub(super) fn wrong_old_password() -> Problem {
    plain("validation_invalid_old_password", "Missing or invalid old password.")
}

/// `validation_invalid_invitation`, ours: PocketBase invites nobody. One for all reasons: who has no code learns of none.
pub(super) fn not_invited() -> Problem {
    plain("validation_invalid_invitation", "The invitation is unknown, used, expired or for another address.")
}

/// `validation_not_resealed`, ours: PocketBase seals nothing.
pub(super) fn not_resealed() -> Problem {
    plain("validation_not_resealed", "Your client sealed the FAL token and must send it sealed anew.")
}

/// The same where the server would have to open a token, and may not.
pub(super) fn cannot_reseal() -> Problem {
    plain(
        "validation_not_resealed",
        "This server opens no FAL tokens: your client must send it sealed anew, or remove it first.",
    )
}

/// `validation_account_secret_required`, ours: the server is not to see what a token may be sealed under.
pub(super) fn no_account_secret() -> Problem {
    plain(
        "validation_account_secret_required",
        "This server takes no passwords: your client must send the account secret (g2.…) that it derives from yours.",
    )
}

/// `validation_min_text_constraint` of a password, which has no parameters.
pub(super) fn short_password() -> Problem {
    plain("validation_min_text_constraint", "Must be at least 8 character(s).")
}

/// `validation_max_text_constraint` of a password, which has no parameters.
pub(super) fn long_password() -> Problem {
    plain("validation_max_text_constraint", "Must be less than 71 character(s).")
}

/// `validation_common_password`, ours: PocketBase has no list of common passwords.
pub(super) fn common_password() -> Problem {
    plain("validation_common_password", "Must not be a commonly used password.")
}

/// `validation_min_text_constraint` with `{"min"}`.
pub(super) fn shorter_than(min: usize) -> Problem {
    let message = format!("Must be at least {min} character(s).");
    with_params("validation_min_text_constraint", message, [("min", min)])
}

/// `validation_max_text_constraint` with `{"max"}`.
pub(super) fn longer_than(max: usize) -> Problem {
    let message = format!("Must be no more than {max} character(s).");
    with_params("validation_max_text_constraint", message, [("max", max)])
}

/// `validation_is_url`.
pub(super) fn not_an_address() -> Problem {
    plain("validation_is_url", "Must be a valid URL.")
}

/// `validation_not_a_number`.
pub(super) fn not_a_number() -> Problem {
    plain("validation_not_a_number", "The submitted number is not properly formatted.")
}

/// `validation_only_int_constraint`.
pub(super) fn not_whole() -> Problem {
    plain("validation_only_int_constraint", "Decimal numbers are not allowed.")
}

/// `validation_number_out_of_range` with `{"min","max"}`, ours: PocketBase's numbers may be any.
pub(super) fn number_outside(max: u32) -> Problem {
    let message = format!("Must be between 0 and {max}.");
    with_params("validation_number_out_of_range", message, [("min", 0), ("max", max)])
}

/// `validation_json_size_limit` with `{"maxSize"}`.
pub(super) fn large_json(max: usize) -> Problem {
    let message = format!("The maximum allowed JSON size is {max} bytes.");
    with_params("validation_json_size_limit", message, [("maxSize", max)])
}

/// `validation_invalid_json`, where it must be an object.
pub(super) fn not_an_object() -> Problem {
    plain("validation_invalid_json", "Must be a JSON object.")
}

/// `validation_pk_change`.
pub(super) fn id_changed() -> Problem {
    plain("validation_pk_change", "The record primary key cannot be changed.")
}

/// `validation_parent_circle`, ours: a PocketBase folder may lie in itself.
pub(super) fn circle() -> Problem {
    plain("validation_parent_circle", "A folder cannot lie in itself.")
}

/// `batch_request_failed`.
pub(super) fn batch_request_failed() -> Problem {
    plain("batch_request_failed", "Batch request failed.")
}

/// `validation_length_too_long` with `{"min","max"}`.
pub(super) fn more_than(max: usize) -> Problem {
    let message = format!("The length must be no more than {max}.");
    with_params("validation_length_too_long", message, [("min", 0), ("max", max)])
}

/// `validation_length_out_of_range` with `{"min","max"}`.
pub(super) fn length_outside(min: usize, max: usize) -> Problem {
    let message = format!("The length must be between {min} and {max}.");
    with_params("validation_length_out_of_range", message, [("min", min), ("max", max)])
}

fn plain(code: &'static str, message: &'static str) -> Problem {
    Problem { code, message: Cow::Borrowed(message), params: Map::new() }
}

fn with_params<T: Into<Value>, const N: usize>(code: &'static str, message: String, params: [(&str, T); N]) -> Problem {
    let params = params.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    Problem { code, message: Cow::Owned(message), params }
}
