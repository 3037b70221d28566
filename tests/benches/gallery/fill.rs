//! Writes the rows into a contender's SQLite file while its server is stopped.

use super::rows::{self, FOLDERS, Row, folder_id, id};
use crate::Outcome;
use clap::{Args, ValueEnum};
use generatio_core::Timestamp;
use generatio_server::clock::record_date;
use generatio_server::store::sqlite::register_functions;
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use std::path::PathBuf;

const SIZE: &str = r#"{"height":1024,"width":1024}"#;
const INFO: &str = r#"{"content_type":"image/png","has_nsfw_concepts":false,"seed":1234567}"#;

/// Options of `gallery-fill`.
#[derive(Args)]
pub(crate) struct Fill {
    /// The file, with the tables and one account in it.
    #[arg(long)]
    database: PathBuf,
    /// Whose it is.
    #[arg(long, value_enum)]
    contender: Contender,
    /// How many pictures; one of ten is the account's.
    #[arg(long)]
    rows: u64,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Contender {
    Ours,
    Pocketbase,
}

/// What is written in each contender's own tables.
struct Statements {
    account: &'static str,
    user: &'static str,
    folder: &'static str,
    image: &'static str,
}

const OURS: Statements = Statements {
    account: "SELECT id FROM users ORDER BY rowid LIMIT 1",
    user: "INSERT INTO users SELECT ?1, ?1 || email, ?1 || email_key, email_visibility, verified, name, password_hash,
               password_derived, ?1 || token_key, created, updated FROM users WHERE id = ?2",
    folder: "INSERT INTO folders (id, owner, name, private, created, updated) VALUES (?1, ?2, ?3, 0, ?4, ?4)",
    image: "INSERT INTO images (id, owner, folder, title, prompt, model, batch_number, deleted, created, updated, url,
                request_id, image_size, other_info)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?10, ?1, ?11, ?12)",
};

const POCKETBASE: Statements = Statements {
    account: "SELECT id FROM generatio_users ORDER BY rowid LIMIT 1",
    user: "INSERT INTO generatio_users (id, email, tokenKey, password, emailVisibility, verified, name, fal_token,
               financial_data, model_preferences, created, updated)
           SELECT ?1, ?1 || email, ?1 || tokenKey, password, emailVisibility, verified, name, fal_token, financial_data,
               model_preferences, created, updated FROM generatio_users WHERE id = ?2",
    folder: "INSERT INTO folders (id, user_id, name, private, created, updated, deleted_at, parent_id)
             VALUES (?1, ?2, ?3, 0, ?4, ?4, '', '')",
    image:
        "INSERT INTO images (id, user_id, folder_id, title, prompt, model, batch_number, deleted_at, created, updated,
                url, request_id, image_size, other_info)
            VALUES (?1, ?2, coalesce(?3, ''), ?4, ?5, ?6, ?7, coalesce(?8, ''), ?9, ?9, ?10, ?1, ?11, ?12)",
};

/// Options of `people`.
#[derive(Args)]
pub(crate) struct People {
    /// The file, with the tables and one account in it.
    #[arg(long)]
    database: PathBuf,
    /// Whose it is.
    #[arg(long, value_enum)]
    contender: Contender,
    /// How many more accounts.
    #[arg(long)]
    count: u64,
}

/// Adds accounts with the password of the one there is. Their ids are `p` and a number from 0, which stands before its
/// e-mail address in theirs.
pub(crate) fn people(people: &People) -> Outcome<Value> {
    let mut db = Connection::open(&people.database)?;
    let statements = people.contender.statements();
    let account: String = db.query_row(statements.account, [], |row| row.get(0))?;
    let transaction = db.transaction()?;
    for number in rows::numbers(people.count) {
        transaction.execute(statements.user, params![id('p', number), account])?;
    }
    transaction.commit()?;
    Ok(json!({ "people": people.count }))
}

/// Fills the file; all in one transaction, which is fast.
pub(crate) fn fill(fill: &Fill) -> Outcome<Value> {
    let mut db = Connection::open(&fill.database)?;
    register_functions(&db)?;
    let statements = fill.contender.statements();
    let account: String = db.query_row(statements.account, [], |row| row.get(0))?;
    let transaction = db.transaction()?;
    let owner_id = |owner| if owner == 0 { account.clone() } else { id('u', owner) };
    let date = |ms| fill.contender.date(ms);
    for owner in rows::numbers(rows::owners(fill.rows)) {
        if owner > 0 {
            transaction.execute(statements.user, params![owner_id(owner), account])?;
        }
        for folder in 0..FOLDERS {
            let name = format!("Folder {folder}");
            transaction
                .execute(statements.folder, params![folder_id(owner, folder), owner_id(owner), name, date(0)])?;
        }
    }
    let mut insert = transaction.prepare(statements.image)?;
    for Row { id, owner, folder, title, prompt, model, batch_number, created_ms, is_deleted } in
        rows::numbers(fill.rows).map(|number| rows::row(number, fill.rows))
    {
        let folder = folder.map(|folder| folder_id(owner, folder));
        let deleted = is_deleted.then(|| date(created_ms));
        let url = format!("https://v3.fal.media/files/penguin/{id}_0a1b2c3d4e5f6071829.png");
        let (owner, created) = (owner_id(owner), date(created_ms));
        insert.execute(params![
            id,
            owner,
            folder,
            title,
            prompt,
            model,
            batch_number,
            deleted,
            created,
            url,
            SIZE,
            INFO
        ])?;
    }
    drop(insert);
    transaction.commit()?;
    if fill.contender == Contender::Pocketbase {
        // PocketBase does it every night; our server never does.
        db.execute_batch("ANALYZE")?;
    }
    db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(json!({ "rows": fill.rows, "owners": rows::owners(fill.rows) }))
}

impl Contender {
    const fn statements(self) -> &'static Statements {
        match self {
            Self::Ours => &OURS,
            Self::Pocketbase => &POCKETBASE,
        }
    }

    /// A moment as the contender keeps it.
    fn date(self, ms: i64) -> rusqlite::types::Value {
        match self {
            Self::Ours => ms.into(),
            Self::Pocketbase => record_date(Timestamp::from_unix_ms(ms)).into(),
        }
    }
}
