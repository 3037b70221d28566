//! `gallery`: what `cargo xtask bench gallery` needs from inside, beside the servers: the rows, and the load.

mod fill;
mod load;
mod rows;

pub(crate) use fill::{Fill, People, fill, people};
pub(crate) use load::{Load, load};
