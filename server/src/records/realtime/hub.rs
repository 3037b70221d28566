//! Who listens, and to what. Changes go from here into a bounded queue for each client that wants them; whoever does not
//! empty theirs is dropped, comes again, and holds up nobody meanwhile.

use super::subscription::Subscription;
use crate::auth::address;
use crate::ids::UserId;
use crate::random;
use crate::store::{Audience, Change, TokenKey};
use getrandom::SysRng;
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;

/// Characters of a client id: 238 bits.
const ID_LENGTH: usize = 40;
/// Most clients of all users and guests together: three quarters of the connections there may be.
const MOST: usize = 12_288;
/// Most clients of one address block. Room for the many behind one NAT.
const MOST_OF_BLOCK: usize = 1024;
/// Most clients of one user.
const MOST_OF_USER: usize = 32;
/// Changes that may wait for one client.
pub(super) const QUEUE: usize = 256;

/// All clients of this process, and the way to tell them of changes. Cheap to clone; clones share everything.
#[derive(Clone, Default)]
pub struct Changes(Arc<Mutex<Clients>>);

impl Changes {
    /// Tells those of the owner's clients that want to know of these committed changes. Never waits, and costs next to
    /// nothing when nobody listens.
    pub fn publish(&self, owner: &UserId, changes: Vec<Change>) {
        let mut clients = self.clients();
        if !clients.of_user.contains_key(owner) {
            return;
        }
        for change in changes {
            clients.hand_out(&Arc::new(Published { owner: owner.clone(), change }));
        }
    }

    /// How many clients there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.clients().open.len()
    }

    /// The server stops: all streams end, and no other begins.
    pub fn stop(&self) {
        let mut clients = self.clients();
        *clients = Clients { stopped: true, ..Clients::default() };
    }

    /// A new client, a guest at first, until its connection is dropped.
    pub(super) fn enter(&self, peer: IpAddr) -> Result<Connection, NotEntered> {
        let id = random::alphanumeric(&mut SysRng, ID_LENGTH)?;
        // It is the client's own, and goes to it alone.
        let id: ClientId = id.expose().into();
        let (sender, queue) = mpsc::channel(QUEUE);
        let mut clients = self.clients();
        let block = address::block(peer);
        let neighbours = clients.of_block.get(&block).copied().unwrap_or_default();
        if clients.stopped || clients.open.len() >= MOST || neighbours >= MOST_OF_BLOCK {
            return Err(NotEntered::Full);
        }
        clients.of_block.insert(block, neighbours + 1);
        clients.open.insert(Arc::clone(&id), Client { peer, queue: sender, identity: Identity::Guest });
        drop(clients);
        Ok(Connection { changes: self.clone(), id, queue })
    }

    /// Where the client connected from, and who it is.
    pub(super) fn find(&self, id: &str) -> Option<(IpAddr, Identity)> {
        self.clients().open.get(id).map(|client| (client.peer, client.identity.clone()))
    }

    /// Makes the client another, or the same with other subscriptions.
    pub(super) fn identify(&self, id: &str, identity: Identity) -> Result<(), NotIdentified> {
        self.clients().identify(id, identity)
    }

    /// The client is a guest from now on, unless it has become somebody else meanwhile.
    pub(super) fn demote(&self, id: &str, from: &Arc<Standing>) {
        let mut clients = self.clients();
        let still = matches!(
            clients.open.get(id).map(|client| &client.identity),
            Some(Identity::User(standing)) if Arc::ptr_eq(standing, from)
        );
        if still {
            // A guest needs no place among a user's clients.
            let _ = clients.identify(id, Identity::Guest);
        }
    }

    /// Each step leaves the maps whole, so that a panic elsewhere spoils nothing here.
    fn clients(&self) -> MutexGuard<'_, Clients> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Audience for Changes {
    fn hear(&self, owner: &UserId, changes: Vec<Change>) {
        self.publish(owner, changes);
    }
}

/// What a client is known by.
type ClientId = Arc<str>;

/// Who a client is.
#[derive(Clone)]
pub(super) enum Identity {
    /// Nobody known. Nothing is theirs, so that it does not matter what they subscribed to.
    Guest,
    /// A user.
    User(Arc<Standing>),
}

