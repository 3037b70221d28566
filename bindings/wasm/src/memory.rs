//! Taking secrets in, and leaving nothing of them on the stack.

use generatio_core::{Password, SecretText};
use zeroize::{Zeroize, Zeroizing};

/// How much of the stack is wiped: several times what sealing, opening and deriving use.
const STACK_BYTES: usize = 16 * 1024;

/// Runs `work` in a frame of its own and wipes the stack where it stood: ciphers and hashes work there on pieces of what
/// they are given.
pub(crate) fn apart<T>(work: impl FnOnce() -> T) -> T {
    let outcome = in_own_frame(work);
    wipe_stack();
    outcome
}

#[inline(never)]
fn in_own_frame<T>(work: impl FnOnce() -> T) -> T {
    work()
}

#[inline(never)]
fn wipe_stack() {
    let mut area = [0_u8; STACK_BYTES];
    std::hint::black_box(&mut area).zeroize();
}

/// A password that JavaScript encoded; `None` when it is no UTF-8, which the encoder never gives.
pub(crate) fn password(bytes: Vec<u8>) -> Option<Password> {
    text(bytes).map(Password::new)
}

/// A secret that JavaScript encoded.
pub(crate) fn secret(bytes: Vec<u8>) -> Option<SecretText> {
    SecretText::from_utf8(Zeroizing::new(bytes))
}

/// The very buffer that came, as text; else it is wiped.
fn text(bytes: Vec<u8>) -> Option<String> {
    let mut bytes = Zeroizing::new(bytes);
    std::str::from_utf8(&bytes).ok()?;
    String::from_utf8(std::mem::take(&mut *bytes)).ok()
}
