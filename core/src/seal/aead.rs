//! AES-256-GCM (NIST SP 800-38D) behind one door: 12-byte random nonces, 16-byte tags.
//!
//! Every key here seals one message in its life, so random nonces cannot collide.

#[cfg(any(test, target_arch = "wasm32"))]
mod narrow;

use super::key::Key;
use super::random::{self, RandomError};
use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::{AeadInOut, KeyInit};
use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

#[cfg(not(target_arch = "wasm32"))]
type Cipher = aes_gcm::Aes256Gcm;
#[cfg(target_arch = "wasm32")]
type Cipher = aes_gcm::AesGcm<narrow::Narrow, aes_gcm::aes::cipher::consts::U12>;

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

fn cipher(key: &Key) -> Cipher {
    Cipher::new(key.as_bytes().into())
}

#[cfg(test)]
mod tests {
    use super::narrow::Narrow;
    use aes_gcm::aes::cipher::consts::U12;
    use aes_gcm::{Aes256Gcm, AesGcm, aead::Aead, aead::KeyInit};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_block_at_a_time_gives_the_same(
            key in any::<[u8; 32]>(),
            nonce in any::<[u8; 12]>(),
            clear in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let (wide, narrow) = (Aes256Gcm::new(&key.into()), AesGcm::<Narrow, U12>::new(&key.into()));
            let boxed = narrow.encrypt(&nonce.into(), &clear[..]).unwrap();
            prop_assert_eq!(&wide.encrypt(&nonce.into(), &clear[..]).unwrap(), &boxed);
            prop_assert_eq!(narrow.decrypt(&nonce.into(), &boxed[..]).unwrap(), clear);
        }
    }
}
