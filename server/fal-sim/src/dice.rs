//! Randomness: one draw from the operating system at start, then hashes of it and a counter. With a fixed key the
//! draws repeat from run to run.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use sha2::{Digest as _, Sha256};
use std::sync::atomic::{AtomicU64, Ordering};

/// A source of 256-bit draws.
pub(crate) struct Dice {
    key: [u8; 32],
    drawn: AtomicU64,
}

impl Dice {
    /// Keyed by the operating system.
    ///
    /// # Errors
    /// When the operating system has no randomness to give.
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        Ok(Self { key, drawn: AtomicU64::new(0) })
    }

    /// Keyed by a number: draws repeat.
    pub(crate) fn seeded(seed: u64) -> Self {
        Self { key: Sha256::digest(seed.to_be_bytes()).into(), drawn: AtomicU64::new(0) }
    }

    /// 32 fresh bytes.
    pub(crate) fn draw(&self) -> [u8; 32] {
        let count = self.drawn.fetch_add(1, Ordering::Relaxed);
        Sha256::new().chain_update(self.key).chain_update(count.to_be_bytes()).finalize().into()
    }

    /// A number below 2^32, the range FAL draws its seeds from.
    pub(crate) fn seed(&self) -> u32 {
        let [a, b, c, d, ..] = self.draw();
        u32::from_be_bytes([a, b, c, d])
    }

    /// A request id: a UUID of version 7.
    pub(crate) fn request_id(&self, unix_ms: u64) -> String {
        let draw = self.draw();
        let random = draw.first_chunk().expect("a draw has 32 bytes");
        uuid::Builder::from_unix_timestamp_millis(unix_ms, random).into_uuid().to_string()
    }

    /// 43 characters of base64url that nobody can guess.
    pub(crate) fn token(&self) -> String {
        Base64UrlUnpadded::encode_string(&self.draw())
    }

    /// The folder and name stem of a file, as on FAL's CDN: 8 hex digits and 21 characters.
    pub(crate) fn file_name(&self) -> (String, String) {
        let draw = self.draw();
        let folder = hex(&draw[..4]);
        let mut stem = Base64UrlUnpadded::encode_string(&draw[4..20]);
        stem.truncate(21);
        (folder, stem)
    }
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeded_draws_repeat_and_random_ones_do_not() {
        assert_eq!(Dice::seeded(7).seed(), Dice::seeded(7).seed());
        assert_ne!(Dice::seeded(7).draw(), Dice::seeded(8).draw());
        assert_ne!(Dice::random().unwrap().draw(), Dice::random().unwrap().draw());
    }

    #[test]
    fn names_have_the_shape_of_fals() {
        let dice = Dice::seeded(1);
        let (folder, stem) = dice.file_name();
        assert_eq!((folder.len(), stem.len()), (8, 21));
        let id = dice.request_id(1_700_000_000_000);
        assert_eq!((id.len(), &id[14..15]), (36, "7"));
    }
}
