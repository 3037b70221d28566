//! Deliveries, signed and not.

#![no_main]

#[path = "../checks/webhook.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| check::webhook(bytes));
