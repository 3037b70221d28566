//! Placeholder.

pub mod endpoint;
pub mod transport;
