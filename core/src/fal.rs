//! A client of FAL's queue: submit, follow, fetch, cancel.
//!
//! Three layers, from the inside out. [`wire`] builds requests and reads answers; [`retry`] and [`wait`] decide what is
//! asked next and when. These are pure: a host without futures (the C library) drives them itself. [`Client`] runs them
//! over a [`transport::Host`], which brings the HTTP exchange, the clock and a way to sleep. [`webhook`] judges what FAL
//! sends of its own accord; it is pure too.
//!
//! One rule stands above the others: **a submit is a purchase**. It is sent once, and again only when FAL certainly did
//! not take it; whatever else goes wrong is reported as [`SubmitError::Unknown`].

mod address;
mod client;
pub mod endpoint;
mod error;
mod hosts;
pub mod retry;
mod sse;
pub mod transport;
pub mod wait;
pub mod webhook;
pub mod wire;

pub use client::Client;
pub use endpoint::Endpoint;
pub use error::{FalError, InputProblem, SubmitError};
pub use hosts::{HostError, Hosts};
pub use wait::Completion;
pub use wire::{
    CancelOutcome, Failure, LogLine, Output, OutputImage, State, Status, SubmitOptions, Submitted, SubmittedParts,
};
