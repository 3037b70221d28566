//! Sums of the ledger per hour, per day and of all time, written with each charge. What a question reads is bounded by
//! the days it asks about, a total by the number of models: neither grows with what was charged before.

use super::rows::{Sql, all, execute, get, optional};
use crate::ids::UserId;
use crate::store::{Basis, Job, ModelSpending, Settlement, Spending, StoreError};
use generatio_core::Timestamp;
use generatio_core::cost::{PriceBook, Quote, Usd, UsdSum};
use rusqlite::{Connection, Row, params};
use std::collections::BTreeMap;
use std::ops::{AddAssign, Range};

const HOUR_MS: i64 = 3_600_000;
const DAY_HOURS: i64 = 24;

/// How much time one row sums up. Its `start` counts whole ones since 1970, UTC.
#[derive(Clone, Copy)]
enum Span {
    Hour,
    Day,
    /// Of all time; its `start` is 0.
    All,
}

impl Span {
    const EACH: [Self; 3] = [Self::Hour, Self::Day, Self::All];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::All => "all",
        }
    }

    /// The one that `moment` lies in.
    fn start(self, moment: Timestamp) -> i64 {
        match self {
            Self::Hour => moment.unix_ms().div_euclid(HOUR_MS),
            Self::Day => moment.unix_ms().div_euclid(HOUR_MS * DAY_HOURS),
            Self::All => 0,
        }
    }
}

/// The two columns of a sum, each summed: [`sum_at`] puts them together. SQLite's own sum of 64-bit amounts could
/// overflow, and so could one column of them.
macro_rules! sum {
    ($column:literal) => {
        concat!("coalesce(sum(", $column, "_upper), 0), coalesce(sum(", $column, "_lower), 0)")
    };
}

/// The same over the ledger's amounts.
macro_rules! sum_amounts {
    ($column:literal) => {
        concat!("coalesce(sum(", $column, " >> 32), 0), coalesce(sum(", $column, " & 0xffffffff), 0)")
    };
}

/// Adds the charge of a job to the sums it belongs to. None can overflow, so that no paid result is refused for its sum.
pub(super) fn add(db: &Connection, job: &Job, settlement: &Settlement, images: u32) -> Result<(), StoreError> {
    let catalog = if job.book == PriceBook::Catalog { settlement.account } else { job.quote.catalog };
    let charge = Quote { catalog, fal: settlement.fal };
    let counted = |basis: Basis| basis.amount(&charge, job.book).unwrap_or(Usd::ZERO);
    for span in Span::EACH {
        execute(
            db,
            "INSERT INTO rollups (owner, span, start, model, images,
                 account_upper, account_lower, fal_upper, fal_lower,
                 budget_account_upper, budget_account_lower, budget_fal_upper, budget_fal_lower)
             VALUES (?1, ?2, ?3, ?4, ?5,
                 ?6 >> 32, ?6 & 0xffffffff, ?7 >> 32, ?7 & 0xffffffff,
                 ?8 >> 32, ?8 & 0xffffffff, ?9 >> 32, ?9 & 0xffffffff)
             ON CONFLICT (owner, span, start, model) DO UPDATE SET images = images + excluded.images,
                 account_upper = account_upper + excluded.account_upper,
                 account_lower = account_lower + excluded.account_lower,
                 fal_upper = fal_upper + excluded.fal_upper,
                 fal_lower = fal_lower + excluded.fal_lower,
                 budget_account_upper = budget_account_upper + excluded.budget_account_upper,
                 budget_account_lower = budget_account_lower + excluded.budget_account_lower,
                 budget_fal_upper = budget_fal_upper + excluded.budget_fal_upper,
                 budget_fal_lower = budget_fal_lower + excluded.budget_fal_lower",
            params![
                job.owner,
                span.as_str(),
                span.start(settlement.now),
                job.model,
                images,
                Sql(settlement.account.amount),
                Sql(settlement.fal.amount),
                Sql(counted(Basis::Account)),
                Sql(counted(Basis::Fal)),
            ],
        )?;
    }
    Ok(())
}

pub(super) fn spending(db: &Connection, owner: &UserId, recent_since: Timestamp) -> Result<Spending, StoreError> {
    let total = sum(per_model(db, owner, [(Span::All, 0..1)])?);
    let recent = since(db, owner, recent_since)?;
    let first = "SELECT created FROM ledger WHERE owner = ?1 ORDER BY created LIMIT 1";
    Ok(Spending {
        total: UsdSum::from_nano(total.account),
        fal_total: UsdSum::from_nano(total.fal),
        images: total.images,
        recent: UsdSum::from_nano(recent.account),
        fal_recent: UsdSum::from_nano(recent.fal),
        first: optional(db, first, [owner], |row| get(row, 0))?,
    })
}

/// All spans see the same state.
pub(super) fn by_model(
    db: &Connection,
    owner: &UserId,
    bounds: &[Timestamp],
) -> Result<Vec<Vec<ModelSpending>>, StoreError> {
    let spans = bounds.iter().zip(bounds.iter().skip(1));
    let hours = spans.map(|(from, until)| Span::Hour.start(*from)..Span::Hour.start(*until));
    hours.map(|hours| Ok(per_model(db, owner, pieces(hours))?.into_iter().map(spent).collect())).collect()
}

