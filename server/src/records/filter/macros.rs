//! `@now` and its kin: what they stand for at a moment, UTC.

use crate::clock::{calendar, record_date};
use crate::store::Literal;
use generatio_core::Timestamp;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What the macro stands for at `now`; `None` for any other name. Dates are texts, as records carry them.
pub(super) fn value(name: &str, now: Timestamp) -> Option<Literal> {
    let moment = calendar(now);
    let number = |number: u8| Literal::Integer(number.into());
    Some(match name {
        "@now" => Literal::Text(record_date(now)),
        "@yesterday" => Literal::Text(record_date(now.before(DAY))),
        "@tomorrow" => Literal::Text(record_date(now.after(DAY))),
        "@second" => number(moment.second()),
        "@minute" => number(moment.minute()),
        "@hour" => number(moment.hour()),
        "@day" => number(moment.day()),
        "@month" => number(moment.month().into()),
        "@year" => Literal::Integer(moment.year().into()),
        "@weekday" => number(moment.weekday().number_days_from_sunday()),
        _ => Literal::Text(bound(name, moment)?),
    })
}

/// The first or last millisecond of the day, month or year.
fn bound(name: &str, moment: time::OffsetDateTime) -> Option<String> {
    let (year, month, day) = moment.to_calendar_date();
    let (year, month) = (format!("{year:04}"), u8::from(month));
    let last = moment.month().length(moment.year());
    Some(match name {
        "@todayStart" => format!("{year}-{month:02}-{day:02} 00:00:00.000Z"),
        "@todayEnd" => format!("{year}-{month:02}-{day:02} 23:59:59.999Z"),
        "@monthStart" => format!("{year}-{month:02}-01 00:00:00.000Z"),
        "@monthEnd" => format!("{year}-{month:02}-{last:02} 23:59:59.999Z"),
        "@yearStart" => format!("{year}-01-01 00:00:00.000Z"),
        "@yearEnd" => format!("{year}-12-31 23:59:59.999Z"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::value;
    use crate::store::Literal;
    use generatio_core::Timestamp;

    #[test]
    fn macros_stand_for_their_moment() {
        // 2024-02-29, a Thursday.
        let now = Timestamp::from_unix_ms(1_709_210_096_789);
        let text = |text: &str| Some(Literal::Text(text.to_owned()));
        let rows = [
            ("@now", text("2024-02-29 12:34:56.789Z")),
            ("@yesterday", text("2024-02-28 12:34:56.789Z")),
            ("@tomorrow", text("2024-03-01 12:34:56.789Z")),
            ("@todayStart", text("2024-02-29 00:00:00.000Z")),
            ("@todayEnd", text("2024-02-29 23:59:59.999Z")),
            ("@monthStart", text("2024-02-01 00:00:00.000Z")),
            ("@monthEnd", text("2024-02-29 23:59:59.999Z")),
            ("@yearStart", text("2024-01-01 00:00:00.000Z")),
            ("@yearEnd", text("2024-12-31 23:59:59.999Z")),
            ("@second", Some(Literal::Integer(56))),
            ("@minute", Some(Literal::Integer(34))),
            ("@hour", Some(Literal::Integer(12))),
            ("@day", Some(Literal::Integer(29))),
            ("@month", Some(Literal::Integer(2))),
            ("@year", Some(Literal::Integer(2024))),
            ("@weekday", Some(Literal::Integer(4))),
            ("@NOW", None),
            ("now", None),
        ];
        for (name, expected) in rows {
            assert_eq!(value(name, now), expected, "{name}");
        }
    }
}
