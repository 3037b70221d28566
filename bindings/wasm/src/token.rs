//! Tokens in the clear.

use crate::error::{Coded, locked, misused};
use crate::memory;
use crate::table::Table;
use generatio_core::SecretText;
use generatio_core::seal::{MAX_TOKEN_BYTES, SealError};
use wasm_bindgen::prelude::*;

thread_local! {
    /// One thread: this is no shared memory.
    static TOKENS: Table<SecretText> = const { Table::new() };
}

/// Keeps a token.
pub(crate) fn keep(token: SecretText) -> u32 {
    TOKENS.with(|tokens| tokens.keep(token))
}

/// Another copy, for an operation that owns it; wiped like the first.
pub(crate) fn copy(number: u32) -> Option<SecretText> {
    // `to_owned` is of the final size, so nothing grows.
    TOKENS.with(|tokens| tokens.with(number, |token| SecretText::new(token.expose().to_owned())))
}

/// Takes a token over from JavaScript.
#[wasm_bindgen(js_name = tokenNew)]
pub fn token_new(text: Vec<u8>) -> Result<u32, JsValue> {
    let token = memory::secret(text).ok_or_else(misused)?;
    // Its length is all that is looked at.
    match token.expose().len() {
        0 => Err(SealError::TokenEmpty.thrown()),
        length if length > MAX_TOKEN_BYTES => Err(SealError::TokenTooLong.thrown()),
        _ => Ok(keep(token)),
    }
}

/// The token, for JavaScript to have.
#[wasm_bindgen(js_name = tokenText)]
pub fn token_text(number: u32) -> Result<Vec<u8>, JsValue> {
    let text = TOKENS.with(|tokens| tokens.with(number, |token| token.expose().as_bytes().to_vec()));
    text.ok_or_else(locked)
}

/// Wipes a token; whether there was one.
#[wasm_bindgen(js_name = tokenDrop)]
pub fn token_drop(number: u32) -> bool {
    memory::apart(|| TOKENS.with(|tokens| tokens.take(number)).is_some())
}
