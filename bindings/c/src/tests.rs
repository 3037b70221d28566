//! The functions as C calls them, from Rust, so that Miri can look on: calls to FAL in both ways, and misuse.

mod misuse;
mod running;
mod script;
mod stepping;
