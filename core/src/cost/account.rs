//! What a request will cost and did cost, in both accounts.

use super::{money::Usd, units::Units};
use serde::Serialize;
use std::{fmt, str::FromStr};

/// What a price is per.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// One image, whatever its size.
    Image,
    /// 1,048,576 pixels of output.
    Megapixel,
    /// A second of computing time, known only afterwards.
    ComputeSecond,
}

impl Unit {
    /// The text of JSON and of stored rows: `image`, `megapixel`, `compute_second`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Megapixel => "megapixel",
            Self::ComputeSecond => "compute_second",
        }
    }
}

/// How far an amount can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// Price and units are those of the account.
    Known,
    /// The price, its rounding or the units are the likely ones.
    Estimated,
    /// There is nothing to reckon with; the amount is zero.
    Unpriced,
}

impl Certainty {
    /// The text of JSON and of stored rows: `known`, `estimated`, `unpriced`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Estimated => "estimated",
            Self::Unpriced => "unpriced",
        }
    }
}

/// Whose prices an account follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PriceBook {
    /// The product's catalog.
    #[default]
    Catalog,
    /// What FAL bills.
    Fal,
}

impl PriceBook {
    /// `catalog` or `fal`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Catalog => "catalog",
            Self::Fal => "fal",
        }
    }
}

impl fmt::Display for PriceBook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text names no price book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("prices are `catalog` or `fal`")]
pub struct PriceBookError;

impl FromStr for PriceBook {
    type Err = PriceBookError;

    fn from_str(text: &str) -> Result<Self, PriceBookError> {
        [Self::Catalog, Self::Fal].into_iter().find(|book| book.as_str() == text).ok_or(PriceBookError)
    }
}

/// One account's reckoning. `amount` is `units` × `unit_price`, except where the rule has a lower price for further
/// megapixels, adds a surcharge, or FAL counts a dearer variant as more units: then it is what those make it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Amount {
    /// What `units` counts.
    pub unit: Unit,
    /// How many.
    pub units: Units,
    /// The price of one.
    pub unit_price: Usd,
    /// The whole.
    pub amount: Usd,
    /// How far it can be trusted.
    pub certainty: Certainty,
}

impl Amount {
    /// The same for as many images at this price, where images are what is counted.
    fn for_images(self, images: u32) -> Self {
        let units = Units::from_count(images);
        match units.times(self.unit_price) {
            Ok(amount) if self.unit == Unit::Image && self.units != units => Self { units, amount, ..self },
            _ => self,
        }
    }

    /// The same, for a bill that only FAL knows.
    pub(crate) fn at_most_estimated(self) -> Self {
        Self { certainty: self.certainty.max(Certainty::Estimated), ..self }
    }
}

/// What a request will cost, before it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Quote {
    /// By the product's catalog.
    pub catalog: Amount,
    /// By FAL's own prices: the bill to expect.
    pub fal: Amount,
}

impl Quote {
    /// The reckoning by `book`.
    #[must_use]
    pub const fn account(&self, book: PriceBook) -> &Amount {
        match book {
            PriceBook::Catalog => &self.catalog,
            PriceBook::Fal => &self.fal,
        }
    }
}

impl Quote {
    /// What it did cost, where the price rule is no longer at hand: the `images` returned, priced each, at the quote's
    /// price, or as quoted where images are not the unit; in FAL's account by the units that FAL reported (its header's
    /// text), if it did and they can be read and priced. At most estimated.
    #[must_use]
    pub fn charge(&self, images: u32, billable_units: Option<&str>) -> Charge {
        let reported = billable_units.and_then(|text| Units::parse(text.trim()).ok());
        let billed = reported.and_then(|units| {
            let amount = units.times(self.fal.unit_price).ok()?;
            Some(Amount { units, amount, ..self.fal })
        });
        Charge {
            catalog: self.catalog.for_images(images).at_most_estimated(),
            fal: billed.unwrap_or(self.fal.for_images(images)).at_most_estimated(),
            billable_units: billed.and(reported),
        }
    }
}

/// What a finished request did cost. A batch's amount per image comes from [`split`](super::split).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Charge {
    /// By the product's catalog, for the images returned.
    pub catalog: Amount,
    /// By FAL's own prices, for the units FAL reported, else for those of the images returned.
    pub fal: Amount,
    /// What FAL reported, if it did and the text could be read and priced.
    pub billable_units: Option<Units>,
}

impl Charge {
    /// The reckoning by `book`.
    #[must_use]
    pub const fn account(&self, book: PriceBook) -> &Amount {
        match book {
            PriceBook::Catalog => &self.catalog,
            PriceBook::Fal => &self.fal,
        }
    }
}
