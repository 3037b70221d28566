//! Telling what became of a job: those who follow it by its bell, and whoever listens to changes of records.

use super::Shared;
use crate::ids::ImageId;
use crate::store::{Action, Change, Job, Phase, Settled, Settlement};

impl Shared {
    /// The job is there.
    pub(super) fn made(&self, job: &Job) {
        self.audience.hear(&job.owner, vec![Change::of_job(&job.id, Action::Create)]);
    }

    /// The job's row has changed.
    pub(super) fn changed(&self, job: &Job) {
        self.feeds.ring(&job.id);
        self.audience.hear(&job.owner, vec![Change::of_job(&job.id, Action::Update)]);
    }

    /// FAL does something else with the job now. That is in no row: who follows it knows already.
    pub(super) fn progressed(&self, job: &Job, phase: Phase) {
        let change = Change { phase: Some(phase), ..Change::of_job(&job.id, Action::Update) };
        self.audience.hear(&job.owner, vec![change]);
    }

    /// The job was settled as `end` says, or had been before as somebody else said; only the former is news. A charge
    /// that was made before has no row under this id, so that nobody finds one to tell.
    pub(super) fn settled(&self, end: &Settlement, settled: &Settled) {
        let stored = |id: &ImageId| settled.images.iter().any(|image| image.id == *id);
        let images = end.images.iter().map(|image| &image.id).filter(|id| stored(id));
        let mut changes: Vec<Change> = images.map(Change::new_image).collect();
        changes.push(Change::new_charge(&end.ledger_id));
        self.audience.hear(&settled.job.owner, changes);
    }
}
