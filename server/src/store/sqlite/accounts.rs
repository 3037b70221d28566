//! Accounts.

use super::rows::{Sql, all, execute, get, maybe, optional};
use super::{invitations, tokens};
use crate::ids::UserId;
use crate::store::{
    AccountLine, AccountReset, NewCredentials, NewEmail, NewPassword, NewUser, PasswordHash, Reseal, StoreError,
    StoredToken, TokenKey, User, UserChange,
};
use generatio_core::cost::UsdSum;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params};

/// What [`read`] reads: ten columns.
macro_rules! columns {
    () => {
        "users.id, email, email_visibility, verified, name, password_hash, password_derived, token_key, created,
         users.updated"
    };
}

/// The first column after them.
const TOKEN: usize = 10;

macro_rules! select {
    () => {
        concat!("SELECT ", columns!(), " FROM users")
    };
}

pub(super) fn create(db: &Connection, user: &NewUser) -> Result<User, StoreError> {
    if let Some(code) = user.invitation
        && !invitations::is_good(db, code, &user.email_key, user.created)?
    {
        return Err(StoreError::Uninvited);
    }
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
    if let Some(code) = user.invitation {
        invitations::use_up(db, code, &user.id, user.created)?;
    }
    by_id(db, &user.id)?.ok_or(StoreError::Missing)
}

pub(super) fn by_id(db: &Connection, id: &UserId) -> Result<Option<User>, StoreError> {
    optional(db, concat!(select!(), " WHERE id = ?1"), [id], read)
}

/// Of whom no token is stored has an empty one.
pub(super) fn with_token(db: &Connection, id: &UserId) -> Result<Option<(User, Option<StoredToken>)>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        ", sealed_tokens.sealed, sealed_tokens.custody, sealed_tokens.updated
         FROM users LEFT JOIN sealed_tokens ON sealed_tokens.user_id = users.id WHERE users.id = ?1"
    );
    optional(db, sql, [id], |row| {
        let has_token = row.get_ref(TOKEN)? != ValueRef::Null;
        Ok((read(row)?, has_token.then(|| tokens::read_from(row, TOKEN)).transpose()?))
    })
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

/// By id.
pub(super) fn page(db: &Connection, after: Option<&UserId>, limit: u32) -> Result<Vec<AccountLine>, StoreError> {
    all(
        db,
        concat!(
            "SELECT ",
            columns!(),
            ", sealed_tokens.custody AS custody,
                (SELECT coalesce(sum(images), 0) FROM image_counts WHERE owner = users.id AND span = 'day') AS images,
                (SELECT coalesce(sum(account_upper), 0) FROM rollups WHERE owner = users.id AND span = 'all') AS upper,
                (SELECT coalesce(sum(account_lower), 0) FROM rollups WHERE owner = users.id AND span = 'all') AS lower
         FROM users LEFT JOIN sealed_tokens ON sealed_tokens.user_id = users.id
         WHERE users.id > ?1 ORDER BY users.id LIMIT ?2"
        ),
        params![after.map_or("", UserId::as_str), limit],
        |row| {
            let (upper, lower): (i64, i64) = (row.get("upper")?, row.get("lower")?);
            Ok(AccountLine {
                user: read(row)?,
                custody: maybe(row, "custody")?,
                images: get(row, "images")?,
                spent: UsdSum::from_nano((i128::from(upper) << 32) + i128::from(lower)),
            })
        },
    )
}

/// Says whether a token went.
pub(super) fn reset(db: &Connection, id: &UserId, reset: &AccountReset) -> Result<bool, StoreError> {
    let NewPassword { hash, derived } = &reset.password;
    let changed = execute(
        db,
        "UPDATE users SET password_hash = ?2, password_derived = ?3, token_key = ?4, updated = ?5 WHERE id = ?1",
        params![id, hash.0, derived, reset.token_key.0, Sql(reset.now)],
    )?;
    if changed == 0 { Err(StoreError::Missing) } else { tokens::remove(db, id) }
}

pub(super) fn rehash(db: &Connection, id: &UserId, old: &PasswordHash, new: &PasswordHash) -> Result<bool, StoreError> {
    let sql = "UPDATE users SET password_hash = ?3 WHERE id = ?1 AND password_hash = ?2";
    Ok(execute(db, sql, params![id, old.0, new.0])? > 0)
}

pub(super) fn original_cost(db: &Connection) -> Result<Option<u32>, StoreError> {
    // In the words of the index.
    let sql = "SELECT substr(password_hash, 5, 2) AS cost FROM users WHERE substr(password_hash, 1, 2) = '$2'
               ORDER BY cost DESC LIMIT 1";
    let cost = optional(db, sql, [], |row| row.get::<_, String>(0))?;
    Ok(cost.and_then(|cost| cost.parse().ok()))
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
