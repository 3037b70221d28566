//! `/api/collections/{collection}/records`: lists and single records, as PocketBase's SDK asks for them.

use generatio_tests::{Reply, User, World};
use serde_json::{Value, json};

const COLLECTIONS: [&str; 6] = ["folders", "generatio_users", "images", "jobs", "ledger", "model_preferences"];

fn path(collection: &str, query: &[(&str, &str)]) -> String {
    let mut encoded = url::form_urlencoded::Serializer::new(String::new());
    encoded.extend_pairs(query);
    format!("/api/collections/{collection}/records?{}", encoded.finish())
}

async fn list(user: &User, collection: &str, query: &[(&str, &str)]) -> Value {
    user.get(&path(collection, query)).await.ok()
}

fn names<'a>(page: &'a Value, field: &str) -> Vec<&'a str> {
    page["items"].as_array().expect("items").iter().map(|item| item[field].as_str().expect("a text")).collect()
}

#[track_caller]
fn refused(reply: &Reply, status: u16, message: &str) {
    assert_eq!(reply.json(), json!({ "status": status, "message": message, "data": {} }), "{}", reply.text);
    assert_eq!(reply.status.as_u16(), status);
}

/// Somebody with records in every collection: three pictures, the first in the inner of two folders.
pub(crate) async fn rich(world: &World, email: &str) -> User {
    let user = world.ready_user(email).await;
    let outer = user.post("/api/custom/collections/create", &json!({ "name": "Outer" })).await.ok();
    let inner = json!({ "name": "Inner", "parent_id": outer["id"] });
    let inner = user.post("/api/custom/collections/create", &inner).await.ok();
    let into_inner = json!({ "model": "flux/schnell", "prompt": "a red fox", "collection_id": inner["id"] });
    user.post("/api/custom/generate/image", &into_inner).await.ok();
    for prompt in ["a blue fish", "a red fish"] {
        user.generate("flux/schnell", prompt, json!({})).await.ok();
    }
    let preferences = json!({ "model_name": "flux/schnell", "preferences": { "steps": 4 } });
    user.post("/api/custom/preferences/save", &preferences).await.ok();
    user
}

#[tokio::test]
async fn a_gallery_lists_sorts_filters_and_searches() {
    let world = World::start().await;
    let user = rich(&world, "a@example.com").await;
    let page = list(&user, "images", &[("sort", "-created"), ("perPage", "2"), ("filter", "deleted_at = ''")]).await;
    assert_eq!((&page["page"], &page["perPage"]), (&json!(1), &json!(2)));
    assert_eq!((&page["totalItems"], &page["totalPages"]), (&json!(3), &json!(2)));
    assert_eq!(names(&page, "prompt"), ["a red fish", "a blue fish"]);
    let page =
        list(&user, "images", &[("sort", "-created"), ("perPage", "2"), ("page", "2"), ("skipTotal", "1")]).await;
    assert_eq!(names(&page, "prompt"), ["a red fox"]);
    assert_eq!((&page["totalItems"], &page["totalPages"]), (&json!(-1), &json!(-1)));
    let whole = page["items"][0].clone();
    let id = whole["id"].as_str().expect("an id");
    assert_eq!(user.get(&format!("/api/collections/images/records/{id}")).await.ok(), whole);
    let page = list(&user, "images", &[("filter", "folder_id.parent_id.name = \"Outer\" && prompt ~ 'FOX'")]).await;
    assert_eq!(names(&page, "id"), [id]);
    for (search, found) in [("fish", 2), ("red fi", 1), ("r", 2), ("bird", 0), ("", 3)] {
        let page = list(&user, "images", &[("search", search), ("sort", "-created")]).await;
        assert_eq!(page["totalItems"], json!(found), "{search}");
    }
}

