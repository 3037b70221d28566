//! Drawing salts, nonces and ids from the randomness a host hands in.

use crate::ErrorCode;
use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

/// The host's source of randomness failed; nothing was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the source of randomness failed")]
pub struct RandomError;

impl RandomError {
    /// Always [`ErrorCode::RandomUnavailable`].
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        ErrorCode::RandomUnavailable
    }
}

/// Draws `N` bytes. What the generator itself says about a failure stays with the host.
pub(crate) fn bytes<const N: usize>(rng: &mut (impl TryCryptoRng + ?Sized)) -> Result<Zeroizing<[u8; N]>, RandomError> {
    let mut bytes = Zeroizing::new([0; N]);
    rng.try_fill_bytes(&mut bytes[..]).map_err(|_| RandomError)?;
    Ok(bytes)
}
