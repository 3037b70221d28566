//! Dollars, and sums of them.

use super::decimal::{AmountError, Decimal, divide_rounded, serialize_exactly};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::value::RawValue;
use std::{fmt, iter::Sum, ops::AddAssign, str::FromStr};

const DECIMALS: u32 = 9;

/// An amount of US dollars: an integer of nano-dollars (1e-9 USD), within ±9,223,372,036.854775807 USD.
///
/// In JSON it is a number with its exact digits (`0.009`); read back from a number or a string.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Usd(i64);

impl Usd {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From nano-dollars.
    #[must_use]
    pub const fn from_nano(nano: i64) -> Self {
        Self(nano)
    }

    /// Nano-dollars.
    #[must_use]
    pub const fn nano(self) -> i64 {
        self.0
    }

    /// Reads decimal text such as `0.003`, `12` or `-0.5`: at most nine decimals, no exponent, nothing else around.
    ///
    /// # Errors
    /// [`AmountError::Malformed`] for other text, [`AmountError::Overflow`] for an amount out of range.
    pub fn parse(text: &str) -> Result<Self, AmountError> {
        let Decimal { negative, digits, decimals } = Decimal::parse(text)?;
        let scale = DECIMALS.checked_sub(decimals).ok_or(AmountError::Malformed)?;
        let nano = i128::try_from(digits).ok().and_then(|digits| digits.checked_mul(10_i128.pow(scale)));
        let nano = nano.ok_or(AmountError::Overflow)?;
        i64::try_from(if negative { -nano } else { nano }).map(Self).map_err(|_| AmountError::Overflow)
    }

    /// The sum, or `None` when it is out of range.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }
}

impl FromStr for Usd {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, AmountError> {
        Self::parse(text)
    }
}

/// The shortest exact decimal: `0.009`, `3000`, `-0.5`.
impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&UsdSum::from(*self), f)
    }
}

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_exactly(self, serializer)
    }
}

/// From a JSON number or string, by its text; only serde_json's deserializers lend that.
impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let read = match raw.get() {
            quoted if quoted.starts_with('"') => {
                Self::parse(&serde_json::from_str::<String>(quoted).map_err(D::Error::custom)?)
            }
            number => Self::parse(number),
        };
        read.map_err(D::Error::custom)
    }
}

/// A sum of amounts. Holds any number of them that a machine can: 128 bits of nano-dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UsdSum(i128);

impl UsdSum {
    /// From nano-dollars.
    #[must_use]
    pub const fn from_nano(nano: i128) -> Self {
        Self(nano)
    }

    /// Nano-dollars.
    #[must_use]
    pub const fn nano(self) -> i128 {
        self.0
    }

    /// The mean of `count` amounts, rounded half away from zero to a nano-dollar; zero when there are none. The mean of
    /// amounts always fits; a sum made otherwise stays at the end of [`Usd`]'s range.
    #[must_use]
    pub fn average(self, count: u64) -> Usd {
        if count == 0 {
            return Usd::ZERO;
        }
        let mean = divide_rounded(self.0, i128::from(count));
        Usd(i64::try_from(mean).unwrap_or(if mean < 0 { i64::MIN } else { i64::MAX }))
    }
}

impl From<Usd> for UsdSum {
    fn from(amount: Usd) -> Self {
        Self(i128::from(amount.0))
    }
}

impl TryFrom<UsdSum> for Usd {
    type Error = AmountError;

    fn try_from(sum: UsdSum) -> Result<Self, AmountError> {
        i64::try_from(sum.0).map(Self).map_err(|_| AmountError::Overflow)
    }
}

impl AddAssign<Usd> for UsdSum {
    fn add_assign(&mut self, amount: Usd) {
        self.0 = self.0.saturating_add(i128::from(amount.0));
    }
}

impl Sum<Usd> for UsdSum {
    fn sum<I: Iterator<Item = Usd>>(amounts: I) -> Self {
        amounts.fold(Self::default(), |mut sum, amount| {
            sum += amount;
            sum
        })
    }
}

impl fmt::Display for UsdSum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimal = Decimal { negative: self.0 < 0, digits: self.0.unsigned_abs(), decimals: DECIMALS };
        fmt::Display::fmt(&decimal, f)
    }
}

impl Serialize for UsdSum {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_exactly(self, serializer)
    }
}

/// Splits `total` into equal amounts that add up to it; what does not divide goes to the first. None for no parts.
#[must_use]
pub fn split(total: Usd, parts: usize) -> Vec<Usd> {
    let Some(count) = i64::try_from(parts).ok().filter(|count| *count > 0) else { return Vec::new() };
    let mut amounts = vec![Usd(total.0 / count); parts];
    amounts[0].0 += total.0 % count;
    amounts
}
