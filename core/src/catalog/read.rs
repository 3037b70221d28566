//! Reading a file's shape, part by part. What serde derives for the same structures is three times the code, a tenth of
//! the WebAssembly module; its words and places are kept.

use super::file::CatalogError;
use super::place::{self, Position};
use crate::json::Members;
use serde::de::{Error as _, Expected, Unexpected};
use serde_json::value::RawValue;
use serde_json::{Error, Number, Value};
use std::borrow::Cow;

/// A value in the file.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    file: &'a str,
    raw: &'a RawValue,
}

impl<'a> Part<'a> {
    /// All of the file; a fault where it is no JSON.
    pub(super) fn whole(file: &'a str) -> Result<Self, CatalogError> {
        let raw = serde_json::from_str(file).map_err(|error: Error| {
            let offset = place::offset(file, error.line(), error.column());
            fault(file, offset, offset.saturating_sub(1), &error)
        })?;
        Ok(Self { file, raw })
    }

    /// Any value.
    pub(super) fn value(self) -> Result<Value, CatalogError> {
        serde_json::from_str(self.raw.get()).map_err(|error| self.at_end(&error))
    }

    /// A text.
    pub(super) fn text(self) -> Result<String, CatalogError> {
        match self.value()? {
            Value::String(text) => Ok(text),
            other => Err(self.of_type(&other, &"a string")),
        }
    }

    /// A truth.
    pub(super) fn flag(self) -> Result<bool, CatalogError> {
        let value = self.value()?;
        value.as_bool().ok_or_else(|| self.of_type(&value, &"a boolean"))
    }

    /// A number of any kind.
    pub(super) fn number(self) -> Result<Number, CatalogError> {
        match self.value()? {
            Value::Number(number) => Ok(number),
            other => Err(self.of_type(&other, &"a JSON number")),
        }
    }

    /// A number from 0 to 2^32 − 1.
    pub(super) fn count(self) -> Result<u32, CatalogError> {
        let value = self.value()?;
        let count = value.as_u64().and_then(|count| u32::try_from(count).ok());
        let fault = || if value.is_number() { self.of_value(&value, &"u32") } else { self.of_type(&value, &"u32") };
        count.ok_or_else(fault)
    }

    /// One of these words; its place among them.
    pub(super) fn word(self, words: &'static [&'static str]) -> Result<usize, CatalogError> {
        let word = self.text()?;
        let at = words.iter().position(|own| *own == word);
        at.ok_or_else(|| self.at_end(&Error::unknown_variant(&word, words)))
    }

    /// A list of what `read` reads.
    pub(super) fn list<T>(self, read: fn(Self) -> Result<T, CatalogError>) -> Result<Vec<T>, CatalogError> {
        let items: Vec<&RawValue> = self.composite('[', &"a sequence")?;
        items.into_iter().map(|raw| read(Self { raw, ..self })).collect()
    }

    /// An object's members in their order; a name twice is a fault.
    pub(super) fn named<T>(self, read: fn(Self) -> Result<T, CatalogError>) -> Result<Vec<(String, T)>, CatalogError> {
        let mut named: Vec<(String, T)> = Vec::new();
        for (name, part) in self.members()? {
            if named.iter().any(|(earlier, _)| *earlier == name) {
                return Err(part.at_name(&Error::custom("this name occurs twice")));
            }
            named.push((name.into_owned(), read(part)?));
        }
        Ok(named)
    }

    /// An object that has no other fields than these, and each once.
    pub(super) fn object(self, fields: &'static [&'static str]) -> Result<Object<'a>, CatalogError> {
        let members = self.members()?;
        for (at, (name, part)) in members.iter().enumerate() {
            let Some(field) = fields.iter().find(|field| *field == name) else {
                return Err(part.at_name(&Error::unknown_field(name, fields)));
            };
            if members[..at].iter().any(|(earlier, _)| earlier == field) {
                return Err(part.at_name(&Error::duplicate_field(field)));
            }
        }
        Ok(Object { part: self, members })
    }

    fn members(self) -> Result<Vec<(Cow<'a, str>, Self)>, CatalogError> {
        let Members(members) = self.composite('{', &"an object")?;
        Ok(members.into_iter().map(|(name, raw)| (name, Self { raw, ..self })).collect())
    }

    fn composite<T: serde::Deserialize<'a>>(self, bracket: char, expected: &dyn Expected) -> Result<T, CatalogError> {
        if !self.raw.get().starts_with(bracket) {
            return Err(self.of_type(&self.value()?, expected));
        }
        serde_json::from_str(self.raw.get()).map_err(|error| self.at_end(&error))
    }

    /// The value is of another type than `expected`.
    pub(super) fn of_type(self, value: &Value, expected: &dyn Expected) -> CatalogError {
        let error = Error::invalid_type(unexpected(value), expected);
        match value {
            Value::Array(_) | Value::Object(_) => fault(self.file, self.begin(), self.begin(), &error),
            _ => self.at_end(&error),
        }
    }

    /// The value is of the type, and none of those `expected`.
    pub(super) fn of_value(self, value: &Value, expected: &dyn Expected) -> CatalogError {
        self.at_end(&Error::invalid_value(unexpected(value), expected))
    }

    fn at_name(self, error: &Error) -> CatalogError {
        let before = self.file.get(..self.begin()).unwrap_or_default().trim_end().trim_end_matches(':');
        let end = before.trim_end().len();
        fault(self.file, end, end.saturating_sub(1), error)
    }

    fn at_end(self, error: &Error) -> CatalogError {
        let end = self.begin() + self.raw.get().len();
        fault(self.file, end, end - 1, error)
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
    pub(super) fn required(&self, name: &'static str) -> Result<Part<'a>, CatalogError> {
        self.given(name).ok_or_else(|| self.part.at_end(&Error::missing_field(name)))
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
    let place = said.rsplit_once(" at line ").filter(|_| error.line() > 0);
    let message = place.map_or(said.as_str(), |(message, _)| message);
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
