//! Records: rows of whatever collection, field by field, as the store hands them out.

use crate::records::Collection;
use generatio_core::Timestamp;
use std::time::Duration;

/// Most records that a relation back leads to, per record.
pub const MAX_RELATED: u32 = 1000;

/// Room for the texts of most records, in bytes.
const USUAL: usize = 512;

/// How long the answer to a question about records may take.
pub const QUESTION_TIME: Duration = Duration::from_secs(5);

/// A row of a collection: the values of its visible fields, in the schema's order. Their texts lie in one, so that a page
/// of records takes few allocations.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// Which one.
    pub collection: Collection,
    texts: String,
    places: Vec<Place>,
}

/// A record that is being read, value by value. That its texts are UTF-8 is looked at once, for all of them.
pub struct Draft {
    collection: Collection,
    texts: Vec<u8>,
    places: Vec<Place>,
}

/// Texts of a record are no UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a text is not UTF-8")]
pub struct NotUtf8;

/// A value, or where its text lies. Bytes from and to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Bool(bool),
    Date(Option<Timestamp>),
    Json(usize, usize),
    Link(usize, usize),
    Number(usize, usize),
    Relations(usize, usize),
    Text(usize, usize),
}

/// The value of a field as its record holds it: [`Value`] without texts of its own. They are bytes where it is not yet
/// known whether they are UTF-8.
pub enum Cell<'a, T: ?Sized = str> {
    /// `true` or `false`.
    Bool(bool),
    /// A moment, or none.
    Date(Option<Timestamp>),
    /// Text of a JSON value.
    Json(&'a T),
    /// See [`Value::Link`].
    Link(&'a T),
    /// Text of a JSON number.
    Number(&'a T),
    /// JSON array of the ids of other records.
    Relations(&'a T),
    /// A text, or the id of another record.
    Text(&'a T),
}

impl<T: ?Sized> Clone for Cell<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Cell<'_, T> {}

/// The value of a field. Prints without what it holds: that may be a user's words.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// A moment, or none.
    Date(Option<Timestamp>),
    /// Text of a JSON value.
    Json(String),
    /// The end of a link of ours, behind [`crate::records::links::PATH`]; empty where there is none.
    Link(String),
    /// Text of a JSON number: its exact digits.
    Number(String),
    /// Ids of other records.
    Relations(Vec<String>),
    /// A text, or the id of another record; empty where there is none.
    Text(String),
}

impl Draft {
    /// A record without values yet: they are pushed in the schema's order.
    #[must_use]
    pub fn new(collection: Collection) -> Self {
        let places = Vec::with_capacity(collection.fields().len());
        Self { collection, texts: Vec::with_capacity(USUAL), places }
    }

    /// Adds the value of the next field.
    pub fn push(&mut self, cell: Cell<'_, [u8]>) {
        let place = match cell {
            Cell::Bool(flag) => Place::Bool(flag),
            Cell::Date(date) => Place::Date(date),
            Cell::Json(text) => self.keep(text, Place::Json),
            Cell::Link(text) => self.keep(text, Place::Link),
            Cell::Number(text) => self.keep(text, Place::Number),
            Cell::Relations(text) => self.keep(text, Place::Relations),
            Cell::Text(text) => self.keep(text, Place::Text),
        };
        self.places.push(place);
    }

    fn keep(&mut self, text: &[u8], place: fn(usize, usize) -> Place) -> Place {
        let from = self.texts.len();
        self.texts.extend_from_slice(text);
        place(from, self.texts.len())
    }

    /// The record.
    ///
    /// # Errors
    /// [`NotUtf8`] when that holds for any of its texts.
    pub fn finish(self) -> Result<Record, NotUtf8> {
        let Self { collection, texts, places } = self;
        let texts = String::from_utf8(texts).map_err(|_| NotUtf8)?;
        // Two that are none might make one.
        let is_whole = |place: &Place| place.text().is_none_or(|(_, to)| texts.is_char_boundary(to));
        if places.iter().all(is_whole) { Ok(Record { collection, texts, places }) } else { Err(NotUtf8) }
    }
}

impl Place {
    /// Where its text lies, if it has one.
    const fn text(self) -> Option<(usize, usize)> {
        match self {
            Self::Bool(_) | Self::Date(_) => None,
            Self::Json(from, to)
            | Self::Link(from, to)
            | Self::Number(from, to)
            | Self::Relations(from, to)
            | Self::Text(from, to) => Some((from, to)),
        }
    }
}

impl Record {
    /// A record of these values, which are in the schema's order.
    #[must_use]
    pub fn of(collection: Collection, values: impl IntoIterator<Item = Value>) -> Self {
        let mut record = Draft::new(collection);
        for value in values {
            match &value {
                Value::Bool(flag) => record.push(Cell::Bool(*flag)),
                Value::Date(date) => record.push(Cell::Date(*date)),
                Value::Json(text) => record.push(Cell::Json(text.as_bytes())),
                Value::Link(end) => record.push(Cell::Link(end.as_bytes())),
                Value::Number(digits) => record.push(Cell::Number(digits.as_bytes())),
                Value::Relations(ids) => record.push(Cell::Relations(serde_json::json!(ids).to_string().as_bytes())),
                Value::Text(text) => record.push(Cell::Text(text.as_bytes())),
            }
        }
        record.finish().expect("each of its texts is UTF-8")
    }

    /// Its values, in the schema's order.
    pub fn cells(&self) -> impl Iterator<Item = Cell<'_>> {
        self.places.iter().map(|place| self.cell(*place))
    }

    fn cell(&self, place: Place) -> Cell<'_> {
        let text = |from, to| self.texts.get(from..to).unwrap_or_default();
        match place {
            Place::Bool(flag) => Cell::Bool(flag),
            Place::Date(date) => Cell::Date(date),
            Place::Json(from, to) => Cell::Json(text(from, to)),
            Place::Link(from, to) => Cell::Link(text(from, to)),
            Place::Number(from, to) => Cell::Number(text(from, to)),
            Place::Relations(from, to) => Cell::Relations(text(from, to)),
            Place::Text(from, to) => Cell::Text(text(from, to)),
        }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        self.text("id")
    }

    fn named(&self, name: &str) -> Option<Cell<'_>> {
        let mut fields = self.collection.visible().zip(&self.places);
        fields.find(|(field, _)| field.name == name).map(|(_, place)| self.cell(*place))
    }

    /// The value of a visible field.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<Value> {
        self.named(name).map(Value::from)
    }

    /// The text of a field; empty for a field of another kind, or none.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        match self.named(name) {
            Some(Cell::Text(text)) => text,
            _ => "",
        }
    }

    /// The ids that a relation holds.
    #[must_use]
    pub fn related(&self, name: &str) -> Vec<&str> {
        match self.named(name) {
            Some(Cell::Relations(ids)) => listed(ids),
            Some(Cell::Text(id)) if !id.is_empty() => vec![id],
            _ => Vec::new(),
        }
    }
}

