//! Text that must not outlive its use or show itself: wiped on drop, redacted in `Debug`, never cloned or compared.

use crate::ErrorCode;
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Any secret text, UTF-8.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct SecretText(String);

impl SecretText {
    /// Takes the text over; the given buffer is the one that will be wiped.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// Takes over bytes that must be UTF-8; they are wiped when they are not.
    ///
    /// # Errors
    /// `None` stands for bytes that are not UTF-8.
    #[must_use]
    pub fn from_utf8(mut bytes: Zeroizing<Vec<u8>>) -> Option<Self> {
        std::str::from_utf8(&bytes).ok()?;
        String::from_utf8(std::mem::take(&mut *bytes)).ok().map(Self)
    }

    /// Borrows the text. Each call site says why it needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretText").finish_non_exhaustive()
    }
}

/// A password, raw UTF-8 without normalisation. May be empty: sealing and opening say so themselves, in their order.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Password(String);

impl Password {
    /// Longest password that seals or opens, in bytes.
    pub const MAX_BYTES: usize = 1024;

    /// Takes the text over.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// Borrows the text. Each call site says why it needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Password").finish_non_exhaustive()
    }
}

/// A FAL API key in the clear: 1 to 4,096 visible ASCII characters, so that it can stand in a header.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct FalKey(String);

impl FalKey {
    /// Longest key, in bytes.
    pub const MAX_BYTES: usize = 4096;

    /// Checks the shape; what the key opens only FAL can tell.
    ///
    /// # Errors
    /// [`FalKeyError`] for an empty text, more than [`FalKey::MAX_BYTES`], or any character outside `!` to `~`.
    pub fn parse(mut text: SecretText) -> Result<Self, FalKeyError> {
        let fits = (1..=Self::MAX_BYTES).contains(&text.0.len());
        if fits && text.0.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(std::mem::take(&mut text.0)))
        } else {
            Err(FalKeyError)
        }
    }

    /// Borrows the key. Each call site says why it needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for FalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FalKey").finish_non_exhaustive()
    }
}

/// The text cannot be a FAL key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a FAL key is 1 to {} visible ASCII characters", FalKey::MAX_BYTES)]
pub struct FalKeyError;

impl FalKeyError {
    /// Always [`ErrorCode::FalKeyMalformed`].
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        ErrorCode::FalKeyMalformed
    }
}

#[cfg(test)]
mod tests {
    use super::{FalKey, Password, SecretText};
    use zeroize::{Zeroize, Zeroizing};

    #[test]
    fn only_utf_8_becomes_text() {
        let from = |bytes: &[u8]| SecretText::from_utf8(Zeroizing::new(bytes.to_vec()));
        assert_eq!(from("clé".as_bytes()).unwrap().expose(), "clé");
        assert!(from(b"cl\xe9").is_none());
    }

    #[test]
    fn fal_keys_are_visible_ascii_of_bounded_length() {
        let parse = |text: &str| FalKey::parse(SecretText::new(text.to_owned()));
        for text in ["!", "~", "key_id:key_secret", &"k".repeat(FalKey::MAX_BYTES)] {
            assert_eq!(parse(text).unwrap().expose(), text);
        }
        for text in ["", " ", "a b", "a\n", "a\x7f", "clé", &"k".repeat(FalKey::MAX_BYTES + 1)] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn wiping_leaves_no_text() {
        let (mut text, mut password) = (SecretText::new("secret".to_owned()), Password::new("secret".to_owned()));
        let mut key = FalKey::parse(SecretText::new("secret".to_owned())).unwrap();
        text.zeroize();
        password.zeroize();
        key.zeroize();
        assert_eq!([text.expose(), password.expose(), key.expose()], [""; 3]);
    }
}
