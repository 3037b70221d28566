//! What the tests across crates stand on: the real binary on a free port, the stand-in for FAL, and users who call
//! them over real sockets. Its only tests are of the search for secrets, which must find what is there.

mod binary;
mod browser;
mod client;
mod digest;
mod door;
mod mailbox;
pub mod npm;
mod picture;
pub mod pocketbase;
pub mod python;
mod recorder;
pub mod reference;
mod search;
mod sieve;
mod stream;
mod user;
mod world;

pub use binary::{Ended, Server, Setup, Starting, binary, run};
pub use browser::{Browser, Reserved};
pub use client::{Client, Reply};
pub use digest::digest;
pub use door::Door;
pub use mailbox::{Letter, Mailbox};
pub use picture::size as picture_size;
pub use recorder::Recorder;
pub use search::Needle;
pub use sieve::{Hits, Sieve};
pub use stream::{Event, Stream};
pub use user::{FAL_KEY, PASSWORD, User};
pub use world::World;
