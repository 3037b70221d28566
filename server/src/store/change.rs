//! What a committed write changed, for those who follow their records.

use super::Record;

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It is new.
    Create,
    /// It has other values.
    Update,
    /// It is gone.
    Delete,
}

/// One record that a committed write made, changed or removed. Collection and id are the record's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What became of it.
    pub action: Action,
    /// Its state afterwards; for [`Action::Delete`] the last it had.
    pub record: Record,
}

impl Action {
    /// `create`, `update` or `delete`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}
