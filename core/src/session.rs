//! Sealed sessions: a FAL key that opens with the session's id and nothing else.
//!
//! Pure functions and types. The host keeps what [`seal_session`] gives under the id's [`SessionIndex`] (in
//! [`memory::MemorySessions`], or a store of its own) and forgets the id, which only the client has: neither a dump of
//! the memory nor the store yields a key. Whether a session still lives is not asked here, but where it is kept.

pub mod memory;

use crate::seal::expand::derive;
use crate::seal::key::Key;
use crate::seal::{MAX_TOKEN_BYTES, RandomError, aead, random};
use crate::{ErrorCode, SecretText, Timestamp};
use base64ct::{Base64, Encoding};
use rand_core::TryCryptoRng;
use std::fmt;
use uuid::{Builder, Uuid, Variant};
use zeroize::{ZeroizeOnDrop, Zeroizing};

/// Seals `token` under `id`: AES-256-GCM, a fresh nonce from `rng`, `claims` authenticated.
///
/// # Errors
/// [`SealSessionError`] for an empty token or one over [`MAX_TOKEN_BYTES`], or a failed `rng`.
pub fn seal_session(
    id: &SessionId,
    claims: Claims,
    token: &SecretText,
    rng: &mut (impl TryCryptoRng + ?Sized),
) -> Result<SealedSession, SealSessionError> {
    // The cipher takes the bytes.
    let token = token.expose().as_bytes();
    if token.is_empty() {
        return Err(SealSessionError::TokenEmpty);
    }
    if token.len() > MAX_TOKEN_BYTES {
        return Err(SealSessionError::TokenTooLong);
    }
    let boxed = aead::seal(&id.key(), &claims.associated_data(), token, rng)?;
    Ok(SealedSession { claims, boxed })
}

/// Opens `sealed` with its id. Checks the seal, hence the claims too, but not the time.
///
/// # Errors
/// [`OpenSessionError`] when the id is another one's, or the box or a claim is not as it was sealed.
pub fn open_session(id: &SessionId, sealed: &SealedSession) -> Result<SecretText, OpenSessionError> {
    let token = aead::open(&id.key(), &sealed.claims.associated_data(), &sealed.boxed).ok_or(OpenSessionError)?;
    SecretText::from_utf8(token).ok_or(OpenSessionError)
}

/// A session's id: a random UUID v4, and the only key to what the session holds. Wiped on drop, redacted in `Debug`.
pub struct SessionId(Box<Zeroizing<[u8; 16]>>);

impl SessionId {
    const TEXT_CHARS: usize = 36;

    /// Draws an id: 122 random bits.
    ///
    /// # Errors
    /// [`RandomError`] when `rng` fails.
    pub fn generate(rng: &mut (impl TryCryptoRng + ?Sized)) -> Result<Self, RandomError> {
        let bytes = random::bytes::<16>(rng)?;
        Ok(Self(Box::new(Zeroizing::new(Builder::from_random_bytes(*bytes).into_uuid().into_bytes()))))
    }

    /// Reads the hyphenated text of a UUID v4, in either case.
    ///
    /// # Errors
    /// [`SessionIdError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, SessionIdError> {
        if text.len() != Self::TEXT_CHARS {
            return Err(SessionIdError);
        }
        let uuid = Uuid::try_parse(text).map_err(|_| SessionIdError)?;
        if uuid.get_version_num() != 4 || uuid.get_variant() != Variant::RFC4122 {
            return Err(SessionIdError);
        }
        Ok(Self(Box::new(Zeroizing::new(uuid.into_bytes()))))
    }

    /// The hyphenated text in lower case, 36 characters.
    #[must_use]
    pub fn to_text(&self) -> SecretText {
        let mut text = Zeroizing::new(vec![0; Self::TEXT_CHARS]);
        Uuid::from_bytes_ref(&self.0).as_hyphenated().encode_lower(&mut text);
        SecretText::from_utf8(text).expect("hexadecimal digits and hyphens")
    }

    /// What the session is kept and found under. The id cannot be computed back.
    #[must_use]
    pub fn index(&self) -> SessionIndex {
        SessionIndex(*Key::digest(&[b"generatio/session/index", &[0], &self.0[..]]).as_bytes())
    }

    fn key(&self) -> Key {
        derive(&self.0[..], b"generatio/session/seal")
    }
}

