//! The functions as C calls them, from Rust, so that Miri can look on: calls to FAL in both ways, and misuse.

// Reading a catalog takes minutes under Miri.
#[cfg(not(miri))]
mod catalog;
mod corpus;
mod misuse;
mod running;
mod script;
mod stepping;
