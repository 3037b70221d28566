//! What a user may spend.

use generatio_core::cost::{Amount, Certainty, PriceBook, Quote, Usd};

/// Whose amounts count against a budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Basis {
    /// The account's: what answers and totals say.
    Account,
    /// FAL's own: the bill that comes.
    #[default]
    Fal,
}

impl Basis {
    /// `account` or `fal`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Fal => "fal",
        }
    }

    /// The amount of `quote` that counts, where `book` is the account's: the other book's where this one has no price,
    /// `None` where neither has one.
    #[must_use]
    pub fn amount(self, quote: &Quote, book: PriceBook) -> Option<Usd> {
        let own = match self {
            Self::Account => book,
            Self::Fal => PriceBook::Fal,
        };
        let other = match own {
            PriceBook::Catalog => PriceBook::Fal,
            PriceBook::Fal => PriceBook::Catalog,
        };
        let priced = |amount: &Amount| (amount.certainty != Certainty::Unpriced).then_some(amount.amount);
        priced(quote.account(own)).or_else(|| priced(quote.account(other)))
    }
}

#[cfg(test)]
mod tests {
    use super::Basis;
    use generatio_core::cost::{Amount, Certainty, PriceBook, Quote, Unit, Units, Usd};

    fn amount(nano: i64, certainty: Certainty) -> Amount {
        let (units, unit_price) = (Units::from_count(1), Usd::from_nano(nano));
        Amount { unit: Unit::Image, units, unit_price, amount: unit_price, certainty }
    }

    fn quote(catalog: Option<i64>, fal: Option<i64>) -> Quote {
        let priced = |nano: Option<i64>| match nano {
            Some(nano) => amount(nano, Certainty::Estimated),
            None => amount(0, Certainty::Unpriced),
        };
        Quote { catalog: priced(catalog), fal: priced(fal) }
    }

    #[test]
    fn what_has_no_price_counts_with_the_other_book() {
        use PriceBook::{Catalog, Fal};
        for (basis, book, quote, expected) in [
            (Basis::Fal, Catalog, quote(Some(1), Some(2)), Some(2)),
            (Basis::Fal, Fal, quote(Some(1), Some(2)), Some(2)),
            (Basis::Account, Catalog, quote(Some(1), Some(2)), Some(1)),
            (Basis::Account, Fal, quote(Some(1), Some(2)), Some(2)),
            (Basis::Fal, Catalog, quote(Some(1), None), Some(1)),
            (Basis::Account, Fal, quote(Some(1), None), Some(1)),
            (Basis::Account, Catalog, quote(None, Some(2)), Some(2)),
            (Basis::Account, Catalog, quote(None, None), None),
            (Basis::Fal, Fal, quote(None, None), None),
        ] {
            assert_eq!(basis.amount(&quote, book).map(Usd::nano), expected, "{basis:?} {book:?}");
        }
    }
}
