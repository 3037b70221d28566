//! Telling what became of a job: those who follow it by its bell, whoever listens to changes of records, and who copies
//! pictures.

use super::Shared;
use crate::records::Collection;
use crate::store::{Action, Change, Job, Phase, Settlement};

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

    /// The job was settled as `end` says. If somebody else had settled it before, there are no rows under the ids of
    /// `end`, and nobody finds anything to tell.
    pub(super) fn settled(&self, job: &Job, end: &Settlement) {
        let mut changes: Vec<Change> = end.images.iter().map(|image| Change::new_image(&image.id)).collect();
        changes.push(Change::new_charge(&end.ledger_id));
        // Their record shows what they have spent.
        changes.push(Change::of(Collection::Users, job.owner.as_str(), Action::Update));
        self.audience.hear(&job.owner, changes);
        self.pictures_came.notify_one();
    }
}