impl From<Cell<'_>> for Value {
    fn from(cell: Cell<'_>) -> Self {
        match cell {
            Cell::Bool(flag) => Self::Bool(flag),
            Cell::Date(date) => Self::Date(date),
            Cell::Json(text) => Self::Json(text.to_owned()),
            Cell::Link(end) => Self::Link(end.to_owned()),
            Cell::Number(digits) => Self::Number(digits.to_owned()),
            Cell::Relations(ids) => Self::Relations(listed(ids).into_iter().map(str::to_owned).collect()),
            Cell::Text(text) => Self::Text(text.to_owned()),
        }
    }
}

/// Ids have nothing in them that JSON escapes.
fn listed(ids: &str) -> Vec<&str> {
    serde_json::from_str(ids).unwrap_or_default()
}

/// A page of records.
#[derive(Clone, Debug, Default)]
pub struct RecordPage {
    /// The records, in the order asked for.
    pub records: Vec<Record>,
    /// How many there are on all pages, where that was asked for.
    pub total: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::{Cell, Draft, NotUtf8, Record, Value};
    use crate::records::Collection;
    use generatio_core::Timestamp;

    #[test]
    fn what_goes_in_comes_out() {
        let values = [
            Value::Text("h9abrttn6oajblr".into()),
            Value::Date(Some(Timestamp::from_unix_ms(7))),
            Value::Date(None),
            Value::Text(String::new()),
            Value::Bool(true),
            Value::Bool(false),
            Value::Text("Zoë \"Z\"".into()),
            Value::Json(r#"{"total_images":3}"#.into()),
            Value::Relations(vec!["aaaaaaaaaaaaaaa".into(), "bbbbbbbbbbbbbbb".into()]),
        ];
        let record = Record::of(Collection::Users, values.clone());
        assert!(record.cells().map(Value::from).eq(values.clone()));
        let mut fields = Collection::Users.visible().zip(values);
        assert!(fields.all(|(field, value)| record.value(field.name) == Some(value)));
        assert_eq!((record.id(), record.text("name"), record.text("email")), ("h9abrttn6oajblr", "Zoë \"Z\"", ""));
        assert_eq!(record.related("model_preferences"), ["aaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbb"]);
        assert!(record.value("password").is_none() && record.related("email").is_empty());
    }
    #[test]
    fn each_text_is_utf8_by_itself() {
        let read = |texts: [&[u8]; 2]| {
            let mut draft = Draft::new(Collection::Folders);
            for text in texts {
                draft.push(Cell::Text(text));
            }
            draft.finish().map(|record| record.id().to_owned())
        };
        assert_eq!(read(["Zo\u{eb}".as_bytes(), b"x"]), Ok("Zo\u{eb}".to_owned()));
        assert_eq!(read([b"Zo\xff", b"x"]), Err(NotUtf8));
        assert_eq!(read([b"Zo\xc3", b"\xab"]), Err(NotUtf8));
    }
}
