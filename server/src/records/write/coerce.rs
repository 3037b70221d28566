//! What a field makes of what a client sends: one function per kind. PocketBase refuses little and converts a lot
//! (section 2.4 of its reference); what it refuses is a [`Problem`].

use super::dates;
use crate::http::error::Problem;
use crate::records::problem;
use crate::records::schema::{Field, Kind};
use crate::store::Value;
use generatio_core::validate::{Name, NameError};
use serde_json::Value as Json;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// What a client sent for a field.
pub(super) struct Sent<'a> {
    raw: &'a RawValue,
    value: Json,
}

impl<'a> Sent<'a> {
    /// `raw`, read. Numbers beyond 64 bits lose digits here; kinds that keep them look at the text.
    pub(super) fn new(raw: &'a RawValue) -> Self {
        Self { raw, value: serde_json::from_str(raw.get()).unwrap_or(Json::Null) }
    }
}

/// The value of a field that clients write.
pub(super) fn coerce(field: &Field, sent: &Sent<'_>) -> Result<Value, Problem> {
    let value = match field.kind {
        // Nobody writes a date of the server's.
        Kind::Autodate => Value::Date(None),
        Kind::Bool => Value::Bool(bool(sent)),
        Kind::Date => Value::Date(date(sent)),
        Kind::Email | Kind::Text { .. } | Kind::Url { .. } => Value::Text(text(sent)),
        Kind::Json { max, object } => Value::Json(json(sent, max, object)?),
        Kind::Name => Value::Text(name(sent)),
        Kind::Number { max } => Value::Number(number(sent, max)?),
        Kind::Relation { .. } => Value::Text(relation(sent)),
    };
    check(field, &value)?;
    Ok(value)
}

/// What a field has when nobody sends anything for it.
pub(super) fn zero(field: &Field) -> Value {
    match field.kind {
        Kind::Autodate | Kind::Date => Value::Date(None),
        Kind::Bool => Value::Bool(false),
        Kind::Json { .. } => Value::Json("null".to_owned()),
        Kind::Number { .. } => Value::Number("0".to_owned()),
        Kind::Relation { many: true, .. } => Value::Relations(Vec::new()),
        Kind::Email | Kind::Name | Kind::Relation { .. } | Kind::Text { .. } | Kind::Url { .. } => {
            Value::Text(String::new())
        }
    }
}

/// The rules of a field for a value of its kind.
pub(super) fn check(field: &Field, value: &Value) -> Result<(), Problem> {
    if field.required && is_zero(value) {
        return Err(problem::required());
    }
    match (field.kind, value) {
        (Kind::Name, Value::Text(text)) if text.chars().count() > Name::MAX_CHARS => {
            Err(problem::longer_than(Name::MAX_CHARS))
        }
        (Kind::Text { max }, Value::Text(text)) if text.chars().count() > max => Err(problem::longer_than(max)),
        (Kind::Url { max }, Value::Text(text)) => check_url(text, max),
        _ => Ok(()),
    }
}

/// How much a modifier such as `batch_number+` changes a number; what is no number changes nothing.
pub(super) fn step(sent: &Sent<'_>) -> Result<i64, Problem> {
    let Some(number) = parse_number(sent)? else { return Ok(0) };
    whole(&number).ok_or_else(problem::not_whole)
}

/// Numbers and bools become their text; null, arrays and objects an empty one.
pub(super) fn text(sent: &Sent<'_>) -> String {
    match &sent.value {
        Json::String(text) => text.clone(),
        // Whole numbers keep every digit, others are printed without an exponent.
        Json::Number(number) => match (digits(sent.raw.get()), number.as_f64()) {
            (Some(digits), _) => digits.to_owned(),
            (None, number) => number.unwrap_or_default().to_string(),
        },
        Json::Bool(flag) => flag.to_string(),
        Json::Null | Json::Array(_) | Json::Object(_) => String::new(),
    }
}

/// Blank is missing, whoever asks: PocketBase keeps the blanks.
fn name(sent: &Sent<'_>) -> String {
    let text = text(sent);
    if Name::parse(&text) == Err(NameError::Missing) { String::new() } else { text }
}

fn bool(sent: &Sent<'_>) -> bool {
    match &sent.value {
        Json::Bool(flag) => *flag,
        Json::Number(number) => number.as_f64() != Some(0.0),
        Json::String(text) => matches!(text.as_str(), "1" | "t" | "T" | "true" | "TRUE" | "True"),
        Json::Null | Json::Array(_) | Json::Object(_) => false,
    }
}

fn date(sent: &Sent<'_>) -> Option<generatio_core::Timestamp> {
    sent.value.as_str().and_then(dates::parse)
}

