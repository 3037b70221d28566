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
pub mod control;
pub mod demo;
pub mod dumps;
pub mod http;
pub mod ids;
pub mod import;
pub mod jobs;
pub mod logging;
pub mod open_files;
pub mod openapi;
pub mod ops;
pub mod page;
pub mod people;
pub mod pictures;
pub mod pieces;
pub mod records;
pub mod restore;
pub mod serve;
pub mod sessions;
pub mod settings;
pub mod store;
pub mod transport;

mod audit;
mod calendar;
mod fault_points;
mod random;
