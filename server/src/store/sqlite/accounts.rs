//! Accounts.

use super::rows::{Sql, execute, get, optional};
use super::tokens;
use crate::ids::UserId;
use crate::store::{
    NewCredentials, NewEmail, NewPassword, NewUser, PasswordHash, Reseal, StoreError, TokenKey, User, UserChange,
};
use rusqlite::{Connection, Row, params};

/// What [`read`] reads.
macro_rules! select {
    () => {
        "SELECT id, email, email_visibility, verified, name, password_hash, password_derived, token_key, created, updated
         FROM users"
    };
}

pub(super) fn create(db: &Connection, user: &NewUser) -> Result<User, StoreError> {
    let added = execute(
        db,
        "INSERT INTO users (id, email, email_key, email_visibility, verified, name, password_hash, password_derived,
                            token_key, created, updated)
         VALUES (?1, ?2, ?3, ?4, FALSE, ?5, ?6, ?7, ?8, ?9, ?9)
         ON CONFLICT (email_key) DO NOTHING",
        params![
            user.id,
            user.email,
            user.email_key,
            user.email_visibility,
            user.name,
            user.password_hash.0,
            user.password_derived,
            user.token_key.0,
            Sql(user.created),
        ],
    )?;
    if added == 0 {
        return Err(StoreError::EmailTaken);
    }
    by_id(db, &user.id)?.ok_or(StoreError::Missing)
}

pub(super) fn by_id(db: &Connection, id: &UserId) -> Result<Option<User>, StoreError> {
    optional(db, concat!(select!(), " WHERE id = ?1"), [id], read)
}

pub(super) fn by_email(db: &Connection, email_key: &str) -> Result<Option<User>, StoreError> {
    optional(db, concat!(select!(), " WHERE email_key = ?1"), [email_key], read)
}

pub(super) fn update(db: &Connection, id: &UserId, change: &UserChange) -> Result<User, StoreError> {
    let user = by_id(db, id)?.ok_or(StoreError::Missing)?;
    if let Some(credentials) = &change.credentials {
        replace_credentials(db, &user, credentials)?;
    }
    execute(
        db,
        "UPDATE users SET email_visibility = coalesce(?2, email_visibility), name = coalesce(?3, name), updated = ?4
         WHERE id = ?1",
        params![id, change.email_visibility, change.name, Sql(change.now)],
    )?;
    by_id(db, id)?.ok_or(StoreError::Missing)
}

fn replace_credentials(db: &Connection, user: &User, new: &NewCredentials) -> Result<(), StoreError> {
    if user.password_hash.0 != new.checked.0 {
        return Err(StoreError::Retry);
    }
    if let Some(NewEmail { email, email_key }) = &new.email {
        let holder = by_email(db, email_key)?;
        if holder.is_some_and(|holder| holder.id != user.id) {
            return Err(StoreError::EmailTaken);
        }
        // Nobody has shown to read mail there.
        let sql = "UPDATE users SET email = ?2, email_key = ?3, verified = FALSE WHERE id = ?1";
        execute(db, sql, params![user.id, email, email_key])?;
    }
    if let Some(NewPassword { hash, derived }) = &new.password {
        let sql = "UPDATE users SET password_hash = ?2, password_derived = ?3 WHERE id = ?1";
        execute(db, sql, params![user.id, hash.0, derived])?;
    }
    if let Some(Reseal { old, new }) = &new.reseal {
        if tokens::by_user(db, &user.id)?.map(|token| token.sealed) != *old {
            return Err(StoreError::Retry);
        }
        tokens::set(db, &user.id, new)?;
    }
    execute(db, "UPDATE users SET token_key = ?2 WHERE id = ?1", params![user.id, new.token_key.0])?;
    Ok(())
}

pub(super) fn delete(db: &Connection, id: &UserId) -> Result<bool, StoreError> {
    Ok(execute(db, "DELETE FROM users WHERE id = ?1", [id])? > 0)
}

/// By number, as every request reads one: to find a column by its name takes longer than to read it.
fn read(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User {
        id: row.get(0)?,
        email: row.get(1)?,
        email_visibility: row.get(2)?,
        verified: row.get(3)?,
        name: row.get(4)?,
        password_hash: PasswordHash(row.get(5)?),
        password_derived: row.get(6)?,
        token_key: TokenKey(row.get(7)?),
        created: get(row, 8)?,
        updated: get(row, 9)?,
    })
}
