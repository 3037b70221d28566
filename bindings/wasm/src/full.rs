//! All that `generatio` has beyond `generatio/slim`. Structures cross as JSON, amounts in it as decimal text.

pub mod catalog;
pub mod fal;
mod json;
pub mod money;
pub mod password;
mod replaced;

use crate::host::make_error_with;
use generatio_core::ErrorCode;
use std::fmt::Display;
use wasm_bindgen::JsValue;

/// An error with core's own words.
fn refused(code: ErrorCode, message: &impl Display) -> JsValue {
    make_error_with(code.as_str(), &message.to_string(), "{}")
}
