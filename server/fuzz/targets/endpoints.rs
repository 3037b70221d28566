//! Requests to every endpoint, in the shape of requests.

#![no_main]
#![allow(dead_code, reason = "two targets share one file of checks")]

#[path = "../checks/calls.rs"]
mod calls;
#[path = "../checks/endpoints.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| check::endpoints(bytes));
