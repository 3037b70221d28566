//! The gate before every password-based derivation: so many at a time, one per user, a short queue, and quotas per
//! minute. What is derived is the caller's business.
//!
//! Derivations run on the blocking pool, so that a storm of logins leaves the rest of the API quick. One that has
//! begun keeps its place until it is over, even when nobody waits for it any more.

use super::quota::{Quota, Quotas};
use generatio_core::Timestamp;
use std::collections::hash_map::{Entry, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

/// Derivations that may wait for a turn; the next one is refused.
pub const QUEUE: usize = 64;
/// When to come back after a full queue.
const QUEUE_WAIT: Duration = Duration::from_secs(1);

/// No derivation was made: too many wait already, or this user had enough of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many key derivations, try again in {retry_after:?}")]
pub struct Busy {
    /// How long to wait.
    pub retry_after: Duration,
}

/// The gate. Cheap to clone; clones share it.
#[derive(Clone)]
pub struct Derivations {
    /// How many may run or wait.
    room: usize,
    /// Running and waiting ones.
    places: Arc<Semaphore>,
    /// Running ones.
    slots: Arc<Semaphore>,
    turns: Arc<Turns>,
    quotas: Arc<Mutex<Quotas>>,
}

/// A place among those who derive or wait to; given back when it is dropped.
#[derive(Debug)]
pub struct Place {
    _permit: OwnedSemaphorePermit,
}

impl Derivations {
    /// A gate that lets `parallel` (at least 1) derivations run at a time.
    #[must_use]
    pub fn new(parallel: usize) -> Self {
        let parallel = parallel.max(1);
        let room = parallel.saturating_add(QUEUE).min(Semaphore::MAX_PERMITS);
        Self {
            room,
            places: Arc::new(Semaphore::new(room)),
            slots: Arc::new(Semaphore::new(parallel.min(Semaphore::MAX_PERMITS))),
            turns: Arc::default(),
            quotas: Arc::default(),
        }
    }

    /// The same gate with `times` the quotas.
    #[must_use]
    pub fn letting_in(self, times: u32) -> Self {
        Self { quotas: Arc::new(Mutex::new(Quotas::times(times))), ..self }
    }

    /// A gate for this machine: all cores but one.
    #[must_use]
    pub fn for_this_machine() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::new(cores.saturating_sub(1))
    }

    /// How many run or wait at this moment.
    #[must_use]
    pub fn busy(&self) -> usize {
        self.room - self.places.available_permits().min(self.room)
    }

    /// Counts one of `key`'s under `quota` at `now`, whatever comes of it.
    ///
    /// # Errors
    /// [`Busy`] beyond [`Quota::limit`] within a minute; a refused one is not counted.
    pub fn admit(&self, quota: Quota, key: &str, now: Timestamp) -> Result<(), Busy> {
        lock(&self.quotas).admit(quota, key, now)
    }

    /// Forgets what was counted under `quota` for keys that begin so.
    pub fn forget(&self, quota: Quota, beginning: &str) {
        lock(&self.quotas).forget(quota, beginning);
    }

    /// A place for one derivation, for callers who must not begin what they cannot finish.
    ///
    /// # Errors
    /// [`Busy`] when [`QUEUE`] derivations wait already.
    pub fn place(&self) -> Result<Place, Busy> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        place.map(|_permit| Place { _permit }).map_err(|_| Busy { retry_after: QUEUE_WAIT })
    }

    /// [`Derivations::run_in`] a place taken at once.
    ///
    /// # Errors
    /// [`Busy`] when [`QUEUE`] derivations wait already, or when the runtime is going down.
    ///
    /// # Panics
    /// When `derive` panics.
    pub async fn run<T, F>(&self, user: Option<&str>, derive: F) -> Result<T, Busy>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        self.run_in(self.place()?, user, derive).await
    }

    /// Runs `derive` on the blocking pool once it is its turn. Derivations under the same `user` run one after another.
    ///
    /// # Errors
    /// [`Busy`] when the runtime is going down.
    ///
    /// # Panics
    /// When `derive` panics.
    pub async fn run_in<T, F>(&self, place: Place, user: Option<&str>, derive: F) -> Result<T, Busy>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let busy = Busy { retry_after: QUEUE_WAIT };
        let turn = match user {
            Some(user) => Some(Turn::take(&self.turns, user).await),
            None => None,
        };
        let slot = Arc::clone(&self.slots).acquire_owned().await.map_err(|_| busy)?;
        let task = tokio::task::spawn_blocking(move || {
            let _held = (slot, turn, place);
            derive()
        });
        match task.await {
            Ok(derived) => Ok(derived),
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => Err(busy),
        }
    }
}