impl ZeroizeOnDrop for SessionId {}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionId").finish_non_exhaustive()
    }
}

/// The SHA-256 that a session is kept under; no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionIndex([u8; 32]);

impl SessionIndex {
    /// From 32 bytes that a store kept.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// What a session is for; limits are counted for each kind alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A program, for long.
    ApiKey,
    /// A user at a device, for a day.
    Session,
}

impl Kind {
    /// The text that is authenticated.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApiKey => "api_key",
            Self::Session => "session",
        }
    }

    /// How many of it a user may have at a time; one more, and the oldest goes.
    #[must_use]
    pub const fn limit(self) -> usize {
        match self {
            Self::ApiKey | Self::Session => 16,
        }
    }
}

/// What a session says of itself in the clear; all of it is authenticated, so the session opens only as it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// What it is for.
    pub kind: Kind,
    /// Whose it is.
    pub user_id: String,
    /// The last second, of Unix time, at which it is valid.
    pub expires_unix_s: i64,
}

impl Claims {
    /// Whether `now` is past the expiry; the instant itself is not.
    #[must_use]
    pub fn expired(&self, now: Timestamp) -> bool {
        now > self.expiry()
    }

    fn expiry(&self) -> Timestamp {
        Self::expiry_of(self.expires_unix_s)
    }

    fn expiry_of(unix_s: i64) -> Timestamp {
        Timestamp::from_unix_ms(unix_s.saturating_mul(1000))
    }

    fn associated_data(&self) -> Vec<u8> {
        let kind = self.kind.as_str().as_bytes();
        let expiry = self.expires_unix_s.to_be_bytes();
        [&b"generatio/session/v1"[..], &[0], kind, &[0], self.user_id.as_bytes(), &[0], &expiry].concat()
    }
}

/// A token sealed under a [`SessionId`]; no secret without it. `Debug` shows the claims only.
#[derive(Clone)]
pub struct SealedSession {
    claims: Claims,
    /// Nonce, ciphertext and tag.
    boxed: Vec<u8>,
}

impl SealedSession {
    /// Puts together what a store kept. Anything else than was sealed does not open.
    #[must_use]
    pub fn restore(claims: Claims, box_text: &str) -> Self {
        // Nothing opens what is empty, either.
        Self { claims, boxed: Base64::decode_vec(box_text).unwrap_or_default() }
    }

    /// What it says of itself.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// `B64(nonce ‖ ciphertext ‖ tag)`.
    #[must_use]
    pub fn box_text(&self) -> String {
        Base64::encode_string(&self.boxed)
    }
}

impl fmt::Debug for SealedSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedSession").field("claims", &self.claims).finish_non_exhaustive()
    }
}

/// The text is not a UUID v4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text is not a session id")]
pub struct SessionIdError;

impl SessionIdError {
    /// Always [`ErrorCode::SessionIdMalformed`].
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        ErrorCode::SessionIdMalformed
    }
}

/// Why a session was not sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealSessionError {
    /// No nonce could be drawn.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The token is empty.
    #[error("the token is empty")]
    TokenEmpty,
    /// The token is longer than [`MAX_TOKEN_BYTES`].
    #[error("the token is longer than {MAX_TOKEN_BYTES} bytes")]
    TokenTooLong,
}

impl SealSessionError {
    /// The code for programs.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Random(error) => error.code(),
            Self::TokenEmpty => ErrorCode::TokenEmpty,
            Self::TokenTooLong => ErrorCode::TokenTooLong,
        }
    }
}

/// The id does not open the session; why is not told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the session does not open with this id")]
pub struct OpenSessionError;

impl OpenSessionError {
    /// Always [`ErrorCode::SessionNotFound`].
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        ErrorCode::SessionNotFound
    }
}
