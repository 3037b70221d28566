//! How many connections there may be, in all and from one address.

use crate::auth::address;
use std::collections::hash_map::{Entry, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Places for connections. Cheap to clone; clones share them.
#[derive(Clone)]
pub(super) struct Places {
    all: Arc<Semaphore>,
    of_block: Arc<Mutex<HashMap<String, usize>>>,
    most_of_block: usize,
}

/// A connection's place; given back when it is dropped.
pub(super) struct Place {
    /// The block that it counts for, unless it is a trusted proxy's.
    block: Option<String>,
    places: Places,
    _permit: OwnedSemaphorePermit,
}

impl Places {
    /// So many in all, and so many of one address block.
    pub(super) fn new(all: usize, most_of_block: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(all)), of_block: Arc::default(), most_of_block }
    }

    /// One of all places, once there is one; it belongs to nobody yet. `None` never comes: they are not closed.
    pub(super) async fn any(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.all).acquire_owned().await.ok()
    }

    /// Makes it this client's, unless its block has all that it may have. `None` stands for a proxy that is trusted and
    /// speaks for many.
    pub(super) fn of(&self, client: Option<IpAddr>, permit: OwnedSemaphorePermit) -> Option<Place> {
        let block = client.map(address::block);
        if let Some(block) = &block {
            let mut counts = self.counts();
            let count = counts.get(block).copied().unwrap_or_default();
            if count >= self.most_of_block {
                return None;
            }
            counts.insert(block.clone(), count + 1);
        }
        Some(Place { block, places: self.clone(), _permit: permit })
    }

    /// Whole after every statement.
    fn counts(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.of_block.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(block) = self.block.take() else { return };
        if let Entry::Occupied(mut count) = self.places.counts().entry(block) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Places;
    use std::net::IpAddr;

    #[tokio::test]
    async fn a_block_has_its_share_and_no_more() {
        let places = Places::new(4, 2);
        let [ann, bob] = [1, 2].map(|last| Some(IpAddr::from([192, 0, 2, last])));
        let enter = async |client| places.of(client, places.any().await.unwrap());
        let anns = [enter(ann).await.unwrap(), enter(ann).await.unwrap()];
        assert!(enter(ann).await.is_none(), "one too many");
        let bobs = enter(bob).await.unwrap();
        let proxy = enter(None).await.unwrap();
        assert_eq!(places.all.available_permits(), 0, "who was refused holds no place");
        drop((anns, proxy));
        assert!(enter(ann).await.is_some());
        drop(bobs);
        assert!(places.counts().is_empty(), "nobody is remembered");
        assert_eq!(places.all.available_permits(), 4);
        let proxies = [enter(None).await, enter(None).await, enter(None).await];
        assert!(proxies.iter().all(Option::is_some), "it speaks for many");
    }
}
