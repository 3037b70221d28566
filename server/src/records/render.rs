//! How a record reads in answers: `collectionId`, `collectionName`, its visible fields, and what was expanded.

use super::Collection;
use super::fields::{Chosen, Pick, chosen};
use super::links::Links;
use crate::clock::record_date;
use crate::store::{Record, Value};
use serde::ser::{Error as _, SerializeMap};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A record as an answer shows it. What was expanded may be shared with others of the same answer.
#[derive(Clone, Debug)]
pub struct RecordView {
    collection: Collection,
    cells: Vec<Cell>,
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

#[derive(Clone)]
enum Cell {
    Flag(bool),
    Ids(Vec<String>),
    Raw(Box<RawValue>),
    Text(String),
}

/// Cells hold a user's words.
impl std::fmt::Debug for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cell(..)")
    }
}

impl RecordView {
    /// A record as its owner sees it. Numbers and JSON fields come out digit for digit; links to files of ours are
    /// left out.
    ///
    /// # Errors
    /// When a stored JSON field is not JSON.
    pub fn new(record: Record) -> Result<Self, serde_json::Error> {
        Self::linked(record, &Links::default())
    }

    /// The same with links to files of ours.
    ///
    /// # Errors
    /// As [`RecordView::new`].
    pub fn linked(record: Record, links: &Links) -> Result<Self, serde_json::Error> {
        let Record { collection, values } = record;
        let cells = values.into_iter().map(|value| Cell::new(value, links)).collect::<Result<_, _>>()?;
        Ok(Self { collection, cells, expand: None, shows_email: true })
    }

    /// The record of a user as nobody known sees it: with the e-mail address only where that is public.
    #[must_use]
    pub fn for_guest(self) -> Self {
        let mut fields = self.collection.visible().zip(&self.cells);
        let public = fields.any(|(field, cell)| field.name == "emailVisibility" && matches!(cell, Cell::Flag(true)));
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

impl Cell {
    fn new(value: Value, links: &Links) -> Result<Self, serde_json::Error> {
        Ok(match value {
            Value::Bool(flag) => Self::Flag(flag),
            Value::Date(date) => Self::Text(date.map_or_else(String::new, record_date)),
            Value::Json(text) | Value::Number(text) => Self::Raw(RawValue::from_string(text)?),
            Value::Link(end) => Self::Text(links.to(&end)),
            Value::Relations(ids) => Self::Ids(ids),
            Value::Text(text) => Self::Text(text),
        })
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

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { view, pick } = self;
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in [("collectionId", view.collection.id()), ("collectionName", view.collection.name())] {
            if let Some(chosen) = pick.of(name) {
                text(&mut map, name, value, chosen)?;
            }
        }
        for (field, cell) in view.collection.visible().zip(&view.cells) {
            match pick.of(field.name) {
                Some(_) if field.name == "email" && !view.shows_email => {}
                Some(chosen) => entry(&mut map, field.name, cell, chosen)?,
                None => {}
            }
        }
        if let (Some(expand), Some(chosen)) = (&view.expand, pick.of("expand")) {
            map.serialize_entry("expand", &ShownExpand { expand, chosen })?;
        }
        map.end()
    }
}

fn entry<M: SerializeMap>(map: &mut M, name: &str, cell: &Cell, how: Chosen<'_>) -> Result<(), M::Error> {
    match cell {
        Cell::Flag(flag) => map.serialize_entry(name, flag),
        Cell::Ids(ids) => map.serialize_entry(name, ids),
        Cell::Raw(raw) => map.serialize_entry(name, &chosen(raw, how).map_err(M::Error::custom)?),
        Cell::Text(value) => text(map, name, value, how),
    }
}

fn text<M: SerializeMap>(map: &mut M, name: &str, value: &str, how: Chosen<'_>) -> Result<(), M::Error> {
    let short = match how {
        Chosen::Whole(shortening) => shortening.apply(value),
        Chosen::Parts(_) => None,
    };
    map.serialize_entry(name, short.as_deref().unwrap_or(value))
}

struct ShownExpand<'a> {
    expand: &'a BTreeMap<String, Expanded>,
    chosen: Chosen<'a>,
}

impl Serialize for ShownExpand<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let everything = Pick::everything();
        let pick = parts(self.chosen, &everything);
        let mut map = serializer.serialize_map(None)?;
        for (name, expanded) in self.expand {
            let Some(chosen) = pick.of(name) else { continue };
            let pick = parts(chosen, &everything);
            match expanded {
                Expanded::Many(views) => {
                    map.serialize_entry(name, &views.iter().map(|view| view.shown(pick)).collect::<Vec<_>>())
                }
                Expanded::One(view) => map.serialize_entry(name, &view.shown(pick)),
            }?;
        }
        map.end()
    }
}

fn parts<'a>(chosen: Chosen<'a>, everything: &'a Pick) -> &'a Pick {
    match chosen {
        Chosen::Parts(pick) => pick,
        Chosen::Whole(_) => everything,
    }
}

#[cfg(test)]
mod tests;
