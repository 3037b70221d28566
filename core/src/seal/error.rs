//! Why sealing and opening refuse.

use super::{MAX_CONTEXT_BYTES, MAX_TOKEN_BYTES, RandomError};
use crate::{ErrorCode, Password};

/// The password's length is outside 1 to [`Password::MAX_BYTES`] bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PasswordLengthError {
    /// The password is empty.
    #[error("the password is empty")]
    Empty,
    /// The password is longer than [`Password::MAX_BYTES`].
    #[error("the password is longer than {} bytes", Password::MAX_BYTES)]
    TooLong,
}

impl PasswordLengthError {
    /// The code for programs.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Empty => ErrorCode::PasswordEmpty,
            Self::TooLong => ErrorCode::PasswordTooLong,
        }
    }
}

/// Why a token was not sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The context is longer than [`MAX_CONTEXT_BYTES`].
    #[error("the context is longer than {MAX_CONTEXT_BYTES} bytes")]
    ContextTooLong,
    /// The password is empty or too long.
    #[error(transparent)]
    Password(#[from] PasswordLengthError),
    /// No salt or nonce could be drawn.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The token is empty.
    #[error("the token is empty")]
    TokenEmpty,
    /// The token is longer than [`MAX_TOKEN_BYTES`].
    #[error("the token is longer than {MAX_TOKEN_BYTES} bytes")]
    TokenTooLong,
}

impl SealError {
    /// The code for programs.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::ContextTooLong => ErrorCode::ContextTooLong,
            Self::Password(error) => error.code(),
            Self::Random(error) => error.code(),
            Self::TokenEmpty => ErrorCode::TokenEmpty,
            Self::TokenTooLong => ErrorCode::TokenTooLong,
        }
    }
}

/// Why a sealed token did not open. What is wrong with its text is said earlier, by [`super::FormatError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The context is longer than [`MAX_CONTEXT_BYTES`].
    #[error("the context is longer than {MAX_CONTEXT_BYTES} bytes")]
    ContextTooLong,
    /// The password is right and the bytes were altered, or sealed for another context (v2), or hold no text.
    #[error("the sealed token is damaged")]
    Corrupt,
    /// The password is empty or too long.
    #[error(transparent)]
    Password(#[from] PasswordLengthError),
    /// The password does not open it. For v1, whose cipher cannot tell, altered bytes too.
    #[error("wrong password")]
    WrongPassword,
}

impl OpenError {
    /// The code for programs.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::ContextTooLong => ErrorCode::ContextTooLong,
            Self::Corrupt => ErrorCode::SealedTokenDamaged,
            Self::Password(error) => error.code(),
            Self::WrongPassword => ErrorCode::WrongPassword,
        }
    }
}

/// Why a token was not sealed anew; the old text is as good as before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResealError {
    /// The old text did not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The new text could not be made.
    #[error(transparent)]
    Seal(#[from] SealError),
}

impl ResealError {
    /// The code for programs.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Open(error) => error.code(),
            Self::Seal(error) => error.code(),
        }
    }
}

/// Why no account secret was derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AccountSecretError {
    /// The password is empty or too long.
    #[error(transparent)]
    Password(#[from] PasswordLengthError),
}

impl AccountSecretError {
    /// The code for programs.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Password(error) => error.code(),
        }
    }
}
