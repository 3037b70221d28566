//! Texts that cross the border: lent as views, given away as handles, wiped when they go.

use crate::boundary::{self, Out, free, guard, look};
use crate::status::Status;
use generatio_core::SecretText;
use std::ffi::c_char;
use zeroize::Zeroizing;

/// A text or bytes that belong to a handle: `len` bytes at `data`, followed by a NUL that is not counted. `data` is
/// never NULL. Lent: valid until that handle is freed, or for what belongs to a call's request, until the call's next
/// step.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct View {
    /// The first byte.
    pub data: *const c_char,
    /// How many bytes, without the NUL.
    pub len: usize,
}

impl Default for View {
    fn default() -> Self {
        Self { data: c"".as_ptr(), len: 0 }
    }
}

/// A text of the library's own; see `generatio_text_view`.
#[derive(Clone)]
pub struct Text(Zeroizing<Vec<u8>>);

impl Text {
    pub(crate) fn new(text: &str) -> Self {
        Self::of_bytes(text.as_bytes())
    }

    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        // At its final size from the start, so that no copy is left behind by growing.
        let mut all = Zeroizing::new(Vec::with_capacity(bytes.len() + 1));
        all.extend_from_slice(bytes);
        all.push(0);
        Self(all)
    }

    pub(crate) fn view(&self) -> View {
        View { data: self.0.as_ptr().cast(), len: self.0.len() - 1 }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0[..self.0.len() - 1]
    }
}

/// The text of a handle. Empty for NULL. Lent until the handle is freed; any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_text_view(text: *const Text) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(text, Text::view) }
}

/// Frees a text; NULL is fine. No view of it may be used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_text_free(text: *mut Text) {
    // SAFETY: the caller keeps to the conventions.
    unsafe { free(text) }
}

/// A secret text of the library's own: overwritten with zeros when it is freed.
pub struct Secret(Text);

impl Secret {
    pub(crate) fn new(text: &SecretText) -> Self {
        // Into a buffer that is wiped, which the caller asked for.
        Self(Text::new(text.expose()))
    }
}

/// Copies a secret of 0 to 1 MiB into a handle, which wipes it in the end; wiping `text` is left to the caller.
/// `*secret` is the caller's, freed with `generatio_secret_free`. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_secret_new(
    text: *const c_char,
    text_len: usize,
    secret: *mut *mut Secret,
) -> Status {
    const MOST: usize = 1 << 20;
    guard(|| {
        // SAFETY: the caller keeps to the conventions.
        let (secret, text) = unsafe { (Out::handle(secret)?, boundary::text(text, text_len)?) };
        if text.len() > MOST {
            return Err(Status::BadArgument);
        }
        secret.give(Secret(Text::new(text)));
        Ok(())
    })
}

/// The secret. Empty for NULL. Lent until the handle is freed; any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_secret_view(secret: *const Secret) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(secret, |secret| secret.0.view()) }
}

/// Overwrites a secret with zeros and frees it; NULL is fine. No view of it may be used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_secret_free(secret: *mut Secret) {
    // SAFETY: the caller keeps to the conventions.
    unsafe { free(secret) }
}
