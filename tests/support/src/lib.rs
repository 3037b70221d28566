//! Test doubles and vector readers shared by Generatio's tests.

pub mod clock;
pub mod fal;
pub mod rng;
pub mod transport;
pub mod vectors;
