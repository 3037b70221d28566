//! Wall-clock time as FAL writes it.

use std::time::{SystemTime, UNIX_EPOCH};
use time::OffsetDateTime;
use time::macros::format_description;

/// Milliseconds since 1970, UTC.
pub(crate) fn unix_ms() -> u64 {
    unix_us() / 1000
}

/// Microseconds since 1970, UTC.
pub(crate) fn unix_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// Now as ISO 8601 with microseconds and an offset, which every version of Python can read.
pub(crate) fn iso_now() -> String {
    iso(OffsetDateTime::now_utc())
}

/// ISO 8601, like [`iso_now`], some seconds ahead.
pub(crate) fn iso_in(seconds: i64) -> String {
    iso(OffsetDateTime::now_utc().saturating_add(time::Duration::seconds(seconds)))
}

fn iso(at: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]+00:00");
    at.format(format).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_reads_as_iso_8601() {
        let at = OffsetDateTime::from_unix_timestamp(1_700_000_000).unwrap();
        assert_eq!(iso(at), "2023-11-14T22:13:20.000000+00:00");
    }
}
