//! What all handlers share.

use crate::auth::Gate;
use crate::book::Ledger;
use crate::dice::Dice;
use crate::fault::{Fault, Phase, Strikes};
use crate::files::Files;
use crate::job::Jobs;
use crate::options::Options;
use crate::webhook::Webhooks;
use sha2::{Digest as _, Sha256};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::JoinSet;

/// The stand-in's state.
pub(crate) struct App {
    pub(crate) options: Options,
    pub(crate) ledger: Ledger,
    pub(crate) jobs: Jobs,
    pub(crate) files: Files,
    pub(crate) gate: Gate,
    pub(crate) webhooks: Webhooks,
    /// Ids and names.
    pub(crate) names: Dice,
    /// Seeds of requests that bring none.
    pub(crate) seeds: Dice,
    /// Faults set by flags.
    pub(crate) common_faults: Arc<Strikes>,
    pub(crate) submit_faults: SubmitFaults,
    tasks: Mutex<JoinSet<()>>,
}

impl App {
    /// # Errors
    /// When the operating system has no randomness to give.
    pub(crate) fn new(options: Options) -> Result<Arc<Self>, getrandom::Error> {
        let names = Dice::random()?;
        let seeds = options.seed.map_or_else(Dice::random, |seed| Ok(Dice::seeded(seed)))?;
        Ok(Arc::new(Self {
            ledger: Ledger::default(),
            jobs: Jobs::default(),
            files: Files::default(),
            gate: Gate::new(options.keys.clone()),
            webhooks: Webhooks::new(names.draw(), &options),
            common_faults: Arc::new(Strikes::new(options.faults.clone(), options.fault_times)),
            submit_faults: SubmitFaults::default(),
            tasks: Mutex::default(),
            names,
            seeds,
            options,
        }))
    }

    /// Runs `task` beside the connections, until the stand-in stops.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
    }

    /// Stops all that was spawned.
    pub(crate) fn stop(&self) {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
    }
}

/// Submit faults that single inputs asked for. They are counted by input, since there is no request yet to count by:
/// an input sent again meets what is left of its faults.
#[derive(Default)]
pub(crate) struct SubmitFaults(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    by_input: HashMap<[u8; 32], Strikes>,
    order: VecDeque<[u8; 32]>,
}

impl SubmitFaults {
    /// The next submit fault of an input that asks for `faults`, `times` times each.
    pub(crate) fn strike(&self, body: &[u8], faults: &[Fault], times: u32) -> Option<Fault> {
        const MAX_INPUTS: usize = 4096;
        let faults: Vec<_> = faults.iter().copied().filter(|fault| fault.phase() == Phase::Submit).collect();
        if faults.is_empty() {
            return None;
        }
        let digest = Sha256::digest(body).into();
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !seen.by_input.contains_key(&digest) {
            if seen.order.len() == MAX_INPUTS {
                let oldest = seen.order.pop_front().unwrap_or_default();
                seen.by_input.remove(&oldest);
            }
            seen.order.push_back(digest);
        }
        seen.by_input.entry(digest).or_insert_with(|| Strikes::new(faults, times)).strike(Phase::Submit)
    }
}
