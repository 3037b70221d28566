//! The end of a job that delivered: pictures, charge and state in one transaction.

use super::rows::{Sql, execute};
use super::{events, images, jobs, ledger, transitions};
use crate::ids::JobId;
use crate::store::{Fence, Image, Job, JobState, ResultHash, Settled, Settlement, StoreError};
use generatio_core::cost::Usd;
use rusqlite::{Connection, params};

/// States in which FAL may have run the job.
const AT_FAL: &[JobState] = &[JobState::Submitting, JobState::Submitted, JobState::Unknown];

pub(super) fn settle(db: &Connection, id: &JobId, fence: Fence, end: &Settlement) -> Result<Settled, StoreError> {
    let job = jobs::by_id(db, id)?;
    if !job.state.is_terminal() {
        let job = transitions::held(job, fence, AT_FAL)?;
        return write(db, job, end);
    }
    if job.state != JobState::Completed && !end.images.is_empty() {
        // It was given up, and the pictures are there after all: they were paid for.
        return write(db, job, end);
    }
    let images = images::of_job(db, &job.owner, id)?;
    Ok(Settled { job, images })
}

/// Writes the end, and says what the rows say now without reading them again.
fn write(db: &Connection, mut job: Job, end: &Settlement) -> Result<Settled, StoreError> {
    let images: Vec<Image> = images::add(db, &job, &end.images, end.now)?;
    if job.cost.is_none() {
        ledger::charge(db, &job, end)?;
        job.cost = Some(end.account.amount);
    }
    job.state = if end.lost.is_some() { JobState::Failed } else { JobState::Completed };
    (job.failure, job.held) = (end.lost.clone(), Usd::ZERO);
    (job.ended, job.updated) = (Some(end.now), end.now);
    job.reported_by = Some(end.reported_by);
    let addresses = end.images.iter().map(|image| image.url.as_str());
    job.result = (!end.images.is_empty()).then(|| ResultHash::of(addresses));
    let lost = end.lost.as_ref();
    let (code, message) = (lost.map(|failure| &failure.code), lost.map(|failure| &failure.message));
    let details = lost.map(|failure| &failure.details);
    execute(
        db,
        "UPDATE jobs SET state = ?2, failure_code = ?3, failure_message = ?4, failure_details = ?5, ended = ?6,
                         updated = ?6, reported_by = ?7, result_hash = ?8
         WHERE id = ?1",
        params![
            job.id,
            Sql(job.state),
            code,
            message,
            details,
            Sql(end.now),
            Sql(end.reported_by),
            job.result.map(|result| result.0)
        ],
    )?;
    events::note(db, &job.id, job.state, end.now)?;
    Ok(Settled { job, images })
}
