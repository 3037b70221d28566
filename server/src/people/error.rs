//! Why an operator's command did nothing, or not all of it.

use crate::auth::passwords::PasswordError;
use crate::store::sqlite::{self, OpenError};
use crate::store::{MAX_INVITATIONS, StoreError};
use generatio_core::seal::PasswordProblem;
use generatio_core::validate::EmailError;
use std::io;
use std::path::PathBuf;

/// Why nothing was done, or not all of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeskError {
    /// The database does not open.
    #[error("the database {}", .0.display())]
    Database(PathBuf, #[source] OpenError),
    /// There are as many invitations as may be.
    #[error(
        "there are {MAX_INVITATIONS} invitations, those of the last thirty days included: revoke some that nobody uses"
    )]
    Invitations,
    /// The text is no address.
    #[error("{0:?} is no e-mail address")]
    Email(String, #[source] EmailError),
    /// The key file cannot be read or written.
    #[error("the key file {} cannot be written", .0.display())]
    Key(PathBuf, #[source] io::Error),
    /// There is no database.
    #[error("{} holds no {}", .0.display(), sqlite::FILE_NAME)]
    NoDatabase(PathBuf),
    /// Nobody has this id or address.
    #[error("there is no account {0:?}")]
    Nobody(String),
    /// No invitation that could be used has this id.
    #[error("there is no invitation {0:?} that was not used")]
    NoInvitation(String),
    /// A server runs, and only the server can do it.
    #[error("no server runs on {}: sessions live in the server and end with it", .0.display())]
    NoServer(PathBuf),
    /// The password cannot be hashed.
    #[error("the password cannot be hashed")]
    Hash(#[from] PasswordError),
    /// The password is not taken.
    #[error("{0}")]
    Password(#[from] PasswordProblem),
    /// The system has no randomness to give.
    #[error("the system's randomness")]
    Random(#[from] getrandom::Error),
    /// The server that runs refused.
    #[error("the server refused: {0}")]
    Refused(String),
    /// The database refused.
    #[error("the store refused")]
    Store(#[from] StoreError),
    /// The running server cannot be told; what was written in the database stands.
    #[error("a server runs on {} and does not answer: restart it, so that it forgets what it holds", .0.display())]
    Untold(PathBuf, #[source] io::Error),
}
