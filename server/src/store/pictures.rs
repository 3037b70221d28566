//! Copies of pictures, as the store keeps account of them. The bytes are elsewhere ([`crate::pictures`]).

use crate::ids::{ImageId, UserId};
use crate::pictures::{Address, Format};
use generatio_core::Timestamp;
use std::fmt;

/// A file, by what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Where its bytes are.
    pub address: Address,
    /// What kind it is.
    pub format: Format,
    /// How many bytes it has.
    pub bytes: u64,
}

/// What makes a link unguessable: 22 random characters, 131 bits. Whoever has it sees the file.
#[derive(Clone, PartialEq, Eq)]
pub struct FileToken(pub String);

impl fmt::Debug for FileToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileToken").finish_non_exhaustive()
    }
}

/// A file and what its link ends with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedPicture {
    /// The file.
    pub picture: Picture,
    /// Its token.
    pub token: FileToken,
}

/// The copy of a record's picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageFiles {
    /// As FAL made it, byte for byte.
    pub file: LinkedPicture,
    /// Small, for galleries; a picture that does not decode has none.
    pub thumbnail: Option<LinkedPicture>,
}

/// A copy that is wanted.
#[derive(Clone, PartialEq, Eq)]
pub struct WantedCopy {
    /// Whose picture.
    pub image: ImageId,
    /// The picture's owner.
    pub owner: UserId,
    /// Where it is now.
    pub url: String,
    /// How often it failed so far.
    pub failures: u32,
    /// When to try.
    pub due: Timestamp,
}

/// Whoever has the address sees the picture.
impl fmt::Debug for WantedCopy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WantedCopy").field("image", &self.image).field("due", &self.due).finish_non_exhaustive()
    }
}
