//! How often one key may do one thing within a minute: sliding windows in memory that does not grow.
//!
//! Each quota has a map of its own, so that made-up keys of one push out none of another. A full map forgets the key
//! that has been away the longest: nobody is refused for what others do. What must outlive a restart is counted in the
//! store ([`throttle`](super::throttle)).

use super::derive::Busy;
use generatio_core::Timestamp;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// The sliding window.
pub const WINDOW: Duration = Duration::from_secs(60);
/// Keys remembered per quota.
const REMEMBERED: usize = 16_384;

/// What is counted, each by keys of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quota {
    /// Logins, registrations and passwords for tokens per address block, whatever the account. Room for the many behind one NAT.
    Block,
    /// Derivations with a user's password for their token, per user.
    Derivation,
    /// Sealed tokens handed out, per user.
    Disclosure,
    /// Derivations for logins, per account and address block, so that a stranger's do not use up the owner's.
    Login,
}

impl Quota {
    /// How many fit into [`WINDOW`].
    #[must_use]
    pub const fn limit(self) -> usize {
        match self {
            Quota::Block => 60,
            Quota::Derivation | Quota::Disclosure | Quota::Login => 30,
        }
    }
}

/// The windows of all quotas.
#[derive(Default)]
pub(super) struct Quotas {
    /// By what the limits are multiplied; none is one.
    times: Option<u32>,
    blocks: Windows,
    derivations: Windows,
    disclosures: Windows,
    logins: Windows,
}

impl Quotas {
    /// None counted so far, with `times` the usual limits.
    pub(super) fn times(times: u32) -> Self {
        Self { times: Some(times), ..Self::default() }
    }

    /// Counts one of `key`'s at `now`; a refused one is not counted.
    pub(super) fn admit(&mut self, quota: Quota, key: &str, now: Timestamp) -> Result<(), Busy> {
        let times = usize::try_from(self.times.unwrap_or(1)).unwrap_or(usize::MAX);
        self.windows(quota).admit(key, quota.limit().saturating_mul(times), now)
    }

    /// Forgets what those keys did that begin so.
    pub(super) fn forget(&mut self, quota: Quota, beginning: &str) {
        self.windows(quota).forget(beginning);
    }

    fn windows(&mut self, quota: Quota) -> &mut Windows {
        match quota {
            Quota::Block => &mut self.blocks,
            Quota::Derivation => &mut self.derivations,
            Quota::Disclosure => &mut self.disclosures,
            Quota::Login => &mut self.logins,
        }
    }
}

/// The windows of at most [`REMEMBERED`] keys.
#[derive(Default)]
struct Windows {
    keys: HashMap<Arc<str>, Window>,
    /// The same keys by when they last came.
    by_visit: BTreeMap<u64, Arc<str>>,
    /// Visits so far.
    visits: u64,
}

#[derive(Default)]
struct Window {
    visit: u64,
    times: VecDeque<Timestamp>,
}

impl Windows {
    fn admit(&mut self, key: &str, limit: usize, now: Timestamp) -> Result<(), Busy> {
        let times = self.visit(key);
        times.retain(|time| now.since(*time) < WINDOW);
        match times.front() {
            Some(oldest) if times.len() >= limit => {
                Err(Busy { retry_after: WINDOW.saturating_sub(now.since(*oldest)) })
            }
            _ => {
                times.push_back(now);
                Ok(())
            }
        }
    }

    fn forget(&mut self, beginning: &str) {
        self.keys.retain(|key, _| !key.starts_with(beginning));
        self.by_visit.retain(|_, key| !key.starts_with(beginning));
    }

    /// The key's window, now the latest visited. A new key takes the stalest one's place when the map is full.
    fn visit(&mut self, key: &str) -> &mut VecDeque<Timestamp> {
        self.visits += 1;
        let known = self.keys.get(key).and_then(|window| self.by_visit.remove(&window.visit));
        if known.is_none()
            && self.keys.len() >= REMEMBERED
            && let Some((_, stalest)) = self.by_visit.pop_first()
        {
            self.keys.remove(&stalest);
        }
        let key = known.unwrap_or_else(|| key.into());
        self.by_visit.insert(self.visits, Arc::clone(&key));
        let window = self.keys.entry(key).or_default();
        window.visit = self.visits;
        &mut window.times
    }
}

#[cfg(test)]
mod tests {
    use super::{Quota, Quotas, REMEMBERED, WINDOW};
    use crate::auth::Busy;
    use generatio_core::Timestamp;
    use std::time::Duration;

    const START: Timestamp = Timestamp::from_unix_ms(1_000_000);

    #[test]
    fn a_limit_a_minute_and_then_one_for_each_that_leaves_the_window() {
        for quota in [Quota::Block, Quota::Derivation, Quota::Disclosure, Quota::Login] {
            let mut quotas = Quotas::default();
            for i in 0..quota.limit() {
                assert_eq!(quotas.admit(quota, "ann", START.after(Duration::from_millis(i as u64))), Ok(()));
            }
            let later = START.after(Duration::from_secs(45));
            assert_eq!(quotas.admit(quota, "ann", later), Err(Busy { retry_after: Duration::from_secs(15) }));
            assert_eq!(quotas.admit(quota, "bob", later), Ok(()), "others are not bound");
            assert_eq!(quotas.admit(quota, "ann", START.after(WINDOW)), Ok(()));
            assert!(quotas.admit(quota, "ann", START.after(WINDOW)).is_err(), "the second one is still in the window");
        }
    }

    #[test]
    fn a_full_map_forgets_the_stalest_and_refuses_nobody() {
        let mut quotas = Quotas::default();
        let mut admit = |key: &str| quotas.admit(Quota::Login, key, START);
        for _ in 0..Quota::Login.limit() {
            assert_eq!(admit("stale"), Ok(()));
            assert_eq!(admit("busy"), Ok(()));
        }
        for i in 2..REMEMBERED {
            assert_eq!(admit(&i.to_string()), Ok(()));
        }
        assert!(admit("busy").is_err(), "it came again: fresher than the others");
        assert_eq!(admit("one more"), Ok(()));
        assert!(admit("busy").is_err(), "still remembered");
        assert_eq!(admit("stale"), Ok(()), "forgotten");
        let logins = &quotas.logins;
        assert_eq!((logins.keys.len(), logins.by_visit.len()), (REMEMBERED, REMEMBERED));
    }

    #[test]
    fn what_is_forgotten_has_its_whole_limit_again() {
        let mut quotas = Quotas::default();
        for key in ["ann home", "ann work", "anna home"] {
            for _ in 0..Quota::Login.limit() {
                assert_eq!(quotas.admit(Quota::Login, key, START), Ok(()));
            }
        }
        quotas.forget(Quota::Login, "ann ");
        for (key, admitted) in [("ann home", true), ("ann work", true), ("anna home", false)] {
            assert_eq!(quotas.admit(Quota::Login, key, START).is_ok(), admitted, "{key}");
        }
        assert_eq!((quotas.logins.keys.len(), quotas.logins.by_visit.len()), (3, 3));
    }

    #[test]
    fn strangers_push_out_no_user() {
        let mut quotas = Quotas::default();
        for _ in 0..Quota::Derivation.limit() {
            assert_eq!(quotas.admit(Quota::Derivation, "ann", START), Ok(()));
        }
        for i in 0..=REMEMBERED {
            assert_eq!(quotas.admit(Quota::Login, &i.to_string(), START), Ok(()));
        }
        assert!(quotas.admit(Quota::Derivation, "ann", START).is_err());
    }
}
