//! The texts of sealed tokens, v1 and v2: parsed strictly, so that no two texts mean the same.

use super::kdf::{Iterations, IterationsError};
use super::key::Key;
use super::{COMMIT_BYTES, MAX_TOKEN_BYTES, SALT_BYTES, aead};
use crate::ErrorCode;
use base64ct::{Base64, Encoding};
use std::fmt;
use std::ops::RangeInclusive;

const PREFIX_V2: &str = "v2.";

/// v1 texts were written with salts of 32 bytes; any that could be called a salt are read.
const SALT_RANGE_V1: RangeInclusive<usize> = 16..=64;
const SALT_RANGE_V2: RangeInclusive<usize> = SALT_BYTES..=SALT_BYTES;

/// Which of the two texts it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// `B64(nonce ‖ ciphertext ‖ tag) . B64(salt)`, the original server's.
    V1,
    /// `v2.ITERATIONS.B64(salt).B64(commitment ‖ nonce ‖ ciphertext ‖ tag)`.
    V2,
}

impl Version {
    /// What a body is longer than the token in it.
    const fn overhead_bytes(self) -> usize {
        match self {
            Self::V1 => aead::OVERHEAD_BYTES,
            Self::V2 => COMMIT_BYTES + aead::OVERHEAD_BYTES,
        }
    }
}

/// A token sealed under a password: ASCII text of the v1 or v2 form, within all limits that can be told without a key.
///
/// Not a secret, but its password can be guessed at with it: `Debug` shows no more than [`Version`] and [`Iterations`].
#[derive(Clone, PartialEq, Eq)]
pub struct SealedToken {
    text: String,
    version: Version,
    iterations: Iterations,
    salt: Vec<u8>,
    body: Vec<u8>,
}

impl SealedToken {
    /// Longest text, in characters.
    pub const MAX_CHARS: usize = 100_000;

    /// Reads a sealed token. The text must be exactly as sealing prints it, white space included.
    ///
    /// # Errors
    /// [`FormatError`]; no key is derived.
    pub fn parse(text: &str) -> Result<Self, FormatError> {
        if text.len() > Self::MAX_CHARS {
            return Err(FormatError::TooLong);
        }
        match text.strip_prefix(PREFIX_V2) {
            Some(rest) => Self::parse_v2(text, rest),
            None => Self::parse_v1(text),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its form.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// The work of opening it. v1 texts do not say; it is [`Iterations::LEGACY`].
    #[must_use]
    pub fn iterations(&self) -> Iterations {
        self.iterations
    }

    /// Whether it is v1, or costs fewer iterations than `target`.
    #[must_use]
    pub fn needs_reseal(&self, target: Iterations) -> bool {
        self.version == Version::V1 || self.iterations < target
    }

    /// The SHA-256 of the text, by which a client knows again the last one it saw.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        *Key::digest(&[self.text.as_bytes()]).as_bytes()
    }

    pub(super) fn v1(salt: Vec<u8>, body: Vec<u8>) -> Self {
        let text = [&Base64::encode_string(&body), ".", &Base64::encode_string(&salt)].concat();
        Self { text, version: Version::V1, iterations: Iterations::LEGACY, salt, body }
    }

    /// `header` is what [`header`] gave for `iterations` and `salt`.
    pub(super) fn v2(header: &str, iterations: Iterations, salt: Vec<u8>, body: Vec<u8>) -> Self {
        let text = [header, &Base64::encode_string(&body)].concat();
        Self { text, version: Version::V2, iterations, salt, body }
    }

    /// The text through its last dot: in v2, what is authenticated.
    pub(super) fn header(&self) -> &str {
        self.text.bytes().rposition(|byte| byte == b'.').and_then(|dot| self.text.get(..=dot)).unwrap_or_default()
    }

    pub(super) fn salt(&self) -> &[u8] {
        &self.salt
    }

    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }

    fn parse_v1(text: &str) -> Result<Self, FormatError> {
        let mut parts = parts(text);
        let (Some(body), Some(salt), None) = (parts.next(), parts.next(), parts.next()) else {
            return Err(FormatError::Shape);
        };
        let body = decode_body(body, Version::V1)?;
        let salt = decode_salt(salt, SALT_RANGE_V1)?;
        Ok(Self { text: text.to_owned(), version: Version::V1, iterations: Iterations::LEGACY, salt, body })
    }

    fn parse_v2(text: &str, rest: &str) -> Result<Self, FormatError> {
        let mut parts = parts(rest);
        let (Some(iterations), Some(salt), Some(body), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(FormatError::Shape);
        };
        let iterations = parse_iterations(iterations)?;
        let salt = decode_salt(salt, SALT_RANGE_V2)?;
        let body = decode_body(body, Version::V2)?;
        Ok(Self { text: text.to_owned(), version: Version::V2, iterations, salt, body })
    }
}

impl fmt::Debug for SealedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedToken")
            .field("version", &self.version)
            .field("iterations", &self.iterations.get())
            .finish_non_exhaustive()
    }
}

