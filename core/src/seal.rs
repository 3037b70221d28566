//! Sealing of FAL keys under a password, and the account secret derived beside it.
//!
//! The one door to the cipher: [`seal`], [`open`] and [`reseal`] here, the texts in [`SealedToken`], and
//! [`account_secret`] for the password a server gets to see. The formats are fixed by the `format` block of
//! `tests/vectors/sealed_tokens.json`. Sessions, which are sealed under a random id, live in [`crate::session`].
//!
//! Everything that takes a [`Password`] and a token or e-mail blocks for a whole key derivation, linear in the
//! iteration count; on an event loop, call it from a worker. A host that derives keys itself uses [`steps`].

mod account;
pub(crate) mod aead;
mod error;
pub(crate) mod expand;
mod format;
mod kdf;
pub(crate) mod key;
mod password;
mod pbkdf2;
pub(crate) mod random;
pub mod steps;
#[cfg(test)]
mod wycheproof;

pub use account::{account_secret, is_account_secret};
pub use error::{AccountSecretError, OpenError, PasswordLengthError, ResealError, SealError};
pub use format::{FormatError, SealedToken, Version};
pub use kdf::{Iterations, IterationsError};
pub use password::{PasswordProblem, check_password};
pub use random::RandomError;

use crate::{Password, SecretText};
use rand_core::TryCryptoRng;
use steps::Derivation;

/// Longest token that is sealed, in bytes of UTF-8; the shortest is one byte.
pub const MAX_TOKEN_BYTES: usize = 65_536;

/// Longest context, in bytes of UTF-8. It may be empty.
pub const MAX_CONTEXT_BYTES: usize = 256;

const SALT_BYTES: usize = 32;
const COMMIT_BYTES: usize = 32;

/// Seals `token` under `password` as v2 text.
///
/// PBKDF2-HMAC-SHA256 (RFC 8018 §5.2) over a fresh 32-byte salt gives the root; HKDF-Expand (RFC 5869 §2.3) gives from
/// it the AES-256-GCM key and a commitment to key and password. The header and `context`, the owner's user id, are
/// authenticated: the text opens only with the same context. Draws the salt, then a 12-byte nonce, from `rng`.
///
/// # Errors
/// [`SealError`]: a token, password or context outside its limits, before any derivation, or a failed `rng`.
pub fn seal(
    token: &SecretText,
    password: &Password,
    context: &str,
    iterations: Iterations,
    rng: &mut (impl TryCryptoRng + ?Sized),
) -> Result<SealedToken, SealError> {
    steps::check_sealing(token, password, context)?;
    let salt = random::bytes::<SALT_BYTES>(rng)?;
    let root = Derivation { salt: &salt[..], iterations }.run(password);
    let keys = steps::Keys::new(&root, &steps::digest(password));
    steps::seal_with(&keys, token, context, iterations, &salt, rng)
}

/// Seals `token` under `password` as the original server's v1 text, for going back to it; otherwise use [`seal`].
///
/// [`Iterations::LEGACY`] iterations, AES-256-GCM without associated data. Draws a 32-byte salt, then a 12-byte nonce.
///
/// # Errors
/// As for [`seal`].
pub fn seal_v1(
    token: &SecretText,
    password: &Password,
    rng: &mut (impl TryCryptoRng + ?Sized),
) -> Result<SealedToken, SealError> {
    let token = token_bytes(token)?;
    let password = password_bytes(password)?;
    let salt = random::bytes::<SALT_BYTES>(rng)?;
    let key = kdf::derive(password, &salt[..], Iterations::LEGACY);
    let body = aead::seal(&key, b"", token, rng)?;
    Ok(SealedToken::v1(salt.to_vec(), body))
}

/// Opens `sealed` with the password, and for v2 the context, it was sealed under. v1 texts know no context.
///
/// # Errors
/// - [`OpenError::Password`], [`OpenError::ContextTooLong`], before any derivation.
/// - [`OpenError::WrongPassword`], [`OpenError::Corrupt`]: see there for what v1 cannot tell apart.
pub fn open(sealed: &SealedToken, password: &Password, context: &str) -> Result<SecretText, OpenError> {
    steps::check_opening(password, context)?;
    let root = steps::derivation_of(sealed).run(password);
    steps::open_with(&root, &steps::digest(password), sealed, context)
}

/// Opens `sealed` and seals what was in it anew: v2, a fresh salt, `iterations`. Blocks for two derivations.
///
/// # Errors
/// [`ResealError::Open`] as for [`open`], [`ResealError::Seal`] as for [`seal`].
pub fn reseal(
    sealed: &SealedToken,
    password: &Password,
    context: &str,
    iterations: Iterations,
    rng: &mut (impl TryCryptoRng + ?Sized),
) -> Result<SealedToken, ResealError> {
    let token = open(sealed, password, context)?;
    Ok(seal(&token, password, context, iterations, rng)?)
}

fn token_bytes(token: &SecretText) -> Result<&[u8], SealError> {
    // The cipher takes the bytes.
    match token.expose().as_bytes() {
        [] => Err(SealError::TokenEmpty),
        bytes if bytes.len() > MAX_TOKEN_BYTES => Err(SealError::TokenTooLong),
        bytes => Ok(bytes),
    }
}

fn password_bytes(password: &Password) -> Result<&[u8], PasswordLengthError> {
    // The key derivation takes the bytes.
    match password.expose().as_bytes() {
        [] => Err(PasswordLengthError::Empty),
        bytes if bytes.len() > Password::MAX_BYTES => Err(PasswordLengthError::TooLong),
        bytes => Ok(bytes),
    }
}
