//! Core's errors as JavaScript's: the same codes, the same words.

use crate::host::make_error;
use generatio_core::ErrorCode;
use generatio_core::seal::{AccountSecretError, FormatError, IterationsError, OpenError, SealError};
use std::fmt::Display;
use wasm_bindgen::JsValue;

/// Core's error.
pub(crate) fn refused(code: ErrorCode, message: &impl Display) -> JsValue {
    make_error(code.as_str(), &message.to_string())
}

/// A number that stands for nothing (any more).
pub(crate) fn locked() -> JsValue {
    make_error("locked", "the token is locked")
}

/// What the JavaScript beside this never does.
pub(crate) fn misused() -> JsValue {
    make_error("internal", "an argument is not what it has to be")
}

/// Errors of core that know their code.
pub(crate) trait Coded: Display {
    fn code(&self) -> ErrorCode;

    fn thrown(&self) -> JsValue
    where
        Self: Sized,
    {
        refused(self.code(), self)
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
