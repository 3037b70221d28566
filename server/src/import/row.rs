//! A row of the original, and its columns by what they should be.

use crate::clock;
use generatio_core::Timestamp;
use rusqlite::types::ValueRef;
use serde::de::IgnoredAny;
use std::borrow::Cow;

/// Longest text of a column, in bytes; PocketBase's texts have 5,000 characters, its JSON 1 MiB.
pub(super) const LONGEST: usize = 1 << 20;
/// As much of a strange id is shown.
const SHOWN: usize = 40;

/// Why a row cannot be brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BadRow {
    pub(super) column: &'static str,
    pub(super) why: &'static str,
}

/// A row and the names of its columns, in its order.
pub(super) struct Row<'a> {
    pub(super) row: &'a rusqlite::Row<'a>,
    pub(super) columns: &'static [&'static str],
}

impl Row<'_> {
    fn value(&self, column: &'static str) -> ValueRef<'_> {
        let index = self.columns.iter().position(|name| *name == column);
        // A column that was not asked for is a mistake of ours, and reads as one that is not there.
        index.map_or(ValueRef::Null, |index| self.row.get_ref(index).unwrap_or(ValueRef::Null))
    }

    /// A text; empty when there is none.
    pub(super) fn text(&self, column: &'static str) -> Result<&str, BadRow> {
        let bad = |why| BadRow { column, why };
        match self.value(column) {
            ValueRef::Null => Ok(""),
            ValueRef::Text(bytes) => std::str::from_utf8(bytes).map_err(|_| bad("is no UTF-8")),
            // What is too long comes as a blob (`source.rs`).
            ValueRef::Blob(_) => Err(bad("is too long, or no text")),
            ValueRef::Integer(_) | ValueRef::Real(_) => Err(bad("is no text")),
        }
    }

    /// The same where there must be one.
    pub(super) fn filled(&self, column: &'static str) -> Result<&str, BadRow> {
        match self.text(column)? {
            "" => Err(BadRow { column, why: "is empty" }),
            text => Ok(text),
        }
    }

    /// An id of ours.
    pub(super) fn id<T>(&self, column: &'static str, parse: impl Fn(&str) -> Option<T>) -> Result<T, BadRow> {
        parse(self.filled(column)?).ok_or(BadRow { column, why: "is not an id of 15 characters of a-z0-9" })
    }

    /// The same where there may be none.
    pub(super) fn maybe_id<T>(
        &self,
        column: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, BadRow> {
        if self.text(column)?.is_empty() { Ok(None) } else { self.id(column, parse).map(Some) }
    }

    /// A date as PocketBase writes it, `2026-01-02 03:04:05.678Z`; none when it is empty.
    pub(super) fn date(&self, column: &'static str) -> Result<Option<Timestamp>, BadRow> {
        let text = self.text(column)?;
        if text.is_empty() {
            return Ok(None);
        }
        let moment = (text.len() <= SHOWN).then(|| clock::parse_rfc3339(&text.replacen(' ', "T", 1))).flatten();
        moment.map(Some).ok_or(BadRow { column, why: "is no date" })
    }

    /// The text of a JSON value; `null` when there is none.
    pub(super) fn json(&self, column: &'static str) -> Result<Cow<'_, str>, BadRow> {
        let text = match self.value(column) {
            // A JSON column of PocketBase's turns the texts of numbers into numbers.
            ValueRef::Integer(number) => Cow::Owned(number.to_string()),
            ValueRef::Real(number) => Cow::Owned(number.to_string()),
            _ => Cow::Borrowed(self.text(column)?),
        };
        if text.is_empty() {
            return Ok(Cow::Borrowed("null"));
        }
        match serde_json::from_str::<IgnoredAny>(&text) {
            Ok(_) => Ok(text),
            Err(_) => Err(BadRow { column, why: "is no JSON" }),
        }
    }

    /// True or false; false when there is neither.
    pub(super) fn boolean(&self, column: &'static str) -> Result<bool, BadRow> {
        match self.value(column) {
            ValueRef::Null | ValueRef::Integer(0) => Ok(false),
            ValueRef::Integer(1) => Ok(true),
            _ => Err(BadRow { column, why: "is neither true nor false" }),
        }
    }

    /// A whole number from 0; 0 when there is none.
    pub(super) fn count(&self, column: &'static str) -> Result<u32, BadRow> {
        let bad = BadRow { column, why: "is not a whole number from 0" };
        match self.value(column) {
            ValueRef::Null => Ok(0),
            ValueRef::Integer(number) => u32::try_from(number).map_err(|_| bad),
            // PocketBase's numbers are doubles; a whole one prints without a point.
            ValueRef::Real(number) => number.to_string().parse().map_err(|_| bad),
            ValueRef::Text(_) | ValueRef::Blob(_) => Err(bad),
        }
    }

    /// Its id, for people, on one line whatever it is.
    pub(super) fn shown_id(&self) -> String {
        match self.text("id") {
            Ok("") | Err(_) => "(no id)".into(),
            Ok(text) if text.bytes().all(|byte| byte.is_ascii_alphanumeric()) && text.len() <= SHOWN => text.into(),
            Ok(text) => text.chars().take(SHOWN).collect::<String>().escape_debug().to_string(),
        }
    }
}
