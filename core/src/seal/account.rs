//! The account secret: what a client sends as its account password, so that one password serves account and token and
//! neither server nor network sees it.

use super::error::AccountSecretError;
use super::kdf::Iterations;
use super::key::Key;
use super::steps::AccountSecret;
use crate::{Password, SecretText};
use base64ct::{Base64UrlUnpadded, Encoding};
use zeroize::Zeroizing;

/// Stands for everything below: another number of iterations would be another prefix.
const PREFIX: &str = "g2.";
pub(super) const ITERATIONS: Iterations = Iterations::DEFAULT;

/// Characters of 32 bytes in base64url without padding.
const ENCODED_CHARS: usize = 43;

/// Derives the account secret: `g2.` and 43 characters of base64url.
///
/// PBKDF2-HMAC-SHA256 at 600,000 iterations, then HKDF-Expand. The salt is made from `email`, without ASCII white space
/// around it and with `A` to `Z` lowered, and `realm`, which keeps one server from replaying a secret at another and may
/// be empty. Neither is checked here. Blocks for the whole derivation.
///
/// # Errors
/// [`AccountSecretError::Password`] for an empty or too long password, before any derivation.
pub fn account_secret(email: &str, password: &Password, realm: &str) -> Result<SecretText, AccountSecretError> {
    let made = AccountSecret::begin(email, password, realm)?;
    let root = made.derivation().run(password);
    Ok(made.finish(&root))
}

/// The text of 32 derived bytes.
pub(super) fn encode(secret: &Key) -> SecretText {
    let mut text = Zeroizing::new(vec![0; PREFIX.len() + ENCODED_CHARS]);
    let (prefix, encoded) = text.split_at_mut(PREFIX.len());
    prefix.copy_from_slice(PREFIX.as_bytes());
    Base64UrlUnpadded::encode(secret.as_bytes(), encoded).expect("32 bytes take 43 characters");
    SecretText::from_utf8(text).expect("base64 is ASCII")
}

/// Whether `text` has the shape of an account secret: exactly `g2.` and 43 base64url characters.
#[must_use]
pub fn is_account_secret(text: &str) -> bool {
    text.strip_prefix(PREFIX).is_some_and(|encoded| {
        encoded.len() == ENCODED_CHARS
            && encoded.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    })
}

pub(super) fn salt_of(email: &str, realm: &str) -> Key {
    let email = trimmed(email.as_bytes()).to_ascii_lowercase();
    Key::digest(&[b"generatio/v2/account-salt", &[0], realm.as_bytes(), &[0], &email])
}

/// Without the white space that the format names; `trim_ascii` spares the vertical tab.
fn trimmed(text: &[u8]) -> &[u8] {
    let stays = |byte: &u8| !b" \t\n\r\x0b\x0c".contains(byte);
    let begin = text.iter().position(stays).unwrap_or(text.len());
    let end = text.iter().rposition(stays).map_or(begin, |last| last + 1);
    &text[begin..end]
}
