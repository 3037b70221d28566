//! Accounts.

use super::rows::{Sql, execute, get, optional};
use crate::ids::UserId;
use crate::store::{NewUser, PasswordHash, StoreError, TokenKey, User};
use rusqlite::{Connection, Row, params};

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
    optional(db, "SELECT * FROM users WHERE id = ?1", [id], read)
}

pub(super) fn by_email(db: &Connection, email_key: &str) -> Result<Option<User>, StoreError> {
    optional(db, "SELECT * FROM users WHERE email_key = ?1", [email_key], read)
}

fn read(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User {
        id: row.get("id")?,
        email: row.get("email")?,
        email_visibility: row.get("email_visibility")?,
        verified: row.get("verified")?,
        name: row.get("name")?,
        password_hash: PasswordHash(row.get("password_hash")?),
        password_derived: row.get("password_derived")?,
        token_key: TokenKey(row.get("token_key")?),
        created: get(row, "created")?,
        updated: get(row, "updated")?,
    })
}
