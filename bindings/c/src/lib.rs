//! libgeneratio: core's rules behind a C ABI, and nothing but that. How it is to be called stands at the top of the
//! header, `include/generatio.h`, which cbindgen makes from these files; `cargo xtask capi` installs it all.
//!
//! Every exported function runs in [`boundary`]'s guard and reads its pointers through the helpers there. What crosses
//! the border are handles (one module each), lent texts ([`text::View`]) and numbers.

#![expect(unsafe_code, reason = "the border to C is made of it; every other crate denies it")]
#![allow(
    clippy::missing_safety_doc,
    reason = "what callers must keep to is written once, at the top of the header, for all functions"
)]

pub mod boundary;
pub mod call;
pub mod catalog;
pub mod error;
pub mod fal;
pub mod generation;
mod host;
mod mailbox;
pub mod money;
pub mod numbers;
pub mod output;
pub mod progress;
pub mod request;
pub mod run;
pub mod seal;
pub mod session;
pub mod status;
pub mod submitted;
pub mod text;
pub mod validate;
pub mod version;
pub mod webhook;

// The fuzzer's checks name this crate as others would, and tests run them too.
#[cfg(test)]
extern crate self as generatio_c;
#[cfg(test)]
mod tests;
