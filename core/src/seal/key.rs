//! 32 secret bytes: keys, commitments and the digests that lead to them.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Wiped on drop; on the heap, so that moving it leaves no copy behind. It can be neither printed nor compared.
pub(crate) struct Key(Box<Zeroizing<[u8; Key::BYTES]>>);

impl Key {
    pub(crate) const BYTES: usize = 32;

    /// Hands the zeroed bytes to `write`, so that the secret is never anywhere but in its final place.
    pub(crate) fn fill(write: impl FnOnce(&mut [u8; Self::BYTES])) -> Self {
        let mut bytes = Box::new(Zeroizing::new([0; Self::BYTES]));
        write(&mut bytes);
        Self(bytes)
    }

    /// The SHA-256 of the parts put together.
    pub(crate) fn digest(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part);
        }
        Self::fill(|out| hash.finalize_into(out.into()))
    }

    pub(crate) fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}
