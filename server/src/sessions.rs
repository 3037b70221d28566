//! Sessions: who holds a FAL token ready, sealed under an id that only the client has.
//!
//! Handlers speak to the [`Sessions`] trait. [`MemoryStore`] keeps them in this process; what sealing means is core's
//! ([`generatio_core::session`]). Nothing here learns more of a client than the label it is given.

use crate::ids::{self, UserId};
use async_trait::async_trait;
use generatio_core::seal::RandomError;
use generatio_core::session::memory::{Counts, Entry, MemorySessions, StoreFull};
use generatio_core::session::{
    Claims, Kind, OpenSessionError, SealSessionError, SessionId, open_session, seal_session,
};
use generatio_core::{SecretText, Timestamp};
use getrandom::SysRng;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Most sessions kept in memory, of all users together: a bound on memory, not a quota.
const CAPACITY: usize = 100_000;

/// Where sessions are kept. Trusted to forget, never to know a token.
#[async_trait]
pub trait Sessions: Send + Sync + 'static {
    /// Seals `token` under a fresh id, which is in nobody's hands but the caller's. Of a user's sessions the oldest
    /// goes when there are more than [`Kind::limit`].
    async fn start(
        &self,
        user: &UserId,
        token: SecretText,
        label: &str,
        now: Timestamp,
    ) -> Result<Started, SessionsError>;
    /// The token; `None` when the id is unknown, expired or another user's.
    async fn open(&self, id: &SessionId, user: &UserId, now: Timestamp) -> Result<Option<SecretText>, SessionsError>;
    /// Ends one session of the user; says whether there was one.
    async fn end(&self, id: &SessionId, user: &UserId) -> Result<bool, SessionsError>;
    /// Ends the user's session of this handle; says whether there was one.
    async fn end_by_handle(&self, handle: &str, user: &UserId) -> Result<bool, SessionsError>;
    /// Ends all sessions of the user; says how many there were.
    async fn end_all(&self, user: &UserId) -> Result<usize, SessionsError>;
    /// The user's live sessions, oldest first. `own` is the one in the asker's hands.
    async fn list(&self, user: &UserId, own: Option<&SessionId>, now: Timestamp) -> Result<Vec<Listed>, SessionsError>;
    /// Whether the user has a session that is not expired.
    async fn has_live(&self, user: &UserId, now: Timestamp) -> Result<bool, SessionsError>;
    /// How many sessions there are.
    async fn counts(&self, now: Timestamp) -> Counts;
    /// Removes what has expired; says how many went.
    async fn purge(&self, now: Timestamp) -> usize;
}

/// A session that has begun.
#[derive(Debug)]
pub struct Started {
    /// Opens it; the only copy.
    pub id: SessionId,
    /// Last moment it opens, a whole second.
    pub expires: Timestamp,
}

/// What its user sees of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Names it, and opens nothing.
    pub handle: String,
    /// What it is called.
    pub label: String,
    /// When it began.
    pub created: Timestamp,
    /// Last moment it opens.
    pub expires: Timestamp,
    /// Whether it is the one in the asker's hands.
    pub current: bool,
}

/// Why a session could not be started or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SessionsError {
    /// As many sessions as memory is set aside for are live.
    #[error(transparent)]
    Full(#[from] StoreFull),
    /// What is kept is not what was sealed.
    #[error(transparent)]
    Open(#[from] OpenSessionError),
    /// The system gives no randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The token is empty or too long, or the system gives no randomness.
    #[error(transparent)]
    Seal(#[from] SealSessionError),
}

/// Sessions in this process's memory; a restart ends them all.
pub struct MemoryStore {
    ttl: Duration,
    kept: Mutex<MemorySessions>,
}

impl MemoryStore {
    /// An empty store whose sessions live for `ttl`.
    #[must_use]
    pub fn new(ttl: Duration) -> Self {
        Self { ttl, kept: Mutex::new(MemorySessions::new(CAPACITY)) }
    }

    /// The sessions, for one step that waits for nothing.
    fn kept(&self) -> MutexGuard<'_, MemorySessions> {
        // Each step leaves the map whole, so that a panic elsewhere spoils nothing here.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Sessions for MemoryStore {
    async fn start(
        &self,
        user: &UserId,
        token: SecretText,
        label: &str,
        now: Timestamp,
    ) -> Result<Started, SessionsError> {
        let id = SessionId::generate(&mut SysRng)?;
        let handle = ids::random_text(&mut SysRng, ids::ID_LENGTH).map_err(|_| RandomError)?;
        let expires_unix_s = now.after(self.ttl).unix_s();
        let claims = Claims { kind: Kind::Session, user_id: user.as_str().to_owned(), expires_unix_s };
        let sealed = seal_session(&id, claims, &token, &mut SysRng)?;
        let entry = Entry { handle, label: label.to_owned(), scopes: Vec::new(), created: now, sealed };
        self.kept().insert(id.index(), entry, now)?;
        Ok(Started { id, expires: Timestamp::from_unix_ms(expires_unix_s.saturating_mul(1000)) })
    }

    async fn open(&self, id: &SessionId, user: &UserId, now: Timestamp) -> Result<Option<SecretText>, SessionsError> {
        let mut kept = self.kept();
        match kept.get(id.index(), now).filter(|entry| entry.sealed.claims().user_id == user.as_str()) {
            Some(entry) => Ok(Some(open_session(id, &entry.sealed)?)),
            None => Ok(None),
        }
    }

    async fn end(&self, id: &SessionId, user: &UserId) -> Result<bool, SessionsError> {
        Ok(self.kept().end(id.index(), user.as_str()))
    }

    async fn end_by_handle(&self, handle: &str, user: &UserId) -> Result<bool, SessionsError> {
        Ok(self.kept().end_by_handle(handle, user.as_str()))
    }

    async fn end_all(&self, user: &UserId) -> Result<usize, SessionsError> {
        Ok(self.kept().end_all(user.as_str()))
    }

    async fn list(&self, user: &UserId, own: Option<&SessionId>, now: Timestamp) -> Result<Vec<Listed>, SessionsError> {
        let mut kept = self.kept();
        let own = own.and_then(|id| kept.get(id.index(), now)).map(|entry| entry.handle);
        let listed = |entry: Entry| Listed {
            current: own.as_ref() == Some(&entry.handle),
            created: entry.created,
            expires: Timestamp::from_unix_ms(entry.sealed.claims().expires_unix_s.saturating_mul(1000)),
            handle: entry.handle,
            label: entry.label,
        };
        Ok(kept.list(user.as_str(), now).into_iter().map(listed).collect())
    }

    async fn has_live(&self, user: &UserId, now: Timestamp) -> Result<bool, SessionsError> {
        Ok(self.kept().has_live(user.as_str(), now))
    }

    async fn counts(&self, now: Timestamp) -> Counts {
        self.kept().counts(now)
    }

    async fn purge(&self, now: Timestamp) -> usize {
        self.kept().purge(now)
    }
}

#[cfg(test)]
mod tests;
