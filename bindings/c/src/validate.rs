//! Checks of what people type.

use crate::boundary::{self, Out, guard};
use crate::status::Status;
use crate::text::Text;
use generatio_core::seal::check_password;
use generatio_core::validate::{Email, Name, Prompt};
use generatio_core::{FalKey, SecretText};
use std::ffi::c_char;

/// Checks a text whose check says no more than a status.
///
/// # Safety
/// As for [`boundary::text`].
unsafe fn check(text: *const c_char, len: usize, check: impl FnOnce(&str) -> Result<(), Status>) -> Status {
    // SAFETY: as above.
    guard(|| check(unsafe { boundary::text(text, len) }?))
}

/// Checks a password that someone chooses: 8 to 71 characters, and not a widely used one. Any thread; does not block.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_password_check(password: *const c_char, password_len: usize) -> Status {
    // SAFETY: the caller keeps to the conventions.
    unsafe { check(password, password_len, |text| Ok(check_password(text)?)) }
}

/// Checks the shape of a FAL key: 1 to 4,096 visible ASCII characters. What it opens only FAL can tell. Any thread; does
/// not block.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_fal_key_check(key: *const c_char, key_len: usize) -> Status {
    // SAFETY: the caller keeps to the conventions.
    unsafe { check(key, key_len, |text| Ok(FalKey::parse(SecretText::new(text.to_owned())).map(drop)?)) }
}

/// Checks a prompt: 1 to 5,000 characters, not only white space. A model may ask for less. Any thread; does not block.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_prompt_check(prompt: *const c_char, prompt_len: usize) -> Status {
    // SAFETY: the caller keeps to the conventions.
    unsafe { check(prompt, prompt_len, |text| Ok(Prompt::parse(text).map(drop)?)) }
}

/// Checks the name of a folder or the title of an image: 1 to 200 characters, not only white space. Any thread; does not
/// block.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_name_check(name: *const c_char, name_len: usize) -> Status {
    // SAFETY: the caller keeps to the conventions.
    unsafe { check(name, name_len, |text| Ok(Name::parse(text).map(drop)?)) }
}

/// Checks an e-mail address, and gives the form under which two of them count as the same. `*key` is the caller's, freed
/// with `generatio_text_free`. Any thread; does not block.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_email_key(email: *const c_char, email_len: usize, key: *mut *mut Text) -> Status {
    guard(|| {
        // SAFETY: the caller keeps to the conventions.
        let (key, email) = unsafe { (Out::handle(key)?, boundary::text(email, email_len)?) };
        key.give(Text::new(&Email::parse(email)?.key()));
        Ok(())
    })
}
