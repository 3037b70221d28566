//! How jobs change state without a result. Each verb looks at the job and changes it in one transaction of the only
//! writer, so nothing comes between the two.

use super::rows::{Sql, all, execute, get};
use super::{events, jobs};
use crate::ids::{JobId, UserId};
use crate::store::{
    Abandonment, Attachment, Failure, Fence, Job, JobState, Lease, Recovered, Reporter, Source, StoreError,
};
use generatio_core::{ErrorCode, Timestamp};
use rusqlite::{Connection, params};

pub(super) fn begin_submit(db: &Connection, id: &JobId, fence: Fence, now: Timestamp) -> Result<(), StoreError> {
    // Looking and changing in one statement: this stands between the caller and FAL.
    let moved = execute(
        db,
        "UPDATE jobs SET state = 'submitting', updated = ?3 WHERE id = ?1 AND fence = ?2 AND state = 'created'",
        params![id, Sql(fence), Sql(now)],
    )?;
    if moved == 0 {
        return held(jobs::by_id(db, id)?, fence, &[JobState::Created]).map(drop);
    }
    events::note(db, id, JobState::Submitting, now)
}

pub(super) fn attach(
    db: &Connection,
    id: &JobId,
    fence: Fence,
    attachment: &Attachment,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Attachment { request_id, status_url, response_url, cancel_url } = attachment;
    // Whoever gave up a job in doubt must not move it any more, and whoever comes next may take it.
    let moved = execute(
        db,
        "UPDATE jobs SET state = 'submitted', request_id = ?3, status_url = ?4, response_url = ?5, cancel_url = ?6,
                         failure_code = NULL, failure_message = NULL, failure_details = NULL, reported_by = NULL,
                         submitted = ?7, updated = ?7,
                         fence = fence + (state = 'unknown'),
                         lease_owner = CASE state WHEN 'unknown' THEN '' ELSE lease_owner END
         WHERE id = ?1 AND fence = ?2 AND request_id IS NULL
           AND (state IN ('submitting', 'unknown') OR state = 'created' AND source = 'direct')",
        params![id, Sql(fence), request_id, status_url, response_url, cancel_url, Sql(now)],
    )?;
    if moved == 0 {
        let known = jobs::by_id(db, id)?.attachment.map(|known| known.request_id);
        return if known.as_ref() == Some(request_id) { Ok(()) } else { Err(StoreError::LeaseLost) };
    }
    events::note(db, id, JobState::Submitted, now)
}

pub(super) fn ask_cancel(
    db: &Connection,
    owner: &UserId,
    id: &JobId,
    why: &Failure,
    now: Timestamp,
) -> Result<Job, StoreError> {
    let job = jobs::owned(db, owner, id)?.ok_or(StoreError::Missing)?;
    match job.state {
        JobState::Created => {
            let (failure, reported_by) = (why.clone(), Reporter::Client);
            let end = Abandonment { state: JobState::Canceled, failure, reported_by, now };
            return abandon(db, id, job.fence, &end);
        }
        state if state.is_terminal() || job.cancel_asked.is_some() => return Ok(job),
        _ => execute(db, "UPDATE jobs SET cancel_asked = ?2, updated = ?2 WHERE id = ?1", params![id, Sql(now)])?,
    };
    jobs::by_id(db, id)
}

pub(super) fn abandon(db: &Connection, id: &JobId, fence: Fence, end: &Abandonment) -> Result<Job, StoreError> {
    let job = jobs::by_id(db, id)?;
    if job.state.is_terminal() {
        return Ok(job);
    }
    let sources = sources(end.state, job.source)?;
    held(job, fence, sources)?;
    let ended = end.state.is_terminal().then_some(Sql(end.now));
    execute(
        db,
        "UPDATE jobs SET state = ?2, failure_code = ?3, failure_message = ?4, failure_details = ?5, ended = ?6,
                         updated = ?7, reported_by = ?8
         WHERE id = ?1",
        params![
            id,
            Sql(end.state),
            end.failure.code,
            end.failure.message,
            end.failure.details,
            ended,
            Sql(end.now),
            Sql(end.reported_by)
        ],
    )?;
    events::note(db, id, end.state, end.now)?;
    jobs::by_id(db, id)
}

