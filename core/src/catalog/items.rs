//! Arrays: their length, and items of recorded shape.

use super::check::integer;
use super::parameter::ItemKind;
use super::problem::{Report, visible};
use crate::ErrorCode;
use serde_json::{Map, Value};

/// The longest text in an array, and the longest path of LoRA weights: as long as links get.
const MAX_TEXT: usize = 2_048;

/// The array as FAL takes it, or nothing and what is wrong in `report`.
pub(super) fn check(
    name: &str,
    kind: ItemKind,
    max_items: usize,
    value: &Value,
    report: &mut Report<'_>,
) -> Option<Value> {
    let Value::Array(items) = value else {
        report.add(ErrorCode::ParameterType, name, "must be an array");
        return None;
    };
    if items.len() > max_items {
        report.add(ErrorCode::ParameterRange, name, format!("must have at most {max_items} items"));
        return None;
    }
    let checked: Vec<_> =
        items.iter().enumerate().map(|(at, item)| check_item(&format!("{name}.{at}"), kind, item, report)).collect();
    checked.into_iter().collect::<Option<Vec<_>>>().map(Value::Array)
}

fn check_item(name: &str, kind: ItemKind, item: &Value, report: &mut Report<'_>) -> Option<Value> {
    let members: &[&str] = match kind {
        ItemKind::String => return text(name, item, report),
        ItemKind::LoraWeight => &["path", "scale"],
        ItemKind::RgbColor => &["r", "g", "b"],
    };
    let Value::Object(given) = item else {
        report.add(ErrorCode::ParameterType, name, format!("must be an object with {}", members.join(", ")));
        return None;
    };
    for key in given.keys().filter(|key| !members.contains(&key.as_str())) {
        report.add_unknown(&format!("{name}.{}", visible(key)));
    }
    let mut checked = Map::new();
    for &key in members {
        if let Some(value) = check_member(name, key, given, report)? {
            checked.insert(key.to_owned(), value);
        }
    }
    Some(Value::Object(checked))
}

/// The member `key` of an item: `Some(None)` if it is absent and may be.
fn check_member(item: &str, key: &str, given: &Map<String, Value>, report: &mut Report<'_>) -> Option<Option<Value>> {
    let name = format!("{item}.{key}");
    match given.get(key).filter(|value| !value.is_null()) {
        None if key == "path" => text(&name, &Value::Null, report).map(Some),
        None => Some(None),
        Some(value) if key == "path" => text(&name, value, report).map(Some),
        Some(value) if key == "scale" => within(&name, value.is_number().then_some(value), "a number", 4.0, report),
        Some(value) => {
            let whole = integer(value).map(Value::Number);
            within(&name, whole.as_ref(), "an integer", 255.0, report)
        }
    }
}

fn text(name: &str, value: &Value, report: &mut Report<'_>) -> Option<Value> {
    match value.as_str() {
        None => report.add(ErrorCode::ParameterType, name, "must be a string"),
        Some("") => report.add(ErrorCode::ParameterRange, name, "must not be empty"),
        Some(text) if text.chars().count() > MAX_TEXT => {
            report.add(ErrorCode::ParameterRange, name, format!("must have at most {MAX_TEXT} characters"));
        }
        Some(_) => return Some(value.clone()),
    }
    None
}

/// A number from 0 to `max`.
fn within(name: &str, value: Option<&Value>, what: &str, max: f64, report: &mut Report<'_>) -> Option<Option<Value>> {
    match value.and_then(Value::as_f64) {
        None => report.add(ErrorCode::ParameterType, name, format!("must be {what}")),
        Some(number) if number < 0.0 => report.add(ErrorCode::ParameterRange, name, "must be at least 0"),
        Some(number) if number > max => {
            report.add(ErrorCode::ParameterRange, name, format!("must be at most {max}"));
        }
        Some(_) => return Some(value.cloned()),
    }
    None
}
