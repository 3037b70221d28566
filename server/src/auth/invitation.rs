//! The codes of invitations: made here, and known again by their hash.

use crate::random::alphanumeric;
use crate::store::InvitationHash;
use generatio_core::SecretText;
use rand_core::TryCryptoRng;
use sha2::{Digest, Sha256};

/// Characters of a code, worth 142 bits: nobody tries them all.
const LENGTH: usize = 24;

/// A fresh code.
///
/// # Errors
/// Whatever the source of randomness fails with.
pub(crate) fn generate<R: TryCryptoRng + ?Sized>(rng: &mut R) -> Result<SecretText, R::Error> {
    alphanumeric(rng, LENGTH)
}

/// What a code is known by. White space around it came from copying.
pub(crate) fn hash(code: &str) -> InvitationHash {
    InvitationHash(Sha256::digest(code.trim()).into())
}

#[cfg(test)]
mod tests {
    use super::{LENGTH, generate, hash};
    use getrandom::SysRng;

    #[test]
    fn codes_differ_and_are_known_however_they_were_copied() {
        let (first, second) = (generate(&mut SysRng).unwrap(), generate(&mut SysRng).unwrap());
        assert_eq!(first.expose().len(), LENGTH);
        assert_ne!(hash(first.expose()), hash(second.expose()));
        assert_eq!(hash(&format!(" {}\n", first.expose())), hash(first.expose()));
    }

    /// `printf 'abc' | sha256sum`
    #[test]
    fn what_is_kept_is_sha_256() {
        assert_eq!(hash("abc").0[..4], [0xba, 0x78, 0x16, 0xbf]);
    }
}
