//! What a user may spend: the limits, what counts against them, and whether a request still fits.

use generatio_core::Timestamp;
use generatio_core::cost::{Amount, Certainty, PriceBook, Quote, Usd, UsdSum};

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

/// A stretch of time that has a limit of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// A day, UTC.
    Day,
    /// A month of the calendar, UTC.
    Month,
    /// For ever.
    Total,
}

impl Period {
    /// All periods, the shortest first.
    pub const ALL: [Self; 3] = [Self::Day, Self::Month, Self::Total];

    /// Its name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
            Self::Total => "total",
        }
    }
}

/// The most that may be spent in each period; `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// In a day.
    pub day: Option<Usd>,
    /// In a month.
    pub month: Option<Usd>,
    /// For ever.
    pub total: Option<Usd>,
}

impl Limits {
    /// The limit of one period.
    #[must_use]
    pub const fn of(&self, period: Period) -> Option<Usd> {
        match period {
            Period::Day => self.day,
            Period::Month => self.month,
            Period::Total => self.total,
        }
    }
}

/// What a user decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Whose amounts count.
    pub basis: Basis,
    /// The most that may be spent.
    pub limits: Limits,
    /// From which part of a limit on a warning is given, 1 to 100.
    pub warn_percent: u8,
    /// When it was decided.
    pub updated: Timestamp,
}

/// A budget and what counts against it, all at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetUse {
    /// The budget.
    pub budget: Budget,
    /// The periods that have a limit, the shortest first.
    pub periods: Vec<PeriodUse>,
}

/// What counts against one limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeriodUse {
    /// Which period.
    pub period: Period,
    /// The most that may be spent.
    pub limit: Usd,
    /// Charged since the period began.
    pub spent: UsdSum,
    /// Held for jobs that are not over, whenever they began: any of them may be charged in this period.
    pub held: UsdSum,
    /// When the next period begins, where one does.
    pub resets: Option<Timestamp>,
}

/// Why a request does not fit a budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverBudget {
    /// Whose amounts count.
    pub basis: Basis,
    /// The limit in the way, and what counts against it already.
    pub period: PeriodUse,
    /// What the request would cost at most; `None` when it has no price, which no limit admits.
    pub asked: Option<Usd>,
}

impl BudgetUse {
    /// Lets pass what fits every limit beside what is spent and held.
    ///
    /// # Errors
    /// [`OverBudget`] for the shortest period in whose limit it does not fit.
    pub fn admit(&self, quote: &Quote, book: PriceBook) -> Result<(), OverBudget> {
        let basis = self.budget.basis;
        let asked = basis.amount(quote, book);
        match self.periods.iter().find(|period| !asked.is_some_and(|asked| period.fits(asked))) {
            Some(period) => Err(OverBudget { basis, period: *period, asked }),
            None => Ok(()),
        }
    }

    /// What may still be spent under all limits; `None` without any.
    #[must_use]
    pub fn remaining(&self) -> Option<UsdSum> {
        self.periods.iter().map(PeriodUse::remaining).min()
    }

    /// Whether what counts has reached the warning part of any limit.
    #[must_use]
    pub fn is_warning(&self) -> bool {
        self.periods.iter().any(|period| period.is_warning(self.budget.warn_percent))
    }
}

impl PeriodUse {
    /// What may still be spent: never below zero, though charges may exceed what was held for them.
    #[must_use]
    pub fn remaining(&self) -> UsdSum {
        UsdSum::from_nano(self.limit().saturating_sub(self.used()).max(0))
    }

    /// Whether what counts has reached `warn_percent` of the limit.
    #[must_use]
    pub fn is_warning(&self, warn_percent: u8) -> bool {
        self.used().saturating_mul(100) >= self.limit().saturating_mul(i128::from(warn_percent))
    }

    fn fits(&self, asked: Usd) -> bool {
        self.used().saturating_add(i128::from(asked.nano())) <= self.limit()
    }

    fn used(&self) -> i128 {
        self.spent.nano().saturating_add(self.held.nano())
    }

    fn limit(&self) -> i128 {
        i128::from(self.limit.nano())
    }
}

#[cfg(test)]
mod tests {
    use super::{Basis, Budget, BudgetUse, Limits, Period, PeriodUse};
    use generatio_core::Timestamp;
    use generatio_core::cost::{Amount, Certainty, PriceBook, Quote, Unit, Units, Usd, UsdSum};

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

    fn used(limits: &[(Period, i64, i64)]) -> BudgetUse {
        let period = |(period, limit, spent): &(Period, i64, i64)| PeriodUse {
            period: *period,
            limit: Usd::from_nano(*limit),
            spent: UsdSum::from_nano(i128::from(*spent)),
            held: UsdSum::from_nano(10),
            resets: None,
        };
        let updated = Timestamp::from_unix_ms(0);
        let budget = Budget { basis: Basis::Fal, limits: Limits::default(), warn_percent: 80, updated };
        BudgetUse { budget, periods: limits.iter().map(period).collect() }
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

    #[test]
    fn the_shortest_limit_in_the_way_is_told() {
        let used = used(&[(Period::Day, 100, 50), (Period::Month, 100, 70), (Period::Total, 100, 90)]);
        let told = |nano: Option<i64>| used.admit(&quote(nano, nano), PriceBook::Catalog).err();
        assert_eq!(told(Some(0)), None);
        assert_eq!(told(Some(1)).map(|over| over.period.period), Some(Period::Total));
        assert_eq!(told(Some(21)).map(|over| over.period.period), Some(Period::Month));
        assert_eq!(told(Some(41)).map(|over| over.period.period), Some(Period::Day));
        assert_eq!(told(None).map(|over| (over.period.period, over.asked)), Some((Period::Day, None)));
        assert_eq!(used.remaining().map(UsdSum::nano), Some(0));
    }

    #[test]
    fn without_a_limit_everything_passes() {
        let used = used(&[]);
        assert_eq!(used.admit(&quote(None, None), PriceBook::Catalog), Ok(()));
        assert_eq!((used.remaining(), used.is_warning()), (None, false));
    }

    #[test]
    fn a_warning_begins_at_its_part_of_the_limit() {
        for (limit, spent, warning) in [(100, 69, false), (100, 70, true), (101, 70, false), (0, 0, true)] {
            assert_eq!(used(&[(Period::Month, limit, spent)]).is_warning(), warning, "{spent} of {limit}");
        }
        let most = used(&[(Period::Total, i64::MAX, i64::MAX)]);
        assert_eq!((most.is_warning(), most.remaining().map(UsdSum::nano)), (true, Some(0)));
    }
}
