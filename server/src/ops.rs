//! What operators look at: whether the server lives and is ready, what it counts, and what may be wrong with it.

pub mod disk;
pub mod doctor;
pub mod exposed;
pub mod health;
pub mod metrics;
