//! Budgets. Asked in the transaction of the only writer that reserves the job, so that what fits is held before anybody
//! else is asked: no number of requests at once overspends.

use super::rollups;
use super::rows::{Sql, all, amount, execute, get, maybe, optional};
use crate::calendar::Bucket;
use crate::ids::UserId;
use crate::store::{Basis, Budget, BudgetUse, Limits, NewJob, OverBudget, Period, PeriodUse, StoreError};
use generatio_core::Timestamp;
use generatio_core::cost::{PriceBook, Quote, UsdSum};
use rusqlite::{Connection, Row, params};

pub(super) fn set(db: &Connection, owner: &UserId, budget: &Budget) -> Result<(), StoreError> {
    let Limits { day, month, total } = budget.limits;
    execute(
        db,
        "INSERT INTO budgets (owner, basis, day, month, total, warn_percent, updated)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (owner) DO UPDATE SET basis = excluded.basis, day = excluded.day, month = excluded.month,
             total = excluded.total, warn_percent = excluded.warn_percent, updated = excluded.updated",
        params![
            owner,
            Sql(budget.basis),
            day.map(Sql),
            month.map(Sql),
            total.map(Sql),
            budget.warn_percent,
            Sql(budget.updated)
        ],
    )?;
    Ok(())
}

/// Why `job` is not to be reserved, if the budget of its owner says so.
pub(super) fn refusal(db: &Connection, job: &NewJob) -> Result<Option<OverBudget>, StoreError> {
    Ok(used(db, &job.owner, job.created)?.and_then(|budget| budget.admit(&job.quote, job.book).err()))
}

pub(super) fn used(db: &Connection, owner: &UserId, now: Timestamp) -> Result<Option<BudgetUse>, StoreError> {
    let sql = "SELECT basis, day, month, total, warn_percent, updated FROM budgets WHERE owner = ?1";
    let Some(budget) = optional(db, sql, [owner], read)? else { return Ok(None) };
    let held = held(db, owner, budget.basis)?;
    let limits = Period::ALL.into_iter().filter_map(|period| Some((period, budget.limits.of(period)?)));
    let in_period = |(period, limit)| {
        let span = span(period, now);
        let spent = rollups::counted(db, owner, budget.basis, span.map(|(begin, _)| begin))?;
        Ok(PeriodUse { period, limit, spent, held, resets: span.map(|(_, end)| end) })
    };
    let periods = limits.map(in_period).collect::<Result<_, StoreError>>()?;
    Ok(Some(BudgetUse { budget, periods }))
}

/// Where the period of `now` begins and ends, if it does. What was charged later than its end counts as well: a job that
/// was ordered before midnight and waited for its turn meets what others spent after it.
fn span(period: Period, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
    match period {
        Period::Day => Some(Bucket::Day.around(now)),
        Period::Month => Some(Bucket::Month.around(now)),
        Period::Total => None,
    }
}

/// What the owner's jobs that are not over may still cost. One without any price was reserved when nothing forbade it.
fn held(db: &Connection, owner: &UserId, basis: Basis) -> Result<UsdSum, StoreError> {
    let open = all(
        db,
        "SELECT * FROM jobs WHERE owner = ?1 AND state IN ('created', 'submitting', 'submitted', 'unknown')",
        [owner],
        |row| {
            let quote = Quote { catalog: amount(row, "catalog")?, fal: amount(row, "fal")? };
            Ok((quote, get::<PriceBook>(row, "book")?))
        },
    )?;
    Ok(open.iter().filter_map(|(quote, book)| basis.amount(quote, *book)).sum())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Budget> {
    Ok(Budget {
        basis: get(row, "basis")?,
        limits: Limits { day: maybe(row, "day")?, month: maybe(row, "month")?, total: maybe(row, "total")? },
        warn_percent: row.get("warn_percent")?,
        updated: get(row, "updated")?,
    })
}
