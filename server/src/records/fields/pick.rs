//! Picking parts out of JSON, digit for digit: what is shown stays the text it was.

use super::{Pick, Whole};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// What is shown of a member.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Chosen<'a> {
    /// Some of its parts, if it has any; all of it otherwise.
    Parts(&'a Pick),
    /// All of it.
    Whole(Shortening),
}

impl Chosen<'_> {
    /// Whether a value is shown as it is.
    pub(crate) fn is_all(self) -> bool {
        matches!(self, Self::Whole(Shortening(Whole { excerpt: None })))
    }
}

/// How texts are shown that are shown whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shortening(Whole);

impl Shortening {
    /// The text as it is shown.
    pub(crate) fn apply(self, text: &str) -> Option<String> {
        self.0.excerpt.map(|excerpt| excerpt.of(text))
    }
}

impl Pick {
    /// What to show of the member `name`; `None` to leave it out.
    pub(crate) fn of(&self, name: &str) -> Option<Chosen<'_>> {
        match self.named.get(name) {
            Some(choice) => Some(match choice.whole {
                Some(whole) => Chosen::Whole(Shortening(whole)),
                None => Chosen::Parts(&choice.parts),
            }),
            None => self.rest.map(|whole| Chosen::Whole(Shortening(whole))),
        }
    }

    /// Whether nothing is left out or shortened.
    fn is_everything(&self) -> bool {
        self.named.is_empty() && self.rest == Some(Whole::default())
    }
}

/// JSON of which parts were left out.
#[derive(Debug)]
pub(crate) enum Picked<'a> {
    Array(Vec<Picked<'a>>),
    Object(BTreeMap<String, Picked<'a>>),
    Raw(&'a RawValue),
    Text(String),
}

impl Serialize for Picked<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Array(items) => items.serialize(serializer),
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
            Self::Raw(raw) => raw.serialize(serializer),
            Self::Text(text) => text.serialize(serializer),
        }
    }
}

/// The parts of `json` that `pick` asks for: of an object, or of each in an array; anything else is shown whole.
///
/// # Errors
/// None for a value of serde_json's making.
pub(crate) fn picked<'a>(json: &'a RawValue, pick: &Pick) -> Result<Picked<'a>, serde_json::Error> {
    match json.get().as_bytes().first() {
        _ if pick.is_everything() => Ok(Picked::Raw(json)),
        Some(b'{') => object(json, pick),
        Some(b'[') => array(json, pick),
        _ => Ok(Picked::Raw(json)),
    }
}

/// A member as it was chosen.
pub(crate) fn chosen<'a>(json: &'a RawValue, chosen: Chosen<'_>) -> Result<Picked<'a>, serde_json::Error> {
    match chosen {
        Chosen::Parts(pick) => picked(json, pick),
        Chosen::Whole(shortening) => Ok(shortened(json, shortening).map_or(Picked::Raw(json), Picked::Text)),
    }
}

fn shortened(json: &RawValue, shortening: Shortening) -> Option<String> {
    shortening.0.excerpt?;
    let text: String = serde_json::from_str(json.get()).ok()?;
    shortening.apply(&text)
}

fn object<'a>(json: &'a RawValue, pick: &Pick) -> Result<Picked<'a>, serde_json::Error> {
    let members: BTreeMap<String, &'a RawValue> = serde_json::from_str(json.get())?;
    let shown = members.into_iter().filter_map(|(name, value)| {
        let shown = chosen(value, pick.of(&name)?);
        Some(shown.map(|shown| (name, shown)))
    });
    shown.collect::<Result<_, _>>().map(Picked::Object)
}

/// An array whose first element is no object is shown as it is.
fn array<'a>(json: &'a RawValue, pick: &Pick) -> Result<Picked<'a>, serde_json::Error> {
    let items: Vec<&'a RawValue> = serde_json::from_str(json.get())?;
    if !items.first().is_some_and(|first| first.get().starts_with('{')) {
        return Ok(Picked::Raw(json));
    }
    items.into_iter().map(|item| picked(item, pick)).collect::<Result<_, _>>().map(Picked::Array)
}
