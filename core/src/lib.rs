//! Every rule of Generatio, with no network, clock, disk or runtime of its own.
//!
//! The host hands in the time, randomness and an HTTP transport; this crate does the rest: sealing FAL keys under a
//! password ([`seal`]), sealing sessions ([`session`]), the model catalog and the checks of a request ([`catalog`],
//! [`validate`]), exact money ([`cost`]) and the client of FAL's queue ([`fal`]).

pub mod error;
pub mod secret;
pub mod time;

pub mod catalog;
pub mod cost;
pub mod fal;
pub mod seal;
pub mod session;
pub mod validate;

mod json;

pub use error::ErrorCode;
pub use secret::{FalKey, Password, SecretText};
pub use time::Timestamp;