/// The open states from which a job may be abandoned to `end`. FAL knows nothing of a `created` one, so it is never in
/// doubt; unless its client submits it, of which nobody hears.
fn sources(end: JobState, source: Source) -> Result<&'static [JobState], StoreError> {
    use JobState::{Canceled, Created, Failed, Submitted, Submitting, Unknown};
    match (end, source) {
        (Failed | Canceled, _) | (Unknown, Source::Direct) => Ok(&[Created, Submitting, Submitted, Unknown]),
        (Unknown, Source::Server) => Ok(&[Submitting, Submitted, Unknown]),
        _ => Err(StoreError::Backend(format!("no job is abandoned to {}", end.as_str()))),
    }
}

/// Lets the holder of the present fence pass, while the job stands in one of `states`.
pub(super) fn held(job: Job, fence: Fence, states: &[JobState]) -> Result<Job, StoreError> {
    if job.fence == fence && states.contains(&job.state) { Ok(job) } else { Err(StoreError::LeaseLost) }
}

pub(super) fn recover(db: &Connection, now: Timestamp) -> Result<Recovered, StoreError> {
    let never_sent = Failure {
        code: "server_restarted".into(),
        message: "The server stopped before the request was sent; nothing was charged".into(),
        details: Some(r#"{"type":"server_restarted","fal_status":null,"retryable":true}"#.into()),
    };
    let in_doubt = Failure {
        code: ErrorCode::FalInterrupted.as_str().into(),
        message: "The server stopped while the request was being sent; whether it was charged is not known".into(),
        details: None,
    };
    Ok(Recovered {
        failed: move_all(db, JobState::Created, JobState::Failed, &never_sent, now)?,
        unknown: move_all(db, JobState::Submitting, JobState::Unknown, &in_doubt, now)?,
        waiting: db
            .prepare_cached(
                "SELECT count(*) FROM jobs
                 WHERE state IN ('submitted', 'unknown') AND source = 'server' AND request_id IS NOT NULL",
            )?
            .query_row([], |row| get(row, 0))?,
    })
}

fn move_all(db: &Connection, from: JobState, to: JobState, why: &Failure, now: Timestamp) -> Result<u64, StoreError> {
    events::note_all(db, from, to, now)?;
    let ended = to.is_terminal().then_some(Sql(now));
    let moved = execute(
        db,
        "UPDATE jobs SET state = ?2, failure_code = ?3, failure_message = ?4, failure_details = ?5, ended = ?6,
                         updated = ?7, reported_by = 'server'
         WHERE state = ?1 AND source = 'server'",
        params![Sql(from), Sql(to), why.code, why.message, why.details, ended, Sql(now)],
    )?;
    Ok(moved as u64)
}

pub(super) fn claim(db: &Connection, user: &UserId, lease: &Lease, now: Timestamp) -> Result<Vec<Job>, StoreError> {
    // Nobody works on an unknown job, whatever its lease says.
    let claimed: Vec<JobId> = all(
        db,
        "SELECT id FROM jobs
         WHERE owner = ?1 AND source = 'server'
           AND (state = 'submitted' AND (lease_owner <> ?2 OR lease_until <= ?3)
                OR state = 'unknown' AND request_id IS NOT NULL)
         ORDER BY created, rowid",
        params![user, lease.holder, Sql(now)],
        |row| row.get("id"),
    )?;
    for id in &claimed {
        if jobs::by_id(db, id)?.state != JobState::Submitted {
            events::note(db, id, JobState::Submitted, now)?;
        }
        execute(
            db,
            "UPDATE jobs SET state = 'submitted', failure_code = NULL, failure_message = NULL, failure_details = NULL,
                             reported_by = NULL, lease_owner = ?2, lease_until = ?3, fence = fence + 1, updated = ?4
             WHERE id = ?1",
            params![id, lease.holder, Sql(lease.until), Sql(now)],
        )?;
    }
    claimed.iter().map(|id| jobs::by_id(db, id)).collect()
}

/// The state stays, so the job counts against the running limit while it waits.
pub(super) fn release(
    db: &Connection,
    id: &JobId,
    fence: Fence,
    why: &Failure,
    now: Timestamp,
) -> Result<Job, StoreError> {
    let job = jobs::by_id(db, id)?;
    if job.state.is_terminal() {
        return Ok(job);
    }
    held(job, fence, &[JobState::Submitted])?;
    execute(
        db,
        "UPDATE jobs SET failure_code = ?2, failure_message = ?3, failure_details = ?4, lease_owner = '',
                         lease_until = ?5, updated = ?5
         WHERE id = ?1",
        params![id, why.code, why.message, why.details, Sql(now)],
    )?;
    jobs::by_id(db, id)
}
