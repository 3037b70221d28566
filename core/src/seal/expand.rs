//! HKDF-SHA256 (RFC 5869): keys from a secret that is already strong.

use super::key::Key;
use hkdf::{Hkdf, InvalidLength};
use sha2::Sha256;
use zeroize::Zeroize;

/// HKDF-Expand alone: 32 bytes from `root`, which stands for the extracted key; `info` is the parts put together.
pub(crate) fn expand(root: &Key, info: &[&[u8]]) -> Key {
    let hkdf = Hkdf::<Sha256>::from_prk(root.as_bytes()).expect("a root is as long as a digest");
    Key::fill(|out| hkdf.expand_multi_info(info, out).expect("one block is always allowed"))
}

/// Extract and expand with an empty salt: 32 bytes from `secret`.
pub(crate) fn derive(secret: &[u8], info: &[u8]) -> Key {
    Key::fill(|out| hkdf(secret, b"", info, out).expect("one block is always allowed"))
}

/// Fills `out`, at most 8,160 bytes.
pub(super) fn hkdf(secret: &[u8], salt: &[u8], info: &[u8], out: &mut [u8]) -> Result<(), InvalidLength> {
    let (mut extracted, hkdf) = Hkdf::<Sha256>::extract(Some(salt), secret);
    extracted.as_mut_slice().zeroize();
    hkdf.expand(info, out)
}
