//! Records in PocketBase's shapes, so that its SDK works unchanged: registering, logging in, reading and writing one's
//! own.
//!
//! Reading goes one way for all collections: the schema says which fields there are, `filter` makes a typed question of
//! a list's URL, the store answers it with records, `expand` follows their relations, and `render` shows what `fields`
//! asks for.
//!
//! So does writing: `write` makes a typed write of a body by the schema, the store does it, alone or in a batch, and
//! hands back what changed. Accounts have ways of their own.

pub mod account;
pub mod batch;
pub mod expand;
pub mod fields;
pub mod files;
pub mod filter;
pub mod health;
pub mod links;
pub mod list;
pub mod login;
pub mod mail;
pub mod realtime;
pub mod register;
pub mod render;
pub mod schema;
pub mod user;
pub mod view;
pub mod wishes;
pub mod write;

mod body;
mod collection;
mod problem;

pub use collection::Collection;
pub use render::RecordView;
pub use wishes::Wishes;

#[cfg(test)]
mod tests;
