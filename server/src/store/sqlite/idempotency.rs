//! Which job a call with an `Idempotency-Key` led to. Looked up and written in the transaction that reserves the job, so
//! that of two calls with one key only the first finds none.

use super::jobs;
use super::rows::{Sql, execute, optional};
use crate::ids::JobId;
use crate::store::{Idempotency, NewJob, Reservation, StoreError};
use generatio_core::Timestamp;
use rusqlite::{Connection, params};
use std::time::Duration;

/// How long a key is kept: twice what callers are promised.
const KEPT: Duration = Duration::from_secs(48 * 60 * 60);
/// Rows removed at a time.
const PORTION: u32 = 1000;

/// What an earlier call with the key of `job` came to; `None` when it has no key or is the first with it.
pub(super) fn replay(db: &Connection, job: &NewJob) -> Result<Option<Reservation>, StoreError> {
    let Some(Idempotency { key, fingerprint }) = &job.idempotency else { return Ok(None) };
    let earlier = optional(
        db,
        "SELECT fingerprint, job_id FROM idempotency_keys WHERE owner = ?1 AND key = ?2",
        params![job.owner, key],
        |row| Ok((row.get::<_, [u8; 32]>("fingerprint")?, row.get::<_, JobId>("job_id")?)),
    )?;
    Ok(match earlier {
        None => None,
        Some((known, id)) if known == *fingerprint => Some(Reservation::Replayed(Box::new(jobs::by_id(db, &id)?))),
        Some(_) => Some(Reservation::KeyTaken),
    })
}

/// Remembers the key of a job that has its row.
pub(super) fn remember(db: &Connection, job: &NewJob) -> Result<(), StoreError> {
    let Some(Idempotency { key, fingerprint }) = &job.idempotency else { return Ok(()) };
    execute(
        db,
        "INSERT INTO idempotency_keys (owner, key, fingerprint, job_id, created) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![job.owner, key, fingerprint, job.id, Sql(job.created)],
    )?;
    Ok(())
}

/// Forgets a portion of what is old; zero when nothing is left.
pub(super) fn purge(db: &Connection, now: Timestamp) -> Result<u64, StoreError> {
    let removed = execute(
        db,
        "DELETE FROM idempotency_keys WHERE (owner, key) IN (
             SELECT owner, key FROM idempotency_keys WHERE created < ?1 LIMIT ?2)",
        params![Sql(now.before(KEPT)), PORTION],
    )?;
    Ok(removed as u64)
}
