//! What a month will have cost by its end, if things go on as they did.

use super::decimal::divide_rounded;
use super::money::UsdSum;
use std::time::Duration;

/// What counts as recent: 30 days of 24 hours. A forecast goes on at the pace of this time.
pub const RECENT: Duration = Duration::from_secs(30 * DAY_S);

/// The least that a pace is taken over: a first charge an hour ago does not mean 24 a day.
const LEAST: Duration = Duration::from_secs(DAY_S);
const DAY_S: u64 = 24 * 60 * 60;

/// `spent`, and for the `rest` of the time more at the pace of late: `recent`, what was spent within [`RECENT`], over that
/// time, or over the time since the first charge of all (`history`) where that is shorter, but over a day at least.
///
/// Reckoned in whole milliseconds and rounded once, half away from zero, to a nano-dollar.
#[must_use]
pub fn forecast(spent: UsdSum, recent: UsdSum, history: Duration, rest: Duration) -> UsdSum {
    let (rest, over) = (milliseconds(rest), milliseconds(history.clamp(LEAST, RECENT)));
    let more = divide_rounded(recent.nano().saturating_mul(rest), over);
    UsdSum::from_nano(spent.nano().saturating_add(more))
}

fn milliseconds(duration: Duration) -> i128 {
    i128::try_from(duration.as_millis()).unwrap_or(i128::MAX)
}
