//! When an exchange is made again: pure, and deterministic, since the jitter comes from a seed the caller names.

use super::error::{Again, FalError};
use crate::Timestamp;
use std::time::Duration;

/// How many times an answer that looks final, but may not be, is asked for again.
const FEW: u8 = 3;

/// The attempts of one call.
#[derive(Debug)]
pub struct Attempts {
    backoff: Backoff,
    deadline: Timestamp,
    few_left: u8,
}

impl Attempts {
    /// For a call that must be over by `deadline`. Equal seeds give equal pauses; name the request.
    #[must_use]
    pub fn new(seed: &str, deadline: Timestamp) -> Self {
        Self { backoff: Backoff::new(&Pace::RETRY, seed), deadline, few_left: FEW }
    }

    /// How long to wait before the same request is sent again: from about 250 ms, doubling to 10 s, at least FAL's
    /// `Retry-After`. `None`: the error stands, because of its kind or because the deadline would pass.
    pub fn again(&mut self, error: &FalError, now: Timestamp) -> Option<Duration> {
        match error.again() {
            Again::Never => return None,
            Again::Few => self.few_left = self.few_left.checked_sub(1)?,
            Again::Always => {}
        }
        let pause = self.backoff.next().max(error.retry_after().unwrap_or_default());
        (now.after(pause) < self.deadline).then_some(pause)
    }
}

/// First pause, growth and longest pause.
#[derive(Debug)]
pub(crate) struct Pace {
    first_ms: u64,
    grow_tenths: u64,
    longest_ms: u64,
}

impl Pace {
    /// Looking at a status that has no news yet.
    pub(crate) const POLL: Self = Self { first_ms: 100, grow_tenths: 15, longest_ms: 2_000 };
    /// Repeating what failed.
    pub(crate) const RETRY: Self = Self { first_ms: 250, grow_tenths: 20, longest_ms: 10_000 };
}

/// Growing pauses, each shortened by up to a quarter so that many waiting callers spread out.
#[derive(Debug)]
pub(crate) struct Backoff {
    pace: &'static Pace,
    full_ms: u64,
    noise: u64,
}

impl Backoff {
    pub(crate) fn new(pace: &'static Pace, seed: &str) -> Self {
        // FNV-1a: any hash that is the same everywhere does.
        let noise = seed
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        Self { pace, full_ms: pace.first_ms, noise }
    }

    /// The next pause.
    pub(crate) fn next(&mut self) -> Duration {
        let full = self.full_ms;
        self.full_ms = (full * self.pace.grow_tenths / 10).min(self.pace.longest_ms);
        // One step of a linear congruential generator (Knuth's MMIX constants); its upper bits are the good ones.
        self.noise = self.noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let cut = (full / 4) * (self.noise >> 54) / 1024;
        Duration::from_millis(full - cut)
    }

    /// Starts over from the first pause.
    pub(crate) fn reset(&mut self) {
        self.full_ms = self.pace.first_ms;
    }
}

#[cfg(test)]
mod tests {
    use super::{Backoff, Pace};

    #[test]
    fn polls_grow_from_100_ms_to_2_s_within_their_jitter() {
        let mut backoff = Backoff::new(&Pace::POLL, "0199c0de");
        let full = [100, 150, 225, 337, 505, 757, 1135, 1702, 2000, 2000, 2000];
        let pauses: Vec<u64> = full.iter().map(|_| u64::try_from(backoff.next().as_millis()).unwrap()).collect();
        for (pause, full) in pauses.iter().zip(full) {
            assert!((full - full / 4..=full).contains(pause), "{pause} of {full}");
        }
        assert!(pauses[8..].windows(2).any(|pair| pair[0] != pair[1]), "no jitter: {pauses:?}");
        backoff.reset();
        assert!(backoff.next().as_millis() <= 100);
    }

    #[test]
    fn the_jitter_is_the_seeds() {
        let first = |seed| {
            let mut backoff = Backoff::new(&Pace::POLL, seed);
            [backoff.next(), backoff.next(), backoff.next(), backoff.next()]
        };
        assert_eq!(first("a"), first("a"));
        assert_ne!(first("a"), first("b"));
    }
}
