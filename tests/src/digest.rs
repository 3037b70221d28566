//! Whose request a request in the stand-in's book is: the book holds no inputs, only their SHA-256.

use sha2::{Digest as _, Sha256};

/// SHA-256 of `input` in lower-case hex, as [`generatio_fal_sim::Entry`] has it. A job's row keeps the text that FAL got.
#[must_use]
pub fn digest(input: &str) -> String {
    Sha256::digest(input).iter().map(|byte| format!("{byte:02x}")).collect()
}
