//! Bodies of record endpoints, by PocketBase's rules: JSON by its type, `null` and nothing for `{}`.

use crate::app::App;
use crate::http::request::object;
use crate::http::{RecordsError, Request};
use http::StatusCode;
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde_json::Value;

/// The body.
///
/// # Errors
/// 400 `Unsupported Content-Type.` for forms and others, 400 for what is not a JSON object or not a `T`, 413.
pub(super) async fn read<T: DeserializeOwned>(app: &App, request: &mut Request) -> Result<T, RecordsError> {
    if !request.has_json_or_no_body() {
        return Err(RecordsError::new(StatusCode::BAD_REQUEST, "Unsupported Content-Type."));
    }
    let body = request.read_body(app.settings.max_body_bytes).await?;
    let given = match body.trim_ascii() {
        b"" | b"null" => b"{}",
        given => given,
    };
    object(given).ok_or_else(RecordsError::unreadable)
}

/// What a text field makes of any JSON value: numbers and booleans become their text, the rest is empty.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    })
}

/// What a bool field makes of any JSON value.
pub(super) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Bool(flag) => flag,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => matches!(text.as_str(), "1" | "t" | "T" | "true" | "TRUE" | "True"),
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    })
}

/// The same for a field that may be absent.
pub(super) fn some_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    text(deserializer).map(Some)
}

/// The same for a field that may be absent.
pub(super) fn some_flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    flag(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::{flag, text};
    use serde_json::json;

    #[test]
    fn texts_and_flags_convert_as_pocketbases() {
        let rows = [
            (json!("Ann"), "Ann", false),
            (json!("true"), "true", true),
            (json!("yes"), "yes", false),
            (json!(5), "5", true),
            (json!(0), "0", false),
            (json!(true), "true", true),
            (json!(false), "false", false),
            (json!(null), "", false),
            (json!([1]), "", false),
            (json!({"a": 1}), "", false),
        ];
        for (value, as_text, as_flag) in rows {
            assert_eq!((text(&value).unwrap().as_str(), flag(&value).unwrap()), (as_text, as_flag), "{value}");
        }
    }
}
