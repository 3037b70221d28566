//! Why the store did not do what it was asked for.

use super::Refusal;

/// Why the store did not do it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The engine failed; the text is for the log.
    #[error("the store failed: {0}")]
    Backend(String),
    /// The e-mail address has an account already.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// The owner has as many rows of the kind as one may have; nothing was added.
    #[error("the owner has as many of them as allowed")]
    Full,
    /// The id is in use.
    #[error("the id is taken")]
    IdTaken,
    /// The job is not the caller's to move: taken over under a newer fence, or not in a state this step begins from.
    #[error("the job's lease was lost")]
    LeaseLost,
    /// No such row, or not this user's.
    #[error("no such row")]
    Missing,
    /// One of several writes breaks a rule, and nothing was written.
    #[error("write {index} is refused: {refusal:?}")]
    Refused {
        /// Which one, from 0.
        index: usize,
        /// Whether it was to make a record, rather than to change or remove one.
        creating: bool,
        /// The rule.
        refusal: Refusal,
    },
    /// Nothing was done; trying again may help.
    #[error("the store is busy")]
    Retry,
    /// The question takes longer than any may.
    #[error("the question takes too long")]
    TooLong,
    /// There is no such invitation, or it is used, expired or for another address; no account was added.
    #[error("there is no such invitation")]
    Uninvited,
}
