//! PocketBase's filter language: text → tree of words ([`Expr`]) → typed condition over the schema
//! ([`crate::store::Filter`]). Nothing here knows how rows are kept.
//!
//! Sorting names its keys by the same paths, see [`sort`].

pub mod sort;

mod lexer;
mod macros;
mod parser;
mod paths;
mod resolve;
mod tree;

pub use parser::parse;
pub use resolve::Resolver;
pub use tree::{Compare, Expr, Term};

#[cfg(test)]
mod tests;

/// Longest filter, in bytes.
pub const MAX_BYTES: usize = 3500;
/// Most comparisons of a filter.
pub const MAX_COMPARISONS: usize = 200;
/// How deep functions may nest.
pub const MAX_CALLS: usize = 3;
/// Most relations that the paths of one question may follow, each prefix counted once.
pub const MAX_RELATIONS: usize = 30;

/// Why a filter or sort is refused. The texts are for the log: they say where, and hold nothing of the filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FilterError {
    /// A name that is not a visible field, a path that leads nowhere, or a modifier that does not apply.
    #[error("a name of it is no field")]
    Field,
    /// A function that is not offered, or not with such arguments.
    #[error("a function of it is not offered")]
    Function,
    /// The text is not of the grammar from this byte on.
    #[error("it is malformed at byte {at}")]
    Malformed {
        /// Offset into the text.
        at: usize,
    },
    /// It exceeds one of the limits.
    #[error("it is too long, too deep, or follows too many relations")]
    TooMuch,
}
