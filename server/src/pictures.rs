//! Copies of pictures: FAL's links die, and a library must not die with them.
//!
//! ```text
//! settled ─ fetch (from FAL's hosts alone) ─ put under its content's address ─ preview ─ keep (a row, and its links)
//! ```
//! What is not copied yet is a row of the store, so that a restart loses nothing; files that no row refers to any more
//! go with the next sweep. A link is `{record}/{22 random characters}.{format}` and dies with its record; the address of
//! the content is told to nobody.

mod address;
mod fetch;
mod folder;
mod format;
mod keeper;
mod patience;
mod preview;

pub use address::{Address, AddressError};
pub use folder::{FOLDER, PictureFolder, addresses};
pub use format::Format;
pub use keeper::Keeper;

use crate::pieces::Pieces;
use async_trait::async_trait;
use bytes::Bytes;
use std::io;
use std::ops::Range;

/// Largest file that is copied and decoded, in bytes.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;

/// Where the bytes of pictures are, each by the address of its content.
#[async_trait]
pub trait Pictures: Send + Sync + 'static {
    /// Keeps `bytes`, which are whole and durable when this returns. Those that are there already stay as they are.
    async fn put(&self, address: Address, bytes: Bytes) -> io::Result<()>;
    /// The bytes from `range.start` up to `range.end` of what is at `address`, if it is there.
    async fn read(&self, address: Address, range: Range<u64>) -> io::Result<Option<Pieces>>;
    /// Removes what is at `address`, if it is there.
    async fn remove(&self, address: Address) -> io::Result<()>;
}
