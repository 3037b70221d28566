//! The reference server of Generatio: accounts, sealed tokens, generation, library and exact spending over HTTP.
//!
//! The rules live in `generatio_core`; what lives here is the way of a request through HTTP, authentication, the job
//! engine and the store.

pub mod api;
pub mod app;
pub mod auth;
pub mod backup;
pub mod cli;
pub mod clock;
pub mod demo;
pub mod http;
pub mod ids;
pub mod jobs;
pub mod logging;
pub mod openapi;
pub mod page;
pub mod pictures;
pub mod pieces;
pub mod records;
pub mod serve;
pub mod sessions;
pub mod settings;
pub mod store;
pub mod transport;

mod calendar;
mod fault_points;
mod random;
