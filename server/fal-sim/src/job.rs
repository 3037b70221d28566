//! One accepted request, and the bounded set of them.

use crate::book::{Ledger, State};
use crate::call::Origins;
use crate::clock::iso_now;
use crate::failure::Failure;
use crate::fault::{Fault, Phase, Strikes};
use crate::output::Output;
use serde::Serialize;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Most requests remembered at a time, and most bytes of their inputs.
const MAX_JOBS: usize = 20_000;
const MAX_BYTES: usize = 256 * 1024 * 1024;

/// An accepted request.
pub(crate) struct Job {
    pub(crate) id: String,
    /// `owner/app`: follow-ups live under it.
    pub(crate) app: String,
    /// Where the request came in: its links lead back there.
    pub(crate) origins: Origins,
    /// Bytes of its input.
    pub(crate) weight: usize,
    /// How long its result stays.
    pub(crate) keep: Duration,
    pub(crate) own_faults: Arc<Strikes>,
    pub(crate) common_faults: Arc<Strikes>,
    progress: watch::Sender<Progress>,
}

/// How far a request is.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    pub(crate) stage: Stage,
    pub(crate) logs: Vec<Log>,
}

/// Where a request stands.
#[derive(Clone, Debug)]
pub(crate) enum Stage {
    /// This many are ahead.
    Queued(u32),
    Running,
    Ended {
        outcome: Arc<Outcome>,
        at: Instant,
        expired: bool,
    },
}

/// How a request ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    Made(Output),
    Failed(Failure),
}

/// One line a model wrote.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Log {
    pub(crate) message: String,
    pub(crate) level: &'static str,
    pub(crate) source: &'static str,
    pub(crate) timestamp: String,
}

/// What a job is made of, besides its progress.
pub(crate) struct Particulars {
    pub(crate) id: String,
    pub(crate) app: String,
    pub(crate) origins: Origins,
    pub(crate) weight: usize,
    pub(crate) keep: Duration,
    pub(crate) position: u32,
    pub(crate) own_faults: Arc<Strikes>,
    pub(crate) common_faults: Arc<Strikes>,
}

impl Job {
    /// A job at the end of the queue.
    pub(crate) fn new(of: Particulars) -> Self {
        let Particulars { id, app, origins, weight, keep, position, own_faults, common_faults } = of;
        let progress = watch::Sender::new(Progress { stage: Stage::Queued(position), logs: Vec::new() });
        Self { id, app, origins, weight, keep, own_faults, common_faults, progress }
    }

    /// How far it is now.
    pub(crate) fn progress(&self) -> Progress {
        self.progress.borrow().clone()
    }

    /// To follow it.
    pub(crate) fn watch(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// Waits until it has ended.
    pub(crate) async fn ended(&self) {
        // The sender lives as long as `self`, so that the wait cannot fail.
        let _ = self.watch().wait_for(|progress| matches!(progress.stage, Stage::Ended { .. })).await;
    }

    /// Sets the place in the queue.
    pub(crate) fn queue_at(&self, position: u32) {
        self.advance(|progress| progress.stage = Stage::Queued(position));
    }

    /// A runner takes it.
    pub(crate) fn start(&self, ledger: &Ledger) {
        self.advance(|progress| {
            ledger.start(&self.id);
            progress.stage = Stage::Running;
        });
    }

    /// The model writes a line.
    pub(crate) fn log(&self, message: String) {
        let line = Log { message, level: "INFO", source: "USER", timestamp: iso_now() };
        self.advance(|progress| progress.logs.push(line));
    }

    /// It ends, unless it has. The book knows before anybody who watches does.
    pub(crate) fn end(&self, outcome: Outcome, ledger: &Ledger) -> bool {
        self.advance(|progress| {
            match &outcome {
                Outcome::Made(output) => ledger.end(&self.id, State::Completed, Some(&output.units)),
                Outcome::Failed(failure) if failure.cancelled => ledger.end(&self.id, State::Cancelled, None),
                Outcome::Failed(_) => ledger.end(&self.id, State::Failed, None),
            }
            progress.stage = Stage::Ended { outcome: Arc::new(outcome), at: Instant::now(), expired: false };
        })
    }

    /// Its result is gone from now on.
    pub(crate) fn expire(&self) {
        self.progress.send_if_modified(|progress| {
            if let Stage::Ended { expired, .. } = &mut progress.stage {
                *expired = true;
            }
            false
        });
    }

    /// The next strike of a fault of `phase`: its own faults first, then everybody's.
    pub(crate) fn strike(&self, phase: Phase) -> Option<Fault> {
        self.own_faults.strike(phase).or_else(|| self.common_faults.strike(phase))
    }

    /// Whether `fault` strikes now.
    pub(crate) fn take(&self, fault: Fault) -> bool {
        self.own_faults.take(fault) || self.common_faults.take(fault)
    }

    fn advance(&self, change: impl FnOnce(&mut Progress)) -> bool {
        self.progress.send_if_modified(|progress| {
            let going = !matches!(progress.stage, Stage::Ended { .. });
            if going {
                change(progress);
            }
            going
        })
    }

    fn is_gone(&self) -> bool {
        match self.progress.borrow().stage {
            Stage::Ended { at, expired, .. } => expired || at.elapsed() >= self.keep,
            _ => false,
        }
    }

    fn is_live(&self) -> bool {
        !matches!(self.progress.borrow().stage, Stage::Ended { .. })
    }

    fn is_queued(&self) -> bool {
        matches!(self.progress.borrow().stage, Stage::Queued(_))
    }
}

/// The requests that are remembered.
#[derive(Default)]
pub(crate) struct Jobs(Mutex<Shelf>);

#[derive(Default)]
struct Shelf {
    by_id: HashMap<String, Arc<Job>>,
    order: VecDeque<Arc<Job>>,
    bytes: usize,
}

/// There is no room: everything remembered is still going on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Full;

impl Jobs {
    /// Remembers a job. Ended ones make room, the oldest first.
    ///
    /// # Errors
    /// [`Full`] when the oldest is still going on.
    pub(crate) fn insert(&self, job: Arc<Job>) -> Result<(), Full> {
        let mut shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while shelf.order.len() >= MAX_JOBS || shelf.bytes + job.weight > MAX_BYTES {
            let oldest = shelf.order.pop_front().ok_or(Full)?;
            if oldest.is_live() {
                shelf.order.push_front(oldest);
                return Err(Full);
            }
            shelf.bytes -= oldest.weight;
            shelf.by_id.remove(&oldest.id);
        }
        shelf.bytes += job.weight;
        shelf.by_id.insert(job.id.clone(), Arc::clone(&job));
        shelf.order.push_back(job);
        Ok(())
    }

    /// The job `id` of `app`, unless it has expired.
    pub(crate) fn find(&self, app: &str, id: &str) -> Option<Arc<Job>> {
        let shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.by_id.get(id).filter(|job| job.app == app && !job.is_gone()).cloned()
    }

    /// How many wait in the queue.
    pub(crate) fn waiting(&self) -> usize {
        let shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.order.iter().filter(|job| job.is_queued()).count()
    }
}
