//! Answers of FAL's, or of whoever stands in its place.

#![no_main]
#![allow(dead_code, reason = "two targets share one file of checks")]

#[path = "../checks/answers.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| check::answer(bytes));
