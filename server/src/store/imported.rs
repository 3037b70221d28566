//! Rows of the original server, checked, as they are brought into the store.

use super::{NewUser, StoredToken};
use crate::ids::{FolderId, ImageId, PreferenceId, UserId};
use generatio_core::Timestamp;
use generatio_core::cost::Usd;

/// An account with its sealed token.
#[derive(Debug)]
pub struct ImportedUser {
    /// The account; its hash is bcrypt's.
    pub user: NewUser,
    /// Whether the address was confirmed.
    pub verified: bool,
    /// When it last changed.
    pub updated: Timestamp,
    /// The token as it was sealed there.
    pub token: Option<StoredToken>,
}

/// A folder.
#[derive(Debug)]
pub struct ImportedFolder {
    /// Its id.
    pub id: FolderId,
    /// Whose it is.
    pub owner: UserId,
    /// Its name.
    pub name: String,
    /// The folder it lies in.
    pub parent: Option<FolderId>,
    /// A mark of the owner's.
    pub private: bool,
    /// In the trash since.
    pub deleted: Option<Timestamp>,
    /// When it was made.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
}

/// What somebody saved for a model.
#[derive(Debug)]
pub struct ImportedPreferences {
    /// Its id there, which several users may share.
    pub id: PreferenceId,
    /// One of them.
    pub owner: UserId,
    /// The model's name.
    pub model: String,
    /// Text of a JSON object.
    pub values: String,
    /// When it was first saved.
    pub created: Timestamp,
    /// When it was last saved.
    pub updated: Timestamp,
}

/// A picture, and what it cost.
pub struct ImportedImage {
    /// Its id, also that of its job and of its charge.
    pub id: ImageId,
    /// Whose it is.
    pub owner: UserId,
    /// Title.
    pub title: String,
    /// FAL's link.
    pub url: String,
    /// The prompt.
    pub prompt: String,
    /// FAL's request id; empty when it is not known.
    pub request_id: String,
    /// The model's name.
    pub model: String,
    /// Its place in its batch.
    pub batch_number: u32,
    /// JSON text.
    pub image_size: String,
    /// JSON text.
    pub other_info: String,
    /// JSON text of the parameters; an object.
    pub parameters: String,
    /// The folder it lies in.
    pub folder: Option<FolderId>,
    /// What it cost by the original's catalog, if that stands in its row.
    pub cost: Option<Usd>,
    /// In the trash since.
    pub deleted: Option<Timestamp>,
    /// When it was made.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brought {
    /// It was brought by an earlier import.
    Before,
    /// Another row is in its place, which stays as it is; why.
    Conflict(&'static str),
    /// It is there now.
    New,
    /// It is there now, without the folder it lay in: that is not the owner's, or not there.
    WithoutFolder,
    /// Its owner is not there: not brought, or removed since.
    WithoutOwner,
}
