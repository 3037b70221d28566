//! A clock that stands still until it is told to move.

use generatio_core::Timestamp;
use generatio_core::time::Clock;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// Shows the same moment until [`FixedClock::advance`].
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// Stands at `moment`.
    #[must_use]
    pub fn at(moment: Timestamp) -> Self {
        Self(AtomicI64::new(moment.unix_ms()))
    }

    /// Moves on by `duration`.
    pub fn advance(&self, duration: Duration) {
        self.0.store(self.now().after(duration).unix_ms(), Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_ms(self.0.load(Ordering::SeqCst))
    }
}
