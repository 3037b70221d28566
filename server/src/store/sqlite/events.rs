//! The states jobs went through. Written by whatever changes a state, in the same transaction.

use super::jobs;
use super::rows::{Sql, all, execute, get};
use crate::ids::{JobId, UserId};
use crate::store::{Job, JobEvent, JobState, StoreError};
use generatio_core::Timestamp;
use rusqlite::{Connection, params};
use std::time::Duration;

/// How long events are kept.
const KEPT: Duration = Duration::from_secs(48 * 60 * 60);
/// Rows removed at a time.
const PORTION: u32 = 1000;

/// Notes that the job is in `state` now.
pub(super) fn note(db: &Connection, job: &JobId, state: JobState, now: Timestamp) -> Result<(), StoreError> {
    let sql = "INSERT INTO job_events (job_id, state, created) VALUES (?1, ?2, ?3)";
    execute(db, sql, params![job, Sql(state), Sql(now)]).map(drop)
}

/// Notes that all jobs of the server's own that are in `from` go to `to`.
pub(super) fn note_all(db: &Connection, from: JobState, to: JobState, now: Timestamp) -> Result<(), StoreError> {
    let sql = "INSERT INTO job_events (job_id, state, created)
               SELECT id, ?2, ?3 FROM jobs WHERE state = ?1 AND source = 'server'";
    execute(db, sql, params![Sql(from), Sql(to), Sql(now)]).map(drop)
}

pub(super) fn after(db: &Connection, owner: &UserId, id: &JobId, seq: i64) -> Result<(Job, Vec<JobEvent>), StoreError> {
    let job = jobs::owned(db, owner, id)?.ok_or(StoreError::Missing)?;
    let sql = "SELECT seq, state, created FROM job_events WHERE job_id = ?1 AND seq > ?2 ORDER BY seq";
    let events = all(db, sql, params![id, seq], |row| {
        Ok(JobEvent { seq: row.get("seq")?, state: get(row, "state")?, created: get(row, "created")? })
    })?;
    Ok((job, events))
}

/// Forgets a portion of what is old; zero when nothing is left.
pub(super) fn purge(db: &Connection, now: Timestamp) -> Result<u64, StoreError> {
    let sql = "DELETE FROM job_events WHERE seq IN (SELECT seq FROM job_events WHERE created < ?1 LIMIT ?2)";
    Ok(execute(db, sql, params![Sql(now.before(KEPT)), PORTION])? as u64)
}
