//! Reads JSON values as loosely as pydantic does: numbers in strings, whole floats as integers, words for booleans.

use crate::detail::Wrong;
use serde_json::{Number, Value};

/// A string, and nothing else.
pub(crate) fn string(value: &Value) -> Result<&str, Wrong> {
    value.as_str().ok_or_else(|| Wrong::plain("string_type", "Input should be a valid string"))
}

/// A whole number, as a number, text or boolean.
pub(crate) fn integer(value: &Value) -> Result<Number, Wrong> {
    match value {
        Value::Number(number) if !number.is_f64() => Ok(number.clone()),
        Value::Number(number) => whole(number),
        Value::Bool(yes) => Ok(Number::from(u8::from(*yes))),
        Value::String(text) => parse_integer(text.trim()),
        _ => Err(Wrong::plain("int_type", "Input should be a valid integer")),
    }
}

fn whole(number: &Number) -> Result<Number, Wrong> {
    // Printing and reading back keeps to decimal text: no cast can go wrong.
    let text = number.as_f64().filter(|float| float.fract() == 0.0).map(|float| format!("{float:.0}"));
    let number = text.and_then(|text| parse_integer(&text).ok());
    let msg = "Input should be a valid integer, got a number with a fractional part";
    number.ok_or_else(|| Wrong::plain("int_from_float", msg))
}

fn parse_integer(text: &str) -> Result<Number, Wrong> {
    let small = text.parse::<i64>().map(Number::from);
    let number = small.or_else(|_| text.parse::<u64>().map(Number::from));
    let msg = "Input should be a valid integer, unable to parse string as an integer";
    number.map_err(|_| Wrong::plain("int_parsing", msg))
}

/// A number, as a number, text or boolean.
pub(crate) fn number(value: &Value) -> Result<f64, Wrong> {
    let unreadable =
        || Wrong::plain("float_parsing", "Input should be a valid number, unable to parse string as a number");
    match value {
        Value::Number(number) => number.as_f64().ok_or_else(unreadable),
        Value::Bool(yes) => Ok(f64::from(u8::from(*yes))),
        Value::String(text) => text.trim().parse().map_err(|_| unreadable()),
        _ => Err(Wrong::plain("float_type", "Input should be a valid number")),
    }
}

/// A boolean, as such, as 0 or 1, or as one of the usual words.
pub(crate) fn boolean(value: &Value) -> Result<bool, Wrong> {
    let word = match value {
        Value::Bool(yes) => return Ok(*yes),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.to_ascii_lowercase(),
        _ => return Err(Wrong::plain("bool_type", "Input should be a valid boolean")),
    };
    match word.as_str() {
        "1" | "1.0" | "true" | "t" | "yes" | "y" | "on" => Ok(true),
        "0" | "0.0" | "false" | "f" | "no" | "n" | "off" => Ok(false),
        _ => Err(Wrong::plain("bool_parsing", "Input should be a valid boolean, unable to interpret input")),
    }
}
