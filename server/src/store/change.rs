//! What changed among an owner's records, for those who want to hear of it.

use super::record::Record;
use crate::ids::{ImageId, JobId, LedgerId, UserId};
use crate::records::Collection;
use schemars::JsonSchema;
use serde::Serialize;

/// A committed change of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Whose records it is among.
    pub collection: Collection,
    /// The record's id.
    pub id: String,
    /// What was done.
    pub action: Action,
    /// The record after the change, or before it for [`Action::Delete`], where whoever changed it has it at hand. Without
    /// it the record is read when somebody is told; what was deleted cannot be read any more.
    pub record: Option<Record>,
    /// For an update of a job that changes nothing of its row: what FAL does with it now.
    pub phase: Option<Phase>,
}

/// What FAL does with a job. In JSON `{"phase":"queued","queue_position":2}` or `{"phase":"running"}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "phase", rename_all = "lowercase")]
#[schemars(rename = "JobProgressEvent")]
pub enum Phase {
    /// It waits for a machine.
    Queued {
        /// How many are ahead; 0 is next.
        #[serde(rename = "queue_position", skip_serializing_if = "Option::is_none")]
        position: Option<u64>,
    },
    /// It runs.
    Running,
}

/// What was done with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It was made.
    Create,
    /// It is gone.
    Delete,
    /// It is another now.
    Update,
}

impl Action {
    /// `create`, `delete` or `update`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Delete => "delete",
            Self::Update => "update",
        }
    }
}

impl Change {
    /// The change of a record that can be read.
    #[must_use]
    pub fn of(collection: Collection, id: &str, action: Action) -> Self {
        Self { collection, id: id.to_owned(), action, record: None, phase: None }
    }

    /// The change of a record that is at hand: as it is now, or as it was when it was deleted.
    #[must_use]
    pub fn with(action: Action, record: Record) -> Self {
        Self { collection: record.collection, id: record.id().to_owned(), action, record: Some(record), phase: None }
    }

    /// The change of a job.
    #[must_use]
    pub fn of_job(id: &JobId, action: Action) -> Self {
        Self::of(Collection::Jobs, id.as_str(), action)
    }

    /// A new picture.
    #[must_use]
    pub fn new_image(id: &ImageId) -> Self {
        Self::of(Collection::Images, id.as_str(), Action::Create)
    }

    /// A new row of the ledger.
    #[must_use]
    pub fn new_charge(id: &LedgerId) -> Self {
        Self::of(Collection::Ledger, id.as_str(), Action::Create)
    }
}

/// Hears of changes, from whoever made them.
pub trait Audience: Send + Sync + 'static {
    /// These changes of the owner's records are committed. Never waits.
    fn hear(&self, owner: &UserId, changes: Vec<Change>);
}
