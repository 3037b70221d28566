//! The system's clock, the two ways a moment is printed, and the one it is read. Rules about time live with those who
//! hold them.

use generatio_core::Timestamp;
use generatio_core::time::Clock;
use std::time::{SystemTime, UNIX_EPOCH};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// 0001-01-01, Unix milliseconds.
const FIRST_MS: i64 = -62_135_596_800_000;
/// The end of 9999-12-31.
const LAST_MS: i64 = 253_402_300_799_999;
const DAY_MS: i64 = 86_400_000;

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
    rfc3339_text(moment).as_str().to_owned()
}

/// The same without a `String` of its own: each line of the log begins with it.
pub(crate) fn rfc3339_text(moment: Timestamp) -> Printed {
    Printed::new(moment, b'T')
}

/// `2024-01-01 12:00:00.123Z`: a date as PocketBase's records carry it.
#[must_use]
pub fn record_date(moment: Timestamp) -> String {
    record_date_text(moment).as_str().to_owned()
}

/// The same without a `String` of its own: lists print dates by the hundred.
pub(crate) fn record_date_text(moment: Timestamp) -> Printed {
    Printed::new(moment, b' ')
}

/// A moment as it is printed.
pub(crate) struct Printed([u8; 24]);

impl Printed {
    fn new(moment: Timestamp, between: u8) -> Self {
        let ms = moment.unix_ms().clamp(FIRST_MS, LAST_MS) - FIRST_MS;
        let (year, month, day) = date(ms / DAY_MS);
        let ms = ms % DAY_MS;
        let mut text = *b"0000-00-00 00:00:00.000Z";
        text[10] = between;
        digits(&mut text[0..4], year);
        let (hour, minute, second) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
        for (place, number) in [(5, month), (8, day), (11, hour), (14, minute), (17, second)] {
            digits(&mut text[place..place + 2], number);
        }
        digits(&mut text[20..23], ms % 1000);
        Self(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("digits and separators are ASCII")
    }
}

/// Year, month and day, so many days after 0001-01-01 in the Gregorian calendar. Lists print hundreds of dates: `time`
/// takes three times as long. A year begins in March here, so that its leap day is the last one.
const fn date(days: i64) -> (i64, i64, i64) {
    const DAYS_OF_400_YEARS: i64 = 146_097;
    // From 0000-03-01 on.
    let days = days + 306;
    let (era, day) = (days / DAYS_OF_400_YEARS, days % DAYS_OF_400_YEARS);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    // Five months from March on have 153 days, always.
    let month = (5 * day + 2) / 153;
    let year = era * 400 + year + month / 10;
    (year, (month + 2) % 12 + 1, day - (153 * month + 2) / 5 + 1)
}

/// Fills `place` with the last digits of `number`, which is not negative.
fn digits(place: &mut [u8], mut number: i64) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + (number % 10).to_le_bytes()[0];
        number /= 10;
    }
}

/// Reads RFC 3339 with any offset. What falls between two milliseconds is the later one, so that moments in whole
/// milliseconds lie on the same side of it as of the text.
#[must_use]
pub fn parse_rfc3339(text: &str) -> Option<Timestamp> {
    let nanoseconds = OffsetDateTime::parse(text, &Rfc3339).ok()?.unix_timestamp_nanos();
    let milliseconds = -(-nanoseconds).div_euclid(1_000_000);
    i64::try_from(milliseconds).ok().map(Timestamp::from_unix_ms)
}

/// The calendar's view of `moment`, kept within the years 1 to 9999, which four digits can print.
pub(crate) fn calendar(moment: Timestamp) -> OffsetDateTime {
    let ms = moment.unix_ms().clamp(FIRST_MS, LAST_MS);
    let second = OffsetDateTime::from_unix_timestamp(ms.div_euclid(1000));
    let moment = second.and_then(|second| second.replace_millisecond(u16::try_from(ms.rem_euclid(1000)).unwrap_or(0)));
    moment.expect("the years 1 to 9999 are within the calendar")
}

#[cfg(test)]
mod tests {
    use super::{SystemClock, calendar, parse_rfc3339, record_date, rfc3339};
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
    fn every_part_is_printed_as_the_calendar_has_it() {
        let format =
            time::macros::format_description!("[year]-[month]-[day] [hour]:[minute]:[second].[subsecond digits:3]Z");
        // A prime number of milliseconds: every part takes every value.
        for ms in (-62_135_596_800_000_i64..253_402_300_800_000).step_by(31_556_925_247) {
            let moment = Timestamp::from_unix_ms(ms);
            assert_eq!(record_date(moment), calendar(moment).format(format).unwrap());
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
