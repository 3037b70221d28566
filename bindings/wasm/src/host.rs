//! What JavaScript lends: its randomness, and the making of its errors. `js/host.js` is the other side.

use rand_core::{TryCryptoRng, TryRng};
use std::fmt;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(raw_module = "./host.js")]
extern "C" {
    /// Fills the bytes by `crypto.getRandomValues`; false when there is none.
    #[wasm_bindgen(js_name = fillRandom)]
    fn fill_random(bytes: &mut [u8]) -> bool;

    /// A `GeneratioError` with the code and the words of this number.
    #[wasm_bindgen(js_name = makeError)]
    pub(crate) fn make_error(number: u32) -> JsValue;

    /// A `GeneratioError` with these words; `more` is JSON of `{status?, details?}`.
    #[cfg(feature = "full")]
    #[wasm_bindgen(js_name = makeErrorWith)]
    pub(crate) fn make_error_with(code: &str, message: &str, more: &str) -> JsValue;
}

/// The host's randomness.
pub(crate) struct HostRng;

/// It failed.
#[derive(Debug)]
pub(crate) struct NoRandomness;

impl fmt::Display for NoRandomness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the host has no randomness")
    }
}

impl std::error::Error for NoRandomness {}

impl TryRng for HostRng {
    type Error = NoRandomness;

    fn try_next_u32(&mut self) -> Result<u32, NoRandomness> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, NoRandomness> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        if fill_random(bytes) { Ok(()) } else { Err(NoRandomness) }
    }
}

impl TryCryptoRng for HostRng {}
