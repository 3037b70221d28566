//! The forecast of a month's end: which pace it takes, and that nothing is lost on the way.

use generatio_core::cost::{RECENT, UsdSum, forecast};
use proptest::prelude::*;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

fn usd(nano: i128) -> UsdSum {
    UsdSum::from_nano(nano)
}

#[test]
fn the_pace_is_that_of_the_history_between_a_day_and_thirty() {
    for (recent, history, rest, expected) in [
        // A year of history: the last thirty days count.
        (30_000, 365 * DAY, 10 * DAY, 10_000),
        (30_000, 30 * DAY, 10 * DAY, 10_000),
        // Shorter histories count as they are.
        (30_000, 10 * DAY, 10 * DAY, 30_000),
        (30_000, 5 * DAY / 2, 10 * DAY, 120_000),
        // A day is the least.
        (30_000, DAY, 10 * DAY, 300_000),
        (30_000, DAY / 24, 10 * DAY, 300_000),
        (30_000, Duration::ZERO, 10 * DAY, 300_000),
        // Nothing more comes at the end of the month, or at no pace.
        (30_000, 365 * DAY, Duration::ZERO, 0),
        (0, Duration::ZERO, 31 * DAY, 0),
    ] {
        let seven = usd(7);
        assert_eq!(forecast(seven, usd(recent), history, rest), usd(7 + expected), "{history:?} {rest:?}");
    }
    assert_eq!(RECENT, 30 * DAY);
}

#[test]
fn it_is_rounded_once_half_away_from_zero() {
    // A nano-dollar in two days: half a one in each.
    for (recent, rest, expected) in [(1, DAY, 1), (1, DAY - Duration::from_millis(1), 0), (3, DAY, 2), (-1, DAY, -1)] {
        assert_eq!(forecast(usd(0), usd(recent), 2 * DAY, rest), usd(expected), "{recent} {rest:?}");
    }
}

#[test]
fn sums_beyond_what_one_amount_can_hold_stay_exact() {
    let recent = usd(3 * i128::from(i64::MAX));
    assert_eq!(forecast(recent, recent, RECENT, 10 * DAY), usd(4 * i128::from(i64::MAX)));
    assert_eq!(forecast(usd(i128::MAX), usd(i128::MAX), DAY, 31 * DAY), usd(i128::MAX));
}

proptest! {
    #[test]
    fn it_is_within_half_a_nano_dollar(
        spent in 0..i64::MAX, recent in 0..i64::MAX, history in 0..60 * DAY_MS, rest in 0..31 * DAY_MS,
    ) {
        let (spent, recent) = (i128::from(spent), i128::from(recent));
        let told = forecast(usd(spent), usd(recent), Duration::from_millis(history), Duration::from_millis(rest));
        let over = i128::from(history.clamp(DAY_MS, 30 * DAY_MS));
        let off = (told.nano() - spent) * over - recent * i128::from(rest);
        prop_assert!(2 * off.abs() <= over, "{off} of {over}");
    }
}
