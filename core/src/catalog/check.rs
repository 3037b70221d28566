//! The check of a request's parameters, with the original's wording.

use super::{Model, Parameter, parameter::Kind};
use super::{
    items,
    problem::{Problem, Report, visible},
    size::SizeCheck,
};
use crate::ErrorCode;
use serde_json::{Map, Number, Value};

/// The parameters as FAL takes them: known names only, `null` left out, integers as integers.
pub(super) fn parameters(model: &Model, given: &Map<String, Value>, problems: &mut Vec<Problem>) -> Map<String, Value> {
    let mut report = Report::to(problems);
    let mut checked = Map::new();
    for parameter in &model.parameters {
        let asked = given.get(&parameter.name).filter(|value| !value.is_null());
        if let Some(value) = asked.and_then(|value| value_of(parameter, model.max_megapixels, value, &mut report)) {
            checked.insert(parameter.name.clone(), value);
        }
    }
    let known = |name: &str| model.parameters.iter().any(|parameter| parameter.name == name);
    // One by one: what sorts is more code than all of this file in WebAssembly.
    let mut unknown: Vec<&String> = Vec::new();
    for name in given.keys().filter(|name| !known(name)) {
        let at = unknown.partition_point(|earlier| *earlier < name);
        unknown.insert(at, name);
    }
    for name in unknown {
        report.add_unknown(&visible(name));
    }
    checked
}

/// One value as FAL takes it, or nothing and what is wrong in `report`.
pub(super) fn value_of(
    parameter: &Parameter,
    max_megapixels: u32,
    value: &Value,
    report: &mut Report<'_>,
) -> Option<Value> {
    let name = parameter.name.as_str();
    match &parameter.kind {
        Kind::Array { items, max_items } => items::check(name, *items, *max_items, value, report),
        Kind::Boolean => boolean(name, value, report),
        Kind::Float { min, max } => float(name, *min, *max, value, report),
        Kind::ImageSize { presets } => SizeCheck { name, presets, max_megapixels }.value(value, report),
        Kind::Integer { min, max } => whole(name, *min, *max, value, report),
        Kind::String { options, open_options, max_length } => {
            let closed = !(options.is_empty() || *open_options);
            text(name, if closed { options } else { &[] }, *max_length, value, report)
        }
    }
}

fn boolean(name: &str, value: &Value, report: &mut Report<'_>) -> Option<Value> {
    match value {
        Value::Bool(true) if name == "sync_mode" => {
            report.add(ErrorCode::ParameterRefused, name, "must be false: images are returned as links");
        }
        Value::Bool(_) => return Some(value.clone()),
        _ => report.add(ErrorCode::ParameterType, name, "must be a boolean"),
    }
    None
}

fn float(name: &str, min: Option<f64>, max: Option<f64>, value: &Value, report: &mut Report<'_>) -> Option<Value> {
    let Some(number) = value.as_f64() else {
        report.add(ErrorCode::ParameterType, name, "must be a number");
        return None;
    };
    if let Some(min) = min.filter(|min| number < *min) {
        report.add(ErrorCode::ParameterRange, name, format!("must be at least {min}"));
    } else if let Some(max) = max.filter(|max| number > *max) {
        report.add(ErrorCode::ParameterRange, name, format!("must be at most {max}"));
    } else {
        return Some(value.clone());
    }
    None
}

fn whole(name: &str, min: Option<i64>, max: Option<i64>, value: &Value, report: &mut Report<'_>) -> Option<Value> {
    let Some(number) = integer(value) else {
        report.add(ErrorCode::ParameterType, name, "must be an integer");
        return None;
    };
    let wide = number.as_i128().unwrap_or_default();
    if let Some(min) = min.filter(|min| wide < i128::from(*min)) {
        report.add(ErrorCode::ParameterRange, name, format!("must be at least {min}"));
    } else if let Some(max) = max.filter(|max| wide > i128::from(*max)) {
        report.add(ErrorCode::ParameterRange, name, format!("must be at most {max}"));
    } else {
        return Some(Value::Number(number));
    }
    None
}

fn text(name: &str, options: &[String], max_length: usize, value: &Value, report: &mut Report<'_>) -> Option<Value> {
    let Value::String(given) = value else {
        report.add(ErrorCode::ParameterType, name, "must be a string");
        return None;
    };
    if !options.is_empty() && !options.contains(given) {
        report.add(ErrorCode::ParameterOption, name, format!("must be one of: {}", options.join(", ")));
    } else if given.chars().count() > max_length {
        report.add(ErrorCode::ParameterRange, name, format!("must have at most {max_length} characters"));
    } else {
        return Some(value.clone());
    }
    None
}

/// The integer a JSON number stands for: as it is, or a float without a fraction up to 2^53, where it is exact.
pub(super) fn integer(value: &Value) -> Option<Number> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let number = value.as_number()?;
    if number.is_i64() || number.is_u64() {
        return Some(number.clone());
    }
    let float = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() <= EXACT)?;
    format!("{float:.0}").parse::<i64>().ok().map(Number::from)
}
