//! What a client sends to write a record: members by name, each as the JSON text that came.
//!
//! JSON comes as it is; in forms each value is a text that is guessed (section 0.1 of PocketBase's reference).

use crate::app::App;
use crate::http::{BodyError, RecordsError, Request};
use bytes::Bytes;
use futures_util::stream;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::{RawValue, to_raw_value};
use std::collections::BTreeMap;
use std::fmt;
use url::form_urlencoded;

/// The member of forms that holds JSON, whose members go over the others.
const PAYLOAD: &str = "@jsonPayload";

/// The members.
#[derive(Default)]
pub(in crate::records) struct Given(BTreeMap<String, Box<RawValue>>);

/// Why there are none.
#[derive(Debug)]
pub(in crate::records) enum Unreadable {
    Body(BodyError),
    Malformed,
    Unsupported,
}

impl From<Unreadable> for RecordsError {
    fn from(error: Unreadable) -> Self {
        match error {
            Unreadable::Body(error) => error.into(),
            Unreadable::Malformed => RecordsError::unreadable(),
            Unreadable::Unsupported => RecordsError::new(StatusCode::BAD_REQUEST, "Unsupported Content-Type."),
        }
    }
}

impl Given {
    /// Those of the request's body; none where it is empty.
    pub(in crate::records) async fn read(app: &App, request: &mut Request) -> Result<Self, Unreadable> {
        let kind = request.header(CONTENT_TYPE.as_str()).unwrap_or_default().to_owned();
        let body = request.read_body(app.settings.max_body_bytes).await.map_err(Unreadable::Body)?;
        if body.is_empty() {
            return Ok(Self::default());
        }
        if kind.starts_with("application/json") {
            Self::of_json(&body).ok_or(Unreadable::Malformed)
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            let pairs = form_urlencoded::parse(&body).map(|(name, value)| (name.into_owned(), value.into_owned()));
            Self::of_form(pairs).ok_or(Unreadable::Malformed)
        } else if kind.starts_with("multipart/form-data") {
            let pairs = parts(&kind, Bytes::copy_from_slice(&body)).await.ok_or(Unreadable::Malformed)?;
            Self::of_form(pairs).ok_or(Unreadable::Malformed)
        } else {
            Err(Unreadable::Unsupported)
        }
    }

    /// The member of this name.
    pub(in crate::records) fn get(&self, name: &str) -> Option<&RawValue> {
        self.0.get(name).map(Box::as_ref)
    }

    /// A JSON object, or `null` for an empty one; what follows it does not count.
    fn of_json(body: &[u8]) -> Option<Self> {
        serde_json::Deserializer::from_slice(body).into_iter().next()?.ok()
    }

    fn of_form(pairs: impl IntoIterator<Item = (String, String)>) -> Option<Self> {
        let mut guesses: BTreeMap<String, Vec<Box<RawValue>>> = BTreeMap::new();
        let mut payloads = BTreeMap::new();
        for (name, value) in pairs {
            if name == PAYLOAD {
                payloads.extend(Self::of_json(value.as_bytes())?.0);
            } else {
                guesses.entry(name).or_default().push(guessed(&value)?);
            }
        }
        let mut members = BTreeMap::new();
        for (name, mut values) in guesses {
            let value = if values.len() == 1 { values.pop()? } else { to_raw_value(&values).ok()? };
            members.insert(name, value);
        }
        members.extend(payloads);
        Some(Self(members))
    }
}

/// `true` and `false` are booleans, the shortest form of a number is that number, all else a text.
fn guessed(text: &str) -> Option<Box<RawValue>> {
    let is_shortest = || text.parse().is_ok_and(|number: f64| number.is_finite() && number.to_string() == text);
    if matches!(text, "true" | "false")
        || text.parse().is_ok_and(|number: i64| number.to_string() == text)
        || is_shortest()
    {
        return RawValue::from_string(text.to_owned()).ok();
    }
    to_raw_value(text).ok()
}

/// Names and texts of a multipart body; files are left out, as no field takes any.
async fn parts(kind: &str, body: Bytes) -> Option<Vec<(String, String)>> {
    let boundary = multer::parse_boundary(kind).ok()?;
    let whole = stream::iter([Ok::<_, std::convert::Infallible>(body)]);
    let mut parts = multer::Multipart::new(whole, boundary);
    let mut pairs = Vec::new();
    while let Some(part) = parts.next_field().await.ok()? {
        if part.file_name().is_some() {
            continue;
        }
        let name = part.name()?.to_owned();
        pairs.push((name, String::from_utf8(part.bytes().await.ok()?.to_vec()).ok()?));
    }
    Some(pairs)
}

/// A member that comes twice is an error.
impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Given;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or null")
    }

    fn visit_unit<E>(self) -> Result<Given, E> {
        Ok(Given::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Given, A::Error> {
        let mut members = BTreeMap::new();
        while let Some(name) = map.next_key::<String>()? {
            if members.contains_key(&name) {
                map.next_value::<IgnoredAny>()?;
                return Err(A::Error::custom("a member comes twice"));
            }
            members.insert(name, map.next_value()?);
        }
        Ok(Given(members))
    }
}

#[cfg(test)]
mod tests;
