//! Test doubles and vector readers shared by Generatio's tests.

pub mod clock;
pub mod rng;
pub mod vectors;
