//! Comparing a date with a text, as texts, without printing every row's date: records' dates grow with their moments, so
//! that for each text there is a first moment at or after it.

use crate::clock::record_date;
use generatio_core::Timestamp;

/// The years 1 to 9999, which dates are printed in, in milliseconds.
const FIRST: i64 = -62_135_596_800_000;
const LAST: i64 = 253_402_300_799_999;

/// The first millisecond whose date is at or after `text`; `None` when every date is before it.
pub(super) fn at_or_after(text: &str) -> Option<i64> {
    first(|date| date >= text)
}

/// The first millisecond whose date is after `text`.
pub(super) fn after(text: &str) -> Option<i64> {
    first(|date| date > text)
}

/// The millisecond whose date is this very text.
pub(super) fn exactly(text: &str) -> Option<i64> {
    at_or_after(text).filter(|ms| record_date(Timestamp::from_unix_ms(*ms)) == text)
}

/// The first millisecond whose date `holds`, which all later ones do as well.
fn first(holds: impl Fn(&str) -> bool) -> Option<i64> {
    let holds = |ms: i64| holds(&record_date(Timestamp::from_unix_ms(ms)));
    let (mut from, mut until) = (FIRST, LAST + 1);
    while from < until {
        let middle = from + (until - from) / 2;
        if holds(middle) {
            until = middle;
        } else {
            from = middle + 1;
        }
    }
    (from <= LAST).then_some(from)
}

#[cfg(test)]
mod tests {
    use super::{FIRST, after, at_or_after, exactly};

    #[test]
    fn texts_fall_between_moments() {
        let noon = 1_704_110_400_000;
        let rows = [
            ("2024-01-01 12:00:00.123Z", Some(noon + 123), Some(noon + 124), Some(noon + 123)),
            ("2024-01-01 12:00:00.123", Some(noon + 123), Some(noon + 123), None),
            ("2024-01-01 12", Some(noon), Some(noon), None),
            // A T sorts after the space, hence after all of its day.
            ("2024-01-01T12:00:00.123Z", Some(noon + 43_200_000), Some(noon + 43_200_000), None),
            ("", Some(FIRST), Some(FIRST), None),
            ("zebra", None, None, None),
        ];
        for (text, from, behind, exact) in rows {
            assert_eq!((at_or_after(text), after(text), exactly(text)), (from, behind, exact), "{text}");
        }
    }
}