/// A text that reads as JSON is taken as that. The rest stays as it was sent, digit for digit, but for blanks.
fn json(sent: &Sent<'_>, max: usize, object: bool) -> Result<String, Problem> {
    let decoded = sent.value.as_str().and_then(decoded);
    let text = compact(decoded.unwrap_or_else(|| sent.raw.get()));
    if text.len() > max {
        return Err(problem::large_json(max));
    }
    if object && !text.starts_with('{') && !is_empty_json(&text) {
        return Err(problem::not_an_object());
    }
    Ok(text)
}

/// Texts of numbers are parsed, `true` is one; what is neither is zero.
fn number(sent: &Sent<'_>, max: u32) -> Result<String, Problem> {
    let Some(number) = parse_number(sent)? else { return Ok("0".to_owned()) };
    let number = whole(&number).ok_or_else(problem::not_whole)?;
    let number = u32::try_from(number).ok().filter(|number| *number <= max);
    number.map(|number| number.to_string()).ok_or_else(|| problem::number_outside(max))
}

/// The last id of an array, which may come as text, or the id itself.
pub(super) fn relation(sent: &Sent<'_>) -> String {
    let given = match &sent.value {
        Json::String(text) => serde_json::from_str(text)
            .ok()
            .filter(Json::is_array)
            .map_or_else(|| Cow::Borrowed(&sent.value), Cow::Owned),
        other => Cow::Borrowed(other),
    };
    let id = |value: &Json| match value {
        Json::String(text) => text.clone(),
        Json::Number(number) => number.to_string(),
        Json::Bool(flag) => flag.to_string(),
        Json::Null | Json::Array(_) | Json::Object(_) => String::new(),
    };
    match given.as_ref() {
        Json::Array(ids) => ids.iter().rev().map(id).find(|id| !id.is_empty()).unwrap_or_default(),
        one => id(one),
    }
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Bool(flag) => !flag,
        Value::Date(date) => date.is_none(),
        Value::Json(text) => is_empty_json(text),
        Value::Number(digits) => digits == "0",
        Value::Relations(ids) => ids.is_empty(),
        Value::Link(text) | Value::Text(text) => text.is_empty(),
    }
}

fn is_empty_json(text: &str) -> bool {
    matches!(text, "null" | "\"\"" | "[]" | "{}")
}

fn check_url(text: &str, max: usize) -> Result<(), Problem> {
    if text.chars().count() > max {
        return Err(problem::longer_than(max));
    }
    let address = url::Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    if text.is_empty() || address.is_some_and(|url| url.has_host()) { Ok(()) } else { Err(problem::not_an_address()) }
}

/// The text, if it is a whole number in JSON.
fn digits(text: &str) -> Option<&str> {
    text.strip_prefix('-').unwrap_or(text).bytes().all(|byte| byte.is_ascii_digit()).then_some(text)
}

/// What JSON a text stands for: one that begins as JSON does and is.
fn decoded(text: &str) -> Option<&str> {
    let begins = text.starts_with(|first: char| first.is_ascii_digit() || "-\"[{".contains(first));
    let json = begins || matches!(text, "null" | "true" | "false");
    (json && serde_json::from_str::<&RawValue>(text).is_ok()).then_some(text)
}

/// Valid JSON without the blanks between its parts.
fn compact(json: &str) -> String {
    let (mut inside, mut escaped) = (false, false);
    let mut keep = |letter: &char| {
        let kept = inside || !matches!(letter, ' ' | '\t' | '\n' | '\r');
        inside = if *letter == '"' && !escaped { !inside } else { inside };
        escaped = *letter == '\\' && !escaped;
        kept
    };
    json.chars().filter(|letter| keep(letter)).collect()
}

/// The decimal text of a number; `None` for what is none.
fn parse_number<'a>(sent: &'a Sent<'_>) -> Result<Option<Cow<'a, str>>, Problem> {
    match &sent.value {
        Json::Number(_) => Ok(Some(Cow::Borrowed(sent.raw.get()))),
        Json::Bool(flag) => Ok(flag.then_some(Cow::Borrowed("1"))),
        Json::String(text) => number_of_text(text),
        Json::Null | Json::Array(_) | Json::Object(_) => Ok(None),
    }
}

/// As Go reads numbers: `+5`, `.5`, `5.` and `1_000` are some.
fn number_of_text(text: &str) -> Result<Option<Cow<'_, str>>, Problem> {
    let text = text.replace('_', "");
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(Some(Cow::Owned(text))),
        Ok(_) => Err(problem::not_a_number()),
        Err(_) => Ok(None),
    }
}

/// A number without a fraction, from its decimal text; those that no field takes are all alike.
fn whole(number: &str) -> Option<i64> {
    if let Ok(number) = number.parse() {
        return Some(number);
    }
    let number: f64 = number.parse().ok()?;
    let digits = number.to_string();
    (number.fract() == 0.0).then(|| digits.parse().unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
