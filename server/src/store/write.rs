//! Writes of records, in types. Values are checked before, by the schema; what takes a look at other rows is checked by
//! the store, in the transaction that writes.

use super::{Change, Record, Value};
use crate::records::Collection;
use crate::records::schema::Field;
use generatio_core::Timestamp;

/// Most records whose emptied relation one deletion reports, per relation. All are emptied.
pub const MAX_REPORTED: u32 = 1000;

/// A write of one of an owner's records, in a collection that clients write to and that is not the users'.
#[derive(Clone, PartialEq)]
pub struct RecordWrite {
    /// Whose fields `verb` is about.
    pub collection: Collection,
    /// The record.
    pub id: String,
    /// What is done with it.
    pub verb: Verb,
    /// Now.
    pub now: Timestamp,
}

/// What is done with a record. Fields are writable ones other than `id` and `user_id`.
#[derive(Clone, PartialEq)]
pub enum Verb {
    /// Makes it. All fields are there.
    Create(Values),
    /// Removes it for good. Relations that point at it are emptied.
    Delete,
    /// Changes the fields that are there.
    Update(Values),
    /// `change` if it is there, whoever's it is, else `make`.
    Upsert {
        /// As for [`Verb::Update`].
        change: Values,
        /// As for [`Verb::Create`].
        make: Values,
    },
}

/// The fields of a write.
#[derive(Clone, Default, PartialEq)]
pub struct Values {
    /// Each field once.
    pub fields: Vec<(&'static Field, Setting)>,
    /// Whether something else is wrong with the write: [`Refusal::Flawed`], but only if the record and what it points at
    /// are the owner's, so that nobody learns more about another's.
    pub flawed: bool,
}

/// What becomes of a field.
#[derive(Clone, PartialEq, Eq)]
pub enum Setting {
    /// So much is added to a whole number.
    By(i64),
    /// It has this value.
    To(Value),
}

/// What a write did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The record as it is now; `None` when it was removed.
    pub record: Option<Record>,
    /// Every record that changed with it: itself first.
    pub changes: Vec<Change>,
}

/// Why a write was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A folder would lie in itself.
    Circle(&'static Field),
    /// The caller said so: [`Values::flawed`].
    Flawed,
    /// The owner has as many records of the kind as one may have.
    Full {
        /// How many.
        most: u32,
    },
    /// A new record points at one that is not there, or not the owner's.
    ForeignRelation,
    /// The record is not there, or not the owner's; or a changed one points at one that is not.
    Missing,
    /// The number leaves its range.
    OutOfRange(&'static Field),
    /// Another record has this value already.
    Taken(&'static Field),
}

impl Values {
    /// The value that a field is set to.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find_map(|(field, setting)| match setting {
            Setting::To(value) if field.name == name => Some(value),
            _ => None,
        })
    }
}
