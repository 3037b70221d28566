//! Decimal text in and out, shared by amounts and units.

use crate::ErrorCode;
use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::value::RawValue;
use std::fmt::{self, Write as _};

/// Why a decimal text, or arithmetic on what it stands for, was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AmountError {
    /// The text is not a decimal number, or has more digits or decimals than are kept.
    #[error("not a decimal number of the allowed length")]
    Malformed,
    /// The result does not fit.
    #[error("the amount is too large")]
    Overflow,
}

impl AmountError {
    /// The code of this error.
    #[must_use]
    pub fn code(self) -> ErrorCode {
        match self {
            Self::Malformed => ErrorCode::AmountMalformed,
            Self::Overflow => ErrorCode::AmountOverflow,
        }
    }
}

/// At most this many digits are read, leading and trailing zeros included: they fit a `u128` with room to spare.
const MAX_DIGITS: usize = 30;

/// What a decimal text says: `digits / 10^decimals`, below zero if `negative`.
pub(super) struct Decimal {
    pub(super) negative: bool,
    pub(super) digits: u128,
    pub(super) decimals: u32,
}

impl Decimal {
    /// Reads `-?[0-9]+(\.[0-9]+)?`, at most [`MAX_DIGITS`] digits. No exponent, no `+`, no spaces.
    pub(super) fn parse(text: &str) -> Result<Self, AmountError> {
        let (negative, magnitude) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = match magnitude.split_once('.') {
            Some((_, "")) => return Err(AmountError::Malformed),
            Some(parts) => parts,
            None => (magnitude, ""),
        };
        if whole.is_empty() || whole.len() + fraction.len() > MAX_DIGITS {
            return Err(AmountError::Malformed);
        }
        let digits = whole.bytes().chain(fraction.bytes()).try_fold(0_u128, |digits, byte| {
            byte.is_ascii_digit().then(|| digits * 10 + u128::from(byte - b'0')).ok_or(AmountError::Malformed)
        })?;
        let decimals = u32::try_from(fraction.len()).map_err(|_| AmountError::Malformed)?;
        Ok(Self { negative, digits, decimals })
    }
}

/// The shortest decimal: no trailing zeros, no point without decimals.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one = 10_u128.pow(self.decimals);
        let (whole, fraction) = (self.digits / one, self.digits % one);
        let mut text = String::from(if self.negative && self.digits != 0 { "-" } else { "" });
        push_digits(&mut text, whole, 1)?;
        if fraction == 0 {
            return f.pad(&text);
        }
        text.push('.');
        push_digits(&mut text, fraction, usize::try_from(self.decimals).map_err(|_| fmt::Error)?)?;
        f.pad(text.trim_end_matches('0'))
    }
}

/// Adds the digits of `number`, at least `width` of them; by parts of 64 bits, which nearly always are one.
fn push_digits(text: &mut String, number: u128, width: usize) -> fmt::Result {
    const DIGITS: usize = 18;
    const PART: u128 = 10_u128.pow(18);
    if let Ok(number) = u64::try_from(number) {
        return write!(text, "{number:0width$}");
    }
    push_digits(text, number / PART, width.saturating_sub(DIGITS))?;
    push_digits(text, number % PART, DIGITS)
}

/// Writes `decimal` as a JSON number, digit by digit. Exact only in a serializer that writes text: a
/// [`serde_json::Value`] on the way makes it a double.
pub(super) fn serialize_exactly<S: Serializer>(decimal: &impl fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    RawValue::from_string(decimal.to_string()).map_err(S::Error::custom)?.serialize(serializer)
}

/// `numerator / denominator`, rounded half away from zero. `denominator` is above zero.
pub(super) fn divide_rounded(numerator: i128, denominator: i128) -> i128 {
    let (quotient, remainder) = (numerator / denominator, numerator % denominator);
    if remainder.unsigned_abs() >= denominator.unsigned_abs().div_ceil(2) {
        quotient + numerator.signum()
    } else {
        quotient
    }
}
