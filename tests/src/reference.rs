//! The data set that a real PocketBase was asked about (`tests/pocketbase/data.json`), in a world of ours.

use crate::{User, World};
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use std::path::Path;

/// Reads one of the recordings in `tests/pocketbase`.
///
/// # Panics
/// When it is missing or no JSON.
#[must_use]
pub fn recording(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("pocketbase").join(name);
    let text = std::fs::read_to_string(&path).expect("the recording is there");
    serde_json::from_str(&text).expect("JSON")
}

/// Registers the users of the data set and puts its rows in, in the order of the file; the first user, logged in.
///
/// # Panics
/// When the server or the database refuses.
pub async fn load(world: &World) -> User {
    let data = recording("data.json");
    let mut first = None;
    for row in rows(&data, "generatio_users") {
        let password = text(row, "password");
        let account = json!({ "id": row["id"], "email": row["email"], "name": row["name"], "password": password,
            "passwordConfirm": password, "emailVisibility": row["emailVisibility"] });
        world.client().post("/api/collections/generatio_users/records", &account).await.ok();
        if first.is_none() {
            first = Some(User::log_in(world.client(), text(row, "email"), password).await);
        }
    }
    let mut db = world.database();
    let transaction = db.transaction().expect("a transaction");
    insert(&transaction, &data);
    transaction.commit().expect("it commits");
    first.expect("the data set has users")
}

/// The rows of a collection.
///
/// # Panics
/// When there is no such collection.
#[must_use]
pub fn rows<'a>(data: &'a Value, collection: &str) -> &'a Vec<Value> {
    data[collection].as_array().expect("rows")
}

fn insert(db: &Connection, data: &Value) {
    for row in rows(data, "generatio_users") {
        let sql = "UPDATE users SET verified = ?2, created = ?3, updated = ?4 WHERE id = ?1";
        let values = params![text(row, "id"), row["verified"] == true, date(row, "created"), date(row, "updated")];
        db.execute(sql, values).expect("a user");
    }
    for row in rows(data, "model_preferences") {
        let owns = |user: &&Value| user["model_preferences"].as_array().is_some_and(|ids| ids.contains(&row["id"]));
        let owner = rows(data, "generatio_users").iter().find(owns).expect("somebody's");
        let sql =
            "INSERT INTO preferences (id, owner, model, \"values\", created, updated) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let (id, model, values) = (text(row, "id"), text(row, "model_name"), row["preferences"].to_string());
        let values = params![id, text(owner, "id"), model, values, date(row, "created"), date(row, "updated")];
        db.execute(sql, values).expect("a preference");
    }
    rows(data, "folders").iter().for_each(|row| folder(db, row));
    rows(data, "images").iter().for_each(|row| image(db, row));
}

fn folder(db: &Connection, row: &Value) {
    let sql = "INSERT INTO folders (id, owner, name, parent, private, deleted, created, updated)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let values = params![
        text(row, "id"),
        text(row, "user_id"),
        text(row, "name"),
        maybe(row, "parent_id"),
        row["private"] == true,
        date(row, "deleted_at"),
        date(row, "created"),
        date(row, "updated"),
    ];
    db.execute(sql, values).expect("a folder");
}

fn image(db: &Connection, row: &Value) {
    let sql =
        "INSERT INTO images (id, owner, title, url, prompt, request_id, model, batch_number, image_size, other_info,
                                   folder, deleted, created, updated)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
    let values = params![
        text(row, "id"),
        text(row, "user_id"),
        text(row, "title"),
        text(row, "url"),
        text(row, "prompt"),
        text(row, "request_id"),
        text(row, "model"),
        row["batch_number"].as_i64(),
        row["image_size"].to_string(),
        row["other_info"].to_string(),
        maybe(row, "folder_id"),
        date(row, "deleted_at"),
        date(row, "created"),
        date(row, "updated"),
    ];
    db.execute(sql, values).expect("a picture");
}

fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().expect("a text")
}

fn maybe<'a>(row: &'a Value, name: &str) -> Option<&'a str> {
    Some(text(row, name)).filter(|text| !text.is_empty())
}

/// Milliseconds of a record's date.
fn date(row: &Value, name: &str) -> Option<i64> {
    let date = maybe(row, name)?.replace(' ', "T");
    Some(generatio_server::clock::parse_rfc3339(&date).expect("a date").unix_ms())
}
