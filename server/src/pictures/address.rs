//! Where bytes are kept: under their own SHA-256.

use sha2::{Digest, Sha256};
use std::fmt;

/// The SHA-256 of a file's content. Prints as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address([u8; 32]);

/// The text is not 64 hexadecimal digits in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a content address is malformed")]
pub struct AddressError;

impl Address {
    /// The address of `bytes`; a hundred megabytes take a good part of a second.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Reads what [`fmt::Display`] wrote.
    ///
    /// # Errors
    /// [`AddressError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let lower = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 64 || !text.bytes().all(lower) {
            return Err(AddressError);
        }
        let mut address = [0; 32];
        for (at, byte) in address.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).map_err(|_| AddressError)?;
        }
        Ok(Self(address))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, AddressError};

    /// FIPS 180-4's example `abc`.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn an_address_is_the_content_s_sha_256_and_reads_back() {
        assert_eq!(Address::of(b"abc").to_string(), ABC);
        assert_eq!(Address::parse(ABC), Ok(Address::of(b"abc")));
        assert_ne!(Address::of(b"abd"), Address::of(b"abc"));
    }

    #[test]
    fn other_texts_are_no_addresses() {
        let cases =
            ["", "..", &ABC[1..], &ABC.to_uppercase(), &format!("{ABC}0"), &ABC.replace('b', "/"), &"é".repeat(32)];
        for text in cases {
            assert_eq!(Address::parse(text), Err(AddressError), "{text}");
        }
    }
}
