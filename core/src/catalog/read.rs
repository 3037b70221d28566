//! Reading a file's shape, part by part. What serde derives for the same structures is three times the code, a tenth of
//! the WebAssembly module; its words and places are kept.

use super::file::CatalogError;
use super::place::{self, Position};
use crate::json::Members;
use serde::de::{Error as _, Expected, Unexpected};
use serde_json::value::RawValue;
use serde_json::{Error, Number, Value};
use std::borrow::Cow;
use std::cell::RefCell;

/// A value in the file. What is wrong with it is noted, the first fault only, and something stands in its place: a reader
/// that leaves at each fault has to clear away at each, which was half of its code.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    file: &'a str,
    raw: &'a RawValue,
    fault: &'a RefCell<Option<CatalogError>>,
}

/// What `read` makes of a file.
pub(super) fn read<T>(file: &str, read: fn(Part<'_>) -> T) -> Result<T, CatalogError> {
    let raw = serde_json::from_str(file).map_err(|error: Error| {
        let offset = place::offset(file, error.line(), error.column());
        fault(file, offset, offset.saturating_sub(1), &error)
    })?;
    let fault = RefCell::new(None);
    let read = read(Part { file, raw, fault: &fault });
    fault.into_inner().map_or(Ok(read), Err)
}

impl<'a> Part<'a> {
    /// Any value.
    pub(super) fn value(self) -> Value {
        serde_json::from_str(self.raw.get()).unwrap_or_else(|error| self.wrong_at_end(Value::Null, &error))
    }

    /// A text.
    pub(super) fn text(self) -> String {
        match self.value() {
            Value::String(text) => text,
            other => self.of_type(String::new(), &other, &"a string"),
        }
    }

    /// A truth.
    pub(super) fn flag(self) -> bool {
        let value = self.value();
        value.as_bool().unwrap_or_else(|| self.of_type(false, &value, &"a boolean"))
    }

    /// A number of any kind.
    pub(super) fn number(self) -> Number {
        match self.value() {
            Value::Number(number) => number,
            other => self.of_type(Number::from(0), &other, &"a JSON number"),
        }
    }

    /// A number from 0 to 2^32 − 1.
    pub(super) fn count(self) -> u32 {
        let value = self.value();
        let count = value.as_u64().and_then(|count| u32::try_from(count).ok());
        count.unwrap_or_else(|| {
            if value.is_number() { self.of_value(0, &value, &"u32") } else { self.of_type(0, &value, &"u32") }
        })
    }

    /// One of these words; its place among them.
    pub(super) fn word(self, words: &'static [&'static str]) -> usize {
        let word = self.text();
        let at = words.iter().position(|own| *own == word);
        at.unwrap_or_else(|| self.wrong_at_end(0, &Error::unknown_variant(&word, words)))
    }

    /// A list of what `read` reads.
    pub(super) fn list<T>(self, read: fn(Self) -> T) -> Vec<T> {
        let items: Vec<&RawValue> = self.composite('[', &"a sequence");
        items.into_iter().map(|raw| read(Self { raw, ..self })).collect()
    }

    /// An object's members in their order; a name twice is a fault.
    pub(super) fn named<T>(self, read: fn(Self) -> T) -> Vec<(String, T)> {
        let mut named: Vec<(String, T)> = Vec::new();
        for (name, part) in self.members() {
            if named.iter().any(|(earlier, _)| *earlier == name) {
                part.wrong_at_name(&Error::custom("this name occurs twice"));
            }
            named.push((name.into_owned(), read(part)));
        }
        named
    }

    /// An object that has no other fields than these, and each once.
    pub(super) fn object(self, fields: &'static [&'static str]) -> Object<'a> {
        let members = self.members();
        for (at, (name, part)) in members.iter().enumerate() {
            match fields.iter().find(|field| *field == name) {
                None => part.wrong_at_name(&Error::unknown_field(name, fields)),
                Some(field) if members[..at].iter().any(|(earlier, _)| earlier == field) => {
                    part.wrong_at_name(&Error::duplicate_field(field));
                }
                Some(_) => {}
            }
        }
        Object { part: self, members }
    }

    fn members(self) -> Vec<(Cow<'a, str>, Self)> {
        let Members(members) = self.composite('{', &"an object");
        members.into_iter().map(|(name, raw)| (name, Self { raw, ..self })).collect()
    }

    fn composite<T: Default + serde::Deserialize<'a>>(self, bracket: char, expected: &dyn Expected) -> T {
        if !self.raw.get().starts_with(bracket) {
            return self.of_type(T::default(), &self.value(), expected);
        }
        serde_json::from_str(self.raw.get()).unwrap_or_else(|error| self.wrong_at_end(T::default(), &error))
    }

    /// The value is of another type than `expected`; `instead` stands in its place.
    pub(super) fn of_type<T>(self, instead: T, value: &Value, expected: &dyn Expected) -> T {
        let error = Error::invalid_type(unexpected(value), expected);
        match value {
            Value::Array(_) | Value::Object(_) => self.note(self.begin(), self.begin(), &error),
            _ => self.wrong(&error),
        }
        instead
    }

    /// The value is of the type, and none of those `expected`.
    pub(super) fn of_value<T>(self, instead: T, value: &Value, expected: &dyn Expected) -> T {
        self.wrong_at_end(instead, &Error::invalid_value(unexpected(value), expected))
    }

    fn wrong_at_end<T>(self, instead: T, error: &Error) -> T {
        self.wrong(error);
        instead
    }

    fn wrong_at_name(self, error: &Error) {
        let before = self.file.get(..self.begin()).unwrap_or_default().trim_end().trim_end_matches(':');
        let end = before.trim_end().len();
        self.note(end, end.saturating_sub(1), error);
    }

    fn wrong(self, error: &Error) {
        let end = self.begin() + self.raw.get().len();
        self.note(end, end.saturating_sub(1), error);
    }

    fn note(self, offset: usize, shown: usize, error: &Error) {
        self.fault.borrow_mut().get_or_insert_with(|| fault(self.file, offset, shown, error));
    }

    /// Where it begins. serde_json lends what it reads of a text from that text.
    fn begin(self) -> usize {
        self.raw.get().as_ptr().addr().saturating_sub(self.file.as_ptr().addr())
    }
}

