//! When a copy that failed is tried again, and when no more.

use std::time::Duration;

/// The pause after each failure; the one after the last of them is the end. About a week in all.
const PAUSES: [Duration; 9] = [
    Duration::from_secs(1),
    Duration::from_secs(10),
    Duration::from_secs(60),
    Duration::from_secs(10 * 60),
    Duration::from_secs(60 * 60),
    Duration::from_secs(6 * 60 * 60),
    Duration::from_secs(24 * 60 * 60),
    Duration::from_secs(48 * 60 * 60),
    Duration::from_secs(96 * 60 * 60),
];

/// How long to wait after one more failure than the `failures` before; `None` when it is over.
pub(super) fn pause(failures: u32) -> Option<Duration> {
    usize::try_from(failures).ok().and_then(|failures| PAUSES.get(failures)).copied()
}

#[cfg(test)]
mod tests {
    use super::{PAUSES, pause};
    use std::time::Duration;

    #[test]
    fn pauses_grow_and_come_to_an_end() {
        assert_eq!(pause(0), Some(Duration::from_secs(1)));
        assert!(PAUSES.is_sorted());
        let last = u32::try_from(PAUSES.len()).unwrap();
        assert!(pause(last - 1).is_some());
        assert_eq!((pause(last), pause(u32::MAX)), (None, None));
        assert!(PAUSES.iter().sum::<Duration>() < Duration::from_secs(8 * 24 * 60 * 60));
    }
}
