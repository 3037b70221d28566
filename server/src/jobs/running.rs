//! The jobs that this process works on, for whoever else waits for one: an entry a task, no longer than the task.

use super::Outcome;
use crate::ids::JobId;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Where an outcome will appear.
type Awaited = watch::Receiver<Option<Arc<Outcome>>>;

/// A job that runs, whoever waits for it.
#[derive(Debug)]
pub struct Running {
    /// The job.
    pub job: JobId,
    outcome: Awaited,
}

impl Running {
    /// Its outcome, once it is recorded; `None` when its task ended without one. Dropping this does not disturb the job.
    pub async fn outcome(&mut self) -> Option<Arc<Outcome>> {
        self.outcome.wait_for(Option::is_some).await.ok().and_then(|outcome| outcome.clone())
    }
}

/// What this process works on and has worked on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Jobs that run.
    pub running: usize,
    /// Jobs that it left, by how ([`Outcome::name`]).
    pub left: BTreeMap<&'static str, u64>,
}

/// All running jobs of this process.
#[derive(Default)]
pub(super) struct Registry {
    jobs: Mutex<HashMap<JobId, Awaited>>,
    left: Mutex<BTreeMap<&'static str, u64>>,
}

impl Registry {
    /// Lists the job until its [`Place`] is left or dropped.
    pub(super) fn enter(self: &Arc<Self>, job: &JobId) -> Place {
        let tell = watch::Sender::new(None);
        self.jobs().insert(job.clone(), tell.subscribe());
        Place { registry: Arc::clone(self), job: job.clone(), tell }
    }

    /// The job, if it runs here.
    pub(super) fn find(&self, job: &JobId) -> Option<Running> {
        self.jobs().get(job).map(|outcome| Running { job: job.clone(), outcome: outcome.clone() })
    }

    /// How many there are and were.
    pub(super) fn counts(&self) -> Counts {
        Counts { running: self.jobs().len(), left: self.left().clone() }
    }

    /// Each step leaves the maps whole, so that a panic elsewhere spoils nothing here.
    fn jobs(&self) -> MutexGuard<'_, HashMap<JobId, Awaited>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn left(&self) -> MutexGuard<'_, BTreeMap<&'static str, u64>> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running job's place in the list.
pub(super) struct Place {
    registry: Arc<Registry>,
    job: JobId,
    tell: watch::Sender<Option<Arc<Outcome>>>,
}

impl Place {
    /// For a caller who waits.
    pub(super) fn running(&self) -> Running {
        Running { job: self.job.clone(), outcome: self.tell.subscribe() }
    }

    /// Tells all who wait, and ends the listing. The outcome is in the store by now.
    pub(super) fn leave(self, outcome: Outcome) {
        *self.registry.left().entry(outcome.name()).or_default() += 1;
        self.tell.send_replace(Some(Arc::new(outcome)));
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut jobs = self.registry.jobs();
        // A job that was given up may have been taken up again meanwhile, in a place of its own.
        if jobs.get(&self.job).is_some_and(|listed| listed.same_channel(&self.tell.subscribe())) {
            jobs.remove(&self.job);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, Outcome, Registry};
    use crate::ids::JobId;
    use std::sync::Arc;

    fn job() -> JobId {
        JobId::parse("abcdefghijklmno").unwrap()
    }

    fn ended(cause: &str) -> Outcome {
        Outcome::Internal { cause: cause.to_owned() }
    }

    #[tokio::test]
    async fn all_who_wait_hear_the_one_outcome_and_the_list_is_empty_after() {
        let registry = Arc::new(Registry::default());
        let place = registry.enter(&job());
        let (mut first, mut second) = (place.running(), registry.find(&job()).unwrap());
        place.leave(ended("x"));
        let (first, second) = (first.outcome().await.unwrap(), second.outcome().await.unwrap());
        assert!(Arc::ptr_eq(&first, &second));
        assert!(registry.find(&job()).is_none());
        assert_eq!(registry.counts(), Counts { running: 0, left: [("internal", 1)].into() });
    }

    #[tokio::test]
    async fn a_task_that_is_gone_leaves_nobody_waiting() {
        let registry = Arc::new(Registry::default());
        let place = registry.enter(&job());
        let mut waiting = place.running();
        drop(place);
        assert!(waiting.outcome().await.is_none());
        assert!(registry.find(&job()).is_none());
    }

    #[tokio::test]
    async fn a_job_taken_up_again_stays_listed() {
        let registry = Arc::new(Registry::default());
        let (before, again) = (registry.enter(&job()), registry.enter(&job()));
        before.leave(ended("given up"));
        let mut waiting = registry.find(&job()).unwrap();
        again.leave(ended("over"));
        assert!(matches!(&*waiting.outcome().await.unwrap(), Outcome::Internal { cause } if cause == "over"));
    }
}
