//! Core's errors as JavaScript's: the same codes, the same words.

use crate::host::make_error;
use generatio_core::ErrorCode;
use generatio_core::seal::{AccountSecretError, FormatError, IterationsError, OpenError, SealError};
use wasm_bindgen::JsValue;

/// Numbers beside core's, in `js/messages.js` too.
const INTERNAL: u32 = 1;
const LOCKED: u32 = 2;

/// Core's error, by its number. The words are in `js/messages.js`: what prints them is a tenth of a small module.
pub(crate) fn refused(code: ErrorCode) -> JsValue {
    make_error(code.as_u32())
}

/// A number that stands for nothing (any more).
pub(crate) fn locked() -> JsValue {
    make_error(LOCKED)
}

/// What the JavaScript beside this never does.
pub(crate) fn misused() -> JsValue {
    make_error(INTERNAL)
}

/// Errors of core that know their code.
pub(crate) trait Coded {
    fn code(&self) -> ErrorCode;

    fn thrown(&self) -> JsValue {
        refused(self.code())
    }
}

macro_rules! coded {
    ($($error:ty),+) => {
        $(impl Coded for $error {
            fn code(&self) -> ErrorCode {
                <$error>::code(self)
            }
        })+
    };
}

coded!(AccountSecretError, FormatError, IterationsError, OpenError, SealError);
