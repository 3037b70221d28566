//! Account passwords at rest: Argon2id with 19 MiB, two passes and one lane (OWASP's second choice), in PHC strings; those
//! of accounts that were imported as the original hashed them, until their first login ([`original`]).
//!
//! Everything here blocks for tens of milliseconds and takes 19 MiB: callers go through
//! [`Derivations`](super::derive::Derivations). What may be a password is `generatio_core::seal::check_password`'s.

use super::original;
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

/// What came of checking a password at a login.
#[derive(Debug)]
pub enum Checked {
    /// It is the account's.
    Right,
    /// It is the account's, which is hashed as the original did; this is its hash from now on.
    RightAnew(PasswordHash),
    /// It is not, or there is no such account.
    Wrong,
}

/// Checks a password against the hash of an account, or of none.
///
/// Whether there is an account, and how it is hashed, does not show in the time that a wrong password takes: that is
/// always the work of one Argon2id, and beside it, while any account is hashed as the original did, of one bcrypt at
/// `original_cost`, the highest among them.
///
/// # Errors
/// [`PasswordError`].
pub fn check(
    password: &Password,
    hash: Option<&PasswordHash>,
    original_cost: Option<u32>,
    rng: &mut (impl TryCryptoRng + ?Sized),
) -> Result<Checked, PasswordError> {
    if let Some(hash) = hash.filter(|hash| original::is_original(hash)) {
        return match original::verify(password, hash) {
            None => Err(PasswordError::Malformed),
            Some(true) => self::hash(password, rng).map(Checked::RightAnew),
            Some(false) => verify_nobody(password).map(|_| Checked::Wrong),
        };
    }
    let matches = hash.map_or_else(|| verify_nobody(password), |hash| verify(password, hash))?;
    if matches {
        return Ok(Checked::Right);
    }
    if let Some(cost) = original_cost {
        original::verify_nobody(password, cost);
    }
    Ok(Checked::Wrong)
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
    use super::{Checked, PasswordError, check, hash, verify, verify_nobody};
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
    fn the_original_s_hash_is_replaced_by_ours_once_its_password_came() {
        let old = bcrypt::hash_with_salt("correct horse", 4, [7; 16]).unwrap().to_string();
        let old = PasswordHash(old);
        let checked = check(&password("correct horse"), Some(&old), Some(4), &mut SysRng).unwrap();
        let Checked::RightAnew(new) = checked else { panic!("{checked:?}") };
        assert!(new.0.starts_with("$argon2id$") && verify(&password("correct horse"), &new).unwrap());
        assert!(matches!(check(&password("correct horse"), Some(&new), Some(4), &mut SysRng), Ok(Checked::Right)));
        for hash in [Some(&old), Some(&new), None] {
            for cost in [None, Some(4)] {
                assert!(matches!(check(&password("correct horsf"), hash, cost, &mut SysRng), Ok(Checked::Wrong)));
            }
        }
        let dear = PasswordHash(old.0.replace("$04$", "$31$"));
        assert!(matches!(
            check(&password("correct horse"), Some(&dear), None, &mut SysRng),
            Err(PasswordError::Malformed)
        ));
    }

    #[test]
    fn nobody_has_a_password_and_a_damaged_hash_is_an_error() {
        assert!(!verify_nobody(&password("correct horse")).unwrap());
        let damaged = PasswordHash("$argon2id$oops".into());
        assert!(matches!(verify(&password("x"), &damaged), Err(PasswordError::Malformed | PasswordError::Argon2(_))));
    }
}
