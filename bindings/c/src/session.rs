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
        let (box_text, (id, claims), token) = unsafe {
            let out = Out::handle(box_text)?;
            let named = named((id, id_len), kind, (user_id, user_id_len), expires_unix_s)?;
            (out, named, boundary::text(token, token_len)?)
        };
        let token = SecretText::new(token.to_owned());
        box_text.give(Text::new(&seal_session(&id, claims, &token, &mut SysRng)?.box_text()));
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
        let (token, (id, claims), box_text) = unsafe {
            let out = Out::handle(token)?;
            let named = named((id, id_len), kind, (user_id, user_id_len), expires_unix_s)?;
            (out, named, boundary::text(box_text, box_text_len)?)
        };
        let sealed = SealedSession::restore(claims, box_text);
        token.give(Secret::new(&open_session(&id, &sealed)?));
        Ok(())
    })
}

/// A session's id and claims as the caller names them.
///
/// # Safety
/// As for [`boundary::text`].
unsafe fn named(
    id: (*const c_char, usize),
    kind: u32,
    user_id: (*const c_char, usize),
    expires_unix_s: i64,
) -> Result<(SessionId, Claims), Status> {
    // SAFETY: as above.
    let (id, user_id) = unsafe { (boundary::text(id.0, id.1)?, boundary::text(user_id.0, user_id.1)?) };
    let claims = Claims { kind: session_kind(kind)?, user_id: user_id.to_owned(), expires_unix_s };
    Ok((SessionId::parse(id)?, claims))
}
