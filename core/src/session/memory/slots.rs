//! Sessions by number. A number is what the maps around hold, in the place of an index of 32 bytes; what a session has of
//! texts is one piece of memory.

use super::Entry;
use crate::Timestamp;
use crate::session::{Claims, Kind, SealedSession, SessionIndex};
use hashbrown::HashTable;

/// A session as it lies in memory.
pub(super) struct Kept {
    index: SessionIndex,
    created: Timestamp,
    expires_unix_s: i64,
    kind: Kind,
    /// The box, the handle, the label, the user's id, then the scopes: each a length of four bytes and so many more.
    parts: Box<[u8]>,
}

impl Kept {
    pub(super) fn new(index: SessionIndex, entry: &Entry) -> Self {
        let Entry { handle, label, scopes, created, sealed } = entry;
        let Claims { kind, user_id, expires_unix_s } = sealed.claims();
        let texts = [handle, label, user_id].into_iter().chain(scopes).map(String::as_bytes);
        let all = std::iter::once(sealed.boxed.as_slice()).chain(texts);
        // At its final size: shrinking would leave a hole behind each session that hardly anything fits into.
        let mut parts = Vec::with_capacity(all.clone().map(|part| size_of::<u32>() + part.len()).sum());
        for part in all {
            // Nobody seals or writes four gigabytes; what is longer is cut, and does not open.
            let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
            parts.extend(length.to_le_bytes());
            parts.extend(&part[..length as usize]);
        }
        Self { index, created: *created, expires_unix_s: *expires_unix_s, kind: *kind, parts: parts.into() }
    }

    /// The session as it came.
    pub(super) fn entry(&self) -> Entry {
        let mut parts = self.parts();
        let boxed = parts.next().unwrap_or_default().to_vec();
        let mut texts = parts.map(|part| String::from_utf8_lossy(part).into_owned());
        let mut text = || texts.next().unwrap_or_default();
        let (handle, label, user_id) = (text(), text(), text());
        let claims = Claims { kind: self.kind, user_id, expires_unix_s: self.expires_unix_s };
        let sealed = SealedSession { claims, boxed };
        Entry { handle, label, scopes: texts.collect(), created: self.created, sealed }
    }

    pub(super) const fn kind(&self) -> Kind {
        self.kind
    }

    pub(super) fn handle(&self) -> &str {
        self.text(1)
    }

    pub(super) fn user_id(&self) -> &str {
        self.text(3)
    }

    pub(super) const fn expires_unix_s(&self) -> i64 {
        self.expires_unix_s
    }

    pub(super) fn expired(&self, now: Timestamp) -> bool {
        now > Claims::expiry_of(self.expires_unix_s)
    }

    fn text(&self, number: usize) -> &str {
        self.parts().nth(number).and_then(|part| std::str::from_utf8(part).ok()).unwrap_or_default()
    }

    fn parts(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = &*self.parts;
        std::iter::from_fn(move || {
            let (length, behind) = rest.split_first_chunk()?;
            let (part, behind) = behind.split_at_checked(u32::from_le_bytes(*length) as usize)?;
            rest = behind;
            Some(part)
        })
    }
}

/// Kept sessions, each under a number of its own while it is kept.
#[derive(Default)]
pub(super) struct Slots {
    slots: Vec<Option<Kept>>,
    free: Vec<u32>,
    by_index: HashTable<u32>,
}

impl Slots {
    pub(super) fn len(&self) -> usize {
        self.by_index.len()
    }

    pub(super) fn find(&self, index: SessionIndex) -> Option<u32> {
        let is_it = |number: &u32| self.get(*number).is_some_and(|kept| kept.index == index);
        self.by_index.find(hash(index), is_it).copied()
    }

    pub(super) fn get(&self, number: u32) -> Option<&Kept> {
        self.slots.get(number as usize)?.as_ref()
    }

    /// Its number; `None` when there are no numbers left. None of its index is to be kept already.
    pub(super) fn insert(&mut self, kept: Kept) -> Option<u32> {
        let hash_of = hash(kept.index);
        let number = match self.free.pop() {
            Some(number) => number,
            None => u32::try_from(self.slots.len()).ok()?,
        };
        match self.slots.get_mut(number as usize) {
            Some(slot) => *slot = Some(kept),
            None => self.slots.push(Some(kept)),
        }
        let slots = &self.slots;
        let rehash = |number: &u32| slots[*number as usize].as_ref().map_or(0, |kept| hash(kept.index));
        self.by_index.insert_unique(hash_of, number, rehash);
        Some(number)
    }

    pub(super) fn remove(&mut self, number: u32) -> Option<Kept> {
        let kept = self.slots.get_mut(number as usize)?.take()?;
        if let Ok(place) = self.by_index.find_entry(hash(kept.index), |other| *other == number) {
            place.remove();
        }
        self.free.push(number);
        Some(kept)
    }
}

/// An index is a hash of what the host drew: its beginning is as good as any.
fn hash(index: SessionIndex) -> u64 {
    index.as_bytes().first_chunk().map_or(0, |beginning| u64::from_le_bytes(*beginning))
}

#[cfg(test)]
mod tests {
    use super::{Kept, Slots};
    use crate::Timestamp;
    use crate::session::memory::Entry;
    use crate::session::{Claims, Kind, SealedSession, SessionIndex};

    fn entry(label: &str, scopes: &[&str]) -> Entry {
        let claims = Claims { kind: Kind::ApiKey, user_id: "ann".to_owned(), expires_unix_s: 60 };
        Entry {
            handle: "h1".to_owned(),
            label: label.to_owned(),
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
            created: Timestamp::from_unix_ms(7),
            sealed: SealedSession::restore(claims, "AQID"),
        }
    }

    #[test]
    fn a_session_comes_back_as_it_went() {
        for (label, scopes) in [("", &[][..]), ("Ann’s phone", &["generate"]), ("a", &["", "read", "list"])] {
            let kept = Kept::new(SessionIndex::from_bytes([1; 32]), &entry(label, scopes));
            let back = kept.entry();
            assert_eq!((back.label.as_str(), back.scopes.as_slice()), (label, entry(label, scopes).scopes.as_slice()));
            assert_eq!((back.handle.as_str(), back.created), (kept.handle(), Timestamp::from_unix_ms(7)));
            assert_eq!(back.sealed.claims(), entry(label, scopes).sealed.claims());
            assert_eq!((back.sealed.box_text().as_str(), kept.user_id()), ("AQID", "ann"));
            assert_eq!((kept.expires_unix_s(), kept.kind()), (60, Kind::ApiKey));
        }
    }

    /// Indexes that begin alike hash alike.
    #[test]
    fn numbers_are_found_by_the_whole_index_and_used_again() {
        let index = |last: u8| SessionIndex::from_bytes(std::array::from_fn(|at| if at == 31 { last } else { 0 }));
        let mut slots = Slots::default();
        for last in 0..100 {
            assert_eq!(slots.insert(Kept::new(index(last), &entry("", &[]))), Some(u32::from(last)));
        }
        assert!((0..100).all(|last| slots.find(index(last)) == Some(u32::from(last))));
        assert!(slots.remove(40).is_some() && slots.remove(40).is_none());
        assert_eq!((slots.find(index(40)), slots.len()), (None, 99));
        assert_eq!(slots.insert(Kept::new(index(200), &entry("", &[]))), Some(40));
        assert_eq!((slots.find(index(200)), slots.find(index(41))), (Some(40), Some(41)));
    }
}
