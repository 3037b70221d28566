//! Days, weeks and months of the UTC calendar.

use crate::clock;
use generatio_core::Timestamp;
use time::{Date, Duration};

/// A stretch of the calendar, for sums over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bucket {
    /// From midnight.
    Day,
    /// From Monday (ISO 8601).
    Week,
    /// From the first.
    Month,
}

impl Bucket {
    const ALL: [Self; 3] = [Self::Day, Self::Week, Self::Month];

    /// By its name.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|bucket| bucket.as_str() == text)
    }

    /// Its name.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// Beginnings of the buckets from the one that `from` is in to the last one that begins before `to`, and that one's
    /// end. `None` for no bucket, more than `most`, or the end of the calendar.
    pub(crate) fn bounds(self, from: Timestamp, to: Timestamp, most: usize) -> Option<Vec<Timestamp>> {
        let mut date = self.first(clock::calendar(from).date())?;
        let mut bounds = vec![midnight(date)];
        while midnight(date) < to {
            if bounds.len() > most {
                return None;
            }
            date = self.next(date)?;
            bounds.push(midnight(date));
        }
        (bounds.len() > 1).then_some(bounds)
    }

    /// The same for as many buckets as `count` before `to`.
    pub(crate) fn bounds_until(self, to: Timestamp, count: usize) -> Option<Vec<Timestamp>> {
        let last = Timestamp::from_unix_ms(to.unix_ms().saturating_sub(1));
        let mut date = self.first(clock::calendar(last).date())?;
        for _ in 1..count {
            date = self.first(date.previous_day()?)?;
        }
        self.bounds(midnight(date), to, count)
    }

    /// Where the bucket that `moment` is in begins, and where the next one does; the ends of time where the calendar has
    /// no such day.
    pub(crate) fn around(self, moment: Timestamp) -> (Timestamp, Timestamp) {
        let first = self.first(clock::calendar(moment).date());
        let next = first.and_then(|first| self.next(first));
        (
            first.map_or(Timestamp::from_unix_ms(i64::MIN), midnight),
            next.map_or(Timestamp::from_unix_ms(i64::MAX), midnight),
        )
    }

    /// The first day of the bucket that `day` is in.
    fn first(self, day: Date) -> Option<Date> {
        match self {
            Self::Day => Some(day),
            Self::Week => day.checked_sub(Duration::days(day.weekday().number_days_from_monday().into())),
            Self::Month => day.replace_day(1).ok(),
        }
    }

    /// The first day of the bucket after the one that begins on `first`.
    fn next(self, first: Date) -> Option<Date> {
        let longest = match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 31,
        };
        self.first(first.checked_add(Duration::days(longest))?)
    }
}

fn midnight(date: Date) -> Timestamp {
    Timestamp::from_unix_ms(date.midnight().assume_utc().unix_timestamp() * 1000)
}

#[cfg(test)]
mod tests {
    use super::Bucket;
    use crate::clock::{parse_rfc3339, rfc3339};
    use generatio_core::Timestamp;

    fn at(text: &str) -> Timestamp {
        parse_rfc3339(text).unwrap()
    }

    fn days(bounds: Option<Vec<Timestamp>>) -> Vec<String> {
        bounds.unwrap_or_default().into_iter().map(|bound| rfc3339(bound).replace("T00:00:00.000Z", "")).collect()
    }

    #[test]
    fn buckets_are_whole() {
        for (bucket, from, to, expected) in [
            ("day", "2024-02-28T23:59:59Z", "2024-03-01T00:00:00.001Z", "2024-02-28 2024-02-29 2024-03-01 2024-03-02"),
            ("day", "2024-02-28T00:00:00Z", "2024-02-29T00:00:00Z", "2024-02-28 2024-02-29"),
            ("day", "2024-02-28T23:00:00-02:00", "2024-02-29T02:00:00Z", "2024-02-29 2024-03-01"),
            ("week", "2024-01-01T00:00:00Z", "2024-01-08T00:00:00Z", "2024-01-01 2024-01-08"),
            ("week", "2023-12-31T23:59:59Z", "2024-01-01T00:00:01Z", "2023-12-25 2024-01-01 2024-01-08"),
            ("month", "2023-12-31T00:00:00Z", "2024-03-01T00:00:00Z", "2023-12-01 2024-01-01 2024-02-01 2024-03-01"),
            ("month", "1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00Z", "1969-12-01 1970-01-01"),
        ] {
            let bounds = Bucket::parse(bucket).unwrap().bounds(at(from), at(to), 3);
            assert_eq!(days(bounds).join(" "), expected, "{bucket} {from}");
        }
    }

    #[test]
    fn every_moment_lies_in_a_bucket() {
        for (bucket, moment, expected) in [
            (Bucket::Day, "2024-02-29T00:00:00Z", "2024-02-29 2024-03-01"),
            (Bucket::Day, "2024-02-29T23:59:59.999Z", "2024-02-29 2024-03-01"),
            (Bucket::Month, "2024-02-29T12:00:00Z", "2024-02-01 2024-03-01"),
            (Bucket::Month, "2023-12-31T23:59:59.999Z", "2023-12-01 2024-01-01"),
            (Bucket::Month, "1969-12-31T23:59:59.999Z", "1969-12-01 1970-01-01"),
        ] {
            let (first, next) = bucket.around(at(moment));
            assert_eq!(days(Some(vec![first, next])).join(" "), expected, "{moment}");
        }
        let (last, end) = Bucket::Month.around(Timestamp::from_unix_ms(i64::MAX));
        assert_eq!((rfc3339(last).as_str(), end.unix_ms()), ("9999-12-01T00:00:00.000Z", i64::MAX));
        let (first, _) = Bucket::Month.around(Timestamp::from_unix_ms(i64::MIN));
        assert_eq!(rfc3339(first), "0001-01-01T00:00:00.000Z");
    }

    #[test]
    fn there_are_neither_none_nor_too_many() {
        let (from, to) = (at("2024-01-01T00:00:00Z"), at("2024-01-04T00:00:00Z"));
        assert_eq!(Bucket::Day.bounds(from, to, 3).map(|bounds| bounds.len()), Some(4));
        assert_eq!(Bucket::Day.bounds(from, to, 2), None);
        assert_eq!(Bucket::Day.bounds(to, from, 3), None);
        assert_eq!(Bucket::Day.bounds(from, at("9999-12-31T23:59:59Z"), 366), None);
        assert_eq!(Bucket::Month.bounds(at("9999-12-31T00:00:00Z"), at("9999-12-31T23:59:59Z"), 366), None);
    }

    #[test]
    fn the_usual_ones_end_with_the_present() {
        let now = at("2024-03-01T00:00:00.001Z");
        assert_eq!(days(Bucket::Day.bounds_until(now, 2)), ["2024-02-29", "2024-03-01", "2024-03-02"]);
        assert_eq!(days(Bucket::Week.bounds_until(now, 2)), ["2024-02-19", "2024-02-26", "2024-03-04"]);
        assert_eq!(days(Bucket::Month.bounds_until(now, 2)), ["2024-02-01", "2024-03-01", "2024-04-01"]);
        let midnight = at("2024-03-01T00:00:00Z");
        assert_eq!(days(Bucket::Month.bounds_until(midnight, 1)), ["2024-02-01", "2024-03-01"]);
    }
}
