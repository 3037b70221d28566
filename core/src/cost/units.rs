//! How many units of billing: images, megapixels, seconds.

use super::decimal::{AmountError, Decimal, divide_rounded, serialize_exactly};
use super::money::Usd;
use serde::{Serialize, Serializer};
use std::{fmt, str::FromStr};

/// At most this many decimals, so that the fraction times any price stays within 128 bits.
const MAX_DECIMALS: u32 = 19;

/// A count of billing units, zero or above: a decimal of up to 30 digits, 19 of them behind the point.
///
/// In JSON it is a number with its exact digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Units {
    digits: u128,
    decimals: u32,
}

impl Units {
    /// None.
    pub const ZERO: Self = Self { digits: 0, decimals: 0 };

    /// A whole number of units.
    #[must_use]
    pub fn from_count(count: u32) -> Self {
        Self { digits: u128::from(count), decimals: 0 }
    }

    /// Reads decimal text as FAL's `x-fal-billable-units` carries it: `1`, `1.0`, `0.02`, `8.439999999999998`.
    ///
    /// # Errors
    /// [`AmountError::Malformed`] for anything else: signs, exponents, spaces, too many digits.
    pub fn parse(text: &str) -> Result<Self, AmountError> {
        let Decimal { negative, mut digits, mut decimals } = Decimal::parse(text)?;
        if negative || decimals > MAX_DECIMALS {
            return Err(AmountError::Malformed);
        }
        while decimals > 0 && digits.is_multiple_of(10) {
            digits /= 10;
            decimals -= 1;
        }
        Ok(Self { digits, decimals })
    }

    /// These units at `price` each, rounded once, half away from zero, to a nano-dollar.
    ///
    /// # Errors
    /// [`AmountError::Overflow`] when the product is out of range.
    pub fn times(self, price: Usd) -> Result<Usd, AmountError> {
        let (one, nano) = (10_u128.pow(self.decimals), i128::from(price.nano()));
        let fits = |part: u128| i128::try_from(part).map_err(|_| AmountError::Overflow);
        let whole = fits(self.digits / one)?.checked_mul(nano).ok_or(AmountError::Overflow)?;
        let fraction = divide_rounded(fits(self.digits % one)? * nano, fits(one)?);
        let total = whole.checked_add(fraction).ok_or(AmountError::Overflow)?;
        i64::try_from(total).map(Usd::from_nano).map_err(|_| AmountError::Overflow)
    }
}

impl FromStr for Units {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, AmountError> {
        Self::parse(text)
    }
}

/// The shortest exact decimal.
impl fmt::Display for Units {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Decimal { negative: false, digits: self.digits, decimals: self.decimals }, f)
    }
}

impl Serialize for Units {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_exactly(self, serializer)
    }
}
