//! Rows of the original as what they are brought as.

use super::money;
use super::row::{BadRow, Row};
use crate::auth::original;
use crate::ids::{FolderId, ImageId, PreferenceId, UserId};
use crate::store::{
    Custody, ImportedFolder, ImportedImage, ImportedPreferences, ImportedUser, NewUser, StoredToken, TokenKey,
};
use generatio_core::Timestamp;
use generatio_core::validate::Email;
use getrandom::SysRng;

/// An account. It gets a token key of its own: that half of a login's key means nothing without PocketBase's half.
pub(super) fn user(row: &Row<'_>, now: Timestamp) -> Result<ImportedUser, BadRow> {
    let bad = |column, why| BadRow { column, why };
    let id = row.id("id", UserId::parse)?;
    let email = Email::parse(row.filled("email")?).map_err(|_| bad("email", "is no e-mail address"))?;
    let hash = original::parse(row.filled("password")?);
    let password_hash = hash.ok_or(bad("password", "is no bcrypt hash of a cost from 4 to 14"))?;
    let created = row.date("created")?.unwrap_or(now);
    let updated = row.date("updated")?.unwrap_or(created);
    // Whatever it is: a damaged one is told to its user at the next login.
    let sealed = Some(row.text("fal_token")?).filter(|sealed| !sealed.is_empty());
    let token_key = TokenKey::generate(&mut SysRng).map_err(|_| bad("tokenKey", "has no random successor"))?;
    let user = NewUser {
        id,
        email: email.as_str().to_owned(),
        email_key: email.key(),
        email_visibility: row.boolean("emailVisibility")?,
        name: row.text("name")?.to_owned(),
        password_hash,
        password_derived: false,
        token_key,
        invitation: None,
        created,
    };
    let token = sealed.map(|sealed| StoredToken { sealed: sealed.to_owned(), custody: Custody::Password, updated });
    Ok(ImportedUser { user, verified: row.boolean("verified")?, updated, token })
}

pub(super) fn folder(row: &Row<'_>) -> Result<ImportedFolder, BadRow> {
    let created = created(row)?;
    Ok(ImportedFolder {
        id: row.id("id", FolderId::parse)?,
        owner: row.id("user_id", UserId::parse)?,
        name: row.filled("name")?.to_owned(),
        parent: row.maybe_id("parent_id", FolderId::parse)?,
        private: row.boolean("private")?,
        deleted: row.date("deleted_at")?,
        created,
        updated: row.date("updated")?.unwrap_or(created),
    })
}

/// What one of the users who name the row saved. A row that nobody names has no owner.
pub(super) fn preferences(row: &Row<'_>) -> Result<ImportedPreferences, BadRow> {
    if row.text("owner")?.is_empty() {
        return Err(BadRow { column: "model_preferences", why: "no user names it: whose it is cannot be told" });
    }
    let values = row.json("preferences")?;
    if !values.trim_ascii_start().starts_with('{') {
        return Err(BadRow { column: "preferences", why: "is no JSON object" });
    }
    let created = created(row)?;
    Ok(ImportedPreferences {
        id: row.id("id", PreferenceId::parse)?,
        owner: row.id("owner", UserId::parse)?,
        model: row.filled("model_name")?.to_owned(),
        values: values.into_owned(),
        created,
        updated: row.date("updated")?.unwrap_or(created),
    })
}

pub(super) fn image(row: &Row<'_>) -> Result<ImportedImage, BadRow> {
    let created = created(row)?;
    let other_info = row.json("other_info")?;
    let (cost, parameters) =
        money::read(&other_info).ok_or(BadRow { column: "other_info", why: "its cost_usd is no amount" })?;
    Ok(ImportedImage {
        id: row.id("id", ImageId::parse)?,
        owner: row.id("user_id", UserId::parse)?,
        title: row.text("title")?.to_owned(),
        url: row.filled("url")?.to_owned(),
        prompt: row.filled("prompt")?.to_owned(),
        request_id: row.text("request_id")?.to_owned(),
        model: row.filled("model")?.to_owned(),
        batch_number: row.count("batch_number")?,
        image_size: row.json("image_size")?.into_owned(),
        other_info: other_info.into_owned(),
        parameters: parameters.unwrap_or_else(|| "{}".into()),
        folder: row.maybe_id("folder_id", FolderId::parse)?,
        cost,
        deleted: row.date("deleted_at")?,
        created,
        updated: row.date("updated")?.unwrap_or(created),
    })
}

fn created(row: &Row<'_>) -> Result<Timestamp, BadRow> {
    row.date("created")?.ok_or(BadRow { column: "created", why: "is empty" })
}