/// A user, and what a client of theirs subscribed to.
pub(super) struct Standing {
    pub(super) user: UserId,
    /// The user's key when they subscribed: with another one they would have to log in again.
    pub(super) token_key: TokenKey,
    pub(super) subscriptions: Vec<Subscription>,
}

/// A change on its way to clients.
pub(super) struct Published {
    pub(super) owner: UserId,
    pub(super) change: Change,
}

/// Why a client did not get in.
#[derive(Debug)]
pub(super) enum NotEntered {
    /// There are as many as may be, in all or of its address block, or the server stops.
    Full,
    /// The system has no randomness to give.
    Random(getrandom::Error),
}

impl From<getrandom::Error> for NotEntered {
    fn from(error: getrandom::Error) -> Self {
        Self::Random(error)
    }
}

/// Why a client is not what it wanted to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NotIdentified {
    /// It is gone.
    Missing,
    /// The user has as many clients as may be.
    TooMany,
}

/// A client's end of its queue. Dropping it ends the client.
pub(super) struct Connection {
    changes: Changes,
    id: ClientId,
    queue: mpsc::Receiver<Arc<Published>>,
}

impl Connection {
    /// What the client is known by.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// The next change that may be the client's to know, and who it is now; `None` when it was too slow, and when the
    /// server stops. Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> Option<(Arc<Standing>, Arc<Published>)> {
        loop {
            let published = self.queue.recv().await?;
            // What still lies in the queue of one that was dropped has a gap behind it: better to come again at once.
            let (_, identity) = self.changes.find(&self.id)?;
            match identity {
                Identity::User(standing) if standing.user == published.owner => return Some((standing, published)),
                _ => {}
            }
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.changes.clients().remove(&self.id);
    }
}

#[derive(Default)]
struct Clients {
    open: HashMap<ClientId, Client>,
    /// Those who are somebody.
    of_user: HashMap<UserId, HashSet<ClientId>>,
    of_block: HashMap<String, usize>,
    stopped: bool,
}

struct Client {
    peer: IpAddr,
    queue: mpsc::Sender<Arc<Published>>,
    identity: Identity,
}

impl Clients {
    fn hand_out(&mut self, published: &Arc<Published>) {
        let Some(ids) = self.of_user.get(&published.owner) else { return };
        let slow = |id: &&ClientId| self.open.get(*id).is_some_and(|client| !client.take(published));
        let slow: Vec<ClientId> = ids.iter().filter(slow).cloned().collect();
        for id in slow {
            tracing::debug!("a realtime client was too slow");
            self.remove(&id);
        }
    }

    fn identify(&mut self, id: &str, identity: Identity) -> Result<(), NotIdentified> {
        let (id, client) = self.open.get_key_value(id).ok_or(NotIdentified::Missing)?;
        let (id, before) = (Arc::clone(id), client.identity.clone());
        if let Identity::User(standing) = &identity {
            let own = self.of_user.entry(standing.user.clone()).or_default();
            if own.len() >= MOST_OF_USER && !own.contains(&id) {
                return Err(NotIdentified::TooMany);
            }
        }
        self.leave_user(&id, &before);
        if let Identity::User(standing) = &identity {
            self.of_user.entry(standing.user.clone()).or_default().insert(Arc::clone(&id));
        }
        if let Some(client) = self.open.get_mut(&id) {
            client.identity = identity;
        }
        Ok(())
    }

    fn remove(&mut self, id: &ClientId) {
        let Some(client) = self.open.remove(id) else { return };
        self.leave_user(id, &client.identity);
        let block = address::block(client.peer);
        if let Some(count) = self.of_block.get_mut(&block) {
            *count -= 1;
            if *count == 0 {
                self.of_block.remove(&block);
            }
        }
    }

    fn leave_user(&mut self, id: &ClientId, identity: &Identity) {
        let Identity::User(standing) = identity else { return };
        if let Some(own) = self.of_user.get_mut(&standing.user) {
            own.remove(id);
            if own.is_empty() {
                self.of_user.remove(&standing.user);
            }
        }
    }
}

impl Client {
    /// Whether the client, if it wants to know, had room for one more change.
    fn take(&self, published: &Arc<Published>) -> bool {
        let Identity::User(standing) = &self.identity else { return true };
        let wants = standing.subscriptions.iter().any(|subscription| subscription.covers(&published.change));
        !wants || self.queue.try_send(Arc::clone(published)).is_ok()
    }
}

#[cfg(test)]
mod tests;
