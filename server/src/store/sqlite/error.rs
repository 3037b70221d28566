//! Why a database did not open.

use std::io;

/// Why the database did not open.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// SQLite refused: not a database, locked, damaged, or a migration failed.
    #[error("the database does not open: {0}")]
    Engine(String),
    /// The file cannot be made or its mode not set, or there is no room for another thread.
    #[error("the database does not open")]
    Io(#[from] io::Error),
    /// A newer program has written it; this one would damage it.
    #[error("the database is of version {found}, this program knows versions up to {known}: use a newer program")]
    Newer {
        /// Version of the file.
        found: i64,
        /// The newest version this program knows.
        known: usize,
    },
    /// An older program has written it, and this one was not asked to change that.
    #[error(
        "the database is of version {found}, this program works on version {known}: start the server of \
         this program on it, which brings it up to date"
    )]
    Older {
        /// Version of the file.
        found: i64,
        /// The version this program works on.
        known: usize,
    },
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        OpenError::Engine(error.to_string())
    }
}
