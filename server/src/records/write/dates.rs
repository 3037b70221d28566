//! The dates that clients may send. Everything else is no date, as PocketBase has it.

use generatio_core::Timestamp;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, PrimitiveDateTime, UtcOffset};

/// A day and a time of day, without the zone.
const MOMENTS: [&[BorrowedFormatItem<'_>]; 4] = [
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second][optional [.[subsecond]]]"),
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second][optional [.[subsecond]]]"),
    // RFC 1123 and C's ctime.
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second]"),
    format_description!("[weekday repr:short] [month repr:short] [day padding:space] [hour]:[minute]:[second] [year]"),
];
const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// The moment a text names, cut to milliseconds: a day, or a day and a time with a zone or, without one, in UTC. The first
/// moment of the year 1 is none, as in Go; so is everything before, which our dates do not print.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    let moment = match Date::parse(text, DAY) {
        Ok(day) => day.midnight().assume_utc(),
        Err(_) => {
            let (local, offset) = split_zone(text)?;
            let mut read = MOMENTS.iter().filter_map(|format| PrimitiveDateTime::parse(local, format).ok());
            read.next()?.assume_offset(offset)
        }
    };
    let first = Date::from_ordinal_date(1, 1).ok()?.midnight().assume_utc();
    let ms = moment.unix_timestamp_nanos().div_euclid(1_000_000);
    (moment > first).then(|| i64::try_from(ms).ok().map(Timestamp::from_unix_ms)).flatten()
}

/// The text without the zone at its end: `Z`, ` GMT`, ` UTC`, `+02:00`, `+0200`, with or without a blank before.
fn split_zone(text: &str) -> Option<(&str, UtcOffset)> {
    for name in ["Z", " GMT", " UTC"] {
        if let Some(local) = text.strip_suffix(name) {
            return Some((local, UtcOffset::UTC));
        }
    }
    // A sign before the time of day belongs to the date.
    let Some(sign) = text.rfind(['+', '-']).filter(|sign| text.get(..*sign).is_some_and(|local| local.contains(':')))
    else {
        return Some((text, UtcOffset::UTC));
    };
    let (local, zone) = text.split_at_checked(sign)?;
    let offset = [
        format_description!("[offset_hour sign:mandatory]:[offset_minute]"),
        format_description!("[offset_hour sign:mandatory][offset_minute]"),
    ];
    let offset = offset.iter().find_map(|format| UtcOffset::parse(zone, format).ok())?;
    Some((local.strip_suffix(' ').unwrap_or(local), offset))
}
