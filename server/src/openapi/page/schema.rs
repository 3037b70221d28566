//! Schemas as tables.

use super::{escaped, items, members, prose, push, text};
use serde_json::Value;

/// A schema that has a name, and a place of its own.
pub(super) fn named(name: &str, schema: &Value) -> String {
    let name = escaped(name);
    let body = match schema.get("properties") {
        Some(_) => table(schema),
        None => format!("<p>{}</p>\n", kind(schema)),
    };
    let told = prose(text(&schema["description"]));
    format!("<article id=\"schema-{name}\"><h3>{name}</h3>\n<p>{told}</p>\n{body}</article>\n")
}

/// The members of an object; what is not one, in a line.
pub(super) fn table(schema: &Value) -> String {
    if schema.get("properties").is_none() {
        return format!("<p>{}</p>\n", brief(schema));
    }
    let mut rows = String::from("<table>\n");
    for (name, member) in members(&schema["properties"]) {
        let needed = if items(&schema["required"]).any(|one| one == name) { "required" } else { "" };
        let (name, kind, told) = (escaped(name), brief(member), prose(text(&member["description"])));
        push(&mut rows, format_args!("<tr><th scope=\"row\"><code>{name}</code><td>{kind}<td>{needed}<td>{told}\n"));
    }
    rows + "</table>\n"
}

/// What values there are, in a few words.
pub(super) fn brief(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|place| place.rsplit('/').next()) {
        let name = escaped(name);
        return format!("<a href=\"#schema-{name}\">{name}</a>");
    }
    let any: Vec<_> = items(&schema["anyOf"]).chain(items(&schema["oneOf"])).map(brief).collect();
    if !any.is_empty() {
        return any.join(" or ");
    }
    kind(schema)
}

fn kind(schema: &Value) -> String {
    let names: Vec<_> = items(&schema["enum"]).chain(schema.get("const")).map(code).collect();
    if !names.is_empty() {
        return names.join(", ");
    }
    let kinds: Vec<_> = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().map(|kind| one_kind(text(kind), schema)).collect(),
        Value::String(kind) => vec![one_kind(kind, schema)],
        _ => vec!["any".to_owned()],
    };
    let limits = [
        ("minLength", "at least", ""),
        ("maxLength", "at most", " characters"),
        ("minimum", "from", ""),
        ("maximum", "to", ""),
        ("default", "else", ""),
    ];
    let limits = limits.into_iter().filter_map(|(name, before, after)| {
        let limit = schema.get(name)?;
        Some(format!(" <small>{before} {}{after}</small>", escaped(&limit.to_string())))
    });
    kinds.join(" or ") + &limits.collect::<String>()
}

fn one_kind(kind: &str, schema: &Value) -> String {
    match (kind, text(&schema["format"])) {
        ("array", _) => format!("array of {}", brief(&schema["items"])),
        ("object", _) if schema["additionalProperties"].is_object() => {
            format!("object of {}", brief(&schema["additionalProperties"]))
        }
        ("string", format) if !format.is_empty() => format!("string <small>{}</small>", escaped(format)),
        _ => escaped(kind),
    }
}

fn code(value: &Value) -> String {
    format!("<code>{}</code>", escaped(value.as_str().unwrap_or(&value.to_string())))
}
