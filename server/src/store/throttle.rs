//! Counters of failed attempts, as the store keeps them. What the numbers should be is `auth::throttle`'s.

use std::time::Duration;

/// When attempts are refused.
#[derive(Clone, Copy, Debug)]
pub struct AttemptPolicy {
    /// Attempts in a row from one address block on one account before the waits begin.
    pub per_block: u32,
    /// Attempts in a row on one account from anywhere before strange blocks must wait.
    pub per_account: u32,
    /// The first wait; it doubles with each further attempt.
    pub first_wait: Duration,
    /// The longest wait.
    pub longest_wait: Duration,
    /// How long a block that logged in is free of `per_account`.
    pub familiar_for: Duration,
}

/// Whether an attempt may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// It was counted; make it.
    Allowed,
    /// Not before this much time has passed; it was not counted.
    Refused {
        /// How long to wait.
        retry_after: Duration,
    },
}
