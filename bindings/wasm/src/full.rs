//! All that `generatio` has beyond `generatio/slim`. Structures cross as JSON, amounts in it as decimal text.

pub mod catalog;
pub mod fal;
pub mod money;
pub mod password;

use crate::error::misused;
use crate::host::make_error_with;
use generatio_core::ErrorCode;
use serde::Serialize;
use serde_json::Value;
use std::fmt::Display;
use wasm_bindgen::JsValue;

/// What goes into an error beside code and words.
#[derive(Default, Serialize)]
struct More<D: Serialize> {
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<D>,
}

/// An error with core's own words.
fn refused(code: ErrorCode, message: &impl Display) -> JsValue {
    refused_with(code.as_str(), message, &More::<()>::default())
}

fn refused_with<D: Serialize>(code: &str, message: &impl Display, more: &More<D>) -> JsValue {
    let more = serde_json::to_string(more).unwrap_or_default();
    make_error_with(code, &message.to_string(), &more)
}

/// Reads what the JavaScript beside this wrote. As a value: a reader for each structure is much more code.
fn read(json: &[u8]) -> Result<Value, JsValue> {
    let text = std::str::from_utf8(json).map_err(|_| misused())?;
    serde_json::from_str(text).map_err(|_| misused())
}

/// JSON for JavaScript.
fn written(value: &impl Serialize) -> Result<Vec<u8>, JsValue> {
    serde_json::to_vec(value).map_err(|_| misused())
}
