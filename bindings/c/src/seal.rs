//! Sealing of FAL keys under a password, and the account secret derived beside it.

use crate::boundary::{self, Out, guard, look};
use crate::status::Status;
use crate::text::{Secret, Text};
use generatio_core::seal::{self, Iterations, SealedToken, Version};
use generatio_core::{Password, SecretText};
use getrandom::SysRng;
use std::ffi::c_char;

/// The longest token that is sealed, in bytes; the shortest is one byte.
pub const GENERATIO_TOKEN_MAX_BYTES: usize = 65_536;
/// The longest password that seals or opens, in bytes; the shortest is one byte.
pub const GENERATIO_PASSWORD_MAX_BYTES: usize = 1_024;
/// The longest context, in bytes; it may be empty.
pub const GENERATIO_CONTEXT_MAX_BYTES: usize = 256;
/// The fewest iterations of a key derivation.
pub const GENERATIO_ITERATIONS_MIN: u32 = 100_000;
/// The iterations of a key derivation unless told otherwise.
pub const GENERATIO_ITERATIONS_DEFAULT: u32 = 600_000;
/// The most iterations of a key derivation.
pub const GENERATIO_ITERATIONS_MAX: u32 = 10_000_000;

/// A text of the caller's, its length in bytes.
type Lent = (*const c_char, usize);

/// What keys are derived from, with the text that is to be sealed or opened by them.
struct Asked<'a> {
    text: &'a str,
    password: Password,
    /// The context; of an account secret, the realm.
    context: &'a str,
}

impl<'a> Asked<'a> {
    /// # Safety
    /// As for [`boundary::text`].
    unsafe fn read(text: Lent, password: Lent, context: Lent) -> Result<Self, Status> {
        // SAFETY: as above.
        let [text, password, context] = unsafe {
            [
                boundary::text::<'a>(text.0, text.1)?,
                boundary::text(password.0, password.1)?,
                boundary::text(context.0, context.1)?,
            ]
        };
        Ok(Self { text, password: Password::new(password.to_owned()), context })
    }
}

/// A token, in a buffer that is wiped.
fn token_of(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

fn work(count: u32) -> Result<Iterations, Status> {
    if count == 0 { Ok(Iterations::DEFAULT) } else { Ok(Iterations::new(count)?) }
}

/// Seals `token` under `password` as v2 text, with a fresh salt and nonce from the operating system. It opens only with
/// the same `context`, the owner's user id. 0 iterations are `GENERATIO_ITERATIONS_DEFAULT`. `*sealed` is the caller's,
/// freed with `generatio_text_free`. Any thread; blocks for the whole key derivation, some 0.1 to 0.5 s by default.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_seal(
    token: *const c_char,
    token_len: usize,
    password: *const c_char,
    password_len: usize,
    context: *const c_char,
    context_len: usize,
    iterations: u32,
    sealed: *mut *mut Text,
) -> Status {
    guard(|| {
        // SAFETY: the caller keeps to the conventions.
        let (sealed, asked) = unsafe {
            let out = Out::handle(sealed)?;
            (out, Asked::read((token, token_len), (password, password_len), (context, context_len))?)
        };
        let count = work(iterations)?;
        let made = seal::seal(&token_of(asked.text), &asked.password, asked.context, count, &mut SysRng)?;
        sealed.give(Text::new(made.as_str()));
        Ok(())
    })
}

/// Seals `token` under `password` as the original server's v1 text, for going back to it; otherwise use
/// `generatio_seal`. `*sealed` is the caller's, freed with `generatio_text_free`. Any thread; blocks for the whole key
/// derivation.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_seal_v1(
    token: *const c_char,
    token_len: usize,
    password: *const c_char,
    password_len: usize,
    sealed: *mut *mut Text,
) -> Status {
    guard(|| {
        let nothing = (std::ptr::null(), 0);
        // SAFETY: the caller keeps to the conventions.
        let (sealed, asked) = unsafe {
            let out = Out::handle(sealed)?;
            (out, Asked::read((token, token_len), (password, password_len), nothing)?)
        };
        let made = seal::seal_v1(&token_of(asked.text), &asked.password, &mut SysRng)?;
        sealed.give(Text::new(made.as_str()));
        Ok(())
    })
}

