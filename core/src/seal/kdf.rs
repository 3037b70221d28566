//! How much key derivation is done: never less than is careful, never more than a text from outside may ask for.
//!
//! The only way from here to the loop in `pbkdf2` goes through [`Iterations`].

use super::key::Key;
use super::pbkdf2;
use crate::ErrorCode;

/// A number of PBKDF2 iterations that is neither careless nor a denial of service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Iterations(u32);

impl Iterations {
    /// The fewest that are done.
    pub const MIN: Self = Self(100_000);
    /// The most that are done.
    pub const MAX: Self = Self(10_000_000);
    /// What sealing does unless told otherwise: OWASP's floor for PBKDF2-HMAC-SHA256.
    pub const DEFAULT: Self = Self(600_000);
    /// What v1 texts were sealed with; they do not carry the number.
    pub const LEGACY: Self = Self(100_000);

    /// Takes [`Iterations::MIN`] to [`Iterations::MAX`], both included.
    ///
    /// # Errors
    /// [`IterationsError`] outside of them.
    pub const fn new(count: u32) -> Result<Self, IterationsError> {
        if count < Self::MIN.0 {
            Err(IterationsError::TooFew)
        } else if count > Self::MAX.0 {
            Err(IterationsError::TooMany)
        } else {
            Ok(Self(count))
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl Default for Iterations {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// An iteration count outside the allowed range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IterationsError {
    /// Fewer than [`Iterations::MIN`].
    #[error("fewer than {} iterations are refused", Iterations::MIN.get())]
    TooFew,
    /// More than [`Iterations::MAX`].
    #[error("more than {} iterations are refused", Iterations::MAX.get())]
    TooMany,
}

impl IterationsError {
    /// Always [`ErrorCode::IterationsOutOfRange`].
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        ErrorCode::IterationsOutOfRange
    }
}

/// Derives 32 bytes with PBKDF2-HMAC-SHA256. Blocks for all the iterations.
///
/// Under a fuzzer or Miri there is one iteration, whatever was asked for: those look for other things than its result.
pub(super) fn derive(password: &[u8], salt: &[u8], iterations: Iterations) -> Key {
    let count = if cfg!(any(fuzzing, miri)) { 1 } else { iterations.get() };
    pbkdf2::block(password, salt, count, 1)
}

#[cfg(test)]
mod tests {
    use super::{Iterations, IterationsError};

    #[test]
    fn only_counts_within_the_bounds_are_taken() {
        let cases = [
            (0, Err(IterationsError::TooFew)),
            (1_000, Err(IterationsError::TooFew)),
            (99_999, Err(IterationsError::TooFew)),
            (100_000, Ok(Iterations::MIN)),
            (600_000, Ok(Iterations::DEFAULT)),
            (10_000_000, Ok(Iterations::MAX)),
            (10_000_001, Err(IterationsError::TooMany)),
            (u32::MAX, Err(IterationsError::TooMany)),
        ];
        for (count, expected) in cases {
            assert_eq!(Iterations::new(count), expected, "{count}");
        }
    }
}
