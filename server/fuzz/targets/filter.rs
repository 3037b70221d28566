//! Filters as anybody may send them.

#![no_main]

#[path = "../checks/filter.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|text: &str| check::filter(text));
