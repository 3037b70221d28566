//! The system's clock, the two ways a moment is printed, and the one it is read. Rules about time live with those who
//! hold them.

use generatio_core::Timestamp;
use generatio_core::time::Clock;
use std::time::{SystemTime, UNIX_EPOCH};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let epoch = Timestamp::from_unix_ms(0);
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(after) => epoch.after(after),
            Err(before) => epoch.before(before.duration()),
        }
    }
}

/// `2024-01-01T12:00:00.123Z`: RFC 3339, UTC, milliseconds.
#[must_use]
pub fn rfc3339(moment: Timestamp) -> String {
    print(moment, format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z"))
}

/// `2024-01-01 12:00:00.123Z`: a date as PocketBase's records carry it.
#[must_use]
pub fn record_date(moment: Timestamp) -> String {
    print(moment, format_description!("[year]-[month]-[day] [hour]:[minute]:[second].[subsecond digits:3]Z"))
}

/// Reads RFC 3339 with any offset. What falls between two milliseconds is the later one, so that moments in whole
/// milliseconds lie on the same side of it as of the text.
#[must_use]
pub fn parse_rfc3339(text: &str) -> Option<Timestamp> {
    let nanoseconds = OffsetDateTime::parse(text, &Rfc3339).ok()?.unix_timestamp_nanos();
    let milliseconds = -(-nanoseconds).div_euclid(1_000_000);
    i64::try_from(milliseconds).ok().map(Timestamp::from_unix_ms)
}

fn print(moment: Timestamp, format: &[BorrowedFormatItem<'_>]) -> String {
    calendar(moment).format(format).expect("a moment within four-digit years has every part these formats ask for")
}

/// The calendar's view of `moment`, kept within the years 1 to 9999, which four digits can print.
pub(crate) fn calendar(moment: Timestamp) -> OffsetDateTime {
    const FIRST_MS: i64 = -62_135_596_800_000;
    const LAST_MS: i64 = 253_402_300_799_999;
    let nanoseconds = i128::from(moment.unix_ms().clamp(FIRST_MS, LAST_MS)) * 1_000_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).expect("the years 1 to 9999 are within the calendar")
}

#[cfg(test)]
mod tests {
    use super::{SystemClock, parse_rfc3339, record_date, rfc3339};
    use generatio_core::Timestamp;
    use generatio_core::time::Clock;

    #[test]
    fn moments_print_in_both_forms() {
        let rows = [
            (0, "1970-01-01T00:00:00.000Z", "1970-01-01 00:00:00.000Z"),
            (1_704_110_400_123, "2024-01-01T12:00:00.123Z", "2024-01-01 12:00:00.123Z"),
            (-1, "1969-12-31T23:59:59.999Z", "1969-12-31 23:59:59.999Z"),
            (i64::MAX, "9999-12-31T23:59:59.999Z", "9999-12-31 23:59:59.999Z"),
            (i64::MIN, "0001-01-01T00:00:00.000Z", "0001-01-01 00:00:00.000Z"),
        ];
        for (ms, iso, record) in rows {
            let moment = Timestamp::from_unix_ms(ms);
            assert_eq!((rfc3339(moment).as_str(), record_date(moment).as_str()), (iso, record));
        }
    }

    #[test]
    fn moments_are_read_with_any_offset_and_rounded_up() {
        for (text, ms) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2024-01-01T14:00:00.123+02:00", Some(1_704_110_400_123)),
            ("1970-01-01T00:00:00.0000001Z", Some(1)),
            ("1969-12-31T23:59:59.9999Z", Some(0)),
            ("1969-12-31T23:59:59.998Z", Some(-2)),
            ("1970-01-01", None),
            ("1970-01-01T00:00:00", None),
            ("1970-02-30T00:00:00Z", None),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(parse_rfc3339(text).map(Timestamp::unix_ms), ms, "{text}");
        }
    }

    #[test]
    fn the_machine_lives_after_2024() {
        assert!(SystemClock.now() > Timestamp::from_unix_ms(1_704_110_400_000));
    }
}
