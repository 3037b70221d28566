//! Secrets in JSON bodies: read from the body's wiped buffer into wiped text, with no unwiped copy between.

use crate::openapi::shapes;
use generatio_core::{Password, SecretText};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Deserialize, Deserializer, Error};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use std::str::Chars;
use zeroize::Zeroizing;

/// A field that holds a secret: JSON text, or `null` for nothing. Empty when absent under `#[serde(default)]`.
///
/// Reads straight from the body, so it works in a struct that [`read_json`](super::read_json) parses and
/// not below `flatten` or an untagged enum, which would copy it first.
#[derive(Default)]
pub struct SecretField(Zeroizing<String>);

impl SecretField {
    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Borrows the text. Each call site says why it needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The text as a password.
    #[must_use]
    pub fn into_password(mut self) -> Password {
        Password::new(std::mem::take(&mut self.0))
    }

    /// The text as any secret.
    #[must_use]
    pub fn into_secret(mut self) -> SecretText {
        SecretText::new(std::mem::take(&mut self.0))
    }
}

/// A string that is never part of an answer.
impl JsonSchema for SecretField {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "SecretField".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        shapes::Secret::json_schema(generator)
    }
}

/// As [`SecretField::expose`], for helpers that ask whether a field is filled.
impl AsRef<str> for SecretField {
    fn as_ref(&self) -> &str {
        self.expose()
    }
}

impl fmt::Debug for SecretField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretField").finish_non_exhaustive()
    }
}

impl<'de> Deserialize<'de> for SecretField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = <&RawValue>::deserialize(deserializer)?.get();
        if json == "null" {
            return Ok(Self::default());
        }
        let literal = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        literal.and_then(unescape).map(Self).ok_or_else(|| D::Error::custom("expected a string"))
    }
}

/// The text of a JSON string literal (RFC 8259 §7) without its quotes; `None` for an escape that means nothing, a lone
/// surrogate included. Never longer than the literal, so that the buffer does not grow.
fn unescape(literal: &str) -> Option<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::with_capacity(literal.len()));
    let mut rest = literal.chars();
    while let Some(character) = rest.next() {
        text.push(if character == '\\' { escaped(&mut rest)? } else { character });
    }
    Some(text)
}

/// The character that the rest of an escape stands for.
fn escaped(rest: &mut Chars<'_>) -> Option<char> {
    Some(match rest.next()? {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        same @ ('"' | '\\' | '/') => same,
        'u' => return code_point(rest),
        _ => return None,
    })
}

fn code_point(rest: &mut Chars<'_>) -> Option<char> {
    let unit = code_unit(rest)?;
    let mut units = [unit, 0];
    let mut length = 1;
    if (0xD800..0xDC00).contains(&unit) {
        if (rest.next()?, rest.next()?) != ('\\', 'u') {
            return None;
        }
        units[1] = code_unit(rest)?;
        length = 2;
    }
    char::decode_utf16(units.into_iter().take(length)).next()?.ok()
}

fn code_unit(rest: &mut Chars<'_>) -> Option<u16> {
    (0..4).try_fold(0, |unit: u16, _| Some(unit << 4 | u16::try_from(rest.next()?.to_digit(16)?).ok()?))
}

#[cfg(test)]
mod tests {
    use super::SecretField;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    struct Body {
        #[serde(default)]
        password: SecretField,
        again: Option<SecretField>,
    }

    #[test]
    fn reads_what_serde_reads() {
        let literals = [
            r#""""#,
            r#""correct horse""#,
            r#""pässwörd 🔑""#,
            r#""\"\\\/\b\f\n\r\t""#,
            r#""\u0041\u00e9\ud83d\uDD11!""#,
            r#"" \u0000 ""#,
        ];
        for literal in literals {
            let body: Body = serde_json::from_slice(format!(r#"{{"password":{literal}}}"#).as_bytes()).unwrap();
            let expected: String = serde_json::from_str(literal).unwrap();
            assert_eq!(body.password.expose(), expected);
            assert_eq!(body.password.into_password().expose(), expected);
        }
    }

    #[test]
    fn nothing_is_empty() {
        for text in ["{}", r#"{"password":null,"again":null}"#, r#"{"password":""}"#] {
            let body: Body = serde_json::from_str(text).unwrap();
            assert!(body.password.is_empty() && body.again.is_none(), "{text}");
        }
        let body: Body = serde_json::from_str(r#"{"again":"x"}"#).unwrap();
        assert_eq!(body.again.unwrap().as_ref(), "x");
    }

    #[test]
    fn other_types_and_broken_escapes_are_errors_that_show_nothing() {
        for value in
            ["7", "true", "[\"hunter2\"]", "{}", r#""hunter2\ud800""#, r#""hunter2\udc00\ud800""#, r#""\ud83dx1234""#]
        {
            let error = serde_json::from_str::<Body>(&format!(r#"{{"password":{value}}}"#)).unwrap_err();
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn debug_shows_nothing() {
        let body: Body = serde_json::from_str(r#"{"password":"hunter2"}"#).unwrap();
        assert_eq!(format!("{body:?}"), "Body { password: SecretField { .. }, again: None }");
    }
}
