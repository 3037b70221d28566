//! AES-256-GCM (NIST SP 800-38D) behind one door: 12-byte random nonces, 16-byte tags.
//!
//! Every key here seals one message in its life, so random nonces cannot collide.

use super::key::Key;
use super::random::{self, RandomError};
use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::{AeadInOut, Aes256Gcm, KeyInit};
use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

/// Bytes before the ciphertext.
pub(crate) const NONCE_BYTES: usize = 12;
/// Bytes after the ciphertext.
pub(crate) const TAG_BYTES: usize = 16;
/// What a box is longer than its plaintext.
pub(crate) const OVERHEAD_BYTES: usize = NONCE_BYTES + TAG_BYTES;

/// Gives `nonce ‖ ciphertext ‖ tag`; the nonce is drawn from `rng`. The plaintext is read where it stands.
pub(crate) fn seal(
    key: &Key,
    associated_data: &[u8],
    plaintext: &[u8],
    rng: &mut (impl TryCryptoRng + ?Sized),
) -> Result<Vec<u8>, RandomError> {
    let nonce = random::bytes::<NONCE_BYTES>(rng)?;
    let mut boxed = vec![0; plaintext.len() + OVERHEAD_BYTES];
    boxed[..NONCE_BYTES].copy_from_slice(&nonce[..]);
    let (ciphertext, tag) = boxed[NONCE_BYTES..].split_at_mut(plaintext.len());
    let buffer = InOutBuf::new(plaintext, ciphertext).expect("both are as long as the plaintext");
    let made = cipher(key)
        .encrypt_inout_detached((&*nonce).into(), associated_data, buffer)
        .expect("far below the 64 GiB that GCM takes");
    tag.copy_from_slice(&made);
    Ok(boxed)
}

/// Opens what [`seal`] gave, into a wiped buffer of its final size. `None`: wrong key or data, or altered bytes.
pub(crate) fn open(key: &Key, associated_data: &[u8], boxed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, rest) = boxed.split_first_chunk::<NONCE_BYTES>()?;
    let (ciphertext, tag) = rest.split_last_chunk::<TAG_BYTES>()?;
    let mut plaintext = Zeroizing::new(vec![0; ciphertext.len()]);
    let buffer = InOutBuf::new(ciphertext, &mut plaintext).ok()?;
    cipher(key).decrypt_inout_detached(nonce.into(), associated_data, buffer, tag.into()).ok()?;
    Some(plaintext)
}

fn cipher(key: &Key) -> Aes256Gcm {
    Aes256Gcm::new(key.as_bytes().into())
}
