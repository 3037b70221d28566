//! Writes held against what a real PocketBase did with the same ones (`tests/pocketbase/README.md`).

use super::reference::without_ours;
use generatio_tests::reference::{load, recording, rows};
use generatio_tests::{Reply, User, World};
use http::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Values that ours is meant to treat otherwise: `collection field sent`.
const OTHER_VALUES: [&str; 31] = [
    // A blank name is none, and a blank title empty, as in the routes of our own.
    "folders name \" \"",
    "images title \" \"",
    // Whole numbers keep every digit.
    "images title 12345678901234567890",
    "images title 9007199254740993",
    // A place in a batch is a whole number from 0.
    "images batch_number -1",
    "images batch_number 1.5",
    "images batch_number 9007199254740993",
    "images batch_number 1e+308",
    "images batch_number \"-3\"",
    "images batch_number \"1.5\"",
    "images batch_number \".5\"",
    // Dates have four digits of the year, or none; those before the year 1 are none.
    "images deleted_at \"01 Jan 24 10:00 UTC\"",
    "images deleted_at \"3:04PM\"",
    "images deleted_at \"0000-01-01\"",
    // Preferences are an object.
    "model_preferences preferences 0",
    "model_preferences preferences false",
    "model_preferences preferences \"x\"",
    "model_preferences preferences [0]",
    // A folder is one's own; a missing one and another's look alike.
    "images folder_id \"mfbobholiday010\"",
    "images folder_id \"nope\"",
    "images folder_id \"missing00000000\"",
    "images folder_id \" wfholidays00001\"",
    "images folder_id \"WFHOLIDAYS00001\"",
    "images folder_id 5",
    "images folder_id 0",
    "images folder_id true",
    "images folder_id false",
    // Shorter limits: titles, bodies.
    "images title 5000",
    "images title 5001",
    "images other_info 1048574",
    "images other_info 1048575",
];

/// Calls that ours is meant to answer otherwise, by how they begin: `method path body`.
const OTHER_CALLS: [&str; 15] = [
    // A folder is one's own; a missing one and another's look alike.
    "POST /api/collections/images/records {\"folder_id\":\"missing00000000\"",
    "POST /api/collections/images/records {\"folder_id\":\"mfbobholiday010\"",
    "GET /api/collections/images/records/createdpict0004",
    "POST /api/collections/folders/records {\"name\":\"x\",\"parent_id\":\"missing00000000\"",
    "POST /api/collections/folders/records {\"id\":\"createdfold0003\"",
    "POST /api/collections/folders/records {\"id\":\"createdfold0004\"",
    "PATCH /api/collections/images/records/aimgann00xx0000?fields=folder_id {\"folder_id\":\"mfbobholiday010\"",
    "PATCH /api/collections/images/records/aimgann00xx0000 {\"folder_id\":\"missing00000000\"",
    // A preference has an owner from the start.
    "GET /api/collections/model_preferences/records/createdpref0001",
    // No folder lies in itself.
    "PATCH /api/collections/folders/records/wfholidays00001?fields=parent_id {\"parent_id\":\"qfitaly00000003\"",
    "PATCH /api/collections/folders/records/wfholidays00001?fields=parent_id {\"parent_id\":\"wfholidays00001\"",
    "GET /api/collections/folders/records/wfholidays00001?expand=parent_id.parent_id",
    // No record is given away.
    "PATCH /api/collections/images/records/createdpict0002?fields=user_id {\"user_id\":\"userbob00000002\"",
    "GET /api/collections/images/records/createdpict0002",
    // Nor is an account made in a batch.
    "POST /api/batch {\"requests\":[{\"body\":{\"email\":\"batch@example.com\"",
];

/// Whether a call is a write, or looks at what writes before it did.
fn is_about_writing(call: &Value) -> bool {
    let (about, method, path) = (text(call, "about"), text(call, "method"), text(call, "path"));
    match about {
        // An account goes with all that is its own, and the story with it.
        "delete" => path != "/api/collections/generatio_users/records/userann00000001" || call["as"] != "ann",
        "create" | "update" | "batch" => true,
        "unknown collections" | "wrong methods" => path.contains("/records") && !matches!(method, "GET" | "HEAD"),
        _ => false,
    }
}

#[tokio::test]
async fn fields_make_of_values_what_pocketbases_make() {
    let world = World::start().await;
    let ann = load(&world).await;
    let recorded = recording("calls.json");
    let (mut compared, mut wrong, mut differ) = (0, Vec::new(), BTreeSet::new());
    // Accounts have ways and tests of their own.
    for row in rows(&recorded, "coercions").iter().filter(|row| row["collection"] != "generatio_users") {
        compared += 1;
        let sent = row["sentLength"].as_u64().map_or_else(
            || row["sent"].clone(),
            |length| json!("x".repeat(usize::try_from(length).expect("a length"))),
        );
        let reply = create(&ann, row, &sent).await;
        let told = format!(
            "{} {} {}",
            text(row, "collection"),
            text(row, "field"),
            if row.get("sent").is_some() { sent } else { row["sentLength"].clone() }
        );
        let why = if reply.status.as_u16() == 200 {
            stored_otherwise(row, &reply.json())
        } else {
            answered_otherwise(row, &reply)
        };
        if let Some(why) = why {
            match OTHER_VALUES.iter().find(|other| **other == told) {
                Some(meant) => drop(differ.insert(*meant)),
                None => wrong.push(format!("{told}: {why}")),
            }
        }
        // The next one may want the same id, or the same model.
        if matches!((text(row, "collection"), text(row, "field")), (_, "id") | ("model_preferences", _))
            && let Some(id) = reply.json()["id"].as_str()
        {
            ann.delete(&format!("/api/collections/{}/records/{id}", text(row, "collection"))).await;
        }
    }
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(differ, BTreeSet::from(OTHER_VALUES), "what does not differ is not in the list");
    assert!(compared >= 285, "{compared}");
}

