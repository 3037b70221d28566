//! How a record reads in answers: `collectionId`, `collectionName`, its visible fields, and what was expanded.

mod json;

use super::Collection;
use super::fields::{Chosen, Pick, chosen};
use super::links::Links;
use crate::clock::record_date_text;
use crate::store::{Cell, Record, Value};
use json::Object;
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

/// Room that most records take as JSON, in bytes.
const USUAL: usize = 1024;

/// The visible fields of each collection, and what stands before their values.
static KEYS: LazyLock<BTreeMap<Collection, Vec<(&str, String)>>> = LazyLock::new(|| {
    let keys = |one: Collection| one.visible().map(|field| (field.name, json::key(field.name))).collect();
    Collection::ALL.into_iter().map(|one| (one, keys(one))).collect()
});

/// A record as an answer shows it. What was expanded may be shared with others of the same answer.
#[derive(Clone, Debug)]
pub struct RecordView {
    record: Record,
    links: Links,
    expand: Option<BTreeMap<String, Expanded>>,
    shows_email: bool,
}

/// What a relation leads to.
#[derive(Clone, Debug)]
pub enum Expanded {
    /// Several.
    Many(Vec<Arc<RecordView>>),
    /// One.
    One(Arc<RecordView>),
}

impl RecordView {
    /// A record as its owner sees it. Numbers and JSON fields come out digit for digit, as they were when they were
    /// checked and stored; links to files of ours are left out.
    #[must_use]
    pub fn new(record: Record) -> Self {
        Self::linked(record, &Links::default())
    }

    /// The same with links to files of ours.
    #[must_use]
    pub fn linked(record: Record, links: &Links) -> Self {
        Self { record, links: links.clone(), expand: None, shows_email: true }
    }

    /// The record of a user as nobody known sees it: with the e-mail address only where that is public.
    #[must_use]
    pub fn for_guest(self) -> Self {
        let public = self.record.value("emailVisibility") == Some(Value::Bool(true));
        Self { shows_email: public, ..self }
    }

    /// The record with what its relations lead to.
    #[must_use]
    pub fn with_expand(self, expand: BTreeMap<String, Expanded>) -> Self {
        Self { expand: Some(expand), ..self }
    }

    /// How many records it takes to show it: itself and all that is expanded within.
    #[must_use]
    pub fn weight(&self) -> usize {
        1 + self.expand.iter().flat_map(BTreeMap::values).map(Expanded::weight).sum::<usize>()
    }

    /// The parts that `pick` asks for.
    #[must_use]
    pub fn shown<'a>(&'a self, pick: &'a Pick) -> Shown<'a> {
        Shown { view: self, pick }
    }
}

impl Expanded {
    /// How many records it takes to show it.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Many(views) => views.iter().map(|view| view.weight()).sum(),
            Self::One(view) => view.weight(),
        }
    }
}

/// The whole record.
impl Serialize for RecordView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.shown(&Pick::everything()).serialize(serializer)
    }
}

/// Parts of a record.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    view: &'a RecordView,
    pick: &'a Pick,
}

/// Within other JSON; what is sent alone, or in lists, is written without a serializer.
impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.json().and_then(|json| String::from_utf8(json).map_err(serde_json::Error::custom));
        let raw = text.and_then(RawValue::from_string).map_err(S::Error::custom)?;
        raw.serialize(serializer)
    }
}

impl Shown<'_> {
    /// As JSON.
    ///
    /// # Errors
    /// When a stored JSON field of which parts are shown is not JSON.
    pub(crate) fn json(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut out = Vec::with_capacity(USUAL);
        self.write(&mut out)?;
        Ok(out)
    }

    /// Several as a JSON array.
    ///
    /// # Errors
    /// As [`Shown::json`].
    pub(crate) fn write_all(out: &mut Vec<u8>, views: &[RecordView], pick: &Pick) -> Result<(), serde_json::Error> {
        out.reserve(views.len() * USUAL);
        json::array(out, views, |out, view| view.shown(pick).write(out))
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        let Self { view: RecordView { record, links, expand, shows_email }, pick } = self;
        let mut object = Object::begin(out);
        let collection = record.collection;
        for (name, value) in [("collectionId", collection.id()), ("collectionName", collection.name())] {
            if let Some(chosen) = pick.of(name) {
                text(object.member(name), value, chosen);
            }
        }
        let keys = KEYS.get(&collection).into_iter().flatten();
        for ((name, key), cell) in keys.zip(record.cells()) {
            match pick.of(name) {
                Some(_) if *name == "email" && !shows_email => {}
                Some(chosen) => value(object.keyed(key), cell, links, chosen)?,
                None => {}
            }
        }
        if let (Some(expand), Some(chosen)) = (expand, pick.of("expand")) {
            expanded(object.member("expand"), expand, chosen)?;
        }
        object.end();
        Ok(())
    }
}

fn value(out: &mut Vec<u8>, cell: Cell<'_>, links: &Links, how: Chosen<'_>) -> Result<(), serde_json::Error> {
    match cell {
        Cell::Bool(flag) => out.extend_from_slice(if flag { b"true" } else { b"false" }),
        Cell::Date(date) => {
            let date = date.map(record_date_text);
            let date = date.as_ref().map_or("", |date| date.as_str());
            // As it is printed, there is nothing to escape in it.
            if how.is_all() { json::plain(out, date) } else { text(out, date, how) }
        }
        Cell::Json(raw) | Cell::Number(raw) if how.is_all() => out.extend_from_slice(raw.as_bytes()),
        Cell::Json(raw) | Cell::Number(raw) => {
            let raw: &RawValue = serde_json::from_str(raw)?;
            serde_json::to_writer(out, &chosen(raw, how)?)?;
        }
        Cell::Link(end) => text(out, &links.to(end), how),
        Cell::Relations(ids) => out.extend_from_slice(ids.as_bytes()),
        Cell::Text(value) => text(out, value, how),
    }
    Ok(())
}

fn text(out: &mut Vec<u8>, value: &str, how: Chosen<'_>) {
    let short = match how {
        Chosen::Whole(shortening) => shortening.apply(value),
        Chosen::Parts(_) => None,
    };
    json::string(out, short.as_deref().unwrap_or(value));
}

fn expanded(
    out: &mut Vec<u8>,
    expand: &BTreeMap<String, Expanded>,
    chosen: Chosen<'_>,
) -> Result<(), serde_json::Error> {
    let everything = Pick::everything();
    let pick = parts(chosen, &everything);
    let mut object = Object::begin(out);
    for (name, expanded) in expand {
        let Some(chosen) = pick.of(name) else { continue };
        let (out, pick) = (object.member(name), parts(chosen, &everything));
        match expanded {
            Expanded::Many(views) => json::array(out, views, |out, view| view.shown(pick).write(out))?,
            Expanded::One(view) => view.shown(pick).write(out)?,
        }
    }
    object.end();
    Ok(())
}

fn parts<'a>(chosen: Chosen<'a>, everything: &'a Pick) -> &'a Pick {
    match chosen {
        Chosen::Parts(pick) => pick,
        Chosen::Whole(_) => everything,
    }
}

#[cfg(test)]
mod tests;
