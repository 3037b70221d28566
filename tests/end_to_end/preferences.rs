//! `/api/custom/preferences`.

use generatio_tests::World;
use serde_json::json;

const GET: &str = "/api/custom/preferences/get";
const SAVE: &str = "/api/custom/preferences/save";

#[tokio::test]
async fn what_was_saved_comes_back_for_its_owner_only() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    let other = world.user("b@example.com").await;
    let save = |values| json!({ "model_name": "flux/schnell", "preferences": values });
    let saved = user.post(SAVE, &save(json!({ "num_images": 2, "image_size": "square" }))).await.ok();
    assert_eq!(saved, json!({ "success": true, "message": "Preferences saved successfully" }));
    other.post(SAVE, &save(json!({ "num_images": 4 }))).await.ok();

    let wanted = json!({ "model_name": "flux/schnell" });
    let mine = user.post(GET, &wanted).await.ok();
    assert_eq!(mine["preferences"], json!({ "num_images": 2, "image_size": "square" }));
    assert_eq!(mine["has_preferences"], json!(true));
    assert_eq!(other.post(GET, &wanted).await.ok()["preferences"], json!({ "num_images": 4 }));
}

#[tokio::test]
async fn saving_replaces_and_numbers_stay_exact() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    user.post(SAVE, &json!({ "model_name": "m", "preferences": { "old": true } })).await.ok();
    let exact = r#"{"model_name":"m","preferences":{"seed":12345678901234567890,"scale":1.0}}"#;
    user.send(http::Method::POST, SAVE, Some(exact)).await.ok();
    let text = user.post(GET, &json!({ "model_name": "m" })).await.text;
    assert!(text.contains(r#"{"seed":12345678901234567890,"scale":1.0}"#), "{text}");
}

#[tokio::test]
async fn nothing_saved_is_not_an_error() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    let loaded = user.post(GET, &json!({ "model_name": "any/model" })).await.ok();
    assert_eq!(loaded, json!({ "model_name": "any/model", "preferences": {}, "has_preferences": false }));
}

#[tokio::test]
async fn a_user_has_preferences_for_a_thousand_models() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    world.sql(&format!(
        "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
         INSERT INTO preferences SELECT printf('p%014d', i), '{}', 'model ' || i, '{{}}', i, i FROM n",
        user.id
    ));
    let save = |model: &str| json!({ "model_name": model, "preferences": { "seed": 1 } });
    let full = "Too many models with preferences, at most 1000 are kept";
    user.post(SAVE, &save("one more")).await.refused(400, "validation_error", full);
    user.post(SAVE, &save("model 7")).await.ok();
}

#[tokio::test]
async fn bad_preferences_are_refused() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    let object = "Preferences must be an object";
    for (body, message) in [
        (json!({ "preferences": {} }), "Model name is required"),
        (json!({ "model_name": "", "preferences": {} }), "Model name is required"),
        (json!({ "model_name": "m" }), object),
        (json!({ "model_name": "m", "preferences": null }), object),
        (json!({ "model_name": "m", "preferences": [1] }), object),
        (json!({ "model_name": "m", "preferences": "x" }), object),
        (
            json!({ "model_name": "m", "preferences": { "x": "y".repeat(65_536) } }),
            "Preferences are larger than 64 KiB",
        ),
        (json!({ "model_name": "m".repeat(201), "preferences": {} }), "Model name is longer than 200 characters"),
    ] {
        user.post(SAVE, &body).await.refused(400, "validation_error", message);
    }
    user.post(GET, &json!({})).await.refused(400, "validation_error", "Model name is required");
    user.post(SAVE, &json!({ "model_name": "é".repeat(200), "preferences": {} })).await.ok();
}
