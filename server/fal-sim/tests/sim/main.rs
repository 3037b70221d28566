//! The stand-in over real sockets: each point of FAL's protocol, and each fault.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod access;
mod client;
mod faults;
mod files;
mod queue;
mod run;
mod stream;
mod webhooks;
