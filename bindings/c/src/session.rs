//! Sealed sessions: a FAL key that opens with the session's id and nothing else.

use crate::boundary::{self, Out, guard};
use crate::numbers::session_kind;
use crate::status::Status;
use crate::text::{Secret, Text};
use generatio_core::SecretText;
use generatio_core::session::{Claims, SealedSession, SessionId, open_session, seal_session};
use getrandom::SysRng;
use std::ffi::c_char;

/// The bytes of what a session is kept under.
pub const GENERATIO_SESSION_INDEX_BYTES: usize = 32;

/// Draws a session's id from the operating system: a UUID v4, 36 characters, and the only key to what the session holds.
/// `*id` is the caller's, freed with `generatio_secret_free`. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_session_id_new(id: *mut *mut Secret) -> Status {
    guard(|| {
        // SAFETY: the caller keeps to the conventions.
        let id = unsafe { Out::handle(id) }?;
        id.give(Secret::new(&SessionId::generate(&mut SysRng)?.to_text()));
        Ok(())
    })
}

/// What a session is kept and found under: the id cannot be computed back from it. Writes
/// `GENERATIO_SESSION_INDEX_BYTES` bytes to `index`, which is the caller's. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_session_index(id: *const c_char, id_len: usize, index: *mut u8) -> Status {
    guard(|| {
        let place = index.cast::<[u8; GENERATIO_SESSION_INDEX_BYTES]>();
        // SAFETY: the caller keeps to the conventions; bytes need no alignment.
        let (index, id) =
            unsafe { (Out::cleared(place, [0; GENERATIO_SESSION_INDEX_BYTES])?, boundary::text(id, id_len)?) };
        index.set(*SessionId::parse(id)?.index().as_bytes());
        Ok(())
    })
}

/// Seals `token` under a session's id. The claims (a `generatio_session_kind`, the user's id, the last second of Unix
/// time at which it is valid) are not part of the box, and are authenticated by it. `*box_text` is the caller's, freed
/// with `generatio_text_free`. Any thread; does not block.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_session_seal(
    id: *const c_char,
    id_len: usize,
    kind: u32,
    user_id: *const c_char,
    user_id_len: usize,
    expires_unix_s: i64,
    token: *const c_char,
    token_len: usize,
    box_text: *mut *mut Text,
) -> Status {
    guard(|| {
        // SAFETY: the caller keeps to the conventions.
        let (box_text, id, user_id, token) = unsafe {
            (
                Out::handle(box_text)?,
                boundary::text(id, id_len)?,
                boundary::text(user_id, user_id_len)?,
                boundary::text(token, token_len)?,
            )
        };
        let claims = Claims { kind: session_kind(kind)?, user_id: user_id.to_owned(), expires_unix_s };
        let token = SecretText::new(token.to_owned());
        let sealed = seal_session(&SessionId::parse(id)?, claims, &token, &mut SysRng)?;
        box_text.give(Text::new(sealed.box_text()));
        Ok(())
    })
}

/// Opens a session with its id and the claims it was sealed with; whether it has expired is not asked. `*token` is the
/// caller's, freed with `generatio_secret_free`. Any thread; does not block.
///
/// `GENERATIO_SESSION_NOT_FOUND`: id, claims and box do not belong together.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_session_open(
    id: *const c_char,
    id_len: usize,
    kind: u32,
    user_id: *const c_char,
    user_id_len: usize,
    expires_unix_s: i64,
    box_text: *const c_char,
    box_text_len: usize,
    token: *mut *mut Secret,
) -> Status {
    guard(|| {
        // SAFETY: the caller keeps to the conventions.
        let (token, id, user_id, box_text) = unsafe {
            (
                Out::handle(token)?,
                boundary::text(id, id_len)?,
                boundary::text(user_id, user_id_len)?,
                boundary::text(box_text, box_text_len)?,
            )
        };
        let claims = Claims { kind: session_kind(kind)?, user_id: user_id.to_owned(), expires_unix_s };
        let sealed = SealedSession::restore(claims, box_text.to_owned());
        token.give(Secret::new(&open_session(&SessionId::parse(id)?, &sealed)?));
        Ok(())
    })
}