fn spent((model, sums): (String, Sums)) -> ModelSpending {
    let Sums { account, fal, images } = sums;
    ModelSpending { model, amount: UsdSum::from_nano(account), fal_amount: UsdSum::from_nano(fal), images }
}

/// What counts against a budget of this basis since a midnight, or in all.
pub(super) fn counted(
    db: &Connection,
    owner: &UserId,
    basis: Basis,
    midnight: Option<Timestamp>,
) -> Result<UsdSum, StoreError> {
    macro_rules! query {
        ($column:literal) => {
            concat!("SELECT ", sum!($column), " FROM rollups WHERE owner = ?1 AND span = ?2 AND start >= ?3")
        };
    }
    let sql = match basis {
        Basis::Account => query!("budget_account"),
        Basis::Fal => query!("budget_fal"),
    };
    let (span, start) = midnight.map_or((Span::All, 0), |midnight| (Span::Day, Span::Day.start(midnight)));
    let read = |row: &Row<'_>| sum_at(row, 0);
    let nano = db.prepare_cached(sql)?.query_row(params![owner, span.as_str(), start], read)?;
    Ok(UsdSum::from_nano(nano))
}

#[derive(Clone, Copy, Default)]
struct Sums {
    /// Nano-dollars.
    account: i128,
    /// Nano-dollars.
    fal: i128,
    images: u64,
}

impl AddAssign for Sums {
    fn add_assign(&mut self, more: Self) {
        self.account = self.account.saturating_add(more.account);
        self.fal = self.fal.saturating_add(more.fal);
        self.images = self.images.saturating_add(more.images);
    }
}

fn sum(sums: impl IntoIterator<Item = (String, Sums)>) -> Sums {
    sums.into_iter().fold(Sums::default(), |mut all, (_, one)| {
        all += one;
        all
    })
}

/// Everything charged at `moment` or later: the rest of its hour from the ledger, whole hours up to midnight, whole days.
fn since(db: &Connection, owner: &UserId, moment: Timestamp) -> Result<Sums, StoreError> {
    let hour = next_multiple(moment.unix_ms(), HOUR_MS);
    let day = next_multiple(hour, DAY_HOURS);
    let mut sums = charged(db, owner, moment.unix_ms()..hour.saturating_mul(HOUR_MS))?;
    sums += sum(per_model(db, owner, [(Span::Hour, hour..day * DAY_HOURS), (Span::Day, day..i64::MAX)])?);
    Ok(sums)
}

/// How many `unit`s there are up to `value`, a part of one counted whole.
fn next_multiple(value: i64, unit: i64) -> i64 {
    value.div_euclid(unit) + i64::from(value.rem_euclid(unit) > 0)
}

/// The rows that sum up whole hours: of the days that lie within, and of the hours at either end.
fn pieces(hours: Range<i64>) -> [(Span, Range<i64>); 3] {
    let days = next_multiple(hours.start, DAY_HOURS)..hours.end.div_euclid(DAY_HOURS);
    if days.is_empty() {
        return [(Span::Hour, hours), (Span::Day, 0..0), (Span::Hour, 0..0)];
    }
    let (midnight, last) = (days.start * DAY_HOURS, days.end * DAY_HOURS);
    [(Span::Hour, hours.start..midnight), (Span::Day, days), (Span::Hour, last..hours.end)]
}

/// Sums of the rows that begin within the ranges, for each model that has any.
fn per_model<const N: usize>(
    db: &Connection,
    owner: &UserId,
    pieces: [(Span, Range<i64>); N],
) -> Result<BTreeMap<String, Sums>, StoreError> {
    let sql = concat!(
        "SELECT model, sum(images), ",
        sum!("account"),
        ", ",
        sum!("fal"),
        " FROM rollups WHERE owner = ?1 AND span = ?2 AND start >= ?3 AND start < ?4 GROUP BY model"
    );
    let mut sums = BTreeMap::<String, Sums>::new();
    for (span, starts) in pieces.into_iter().filter(|(_, starts)| !starts.is_empty()) {
        let params = params![owner, span.as_str(), starts.start, starts.end];
        let rows = all(db, sql, params, |row| {
            Ok((row.get(0)?, Sums { images: get(row, 1)?, account: sum_at(row, 2)?, fal: sum_at(row, 4)? }))
        })?;
        for (model, more) in rows {
            *sums.entry(model).or_default() += more;
        }
    }
    Ok(sums)
}

/// The plain sum over ledger rows of these milliseconds.
fn charged(db: &Connection, owner: &UserId, ms: Range<i64>) -> Result<Sums, StoreError> {
    let sql = concat!(
        "SELECT coalesce(sum(images), 0), ",
        sum_amounts!("account_amount"),
        ", ",
        sum_amounts!("fal_amount"),
        " FROM ledger WHERE owner = ?1 AND created >= ?2 AND created < ?3"
    );
    let read = |row: &Row<'_>| Ok(Sums { images: get(row, 0)?, account: sum_at(row, 1)?, fal: sum_at(row, 3)? });
    Ok(db.prepare_cached(sql)?.query_row(params![owner, ms.start, ms.end], read)?)
}

/// Nano-dollars of the sum whose two columns begin at `index`.
fn sum_at(row: &Row<'_>, index: usize) -> rusqlite::Result<i128> {
    let (upper, lower): (i64, i64) = (row.get(index)?, row.get(index + 1)?);
    Ok((i128::from(upper) << 32) + i128::from(lower))
}
