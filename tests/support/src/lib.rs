//! Test doubles and vector readers shared by Generatio's tests.

pub mod fal;
pub mod transport;
