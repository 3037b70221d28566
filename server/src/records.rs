//! Records in PocketBase's shapes, so that its SDK works unchanged: registering, logging in, reading one's own.

pub mod filter;
pub mod health;
pub mod image;
pub mod login;
pub mod register;
pub mod schema;
pub mod user;
pub mod view;

mod body;
mod collection;
mod problem;

pub use collection::Collection;

#[cfg(test)]
mod tests;
