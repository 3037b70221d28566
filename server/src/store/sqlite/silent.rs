//! Direct jobs whose client has gone quiet.

use super::rows::{Sql, all};
use super::{jobs, transitions};
use crate::ids::JobId;
use crate::store::{Abandonment, Failure, Job, JobState, Reporter, StoreError};
use generatio_core::Timestamp;
use rusqlite::{Connection, params};

/// Puts a portion of them in doubt: their clients may have submitted them, and paid.
pub(super) fn doubt(
    db: &Connection,
    silent_since: Timestamp,
    limit: u32,
    why: &Failure,
    now: Timestamp,
) -> Result<Vec<Job>, StoreError> {
    let silent: Vec<JobId> = all(
        db,
        "SELECT id FROM jobs
         WHERE state IN ('created', 'submitted') AND source = 'direct' AND updated <= ?1
         ORDER BY updated, rowid LIMIT ?2",
        params![Sql(silent_since), limit],
        |row| row.get("id"),
    )?;
    let doubt = |id: JobId| {
        let (failure, reported_by) = (why.clone(), Reporter::Server);
        let end = Abandonment { state: JobState::Unknown, failure, reported_by, now };
        transitions::abandon(db, &id, jobs::by_id(db, &id)?.fence, &end)
    };
    silent.into_iter().map(doubt).collect()
}