#[tokio::test]
async fn relations_expand_and_fields_pick() {
    let world = World::start().await;
    let user = rich(&world, "a@example.com").await;
    let query =
        [("filter", "prompt ~ 'fox'"), ("expand", "folder_id.parent_id,user_id"), ("fields", "id,expand.folder_id")];
    let item = list(&user, "images", &query).await["items"][0].clone();
    assert_eq!(item["expand"]["folder_id"]["expand"]["parent_id"]["name"], "Outer");
    assert_eq!((item["expand"].get("user_id"), item.get("prompt")), (None, None));
    let folders = list(&user, "folders", &[("expand", "images_via_folder_id,user_id"), ("sort", "name")]).await;
    let (inner, outer) = (&folders["items"][0], &folders["items"][1]);
    assert_eq!(inner["expand"]["images_via_folder_id"][0]["prompt"], "a red fox");
    assert_eq!(
        (inner["expand"]["user_id"]["email"].as_str(), outer["expand"].get("images_via_folder_id")),
        (Some("a@example.com"), None)
    );
    let job = list(&user, "jobs", &[("expand", "ledger_via_job_id"), ("perPage", "1")]).await["items"][0].clone();
    assert_eq!(job["expand"]["ledger_via_job_id"]["amount"], job["cost"]);
    let one = format!(
        "/api/collections/folders/records/{}?expand=parent_id&fields=name,expand.parent_id.name",
        inner["id"].as_str().expect("an id")
    );
    assert_eq!(user.get(&one).await.ok(), json!({ "name": "Inner", "expand": { "parent_id": { "name": "Outer" } } }));
}

#[tokio::test]
async fn nobody_sees_anothers_records() {
    let world = World::start().await;
    let owner = rich(&world, "a@example.com").await;
    let other = world.user("b@example.com").await;
    for collection in COLLECTIONS {
        let own = list(&owner, collection, &[]).await;
        let id = names(&own, "id")[0].to_owned();
        let one = format!("/api/collections/{collection}/records/{id}");
        owner.get(&one).await.ok();
        refused(&other.get(&one).await, 404, "The requested resource wasn't found.");
        refused(&world.client().get(&one).await, 404, "The requested resource wasn't found.");
        let seen = list(&other, collection, &[("filter", &format!("id = '{id}' || (1 = 1 && id != 'x')"))]).await;
        let expected: &[&str] = if collection == "generatio_users" { &[&other.id] } else { &[] };
        assert_eq!(
            (names(&seen, "id"), &seen["totalItems"]),
            (expected.to_vec(), &json!(expected.len())),
            "{collection}"
        );
        let guest = world.client().get(&path(collection, &[("filter", "id != ''")])).await.ok();
        assert_eq!(guest, json!({ "items": [], "page": 1, "perPage": 30, "totalItems": 0, "totalPages": 0 }));
    }
}

#[tokio::test]
async fn nothing_secret_is_in_any_record() {
    let world = World::start().await;
    let user = rich(&world, "a@example.com").await;
    for collection in COLLECTIONS {
        let text = user.get(&path(collection, &[("fields", "*,password,tokenKey,fal_token")])).await.text;
        for secret in
            ["fal_token", "tokenKey", "password", "argon2", "nonce", "lease", "status_url", "/requests/", "v2."]
        {
            assert!(!text.contains(secret), "{collection} {secret}: {text}");
        }
    }
}

#[tokio::test]
async fn malformed_questions_are_refused_whoever_asks() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    let bad = "Something went wrong while processing your request.";
    for (name, value) in [
        ("filter", "title ="),
        ("filter", " "),
        ("filter", "nothing = 1"),
        ("filter", "user_id.fal_token != ''"),
        ("filter", "geoDistance(1, 2, 3) < 5"),
        ("sort", "nothing"),
        ("sort", "user_id.tokenKey"),
        ("page", "1.5"),
        ("perPage", "x"),
        ("skipTotal", "yes"),
        ("fields", "title:upper"),
    ] {
        let asked = path("images", &[(name, value)]);
        refused(&user.get(&asked).await, 400, bad);
        refused(&world.client().get(&asked).await, 400, bad);
    }
    let message = "Only superusers can filter by @request.";
    refused(&user.get(&path("images", &[("filter", "@request.auth.id != ''")])).await, 403, message);
    let message = "Only superusers can filter by @collection.";
    refused(&user.get(&path("images", &[("sort", "@collection.images.id")])).await, 403, message);
    refused(&user.get(&path("nothing", &[])).await, 404, "Missing collection context.");
}
