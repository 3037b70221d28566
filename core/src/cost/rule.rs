//! Price rules: data that turn an order into an amount. The same form in the catalog's file and on the wire.

use super::account::{Amount, Certainty, Unit};
use super::{money::Usd, units::Units};
use serde::{Serialize, Serializer};
use serde_json::Value;

/// How one account prices a model. Parsed together with the model, whose parameters its conditions name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PriceRule {
    /// What the price is per.
    pub unit: Unit,
    /// The price of one unit.
    pub unit_price: UnitPrice,
    /// The price of each megapixel of an image after the first, where that is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub further_unit_price: Option<UnitPrice>,
    /// How sizes become megapixels, if that is published. Reckoned by the ceiling in any case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rounding: Option<Rounding>,
    /// How sure the price is.
    pub confidence: Confidence,
    /// Other unit prices for some values of parameters; the first that fits counts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<Tier>,
    /// What some values of parameters add, once per request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub surcharges: Vec<Surcharge>,
}

/// A price in a rule: 0 to 1,000 USD, decimal text in JSON, so that no reader makes a double of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitPrice(Usd);

/// How pixels become billed megapixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Rounding {
    /// Each image is rounded up to whole megapixels, at least one (FAL's model pages, read in 2026).
    #[serde(rename = "per_image_ceil_whole_mp")]
    PerImageCeilWholeMegapixel,
}

/// Where a price comes from, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// FAL's own page or API.
    High,
    /// Several third parties, or indirect.
    Medium,
    /// Old or from a single third party.
    Low,
    /// The product sets it.
    ProjectDefined,
}

/// A unit price under a condition.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tier {
    /// When it counts.
    pub when: Condition,
    /// In place of the rule's.
    pub unit_price: UnitPrice,
}

/// An amount on top, once per request, under a condition.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Surcharge {
    /// When it counts.
    pub when: Condition,
    /// How much.
    pub amount: UnitPrice,
}

/// A parameter has a value, asked for or by default.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Condition {
    /// The parameter's name.
    pub parameter: String,
    /// Its value; text that ends in `/*` stands for what is before it and for all that begins with that and a slash.
    pub is: Value,
}

/// The most images an order counts: a hundred runs of a hundred images, more than any request can ask for.
pub(crate) const MAX_IMAGES: u32 = 10_000;

/// What is to be priced.
pub(crate) struct Order<'a> {
    /// Images in all, at most [`MAX_IMAGES`].
    pub(crate) images: u32,
    /// Whether that is their number, and not the most there may be.
    pub(crate) counted: bool,
    /// Whole megapixels of each.
    pub(crate) megapixels: u32,
    /// Whether that is their size, and not the largest there may be.
    pub(crate) sized: bool,
    /// The value of a parameter, asked for or by default.
    pub(crate) parameter: &'a dyn Fn(&str) -> Option<&'a Value>,
}

impl PriceRule {
    /// What `order` costs.
    pub(crate) fn reckon(&self, order: &Order<'_>) -> Amount {
        let terms = self.terms(order);
        let units = self.units(order);
        let further = self.further_unit_price.unwrap_or(terms.unit_price).0;
        let image = match self.unit {
            Unit::Image => wide(terms.unit_price.0),
            Unit::Megapixel => wide(terms.unit_price.0) + wide(further) * i128::from(order.megapixels.max(1) - 1),
            Unit::ComputeSecond => 0,
        };
        let surcharge = if order.images == 0 { 0 } else { terms.surcharge };
        let nano = i64::try_from(image * i128::from(order.images.min(MAX_IMAGES)) + surcharge);
        Amount {
            unit: self.unit,
            units: Units::from_count(units),
            unit_price: terms.unit_price.0,
            amount: Usd::from_nano(nano.expect("10,000 images of 191 megapixels at 1,000 USD fit an amount")),
            certainty: self.certainty(order),
        }
    }

    /// What `order` cost when FAL counted `reported` units, or `None` when that does not fit an amount.
    ///
    /// FAL has one unit price per endpoint, so a dearer variant is more units there. Where FAL counts as the rule does,
    /// the rule's own reckoning holds, with its tiers and surcharges; else FAL's units at the plain unit price.
    pub(crate) fn settle(&self, order: &Order<'_>, reported: Units) -> Option<Amount> {
        let own = self.reckon(order);
        let terms = self.terms(order);
        if self.unit != Unit::ComputeSecond && own.units == reported {
            return Some(Amount { certainty: self.price_certainty(), ..own });
        }
        let amount = reported.times(self.unit_price.0).ok()?;
        let plain = terms.plain && self.further_unit_price.is_none();
        let certainty = if plain || amount == own.amount { self.price_certainty() } else { Certainty::Estimated };
        Some(Amount { unit: self.unit, units: reported, unit_price: self.unit_price.0, amount, certainty })
    }

    fn terms(&self, order: &Order<'_>) -> Terms {
        let tier = self.tiers.iter().find(|tier| tier.when.holds(order));
        let surcharges: Vec<_> = self.surcharges.iter().filter(|extra| extra.when.holds(order)).collect();
        Terms {
            unit_price: tier.map_or(self.unit_price, |tier| tier.unit_price),
            surcharge: surcharges.iter().map(|extra| wide(extra.amount.0)).sum(),
            plain: tier.is_none() && surcharges.is_empty(),
        }
    }

    fn units(&self, order: &Order<'_>) -> u32 {
        let images = order.images.min(MAX_IMAGES);
        match self.unit {
            Unit::Image => images,
            Unit::Megapixel => images.saturating_mul(order.megapixels.max(1)),
            Unit::ComputeSecond => 0,
        }
    }

    fn certainty(&self, order: &Order<'_>) -> Certainty {
        match self.unit {
            Unit::ComputeSecond => Certainty::Unpriced,
            Unit::Megapixel if self.rounding.is_none() || !order.sized => Certainty::Estimated,
            _ if !order.counted => Certainty::Estimated,
            _ => self.price_certainty(),
        }
    }

    fn price_certainty(&self) -> Certainty {
        match self.confidence {
            Confidence::High | Confidence::ProjectDefined => Certainty::Known,
            Confidence::Medium | Confidence::Low => Certainty::Estimated,
        }
    }
}

/// What the conditions of a rule come to for one order.
struct Terms {
    unit_price: UnitPrice,
    /// Nano-dollars.
    surcharge: i128,
    /// No condition held.
    plain: bool,
}

impl Condition {
    fn holds(&self, order: &Order<'_>) -> bool {
        let Some(value) = (order.parameter)(&self.parameter) else { return false };
        match (self.root(), value.as_str()) {
            (Some(root), Some(text)) => {
                text.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
            _ => *value == self.is,
        }
    }

    /// The text before a final `/*`.
    pub(crate) fn root(&self) -> Option<&str> {
        self.is.as_str()?.strip_suffix("/*")
    }
}

fn wide(amount: Usd) -> i128 {
    i128::from(amount.nano())
}

impl UnitPrice {
    /// Nothing.
    pub(crate) const ZERO: Self = Self(Usd::ZERO);
    /// The highest price of a rule.
    pub const MAX: Usd = Usd::from_nano(1_000_000_000_000);

    /// The price of so much, if a rule may have it.
    #[must_use]
    pub fn new(price: Usd) -> Option<Self> {
        (Usd::ZERO..=Self::MAX).contains(&price).then_some(Self(price))
    }

    /// The price as an amount.
    #[must_use]
    pub const fn get(self) -> Usd {
        self.0
    }
}

impl Serialize for UnitPrice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}
