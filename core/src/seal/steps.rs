//! Sealing, opening and the account secret in two halves, for a host that derives keys itself.
//!
//! A browser's WebCrypto derives faster than WebAssembly, and off the main thread. The first half checks everything and
//! says what to derive ([`Derivation`]); the host, or [`Derivation::run`], makes a [`Root`] of it; the second half takes
//! that. [`seal`](super::seal), [`open`](super::open) and [`account_secret`](super::account_secret) are these halves put
//! together, so a rule stands once.
//!
//! Nothing can tell a wrong root from that of a wrong password: opening with one gives
//! [`OpenError::WrongPassword`], and what is sealed with one opens with nothing but the same.

pub use super::kdf::warm_up;

use super::account::{ITERATIONS, encode, salt_of};
use super::error::{AccountSecretError, OpenError, SealError};
use super::expand::expand;
use super::format::{self, SealedToken, Version};
use super::kdf::{self, Iterations};
use super::key::Key;
use super::{COMMIT_BYTES, MAX_CONTEXT_BYTES, SALT_BYTES, aead, password_bytes, random, token_bytes};
use crate::{Password, SecretText};
use rand_core::TryCryptoRng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// What PBKDF2-HMAC-SHA256 (RFC 8018 §5.2) is to make of a password: [`Root::BYTES`] bytes. Not secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Derivation<'a> {
    /// The salt, 16 to 64 bytes.
    pub salt: &'a [u8],
    /// How many iterations.
    pub iterations: Iterations,
}

impl Derivation<'_> {
    /// Derives here. Blocks for all the iterations. Neither empty nor long passwords are refused: the first halves did.
    #[must_use]
    pub fn run(&self, password: &Password) -> Root {
        // The key derivation takes the bytes.
        Root(kdf::derive(password.expose().as_bytes(), self.salt, self.iterations))
    }
}

/// What was derived. Wiped on drop; it can be neither printed nor compared.
pub struct Root(Key);

impl Root {
    /// Its length.
    pub const BYTES: usize = Key::BYTES;

    /// Takes what a host derived; the host wipes its own copy.
    #[must_use]
    pub fn new(bytes: &[u8; Self::BYTES]) -> Self {
        Self(Key::fill(|out| out.copy_from_slice(bytes)))
    }

    /// Borrows the bytes, for a host whose second half is elsewhere. Each call site says why it needs them.
    #[must_use]
    pub fn expose(&self) -> &[u8; Self::BYTES] {
        self.0.as_bytes()
    }
}

/// Sealing, between its halves.
pub struct Sealing {
    token: SecretText,
    context: String,
    digest: Key,
    iterations: Iterations,
    salt: Zeroizing<[u8; SALT_BYTES]>,
}

impl Sealing {
    /// Checks everything that is to be sealed and draws the salt from `rng`.
    ///
    /// # Errors
    /// As for [`seal`](super::seal).
    pub fn begin(
        token: SecretText,
        password: &Password,
        context: &str,
        iterations: Iterations,
        rng: &mut (impl TryCryptoRng + ?Sized),
    ) -> Result<Self, SealError> {
        check_sealing(&token, password, context)?;
        let salt = random::bytes::<SALT_BYTES>(rng)?;
        Ok(Self { token, context: context.to_owned(), digest: digest(password), iterations, salt })
    }

    /// What to derive from the password given before.
    #[must_use]
    pub fn derivation(&self) -> Derivation<'_> {
        Derivation { salt: &self.salt[..], iterations: self.iterations }
    }

    /// Draws the nonce from `rng` and seals.
    ///
    /// # Errors
    /// [`SealError::Random`].
    pub fn finish(self, root: &Root, rng: &mut (impl TryCryptoRng + ?Sized)) -> Result<SealedToken, SealError> {
        let Self { token, context, digest, iterations, salt } = self;
        let keys = Keys::new(root, &digest);
        seal_with(&keys, &token, &context, iterations, &salt, rng)
    }
}

/// Opening, between its halves.
pub struct Opening {
    sealed: SealedToken,
    context: String,
    digest: Key,
}

impl Opening {
    /// Checks everything that can be checked without a key.
    ///
    /// # Errors
    /// [`OpenError::Password`], [`OpenError::ContextTooLong`].
    pub fn begin(sealed: SealedToken, password: &Password, context: &str) -> Result<Self, OpenError> {
        check_opening(password, context)?;
        Ok(Self { sealed, context: context.to_owned(), digest: digest(password) })
    }

