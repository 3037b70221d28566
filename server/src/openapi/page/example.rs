//! An operation as a call of curl.

use super::{body, items, members, text};
use serde_json::{Map, Value, json};

/// How deep an example goes.
const DEPTH: usize = 4;

/// The call, with what is needed and nothing else. `$GENERATIO` is the server's address.
pub(super) fn curl(document: &Value, method: &str, path: &str, operation: &Value) -> String {
    let mut lines = vec![match method {
        "get" => format!("curl \"$GENERATIO{path}\""),
        _ => format!("curl -X {} \"$GENERATIO{path}\"", method.to_uppercase()),
    }];
    let schemes: Vec<_> = items(&operation["security"]).flat_map(members).map(|(name, _)| name).collect();
    for (scheme, header) in [("login", "Authorization: $TOKEN"), ("session", "X-Session-ID: $SESSION")] {
        if schemes.contains(&scheme) {
            lines.push(format!("-H \"{header}\""));
        }
    }
    if let Some(schema) = body(operation) {
        let content = &operation["requestBody"]["content"]["application/json"];
        let sample = content.get("example").cloned().unwrap_or_else(|| sample(document, schema, DEPTH));
        let sample = sample.to_string().replace('\'', "'\\''");
        lines.push("-H 'Content-Type: application/json'".to_owned());
        lines.push(format!("-d '{sample}'"));
    }
    lines.join(" \\\n  ")
}

/// A value that the schema may take: of objects the members that are needed.
fn sample(document: &Value, schema: &Value, depth: usize) -> Value {
    if let Some(place) = schema["$ref"].as_str().and_then(|place| place.strip_prefix('#')) {
        return document.pointer(place).map_or(Value::Null, |schema| sample(document, schema, depth));
    }
    if let Some(first) = items(&schema["enum"]).next().or(items(&schema["anyOf"]).next()) {
        return if first.is_object() { sample(document, first, depth) } else { first.clone() };
    }
    let kind = items(&schema["type"]).next().unwrap_or(&schema["type"]);
    match text(kind) {
        _ if depth == 0 => json!("…"),
        "object" => {
            let needed = items(&schema["required"]).filter_map(Value::as_str);
            let members =
                needed.map(|name| (name.to_owned(), sample(document, &schema["properties"][name], depth - 1)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        "array" => json!([sample(document, &schema["items"], depth - 1)]),
        "boolean" => json!(true),
        "integer" | "number" => json!(1),
        _ => json!("…"),
    }
}