/// Opens a sealed token of either form with the password, and for v2 the context, it was sealed under. A token may hold
/// NUL. `*token` is the caller's, freed with `generatio_secret_free`. Any thread; blocks for the whole key derivation.
///
/// `GENERATIO_WRONG_PASSWORD`: for v1 that may also mean a damaged text. `GENERATIO_SEALED_TOKEN_DAMAGED`: the password
/// is right.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_open(
    sealed: *const c_char,
    sealed_len: usize,
    password: *const c_char,
    password_len: usize,
    context: *const c_char,
    context_len: usize,
    token: *mut *mut Secret,
) -> Status {
    guard(|| {
        // SAFETY: the caller keeps to the conventions.
        let (token, asked) = unsafe {
            let out = Out::handle(token)?;
            (out, Asked::read((sealed, sealed_len), (password, password_len), (context, context_len))?)
        };
        let sealed = SealedToken::parse(asked.text)?;
        token.give(Secret::new(&seal::open(&sealed, &asked.password, asked.context)?));
        Ok(())
    })
}

/// Opens a sealed token and seals what was in it anew under the same password and context: v2, a fresh salt, that many
/// iterations (0: the default). `*resealed` is the caller's, freed with `generatio_text_free`. Any thread; blocks for
/// two key derivations.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_reseal(
    sealed: *const c_char,
    sealed_len: usize,
    password: *const c_char,
    password_len: usize,
    context: *const c_char,
    context_len: usize,
    iterations: u32,
    resealed: *mut *mut Text,
) -> Status {
    guard(|| {
        // SAFETY: the caller keeps to the conventions.
        let (resealed, asked) = unsafe {
            let out = Out::handle(resealed)?;
            (out, Asked::read((sealed, sealed_len), (password, password_len), (context, context_len))?)
        };
        let (sealed, count) = (SealedToken::parse(asked.text)?, work(iterations)?);
        let made = seal::reseal(&sealed, &asked.password, asked.context, count, &mut SysRng)?;
        resealed.give(Text::new(made.as_str()));
        Ok(())
    })
}

/// Reads the form of a sealed token without opening it: `*version` is 1 or 2, `*iterations` the work of opening
/// it. Any thread; does not block.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_sealed_read(
    sealed: *const c_char,
    sealed_len: usize,
    version: *mut u32,
    iterations: *mut u32,
) -> Status {
    guard(|| {
        // SAFETY: the caller keeps to the conventions.
        let (version, count) = unsafe { (Out::cleared(version, 0), Out::cleared(iterations, 0)) };
        // SAFETY: the caller keeps to the conventions.
        let (version, count, sealed) = (version?, count?, unsafe { boundary::text(sealed, sealed_len) }?);
        let sealed = SealedToken::parse(sealed)?;
        version.set(match sealed.version() {
            Version::V1 => 1,
            Version::V2 => 2,
        });
        count.set(sealed.iterations().get());
        Ok(())
    })
}

/// Derives the account secret: what a client sends as its account password, so that one password serves account and
/// token and no server sees it. Nothing is checked but the password's length; `realm`, which keeps one server from
/// replaying a secret at another, may be empty. `*secret` is the caller's, freed with `generatio_secret_free`. Any
/// thread; blocks for a key derivation of 600,000 iterations.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_account_secret(
    email: *const c_char,
    email_len: usize,
    password: *const c_char,
    password_len: usize,
    realm: *const c_char,
    realm_len: usize,
    secret: *mut *mut Secret,
) -> Status {
    guard(|| {
        // SAFETY: the caller keeps to the conventions.
        let (secret, asked) = unsafe {
            let out = Out::handle(secret)?;
            (out, Asked::read((email, email_len), (password, password_len), (realm, realm_len))?)
        };
        secret.give(Secret::new(&seal::account_secret(asked.text, &asked.password, asked.context)?));
        Ok(())
    })
}

/// Whether a text has the shape of an account secret. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_is_account_secret(text: *const c_char, text_len: usize) -> bool {
    // SAFETY: the caller keeps to the conventions.
    let text = unsafe { boundary::text(text, text_len) };
    // SAFETY: a reference of our own.
    unsafe { look(&raw const text, |text| text.is_ok_and(seal::is_account_secret)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_macros_are_cores_limits() {
        assert_eq!(GENERATIO_TOKEN_MAX_BYTES, seal::MAX_TOKEN_BYTES);
        assert_eq!(GENERATIO_PASSWORD_MAX_BYTES, Password::MAX_BYTES);
        assert_eq!(GENERATIO_CONTEXT_MAX_BYTES, seal::MAX_CONTEXT_BYTES);
        let counts = [Iterations::MIN, Iterations::DEFAULT, Iterations::MAX].map(Iterations::get);
        assert_eq!([GENERATIO_ITERATIONS_MIN, GENERATIO_ITERATIONS_DEFAULT, GENERATIO_ITERATIONS_MAX], counts);
    }
}
