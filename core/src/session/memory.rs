//! A bounded map of sealed sessions, the first place a host keeps them. It holds no id and opens nothing.
//!
//! Looking up costs the same however many there are; ending a user's sessions costs as many steps as that user has.
//! Each takes about 280 bytes beside its label (`cargo xtask bench start`).

mod slots;

use super::{Claims, Kind, SealedSession, SessionIndex};
use crate::{ErrorCode, Timestamp};
use slots::{Kept, Slots};
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

/// A kept session.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Public and random: names the session in lists, and ends it.
    pub handle: String,
    /// What its user sees it called.
    pub label: String,
    /// What it may be used for.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created: Timestamp,
    /// The session, which says whose it is and for how long.
    pub sealed: SealedSession,
}

impl Entry {
    fn claims(&self) -> &Claims {
        self.sealed.claims()
    }
}

/// How many sessions there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Those that have not expired.
    pub active: usize,
    /// All that are kept.
    pub total: usize,
}

/// Sealed sessions by index, at most as many as its capacity. A session is valid up to and including its expiry.
pub struct MemorySessions {
    capacity: usize,
    slots: Slots,
    /// Each user's, oldest first; at most [`Kind::limit`] of each kind.
    by_user: HashMap<Box<str>, Vec<u32>>,
    by_expiry: BTreeSet<(Second, u32)>,
}

impl MemorySessions {
    /// Holds at most `capacity` sessions, of all users together.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { capacity, slots: Slots::default(), by_user: HashMap::new(), by_expiry: BTreeSet::new() }
    }

    /// Keeps `entry`, in place of an earlier one under the same index. Expired ones go first, then the user's oldest
    /// of that kind beyond its limit.
    ///
    /// # Errors
    /// [`StoreFull`] when that makes no room; the entry is dropped.
    pub fn insert(&mut self, index: SessionIndex, entry: Entry, now: Timestamp) -> Result<(), StoreFull> {
        self.purge(now);
        if let Some(number) = self.slots.find(index) {
            self.remove(number);
        }
        let claims = entry.claims();
        self.evict(&claims.user_id, claims.kind);
        if self.slots.len() >= self.capacity {
            return Err(StoreFull);
        }
        let number = self.slots.insert(Kept::new(index, &entry)).ok_or(StoreFull)?;
        self.by_expiry.insert((Second::new(claims.expires_unix_s), number));
        match self.by_user.get_mut(claims.user_id.as_str()) {
            Some(theirs) => theirs.push(number),
            None => _ = self.by_user.insert(claims.user_id.as_str().into(), vec![number]),
        }
        Ok(())
    }

    /// The session under `index`. An expired one vanishes.
    pub fn get(&mut self, index: SessionIndex, now: Timestamp) -> Option<Entry> {
        let number = self.slots.find(index)?;
        if self.slots.get(number)?.expired(now) {
            self.remove(number);
        }
        self.slots.get(number).map(Kept::entry)
    }

    /// Ends the session under `index` if it is this user's, and says whether it was.
    pub fn end(&mut self, index: SessionIndex, user_id: &str) -> bool {
        let found = self.slots.find(index).filter(|number| self.numbers(user_id).contains(number));
        found.is_some_and(|number| self.remove(number))
    }

    /// Ends this user's session with that handle, and says whether there was one.
    pub fn end_by_handle(&mut self, handle: &str, user_id: &str) -> bool {
        let of_handle = |number: &u32| self.slots.get(*number).is_some_and(|kept| kept.handle() == handle);
        let found = self.numbers(user_id).iter().copied().find(of_handle);
        found.is_some_and(|number| self.remove(number))
    }

    /// Ends all of this user's sessions, of every kind, and says how many there were.
    pub fn end_all(&mut self, user_id: &str) -> usize {
        let numbers = self.numbers(user_id).to_vec();
        numbers.into_iter().filter(|number| self.remove(*number)).count()
    }

    /// Removes what has expired, and says how many there were.
    pub fn purge(&mut self, now: Timestamp) -> usize {
        let numbers: Vec<_> = self.expired(now).collect();
        numbers.into_iter().filter(|number| self.remove(*number)).count()
    }

    /// This user's live sessions, oldest first.
    #[must_use]
    pub fn list(&self, user_id: &str, now: Timestamp) -> Vec<Entry> {
        self.live(user_id, now).map(Kept::entry).collect()
    }

    /// Whether this user has a live session.
    #[must_use]
    pub fn has_live(&self, user_id: &str, now: Timestamp) -> bool {
        self.live(user_id, now).next().is_some()
    }

    /// How many there are.
    #[must_use]
    pub fn counts(&self, now: Timestamp) -> Counts {
        let total = self.slots.len();
        Counts { active: total - self.expired(now).count(), total }
    }

    fn expired(&self, now: Timestamp) -> impl Iterator<Item = u32> {
        let last = Second::new(now.before(Duration::from_millis(1)).unix_s());
        let numbers = self.by_expiry.range(..=(last, u32::MAX)).map(|(_, number)| *number);
        numbers.filter(move |number| self.slots.get(*number).is_some_and(|kept| kept.expired(now)))
    }

    fn live(&self, user_id: &str, now: Timestamp) -> impl Iterator<Item = &Kept> {
        let kept = self.numbers(user_id).iter().filter_map(|number| self.slots.get(*number));
        kept.filter(move |kept| !kept.expired(now))
    }

    fn numbers(&self, user_id: &str) -> &[u32] {
        self.by_user.get(user_id).map_or(&[], Vec::as_slice)
    }

    /// Makes room for one more of this kind.
    fn evict(&mut self, user_id: &str, kind: Kind) {
        let of_kind = |number: &&u32| self.slots.get(**number).is_some_and(|kept| kept.kind() == kind);
        let kept: Vec<_> = self.numbers(user_id).iter().filter(of_kind).copied().collect();
        let surplus = (kept.len() + 1).saturating_sub(kind.limit());
        for number in kept.into_iter().take(surplus) {
            self.remove(number);
        }
    }

    /// The only way out, so that all maps hold the same. Says whether there was one.
    fn remove(&mut self, number: u32) -> bool {
        let Some(kept) = self.slots.remove(number) else { return false };
        self.by_expiry.remove(&(Second::new(kept.expires_unix_s()), number));
        if let Some(theirs) = self.by_user.get_mut(kept.user_id()) {
            theirs.retain(|other| *other != number);
            if theirs.is_empty() {
                self.by_user.remove(kept.user_id());
            }
        }
        true
    }
}

/// A second of Unix time in half the bytes. Those before and after what fits are taken together, so whoever asks for one
/// looks at the session's own expiry as well.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Second(u32);

impl Second {
    fn new(unix_s: i64) -> Self {
        Self(u32::try_from(unix_s.max(0)).unwrap_or(u32::MAX))
    }
}

/// No room for another session, although everything expired is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no more sessions can be kept at present")]
pub struct StoreFull;

impl StoreFull {
    /// Always [`ErrorCode::SessionsFull`].
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        ErrorCode::SessionsFull
    }
}
