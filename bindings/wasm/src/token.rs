//! Tokens in the clear.

use crate::error::{Coded, locked, misused};
use crate::kept::{self, Kept};
use crate::memory;
use generatio_core::SecretText;
use generatio_core::seal::{MAX_TOKEN_BYTES, SealError};
use wasm_bindgen::prelude::*;

/// Another copy of a token, for an operation that owns it; wiped like the first.
pub(crate) fn copy(number: u32) -> Option<SecretText> {
    // `to_owned` is of the final size, so nothing grows.
    kept::look(number, |kept| match kept {
        Kept::Token(token) => Some(SecretText::new(token.expose().to_owned())),
        _ => None,
    })
}

/// Takes a token over from JavaScript.
#[wasm_bindgen(js_name = tokenNew)]
pub fn token_new(text: Vec<u8>) -> Result<u32, JsValue> {
    let token = memory::secret(text).ok_or_else(misused)?;
    // Its length is all that is looked at.
    match token.expose().len() {
        0 => Err(SealError::TokenEmpty.thrown()),
        length if length > MAX_TOKEN_BYTES => Err(SealError::TokenTooLong.thrown()),
        _ => Ok(Kept::Token(token).keep()),
    }
}

/// The token, for JavaScript to have.
#[wasm_bindgen(js_name = tokenText)]
pub fn token_text(number: u32) -> Result<Vec<u8>, JsValue> {
    // JavaScript asked for it.
    copy(number).map(|token| token.expose().as_bytes().to_vec()).ok_or_else(locked)
}
