//! Exact money: amounts, units of billing, price rules, quotes and charges.
//!
//! An amount is an integer of nano-dollars, a count of units is a decimal; the two meet in one multiplication that
//! rounds once, half away from zero. Nothing here is a binary fraction, so `0.1 + 0.2` is `0.3` in memory and in JSON.
//!
//! A price is a unit and a unit price of one source. The product's account ([`PriceBook::Catalog`]) and what FAL itself
//! bills ([`PriceBook::Fal`]) have each their own; a [`Quote`] and a [`Charge`] carry both, and never a mixture.
//! Which models have which prices stands in [`crate::catalog`]; totals and budgets are the host's, and [`forecast`] goes on
//! from such totals.

mod account;
mod decimal;
mod forecast;
mod money;
mod rule;
mod units;

pub use account::{Amount, Certainty, Charge, PriceBook, PriceBookError, Quote, Unit};
pub use decimal::AmountError;
pub use forecast::{RECENT, forecast};
pub use money::{Usd, UsdSum, split};
pub use rule::{Condition, Confidence, PriceRule, Rounding, Surcharge, Tier, UnitPrice};
pub use units::Units;

pub(crate) use rule::{MAX_IMAGES, Order};
