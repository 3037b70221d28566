//! A bounded map of sealed sessions, the first place a host keeps them. It holds no id and opens nothing.
//!
//! Looking up costs the same however many there are; ending a user's sessions costs as many steps as that user has.

use super::{Claims, Kind, SealedSession, SessionIndex};
use crate::{ErrorCode, Timestamp};
use std::collections::{BTreeSet, HashMap};

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
    entries: HashMap<SessionIndex, Entry>,
    /// Each user's, oldest first; at most [`Kind::limit`] of each kind.
    by_user: HashMap<String, Vec<SessionIndex>>,
    by_expiry: BTreeSet<(Timestamp, SessionIndex)>,
}

impl MemorySessions {
    /// Holds at most `capacity` sessions, of all users together.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { capacity, entries: HashMap::new(), by_user: HashMap::new(), by_expiry: BTreeSet::new() }
    }

    /// Keeps `entry`, in place of an earlier one under the same index. Expired ones go first, then the user's oldest
    /// of that kind beyond its limit.
    ///
    /// # Errors
    /// [`StoreFull`] when that makes no room; the entry is dropped.
    pub fn insert(&mut self, index: SessionIndex, entry: Entry, now: Timestamp) -> Result<(), StoreFull> {
        self.purge(now);
        self.remove(&index);
        self.evict(&entry.claims().user_id, entry.claims().kind);
        if self.entries.len() >= self.capacity {
            return Err(StoreFull);
        }
        self.by_expiry.insert((entry.claims().expiry(), index));
        self.by_user.entry(entry.claims().user_id.clone()).or_default().push(index);
        self.entries.insert(index, entry);
        Ok(())
    }

    /// The session under `index`. An expired one vanishes.
    pub fn get(&mut self, index: SessionIndex, now: Timestamp) -> Option<&Entry> {
        if self.entries.get(&index)?.claims().expired(now) {
            self.remove(&index);
        }
        self.entries.get(&index)
    }

    /// Ends the session under `index` if it is this user's, and says whether it was.
    pub fn end(&mut self, index: SessionIndex, user_id: &str) -> bool {
        let theirs = self.entries.get(&index).is_some_and(|entry| entry.claims().user_id == user_id);
        theirs && self.remove(&index).is_some()
    }

    /// Ends this user's session with that handle, and says whether there was one.
    pub fn end_by_handle(&mut self, handle: &str, user_id: &str) -> bool {
        let found = self.indexes(user_id).iter().copied().find(|index| self.entries[index].handle == handle);
        found.is_some_and(|index| self.remove(&index).is_some())
    }

    /// Ends all of this user's sessions, of every kind, and says how many there were.
    pub fn end_all(&mut self, user_id: &str) -> usize {
        let indexes = self.indexes(user_id).to_vec();
        indexes.iter().filter(|index| self.remove(index).is_some()).count()
    }

    /// Removes what has expired, and says how many there were.
    pub fn purge(&mut self, now: Timestamp) -> usize {
        let before = self.entries.len();
        while let Some(&(expiry, index)) = self.by_expiry.first()
            && expiry < now
        {
            self.remove(&index);
        }
        before - self.entries.len()
    }

    /// This user's live sessions, oldest first.
    #[must_use]
    pub fn list(&self, user_id: &str, now: Timestamp) -> Vec<&Entry> {
        self.live(user_id, now).collect()
    }

    /// Whether this user has a live session.
    #[must_use]
    pub fn has_live(&self, user_id: &str, now: Timestamp) -> bool {
        self.live(user_id, now).next().is_some()
    }

    /// How many there are.
    #[must_use]
    pub fn counts(&self, now: Timestamp) -> Counts {
        let expired = self.by_expiry.iter().take_while(|(expiry, _)| *expiry < now).count();
        let total = self.entries.len();
        Counts { active: total - expired, total }
    }

    fn live(&self, user_id: &str, now: Timestamp) -> impl Iterator<Item = &Entry> {
        self.indexes(user_id).iter().map(|index| &self.entries[index]).filter(move |entry| !entry.claims().expired(now))
    }

    fn indexes(&self, user_id: &str) -> &[SessionIndex] {
        self.by_user.get(user_id).map_or(&[], Vec::as_slice)
    }

    /// Makes room for one more of this kind.
    fn evict(&mut self, user_id: &str, kind: Kind) {
        let of_kind = |index: &&SessionIndex| self.entries[*index].claims().kind == kind;
        let kept: Vec<_> = self.indexes(user_id).iter().filter(of_kind).copied().collect();
        let surplus = (kept.len() + 1).saturating_sub(kind.limit());
        for index in &kept[..surplus] {
            self.remove(index);
        }
    }

    /// The only way out, so that the three maps hold the same.
    fn remove(&mut self, index: &SessionIndex) -> Option<Entry> {
        let entry = self.entries.remove(index)?;
        let claims = entry.claims();
        self.by_expiry.remove(&(claims.expiry(), *index));
        if let Some(theirs) = self.by_user.get_mut(&claims.user_id) {
            theirs.retain(|other| other != index);
            if theirs.is_empty() {
                self.by_user.remove(&claims.user_id);
            }
        }
        Some(entry)
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