/// An object of known fields.
pub(super) struct Object<'a> {
    part: Part<'a>,
    members: Vec<(Cow<'a, str>, Part<'a>)>,
}

impl<'a> Object<'a> {
    /// A field that must be there.
    pub(super) fn required(&self, name: &'static str) -> Part<'a> {
        self.given(name).unwrap_or_else(|| {
            self.part.wrong(&Error::missing_field(name));
            Part { raw: RawValue::NULL, ..self.part }
        })
    }

    /// A field that may be absent.
    pub(super) fn given(&self, name: &str) -> Option<Part<'a>> {
        self.members.iter().find(|(own, _)| own == name).map(|(_, part)| *part)
    }

    /// A field that may be absent, or null.
    pub(super) fn optional(&self, name: &str) -> Option<Part<'a>> {
        self.given(name).filter(|part| part.raw.get() != "null")
    }
}

/// A fault in the value before or around `offset`, shown at `shown`.
fn fault(file: &str, offset: usize, shown: usize, error: &Error) -> CatalogError {
    let said = error.to_string();
    // serde_json adds where, in the part that it was given.
    let place = format!(" at line {} column {}", error.line(), error.column());
    let message = said.strip_suffix(&place).unwrap_or(&said);
    let position: Position = place::position(file, shown);
    CatalogError::new(position, &place::path_at(file, offset), message)
}

fn unexpected(value: &Value) -> Unexpected<'_> {
    match value {
        Value::Null => Unexpected::Unit,
        Value::Bool(flag) => Unexpected::Bool(*flag),
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => Unexpected::Unsigned(number),
            (_, Some(number)) => Unexpected::Signed(number),
            _ => Unexpected::Float(number.as_f64().unwrap_or_default()),
        },
        Value::String(text) => Unexpected::Str(text),
        Value::Array(_) => Unexpected::Seq,
        Value::Object(_) => Unexpected::Map,
    }
}
