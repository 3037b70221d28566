//! Lists held against what a real PocketBase answered on the same rows (`tests/pocketbase/README.md`).

use generatio_tests::reference::{load, recording, rows};
use generatio_tests::{Reply, User, World};
use serde_json::Value;

/// How filters and queries begin that ours is meant to answer otherwise.
const DIFFERENT: [&str; 6] = [
    // Decoded, as the SDK writes it.
    "title = '\\u0041lpha'",
    // A sort that leads to several rows has no order of its own.
    "sort=images_via_folder_id.title%2Cid",
    "sort=image_size.",
    // No number of a page is too large.
    "page=9223372036854775807&sort=-created",
    // A query is read for what it says, or not at all.
    "sort=-created&perPage=2&filter=",
    "sort=-created&perPage=2;page=2",
];

#[tokio::test]
async fn filters_find_what_pocketbase_finds() {
    let world = World::start().await;
    let ann = load(&world).await;
    let recorded = recording("filters.json");
    let filters = rows(&recorded, "filters");
    let mut wrong = Vec::new();
    for row in filters {
        let query = encoded(&[("filter", &row["filter"]), ("sort", &recorded["sort"])]);
        let filter = row["filter"].as_str().expect("a filter");
        let reply = list(&ann, row, &query).await;
        wrong.extend(difference(filter, row, &reply));
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), filters.len(), wrong.join("\n"));
    assert!(filters.len() >= 1020, "{}", filters.len());
}

#[tokio::test]
async fn queries_are_answered_as_by_pocketbase() {
    let world = World::start().await;
    let ann = load(&world).await;
    let recorded = recording("queries.json");
    let queries = rows(&recorded, "queries");
    let mut wrong = Vec::new();
    for row in queries {
        let query = match &row["query"] {
            Value::String(raw) => raw.clone(),
            parameters => encoded(
                &parameters
                    .as_object()
                    .expect("parameters")
                    .iter()
                    .map(|(name, value)| (name.as_str(), value))
                    .collect::<Vec<_>>(),
            ),
        };
        let reply = list(&ann, row, &query).await;
        wrong.extend(difference(&query, row, &reply));
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), queries.len(), wrong.join("\n"));
    assert!(queries.len() >= 320, "{}", queries.len());
}

async fn list(user: &User, row: &Value, query: &str) -> Reply {
    let collection = row["collection"].as_str().expect("a collection");
    user.get(&format!("/api/collections/{collection}/records?{query}")).await
}

/// What ours says otherwise, unless it is meant to.
fn difference(asked: &str, row: &Value, reply: &Reply) -> Option<String> {
    let meant = DIFFERENT.iter().any(|different| asked.starts_with(different));
    let why = compare(row, reply)?;
    (!meant).then(|| format!("{} {asked}: {why}", row["collection"]))
}

fn compare(row: &Value, reply: &Reply) -> Option<String> {
    let mut told = reply.json();
    without_ours(&mut told);
    if row["status"] != reply.status.as_u16() {
        return Some(format!("{} instead of {}", reply.status.as_u16(), row["status"]));
    }
    for name in ["page", "perPage", "totalItems", "totalPages"] {
        if row.get(name).is_some_and(|expected| *expected != told[name]) {
            return Some(format!("{name} is {} instead of {}", told[name], row[name]));
        }
    }
    let items = told["items"].as_array();
    let mut ids: Vec<&Value> = items.into_iter().flatten().map(|item| &item["id"]).collect();
    if row["ordered"] == false {
        ids.sort_by_key(|id| id.as_str());
    }
    if let Some(expected) = row["ids"].as_array()
        && !expected.iter().eq(ids.iter().copied())
    {
        return Some(format!("ids are {ids:?} instead of {expected:?}"));
    }
    let mut first = row.get("first")?.clone();
    without_ours(&mut first);
    (told["items"][0] != first).then(|| format!("first is {} instead of {first}", told["items"][0]))
}

/// Leaves out what is ours alone: a sealed token is never shown, what was spent is computed, and links to copies of
/// pictures PocketBase does not have.
pub(crate) fn without_ours(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(without_ours),
        Value::Object(members) => {
            let ours = ["fal_token", "financial_data", "file_url", "thumbnail_url"];
            members.retain(|name, _| !ours.contains(&name.as_str()));
            members.values_mut().for_each(without_ours);
        }
        _ => {}
    }
}

fn encoded(parameters: &[(&str, &Value)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in parameters {
        match value {
            Value::String(text) => query.append_pair(name, text),
            other => query.append_pair(name, &other.to_string()),
        };
    }
    query.finish()
}
