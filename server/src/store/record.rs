//! Records: rows of whatever collection, field by field, as the store hands them out.

use crate::records::Collection;
use generatio_core::Timestamp;
use std::time::Duration;

/// Most records that a relation back leads to, per record.
pub const MAX_RELATED: u32 = 1000;

/// How long the answer to a question about records may take.
pub const QUESTION_TIME: Duration = Duration::from_secs(5);

/// A row of a collection.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// Which one.
    pub collection: Collection,
    /// The values of the collection's visible fields, in the schema's order.
    pub values: Vec<Value>,
}

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

impl Record {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        self.text("id")
    }

    /// The value of a visible field.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Value> {
        let mut fields = self.collection.visible().zip(&self.values);
        fields.find(|(field, _)| field.name == name).map(|(_, value)| value)
    }

    /// The text of a field; empty for a field of another kind, or none.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        match self.value(name) {
            Some(Value::Text(text)) => text,
            _ => "",
        }
    }

    /// The ids that a relation holds.
    #[must_use]
    pub fn related(&self, name: &str) -> &[String] {
        match self.value(name) {
            Some(Value::Relations(ids)) => ids,
            Some(Value::Text(id)) if !id.is_empty() => std::slice::from_ref(id),
            _ => &[],
        }
    }
}

/// A page of records.
#[derive(Clone, Debug, Default)]
pub struct RecordPage {
    /// The records, in the order asked for.
    pub records: Vec<Record>,
    /// How many there are on all pages, where that was asked for.
    pub total: Option<u64>,
}
