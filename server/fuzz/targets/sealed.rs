//! Texts that somebody calls a sealed token.

#![no_main]

#[path = "../checks/sealed.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|text: &str| check::sealed(text));