/// One lock per user who derives or waits to; gone with the last of them.
#[derive(Default)]
struct Turns(Mutex<HashMap<String, Waiting>>);

#[derive(Default)]
struct Waiting {
    lock: Arc<tokio::sync::Mutex<()>>,
    count: usize,
}

/// One user's turn. The guard goes first, so that the next in line finds its lock free.
struct Turn {
    _guard: OwnedMutexGuard<()>,
    _entry: TurnEntry,
}

impl Turn {
    async fn take(turns: &Arc<Turns>, user: &str) -> Self {
        let (entry, lock) = TurnEntry::add(turns, user);
        Self { _guard: lock.lock_owned().await, _entry: entry }
    }
}

struct TurnEntry {
    turns: Arc<Turns>,
    user: String,
}

impl TurnEntry {
    fn add(turns: &Arc<Turns>, user: &str) -> (Self, Arc<tokio::sync::Mutex<()>>) {
        let mut map = lock(&turns.0);
        let waiting = map.entry(user.to_owned()).or_default();
        waiting.count += 1;
        (Self { turns: Arc::clone(turns), user: user.to_owned() }, Arc::clone(&waiting.lock))
    }
}

impl Drop for TurnEntry {
    fn drop(&mut self) {
        if let Entry::Occupied(mut waiting) = lock(&self.turns.0).entry(std::mem::take(&mut self.user)) {
            waiting.get_mut().count -= 1;
            if waiting.get().count == 0 {
                waiting.remove();
            }
        }
    }
}

/// These maps are whole after every statement: a panic elsewhere does not spoil them.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{Busy, Derivations, QUEUE, QUEUE_WAIT, lock};
    use futures_util::future::join_all;
    use std::sync::{Arc, Mutex, mpsc};

    /// Two slots: the first derivation waits for the other user's. Were the user's second one let in beside it, it
    /// would come before both.
    #[tokio::test]
    async fn one_user_derives_one_after_another() {
        let gate = Derivations::new(2);
        let order = Arc::new(Mutex::new(Vec::new()));
        let note = |name: &'static str| {
            let order = Arc::clone(&order);
            move || lock(&order).push(name)
        };
        let (done, waited) = mpsc::channel();
        let (first, second, other) = (note("first"), note("second"), note("other"));
        let (a, b, c) = tokio::join!(
            gate.run(Some("ann"), move || {
                waited.recv().unwrap();
                first();
            }),
            gate.run(Some("ann"), second),
            gate.run(Some("bob"), move || {
                other();
                done.send(()).unwrap();
            }),
        );
        assert_eq!([a, b, c], [Ok(()); 3]);
        assert_eq!(*lock(&order), ["other", "first", "second"]);
        assert!(lock(&gate.turns.0).is_empty(), "no lock outlives its users");
    }

    #[tokio::test]
    async fn the_queue_ends() {
        let gate = Derivations::new(1);
        let (go, wait) = mpsc::channel::<()>();
        let held = tokio::spawn({
            let gate = gate.clone();
            async move { gate.run(None, move || wait.recv().is_ok()).await }
        });
        while gate.slots.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let mut results = join_all((0..=QUEUE).map(|i| {
            let last = (i == QUEUE).then(|| go.clone());
            let gate = &gate;
            async move {
                let result = gate.run(None, move || ()).await;
                if let Some(go) = last {
                    go.send(()).unwrap();
                }
                result
            }
        }))
        .await;
        assert_eq!(results.pop(), Some(Err(Busy { retry_after: QUEUE_WAIT })), "one more than the queue holds");
        assert_eq!(results, vec![Ok(()); QUEUE]);
        assert_eq!(held.await.unwrap(), Ok(true));
        assert_eq!(gate.run(None, || 7).await, Ok(7), "the places are free again");
    }

    #[tokio::test]
    async fn a_panic_reaches_the_caller_and_frees_the_gate() {
        let gate = Derivations::new(1);
        let panicking = tokio::spawn({
            let gate = gate.clone();
            async move { gate.run(Some("ann"), || panic!("on purpose")).await }
        });
        let result: Result<Result<(), Busy>, _> = panicking.await;
        assert!(result.unwrap_err().is_panic());
        assert_eq!(gate.run(Some("ann"), || 7).await, Ok(7));
    }
}