/// A record that is good but for the one field.
async fn create(ann: &User, row: &Value, sent: &Value) -> Reply {
    let mut record = match text(row, "collection") {
        "images" => {
            json!({ "url": "https://v3.fal.media/files/x.png", "user_id": ann.id, "prompt": "p", "model": "m" })
        }
        "folders" => json!({ "name": "f", "user_id": ann.id }),
        _ => json!({ "model_name": "m", "preferences": { "steps": 1 } }),
    };
    record[text(row, "field")] = sent.clone();
    ann.post(&format!("/api/collections/{}/records", text(row, "collection")), &record).await
}

fn stored_otherwise(row: &Value, record: &Value) -> Option<String> {
    let stored = &record[text(row, "field")];
    if let Some(length) = row["storedLength"].as_u64() {
        let kept = stored.as_str().map_or(0, |text| u64::try_from(text.len()).expect("a length"));
        return (kept != length).then(|| format!("{kept} characters instead of {length}"));
    }
    if row["status"] != 200 {
        return Some(format!("200 instead of {}, stored {stored}", row["status"]));
    }
    (!same(&row["stored"], stored)).then(|| format!("{stored} instead of {}", row["stored"]))
}

fn answered_otherwise(row: &Value, reply: &Reply) -> Option<String> {
    let mut told = if reply.text.is_empty() { json!("") } else { reply.json() };
    without_ours(&mut told);
    let expected = (&row["status"], &row["answer"]);
    let is_same = *expected.0 == reply.status.as_u16() && same(expected.1, &told);
    (!is_same).then(|| format!("{} {told}\n    instead of {} {}", reply.status.as_u16(), expected.0, expected.1))
}

#[tokio::test]
async fn a_story_of_writes_goes_as_with_pocketbase() {
    let world = World::start().await;
    let ann = load(&world).await;
    let data = recording("data.json");
    let bob = &rows(&data, "generatio_users")[1];
    let bob = User::log_in(world.client(), text(bob, "email"), text(bob, "password")).await;
    let recorded = recording("calls.json");
    let (mut compared, mut wrong, mut differ) = (0, Vec::new(), BTreeSet::new());
    for call in rows(&recorded, "calls").iter().filter(|call| is_about_writing(call)) {
        let caller = match text(call, "as") {
            "ann" => Some(&ann),
            "bob" => Some(&bob),
            "guest" => None,
            _ => continue,
        };
        compared += 1;
        let reply = send(&world, caller, call).await;
        let body = if call.get("body").is_some() { call["body"].to_string() } else { String::new() };
        let told = format!("{} {} {body}", text(call, "method"), text(call, "path"));
        if let Some(why) = answered_otherwise(call, &reply) {
            match OTHER_CALLS.iter().find(|other| told.starts_with(**other)) {
                Some(meant) => drop(differ.insert(*meant)),
                None => wrong.push(format!("{told}: {why}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(differ, BTreeSet::from(OTHER_CALLS), "what does not differ is not in the list");
    assert!(compared >= 135, "{compared}");
}

async fn send(world: &World, caller: Option<&User>, call: &Value) -> Reply {
    let method: Method = text(call, "method").parse().expect("a method");
    let headers: Vec<_> = caller.map(|caller| ("authorization", caller.jwt.as_str())).into_iter().collect();
    let json = call.get("body").map(Value::to_string);
    // Ours takes addresses on the web only.
    let form = call["text"].as_str().unwrap_or_default();
    let form = form.replace("url=u&", "url=https://x.example&").replace("\r\nu\r\n", "\r\nhttps://x.example\r\n");
    let body = match (&json, call["text"].as_str()) {
        (Some(json), _) => Some(("application/json", json.as_str())),
        (None, Some(_)) => Some((text(call, "type"), form.as_str())),
        (None, None) => None,
    };
    world.client().try_send_as(method, text(call, "path"), &headers, body).await.expect("an answer")
}

/// Whether ours is what was recorded: `<…>` stands for any text, numbers are what PocketBase makes of them, which is
/// floats, and what is ours alone does not count.
fn same(recorded: &Value, ours: &Value) -> bool {
    match (recorded, ours) {
        (Value::String(recorded), Value::String(_)) if recorded.starts_with('<') && recorded.ends_with('>') => true,
        (Value::Number(recorded), Value::Number(ours)) => recorded.as_f64() == ours.as_f64(),
        (Value::Array(recorded), Value::Array(ours)) => {
            recorded.len() == ours.len() && recorded.iter().zip(ours).all(|(recorded, ours)| same(recorded, ours))
        }
        (Value::Object(recorded), Value::Object(ours)) => {
            let counts = |name: &&String| !matches!(name.as_str(), "fal_token" | "financial_data");
            let mut names = recorded.keys().chain(ours.keys()).filter(counts);
            names.all(
                |name| matches!((recorded.get(name), ours.get(name)), (Some(one), Some(other)) if same(one, other)),
            )
        }
        _ => recorded == ours,
    }
}

fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().expect("a text")
}
