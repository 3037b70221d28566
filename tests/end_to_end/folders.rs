//! `/api/custom/collections`.

use generatio_tests::World;
use serde_json::{Value, json};

const CREATE: &str = "/api/custom/collections/create";
const LIST: &str = "/api/custom/collections";

#[tokio::test]
async fn folders_nest_and_are_listed_newest_first() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    let outer = user.post(CREATE, &json!({ "name": "Outer" })).await.ok();
    assert_eq!((&outer["name"], &outer["parent_id"]), (&json!("Outer"), &json!("")));
    let inner = user.post(CREATE, &json!({ "name": "Inner", "parent_id": outer["id"] })).await.ok();
    assert_eq!(inner["parent_id"], outer["id"]);

    let listed = user.get(LIST).await.ok();
    let names: Vec<&Value> = rows(&listed).iter().map(|row| &row["name"]).collect();
    assert_eq!(names, ["Inner", "Outer"]);
    let row = &rows(&listed)[0];
    assert_eq!(row["user_id"], json!(user.id));
    assert_eq!(row["private"], json!(false));
    assert_eq!(row["created"], inner["created"], "the stored time, not the time of the request");
}

#[tokio::test]
async fn there_is_no_silent_cap() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    for number in 0..101 {
        user.post(CREATE, &json!({ "name": number.to_string() })).await.ok();
    }
    assert_eq!(rows(&user.get(LIST).await.ok()).len(), 101);
}

#[tokio::test]
async fn a_user_has_ten_thousand_folders() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    world.sql(&format!(
        "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
         INSERT INTO folders SELECT printf('f%014d', i), '{}', 'folder ' || i, NULL, 0, NULL, i, i FROM n",
        user.id
    ));
    let full = "Too many collections, at most 10000 are kept";
    user.post(CREATE, &json!({ "name": "One more" })).await.refused(400, "validation_error", full);
    let other = world.user("b@example.com").await;
    other.post(CREATE, &json!({ "name": "First" })).await.ok();
}

#[tokio::test]
async fn an_empty_list_is_an_array() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    assert_eq!(user.get(LIST).await.ok(), json!({ "collections": [] }));
}

#[tokio::test]
async fn bad_folders_are_refused() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    let stranger = world.user("b@example.com").await;
    let foreign = stranger.post(CREATE, &json!({ "name": "Theirs" })).await.ok()["id"].clone();
    let nameless = "Collection name is required";
    for (body, status, code, message) in [
        (json!({}), 400, "validation_error", nameless),
        (json!({ "name": "" }), 400, "validation_error", nameless),
        (json!({ "name": " \t" }), 400, "validation_error", nameless),
        (json!({ "name": null }), 400, "validation_error", nameless),
        (json!({ "name": 5 }), 400, "validation_error", "Invalid request body"),
        (json!({ "name": "x", "parent_id": "nonsense" }), 404, "not_found", "Parent folder not found"),
        (json!({ "name": "x", "parent_id": "aaaaaaaaaaaaaaa" }), 404, "not_found", "Parent folder not found"),
        (json!({ "name": "x", "parent_id": foreign }), 404, "not_found", "Parent folder not found"),
    ] {
        user.post(CREATE, &body).await.refused(status, code, message);
    }
    let long = user.post(CREATE, &json!({ "name": "é".repeat(201) })).await;
    assert_eq!((long.status.as_u16(), &long.json()["error"]), (400, &json!("validation_error")));
    assert_eq!(rows(&user.get(LIST).await.ok()).len(), 0, "nothing was made");
}

fn rows(listed: &Value) -> &Vec<Value> {
    listed["collections"].as_array().expect("an array")
}
