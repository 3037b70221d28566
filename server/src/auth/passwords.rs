//! Account passwords at rest: Argon2id with 19 MiB, two passes and one lane (OWASP's second choice), in PHC strings.
//!
//! Everything here blocks for tens of milliseconds and takes 19 MiB: callers go through
//! [`Derivations`](super::derive::Derivations). What may be a password is `generatio_core::seal::check_password`'s.

use crate::store::PasswordHash;
use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use generatio_core::Password;
use rand_core::TryCryptoRng;

const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT_LENGTH: usize = 16;

/// Nobody's password, in the form and of the lengths that [`hash`] gives: a random salt, and an output that is no hash.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$q7ZpB0fZC2x5m1n0dTg3eQ$Yk0mC1u2p4Q6s8V0x2Z4b6d8f0h2j4l6n8p0r2t4v6E";

/// A password could not be hashed or compared; none of these is the user's doing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PasswordError {
    /// The hash function failed, for lack of memory as a rule.
    #[error("Argon2id failed: {0}")]
    Argon2(argon2::password_hash::Error),
    /// The stored text is not a PHC string.
    #[error("a stored password hash is malformed")]
    Malformed,
    /// The system's source of randomness failed.
    #[error("no randomness for a salt")]
    Random,
}

/// Hashes a new password under a fresh 16-byte salt.
///
/// # Errors
/// [`PasswordError::Argon2`], [`PasswordError::Random`].
pub fn hash(password: &Password, rng: &mut (impl TryCryptoRng + ?Sized)) -> Result<PasswordHash, PasswordError> {
    let mut salt = [0; SALT_LENGTH];
    rng.try_fill_bytes(&mut salt).map_err(|_| PasswordError::Random)?;
    hash_with(password, &salt).map(|hash| PasswordHash(hash.to_string()))
}

/// Whether this is the password that was hashed, compared in constant time.
///
/// # Errors
/// [`PasswordError::Argon2`], [`PasswordError::Malformed`].
pub fn verify(password: &Password, hash: &PasswordHash) -> Result<bool, PasswordError> {
    let hash = phc::PasswordHash::new(&hash.0).map_err(|_| PasswordError::Malformed)?;
    // The password's bytes go into the hash function and nowhere else.
    match argon2().verify_password(password.expose().as_bytes(), &hash) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(PasswordError::Argon2(error)),
    }
}

/// The work of [`verify`] for an account that does not exist, step by step the same, so that the time taken does not tell.
///
/// # Errors
/// As [`verify`].
pub fn verify_nobody(password: &Password) -> Result<bool, PasswordError> {
    let matches = verify(password, &PasswordHash(NOBODY.to_owned()))?;
    std::hint::black_box(matches);
    Ok(false)
}

fn hash_with(password: &Password, salt: &[u8]) -> Result<phc::PasswordHash, PasswordError> {
    // The password's bytes go into the hash function and nowhere else.
    argon2().hash_password_with_salt(password.expose().as_bytes(), salt).map_err(PasswordError::Argon2)
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the constants are within Argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::{PasswordError, hash, verify, verify_nobody};
    use crate::store::PasswordHash;
    use generatio_core::Password;
    use getrandom::SysRng;

    fn password(text: &str) -> Password {
        Password::new(text.to_owned())
    }

    #[test]
    fn a_hash_opens_for_its_password_only() {
        let stored = hash(&password("correct horse"), &mut SysRng).unwrap();
        assert!(stored.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", stored.0);
        assert!(verify(&password("correct horse"), &stored).unwrap());
        assert!(!verify(&password("correct horsf"), &stored).unwrap());
        assert!(!verify(&password(""), &stored).unwrap());
    }

    #[test]
    fn salts_differ() {
        let hashes = [(); 2].map(|()| hash(&password("correct horse"), &mut SysRng).unwrap().0);
        assert_ne!(hashes[0], hashes[1]);
    }

    /// Made by `argon2-cffi` 25.1 with the salt `00 01 … 0f`.
    #[test]
    fn a_hash_from_elsewhere_verifies() {
        let stored = PasswordHash(
            "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$0AuQxA+RjPiJeA19Op7DwrFxnfh9xeTU2T6mFj2wThc".into(),
        );
        assert!(verify(&password("correct horse"), &stored).unwrap());
    }

    #[test]
    fn nobody_has_a_password_and_a_damaged_hash_is_an_error() {
        assert!(!verify_nobody(&password("correct horse")).unwrap());
        let damaged = PasswordHash("$argon2id$oops".into());
        assert!(matches!(verify(&password("x"), &damaged), Err(PasswordError::Malformed | PasswordError::Argon2(_))));
    }
}
