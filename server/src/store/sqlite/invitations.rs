//! Invitations. One is looked at and used up in the transaction that adds its account, so that of two registrations with
//! one code only the first finds it.

use super::rows::{Sql, all, execute, get, maybe};
use crate::ids::{InvitationId, UserId};
use crate::store::{Invitation, InvitationHash, MAX_INVITATIONS, NewInvitation, StoreError};
use generatio_core::Timestamp;
use rusqlite::{Connection, params};
use std::time::Duration;

/// How long operators see what became of one.
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Rows removed at a time.
const PORTION: u32 = 1000;

pub(super) fn create(db: &Connection, invitation: &NewInvitation) -> Result<(), StoreError> {
    let kept: u32 = db.prepare_cached("SELECT count(*) FROM invitations")?.query_row([], |row| row.get(0))?;
    if kept >= MAX_INVITATIONS {
        return Err(StoreError::Full);
    }
    let NewInvitation { id, code, email_key, created, expires } = invitation;
    execute(
        db,
        "INSERT INTO invitations (id, code_hash, email_key, created, expires) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![id, code.0.as_slice(), email_key, Sql(*created), Sql(*expires)],
    )?;
    Ok(())
}

/// Whether the code is good for an account with this address at this moment.
pub(super) fn is_good(
    db: &Connection,
    code: InvitationHash,
    email_key: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM invitations WHERE code_hash = ?1 AND used IS NULL AND expires > ?2
                   AND (email_key IS NULL OR email_key = ?3)";
    Ok(db.prepare_cached(sql)?.exists(params![code.0.as_slice(), Sql(now), email_key])?)
}

/// Notes which account the code made.
pub(super) fn use_up(db: &Connection, code: InvitationHash, user: &UserId, now: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE invitations SET used = ?2, user_id = ?3 WHERE code_hash = ?1 AND used IS NULL";
    match execute(db, sql, params![code.0.as_slice(), Sql(now), user])? {
        0 => Err(StoreError::Uninvited),
        _ => Ok(()),
    }
}

/// All of them, oldest first.
pub(super) fn list(db: &Connection) -> Result<Vec<Invitation>, StoreError> {
    all(
        db,
        "SELECT id, email_key, created, expires, used, user_id FROM invitations ORDER BY created, id LIMIT ?1",
        [MAX_INVITATIONS],
        |row| {
            let used: Option<Timestamp> = maybe(row, "used")?;
            Ok(Invitation {
                id: row.get("id")?,
                email_key: row.get("email_key")?,
                created: get(row, "created")?,
                expires: get(row, "expires")?,
                used: used.zip(row.get("user_id")?),
            })
        },
    )
}

/// Removes one that was not used; says whether there was one.
pub(super) fn revoke(db: &Connection, id: &InvitationId) -> Result<bool, StoreError> {
    Ok(execute(db, "DELETE FROM invitations WHERE id = ?1 AND used IS NULL", [id])? > 0)
}

/// Forgets a portion of what is old; zero when nothing is left.
pub(super) fn purge(db: &Connection, now: Timestamp) -> Result<u64, StoreError> {
    let sql = "DELETE FROM invitations WHERE id IN (
                   SELECT id FROM invitations WHERE coalesce(used, expires) < ?1 LIMIT ?2)";
    Ok(execute(db, sql, params![Sql(now.before(KEPT)), PORTION])? as u64)
}
