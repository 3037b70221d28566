//! Counters of attempts. The policy's numbers come with each call; what is stored is only what happened.

use super::rows::{Sql, execute, get, maybe, optional};
use crate::store::{Attempt, AttemptPolicy, StoreError};
use generatio_core::Timestamp;
use rusqlite::{Connection, Row, params};
use std::time::Duration;

/// Stands in the place of an address block for all of them together.
const ANYWHERE: &str = "*";

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// When a block that logged in is forgotten, unless it comes again: longer than any policy takes it for familiar.
const FAMILIAR_KEPT: Duration = Duration::from_secs(40 * DAY.as_secs());
/// When other counters are. Who waits a day for a fresh one guesses less often than the longest wait would allow, and
/// strangers who make up accounts cannot fill the disk with rows.
const STRANGE_KEPT: Duration = DAY;
/// Rows removed at a time.
const PORTION: u32 = 1000;

/// Attempts in a row, from one block or from anywhere.
#[derive(Clone, Copy, Default)]
struct Counter {
    count: u32,
    last: Timestamp,
    familiar_since: Option<Timestamp>,
}

pub(super) fn count(
    db: &Connection,
    account: &str,
    block: &str,
    policy: &AttemptPolicy,
    now: Timestamp,
) -> Result<Attempt, StoreError> {
    let (here, anywhere) = (load(db, account, block)?, load(db, account, ANYWHERE)?);
    let wait_here = wait(here, policy.per_block, policy, now);
    let wait_anywhere =
        if is_familiar(here, policy, now) { Duration::ZERO } else { wait(anywhere, policy.per_account, policy, now) };
    let retry_after = wait_here.max(wait_anywhere);
    if !retry_after.is_zero() {
        return Ok(Attempt::Refused { retry_after });
    }
    for (block, counter) in [(block, here), (ANYWHERE, anywhere)] {
        save(db, account, block, Counter { count: counter.count.saturating_add(1), last: now, ..counter })?;
    }
    Ok(Attempt::Allowed)
}

pub(super) fn clear(db: &Connection, account: &str, block: &str, now: Timestamp) -> Result<(), StoreError> {
    save(db, account, block, Counter { count: 0, last: now, familiar_since: Some(now) })?;
    execute(db, "DELETE FROM attempts WHERE account = ?1 AND block = ?2", params![account, ANYWHERE])?;
    Ok(())
}

pub(super) fn forget(db: &Connection, account: &str) -> Result<u64, StoreError> {
    let sql = "SELECT coalesce(sum(count), 0) FROM attempts WHERE account = ?1 AND block <> ?2";
    let failures = db.prepare_cached(sql)?.query_row(params![account, ANYWHERE], |row| get(row, 0))?;
    execute(db, "DELETE FROM attempts WHERE account = ?1 AND familiar_since IS NULL", [account])?;
    execute(db, "UPDATE attempts SET count = 0 WHERE account = ?1", [account])?;
    Ok(failures)
}

/// Forgets a portion of what is old; zero when nothing is left.
pub(super) fn purge(db: &Connection, now: Timestamp) -> Result<u64, StoreError> {
    let removed = execute(
        db,
        "DELETE FROM attempts WHERE (account, block) IN (
             SELECT account, block FROM attempts WHERE last < ?1 AND (familiar_since IS NULL OR last < ?2) LIMIT ?3)",
        params![Sql(now.before(STRANGE_KEPT)), Sql(now.before(FAMILIAR_KEPT)), PORTION],
    )?;
    Ok(removed as u64)
}

/// How long the next attempt has to wait still: nothing up to `free` attempts, then the first wait since the last one,
/// twice that after the next, and so on.
fn wait(counter: Counter, free: u32, policy: &AttemptPolicy, now: Timestamp) -> Duration {
    let Some(beyond) = counter.count.checked_sub(free) else { return Duration::ZERO };
    let doubled = policy.first_wait.saturating_mul(1 << beyond.min(31));
    doubled.min(policy.longest_wait).saturating_sub(now.since(counter.last))
}

fn is_familiar(counter: Counter, policy: &AttemptPolicy, now: Timestamp) -> bool {
    counter.familiar_since.is_some_and(|since| now.since(since) < policy.familiar_for)
}

fn load(db: &Connection, account: &str, block: &str) -> Result<Counter, StoreError> {
    let found =
        optional(db, "SELECT * FROM attempts WHERE account = ?1 AND block = ?2", params![account, block], read)?;
    Ok(found.unwrap_or_default())
}

fn save(db: &Connection, account: &str, block: &str, counter: Counter) -> Result<(), StoreError> {
    execute(
        db,
        "INSERT OR REPLACE INTO attempts (account, block, count, last, familiar_since) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![account, block, counter.count, Sql(counter.last), counter.familiar_since.map(Sql)],
    )?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Counter> {
    Ok(Counter { count: row.get("count")?, last: get(row, "last")?, familiar_since: maybe(row, "familiar_since")? })
}
