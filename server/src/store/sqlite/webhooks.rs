//! Whose job a webhook's nonce is.

use super::jobs;
use super::rows::{Sql, execute, optional};
use crate::ids::JobId;
use crate::store::{Job, NonceHash, StoreError};
use generatio_core::Timestamp;
use rusqlite::{Connection, params};
use std::time::Duration;

/// How long the nonce of a job that is over is good: longer than FAL goes on delivering.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// Rows changed at a time.
const PORTION: u32 = 1000;

pub(super) fn by_nonce(db: &Connection, nonce: &NonceHash) -> Result<Option<Job>, StoreError> {
    let sql = "SELECT id FROM jobs WHERE nonce_hash = ?1";
    let id: Option<JobId> = optional(db, sql, [nonce.0.as_slice()], |row| row.get("id"))?;
    id.map(|id| jobs::by_id(db, &id)).transpose()
}

/// Forgets a portion of what is old; zero when nothing is left.
pub(super) fn purge(db: &Connection, now: Timestamp) -> Result<u64, StoreError> {
    let sql = "UPDATE jobs SET nonce_hash = NULL WHERE id IN (
                   SELECT id FROM jobs WHERE nonce_hash IS NOT NULL AND ended < ?1 LIMIT ?2)";
    Ok(execute(db, sql, params![Sql(now.before(KEPT)), PORTION])? as u64)
}
