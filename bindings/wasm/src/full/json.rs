//! JSON in and out. By hand, field by field: a reader and a writer for each structure, as serde derives them, are much
//! more code.

use crate::error::misused;
use serde_json::Value;
use std::fmt::Display;
use wasm_bindgen::JsValue;

/// Reads what the JavaScript beside this wrote.
pub(super) fn read(json: &[u8]) -> Result<Value, JsValue> {
    let text = std::str::from_utf8(json).map_err(|_| misused())?;
    serde_json::from_str(text).map_err(|_| misused())
}

/// A list of JSON texts.
pub(super) fn list(items: &[String]) -> String {
    format!("[{}]", items.join(","))
}

/// A value as JSON. What displays one can do it prettily, too, and is as much code again.
pub(super) fn of(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// A text in quotes.
pub(super) fn quoted(text: &str) -> String {
    of(&Value::from(text))
}

/// An object being written.
#[derive(Default)]
pub(super) struct Object(String);

impl Object {
    /// A field whose value is JSON, or prints as it.
    pub(super) fn json(&mut self, name: &str, value: impl Display) -> &mut Self {
        self.field(name, &value)
    }

    /// A text.
    pub(super) fn text(&mut self, name: &str, text: &str) -> &mut Self {
        self.field(name, &quoted(text))
    }

    /// A field that is left out where it is nothing.
    pub(super) fn json_if(&mut self, name: &str, value: Option<impl Display>) -> &mut Self {
        if let Some(value) = value { self.field(name, &value) } else { self }
    }

    /// A text that is left out where it is nothing.
    pub(super) fn text_if(&mut self, name: &str, text: Option<&str>) -> &mut Self {
        self.json_if(name, text.map(quoted))
    }

    /// A text, or null.
    pub(super) fn text_or_null(&mut self, name: &str, text: Option<&str>) -> &mut Self {
        self.field(name, &text.map_or("null".to_owned(), quoted))
    }

    fn field(&mut self, name: &str, value: &dyn Display) -> &mut Self {
        let start = if self.0.is_empty() { '{' } else { ',' };
        self.0 += &format!("{start}\"{name}\":{value}");
        self
    }

    /// All of it.
    pub(super) fn end(&mut self) -> String {
        let open = if self.0.is_empty() { "{" } else { "" };
        format!("{}{open}}}", std::mem::take(&mut self.0))
    }
}
