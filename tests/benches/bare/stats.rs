//! `/api/custom/financial/stats` from the roll-ups.

use crate::Outcome;
use generatio_core::Timestamp;
use generatio_core::cost::{RECENT, UsdSum, forecast};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::ops::Range;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

const PER_MODEL: &str = "SELECT model, sum(images), coalesce(sum(account_upper), 0), coalesce(sum(account_lower), 0),
        coalesce(sum(fal_upper), 0), coalesce(sum(fal_lower), 0)
    FROM rollups WHERE owner = ?1 AND span = ?2 AND start >= ?3 AND start < ?4 GROUP BY model";
const CHARGED: &str = "SELECT '', coalesce(sum(images), 0),
        coalesce(sum(account_amount >> 32), 0), coalesce(sum(account_amount & 0xffffffff), 0),
        coalesce(sum(fal_amount >> 32), 0), coalesce(sum(fal_amount & 0xffffffff), 0)
    FROM ledger WHERE owner = ?1 AND created >= ?2 AND created < ?3";
const FIRST: &str = "SELECT created FROM ledger WHERE owner = ?1 ORDER BY created LIMIT 1";

/// Nano-dollars, and pictures.
#[derive(Clone, Copy, Default)]
struct Sums {
    account: i128,
    fal: i128,
    images: u64,
}

/// What was spent in all, and of late.
pub(crate) struct Spending {
    total: Sums,
    recent: Sums,
    first: Option<i64>,
}

impl Spending {
    /// The answer. `month` is what was spent in the present one, which has these bounds.
    pub(crate) fn text(&self, month: i128, now: Timestamp, [_, end]: [Timestamp; 2]) -> String {
        let Self { total, recent, first } = self;
        let usd = UsdSum::from_nano;
        let history = now.since(first.map_or(now, Timestamp::from_unix_ms));
        let forecast = forecast(usd(month), usd(recent.account), history, end.since(now));
        format!(
            "{{\"total_spent\":{},\"total_images\":{},\"recent_spending\":{},\"average_cost\":{},\"fal_spent\":{},\
             \"fal_recent_spending\":{},\"month_forecast\":{}}}",
            usd(total.account),
            total.images,
            usd(recent.account),
            usd(total.account).average(total.images),
            usd(total.fal),
            usd(recent.fal),
            forecast,
        )
    }
}

/// All that was charged, and what was since 30 days ago: the rest of that hour from the ledger, whole hours up to
/// midnight, whole days.
pub(crate) fn spending(db: &Connection, owner: &str, now: Timestamp) -> Outcome<Spending> {
    let since = now.before(RECENT).unix_ms();
    let hour = since.div_euclid(HOUR_MS) + i64::from(since.rem_euclid(HOUR_MS) > 0);
    let day = hour.div_euclid(24) + i64::from(hour.rem_euclid(24) > 0);
    let total = rolled_up(db, owner, "all", 0..1)?;
    let mut recent = sum(db, CHARGED, params![owner, since, hour * HOUR_MS])?;
    for (span, starts) in [("hour", hour..day * 24), ("day", day..i64::MAX)] {
        let more = rolled_up(db, owner, span, starts)?;
        recent.account += more.account;
        recent.fal += more.fal;
        recent.images += more.images;
    }
    let first = db.prepare_cached(FIRST)?.query_row([owner], |row| row.get(0)).optional()?;
    Ok(Spending { total, recent, first })
}

/// What the account was charged in the month with these bounds, which are midnights.
pub(crate) fn of_month(db: &Connection, owner: &str, [begin, end]: [Timestamp; 2]) -> Outcome<i128> {
    Ok(rolled_up(db, owner, "day", begin.unix_ms() / DAY_MS..end.unix_ms() / DAY_MS)?.account)
}

/// The bounds of the present month.
pub(crate) fn month(db: &Connection) -> Outcome<[Timestamp; 2]> {
    let bound = |modifiers: &str| -> Outcome<Timestamp> {
        let seconds: i64 = db.query_row(&format!("SELECT unixepoch('now', {modifiers})"), [], |row| row.get(0))?;
        Ok(Timestamp::from_unix_ms(seconds * 1000))
    };
    Ok([bound("'start of month'")?, bound("'start of month', '+1 month'")?])
}

/// As the server does, nothing is asked for a span without length.
fn rolled_up(db: &Connection, owner: &str, span: &str, starts: Range<i64>) -> Outcome<Sums> {
    if starts.is_empty() {
        return Ok(Sums::default());
    }
    sum(db, PER_MODEL, params![owner, span, starts.start, starts.end])
}

/// Of all rows that a statement gives.
fn sum(db: &Connection, sql: &str, params: impl rusqlite::Params) -> Outcome<Sums> {
    let amount = |row: &Row<'_>, index| -> rusqlite::Result<i128> {
        let (upper, lower): (i64, i64) = (row.get(index)?, row.get(index + 1)?);
        Ok((i128::from(upper) << 32) + i128::from(lower))
    };
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut sums = Sums::default();
    while let Some(row) = rows.next()? {
        let _model: String = row.get(0)?;
        sums.images += row.get::<_, i64>(1)?.unsigned_abs();
        sums.account += amount(row, 2)?;
        sums.fal += amount(row, 4)?;
    }
    Ok(sums)
}