    /// What to derive from the password given before.
    #[must_use]
    pub fn derivation(&self) -> Derivation<'_> {
        derivation_of(&self.sealed)
    }

    /// Opens.
    ///
    /// # Errors
    /// [`OpenError::WrongPassword`], [`OpenError::Corrupt`].
    pub fn finish(self, root: &Root) -> Result<SecretText, OpenError> {
        open_with(root, &self.digest, &self.sealed, &self.context)
    }
}

/// The account secret, between its halves.
pub struct AccountSecret {
    salt: Key,
}

impl AccountSecret {
    /// Checks the password and makes the salt.
    ///
    /// # Errors
    /// [`AccountSecretError::Password`].
    pub fn begin(email: &str, password: &Password, realm: &str) -> Result<Self, AccountSecretError> {
        password_bytes(password)?;
        Ok(Self { salt: salt_of(email, realm) })
    }

    /// What to derive from the password given before.
    #[must_use]
    pub fn derivation(&self) -> Derivation<'_> {
        Derivation { salt: self.salt.as_bytes(), iterations: ITERATIONS }
    }

    /// The secret.
    #[must_use]
    pub fn finish(self, root: &Root) -> SecretText {
        encode(&expand(&root.0, &[b"generatio/v2/account"]))
    }
}

/// What may be sealed.
pub(super) fn check_sealing(token: &SecretText, password: &Password, context: &str) -> Result<(), SealError> {
    token_bytes(token)?;
    password_bytes(password)?;
    if context.len() > MAX_CONTEXT_BYTES { Err(SealError::ContextTooLong) } else { Ok(()) }
}

/// What may be tried to open.
pub(super) fn check_opening(password: &Password, context: &str) -> Result<(), OpenError> {
    password_bytes(password)?;
    if context.len() > MAX_CONTEXT_BYTES { Err(OpenError::ContextTooLong) } else { Ok(()) }
}

/// HMAC takes some different passwords for equal (a trailing NUL, a long one and its hash); their hashes differ.
pub(super) fn digest(password: &Password) -> Key {
    // The commitment is over the bytes.
    Key::digest(&[password.expose().as_bytes()])
}

pub(super) fn derivation_of(sealed: &SealedToken) -> Derivation<'_> {
    Derivation { salt: sealed.salt(), iterations: sealed.iterations() }
}

/// What a root and a password's digest give in v2.
pub(super) struct Keys {
    cipher: Key,
    commitment: Key,
}

impl Keys {
    pub(super) fn new(root: &Root, digest: &Key) -> Self {
        Self {
            cipher: expand(&root.0, &[b"generatio/v2/token-key"]),
            commitment: expand(&root.0, &[b"generatio/v2/commit", &[0], digest.as_bytes()]),
        }
    }
}

pub(super) fn seal_with(
    keys: &Keys,
    token: &SecretText,
    context: &str,
    iterations: Iterations,
    salt: &[u8; SALT_BYTES],
    rng: &mut (impl TryCryptoRng + ?Sized),
) -> Result<SealedToken, SealError> {
    let header = format::header(iterations, salt);
    let mut body = keys.commitment.as_bytes().to_vec();
    // The cipher takes the bytes.
    let clear = token.expose().as_bytes();
    body.extend(aead::seal(&keys.cipher, &associated_data(&header, context), clear, rng)?);
    Ok(SealedToken::v2(&header, iterations, salt.to_vec(), body))
}

pub(super) fn open_with(
    root: &Root,
    digest: &Key,
    sealed: &SealedToken,
    context: &str,
) -> Result<SecretText, OpenError> {
    let token = match sealed.version() {
        Version::V1 => aead::open(&root.0, b"", sealed.body()).ok_or(OpenError::WrongPassword)?,
        Version::V2 => open_v2(root, digest, sealed, context)?,
    };
    SecretText::from_utf8(token).ok_or(OpenError::Corrupt)
}

fn open_v2(root: &Root, digest: &Key, sealed: &SealedToken, context: &str) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let keys = Keys::new(root, digest);
    let (commitment, boxed) = sealed.body().split_at_checked(COMMIT_BYTES).ok_or(OpenError::Corrupt)?;
    if !bool::from(keys.commitment.as_bytes()[..].ct_eq(commitment)) {
        return Err(OpenError::WrongPassword);
    }
    aead::open(&keys.cipher, &associated_data(sealed.header(), context), boxed).ok_or(OpenError::Corrupt)
}

fn associated_data(header: &str, context: &str) -> Vec<u8> {
    [header.as_bytes(), context.as_bytes()].concat()
}
