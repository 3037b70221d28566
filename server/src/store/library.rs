//! Folders, preferences and pictures, as the store keeps them.

use crate::ids::{FolderId, ImageId, JobId, PreferenceId, UserId};
use generatio_core::Timestamp;

/// Most folders of one user, those in the trash included.
pub const MAX_FOLDERS: u32 = 10_000;

/// Most models that one user has saved preferences for.
pub const MAX_PREFERENCES: u32 = 1_000;

/// A folder about to be made.
#[derive(Debug)]
pub struct NewFolder {
    /// Its id.
    pub id: FolderId,
    /// Whose it is.
    pub owner: UserId,
    /// Its name, already checked.
    pub name: String,
    /// The folder it lies in.
    pub parent: Option<FolderId>,
    /// Now.
    pub created: Timestamp,
}

/// A folder.
#[derive(Clone, Debug)]
pub struct Folder {
    /// Its id.
    pub id: FolderId,
    /// Whose it is.
    pub owner: UserId,
    /// Its name.
    pub name: String,
    /// The folder it lies in.
    pub parent: Option<FolderId>,
    /// A mark of the owner's; it changes nothing here.
    pub private: bool,
    /// In the trash since.
    pub deleted: Option<Timestamp>,
    /// When it was made.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
}

/// What a user saved for one model.
#[derive(Clone, Debug)]
pub struct Preferences {
    /// Its id.
    pub id: PreferenceId,
    /// Whose it is.
    pub owner: UserId,
    /// The model's name as given, known to the catalog or not.
    pub model: String,
    /// Text of a JSON object.
    pub values: String,
    /// When it was first saved.
    pub created: Timestamp,
    /// When it was last saved.
    pub updated: Timestamp,
}

/// A generated picture.
#[derive(Clone, PartialEq)]
pub struct Image {
    /// Its id.
    pub id: ImageId,
    /// Whose it is.
    pub owner: UserId,
    /// The job it came from.
    pub job: Option<JobId>,
    /// Title; the prompt's beginning at first.
    pub title: String,
    /// FAL's link.
    pub url: String,
    /// The prompt, in the clear.
    pub prompt: String,
    /// FAL's request id.
    pub request_id: String,
    /// The model's name.
    pub model: String,
    /// Place in its batch, from 1.
    pub batch_number: u32,
    /// JSON text `{"width":…,"height":…}`, or `null`.
    pub image_size: String,
    /// JSON text: cost, time, parameters, seed.
    pub other_info: String,
    /// The folder it lies in.
    pub folder: Option<FolderId>,
    /// In the trash since.
    pub deleted: Option<Timestamp>,
    /// When it was made.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
}