/// What stands between the dots. Found by bytes, which is much less code in WebAssembly than `str::split`.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let dot = text.bytes().position(|byte| byte == b'.');
        rest = dot.and_then(|dot| text.get(dot + 1..));
        dot.map_or(Some(text), |dot| text.get(..dot))
    })
}

/// A v2 text through its third dot.
pub(super) fn header(iterations: Iterations, salt: &[u8; SALT_BYTES]) -> String {
    [PREFIX_V2, &iterations.get().to_string(), ".", &Base64::encode_string(salt), "."].concat()
}

/// Decimal digits without sign or leading zero.
fn parse_iterations(text: &str) -> Result<Iterations, FormatError> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || (text.len() > 1 && text.starts_with('0')) {
        return Err(FormatError::Shape);
    }
    // All that is left to fail is a number beyond u32.
    let count = text.parse().map_err(|_| IterationsError::TooMany)?;
    Ok(Iterations::new(count)?)
}

fn decode_salt(text: &str, range: RangeInclusive<usize>) -> Result<Vec<u8>, FormatError> {
    let salt = Base64::decode_vec(text).map_err(|_| FormatError::Base64)?;
    if range.contains(&salt.len()) { Ok(salt) } else { Err(FormatError::SaltLength) }
}

fn decode_body(text: &str, version: Version) -> Result<Vec<u8>, FormatError> {
    let body = Base64::decode_vec(text).map_err(|_| FormatError::Base64)?;
    let token_bytes = body.len().checked_sub(version.overhead_bytes());
    match token_bytes {
        Some(1..=MAX_TOKEN_BYTES) => Ok(body),
        _ => Err(FormatError::BodyLength),
    }
}

/// Why a text is not a sealed token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// A part is not canonical base64: RFC 4648's standard alphabet, padded, without white space.
    #[error("a part of the sealed token is not base64")]
    Base64,
    /// The sealed part is too short or too long to hold 1 to [`MAX_TOKEN_BYTES`] bytes.
    #[error("the sealed part of the sealed token has an impossible length")]
    BodyLength,
    /// The iteration count is out of bounds.
    #[error("the sealed token's iteration count is out of bounds: {0}")]
    Iterations(#[from] IterationsError),
    /// The salt is too short or too long.
    #[error("the salt of the sealed token has an impossible length")]
    SaltLength,
    /// The parts are not those of a v1 or v2 text.
    #[error("the text is not a sealed token")]
    Shape,
    /// The text is longer than [`SealedToken::MAX_CHARS`].
    #[error("the text is longer than a sealed token, {} characters", SealedToken::MAX_CHARS)]
    TooLong,
}

impl FormatError {
    /// The code for programs: [`ErrorCode::SealedTokenMalformed`] but for the iteration count's own.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Iterations(error) => error.code(),
            Self::Base64 | Self::BodyLength | Self::SaltLength | Self::Shape | Self::TooLong => {
                ErrorCode::SealedTokenMalformed
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{SealedToken, Version, header};
    use proptest::prelude::*;

    /// Prints anew what was read from a text.
    fn printed(sealed: &SealedToken) -> String {
        let (salt, body) = (sealed.salt.clone(), sealed.body.clone());
        match sealed.version {
            Version::V1 => SealedToken::v1(salt, body).text,
            Version::V2 => {
                let header = header(sealed.iterations, salt[..].try_into().unwrap());
                SealedToken::v2(&header, sealed.iterations, salt, body).text
            }
        }
    }

    fn texts() -> impl Strategy<Value = String> {
        let v1 = "[A-Za-z0-9+/]{38,40}={0,2}\\.[A-Za-z0-9+/]{42,44}={0,2}";
        let v2 = "v2\\.[0-9+]{6,7}\\.[A-Za-z0-9+/]{43}=\\.[A-Za-z0-9+/]{82,84}={0,2}";
        prop_oneof![v1, v2, ".*"]
    }

    proptest! {
        #[test]
        fn what_is_read_prints_as_it_was_written(text in texts()) {
            if let Ok(sealed) = SealedToken::parse(&text) {
                prop_assert_eq!(printed(&sealed), text);
            }
        }

        #[test]
        fn what_is_printed_is_read(
            salt in any::<[u8; 32]>(),
            body in prop::collection::vec(any::<u8>(), 61..200),
            iterations in 100_000_u32..=10_000_000,
        ) {
            let iterations = super::Iterations::new(iterations).unwrap();
            let v1 = SealedToken::v1(salt.to_vec(), body.clone());
            prop_assert_eq!(&SealedToken::parse(v1.as_str()).unwrap(), &v1);
            let v2 = SealedToken::v2(&header(iterations, &salt), iterations, salt.to_vec(), body);
            prop_assert_eq!(v2.header(), header(iterations, &salt));
            prop_assert_eq!(&SealedToken::parse(v2.as_str()).unwrap(), &v2);
        }
    }
}
