//! Records that clients write, beyond what `replay.rs` holds against a real PocketBase.

use generatio_tests::{PASSWORD, Reply, User, World};
use http::Method;
use serde_json::{Value, json};

const IMAGES: &str = "/api/collections/images/records";
const FOLDERS: &str = "/api/collections/folders/records";

async fn patch(user: &User, collection: &str, id: &Value, body: Value) -> Reply {
    let path = format!("{collection}/{}", id.as_str().expect("an id"));
    user.send(Method::PATCH, &path, Some(&body.to_string())).await
}

async fn count(user: &User, filter: &str) -> Value {
    user.get(&format!("{IMAGES}?filter={filter}&fields=id")).await.ok()["totalItems"].clone()
}

#[tokio::test]
async fn a_picture_is_moved_thrown_away_brought_back_and_removed() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let made = user.generate("flux/schnell", "a fox", json!({ "num_images": 2 })).await.ok();
    let (id, second) = (&made["images"][0]["id"], &made["images"][1]["id"]);
    let folder = user.post(FOLDERS, &json!({ "name": "Foxes", "user_id": user.id })).await.ok();
    let moved = patch(&user, IMAGES, id, json!({ "folder_id": folder["id"], "title": "Red" })).await.ok();
    assert_eq!((&moved["folder_id"], &moved["title"]), (&folder["id"], &json!("Red")));
    patch(&user, IMAGES, id, json!({ "deleted_at": "2024-01-01T10:00:00Z" })).await.ok();
    assert_eq!(count(&user, "deleted_at=null").await, 1);
    assert_eq!(patch(&user, IMAGES, id, json!({ "deleted_at": "" })).await.ok()["deleted_at"], "");
    assert_eq!(count(&user, "deleted_at=null").await, 2);
    let taken = patch(&user, IMAGES, id, json!({ "batch_number": 2 })).await;
    assert_eq!(taken.json()["data"]["batch_number"]["code"], "validation_not_unique", "{}", taken.text);
    assert_eq!(user.get(&format!("{IMAGES}?search=red")).await.ok()["totalItems"], 1);
    let spent = user.stats().await["total_spent"].clone();
    for id in [id, second] {
        assert_eq!(user.delete(&format!("{IMAGES}/{}", id.as_str().expect("an id"))).await.status.as_u16(), 204);
    }
    let left = (count(&user, "id!=''").await, user.stats().await["total_spent"].clone());
    assert_eq!(left, (json!(0), spent), "what was spent stays spent");
    assert_eq!(user.get(&format!("{IMAGES}?search=red")).await.ok()["totalItems"], 0);
}

#[tokio::test]
async fn a_folder_leaves_its_pictures_folders_and_jobs_behind() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let folder = user.post(FOLDERS, &json!({ "name": "Outer", "user_id": user.id })).await.ok();
    let inner = json!({ "name": "Inner", "user_id": user.id, "parent_id": folder["id"] });
    user.post(FOLDERS, &inner).await.ok();
    let body = json!({ "model": "flux/schnell", "prompt": "a fox", "collection_id": folder["id"] });
    user.post("/api/custom/generate/image", &body).await.ok();
    let path = format!("{FOLDERS}/{}", folder["id"].as_str().expect("an id"));
    assert_eq!(user.delete(&path).await.status.as_u16(), 204);
    for (collection, field) in [("folders", "parent_id"), ("images", "folder_id"), ("jobs", "folder_id")] {
        let page = user.get(&format!("/api/collections/{collection}/records")).await.ok();
        assert_eq!((page["items"][0][field].as_str(), &page["totalItems"]), (Some(""), &json!(1)), "{collection}");
    }
}

#[tokio::test]
async fn what_is_only_read_is_not_written() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    for collection in ["jobs", "ledger"] {
        let path = format!("/api/collections/{collection}/records");
        let one = format!("{path}/aaaaaaaaaaaaaaa");
        for (method, path) in [(Method::POST, &path), (Method::PATCH, &one), (Method::DELETE, &one)] {
            let expected = json!({ "status": 403, "message": "Only superusers can perform this action.", "data": {} });
            assert_eq!(user.send(method, path, Some("{}")).await.json(), expected, "{path}");
        }
    }
}

#[tokio::test]
async fn a_batch_happens_whole_or_not_at_all() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    let create = |name: &str| json!({ "method": "POST", "url": FOLDERS, "body": { "name": name, "user_id": user.id } });
    let most: Vec<_> = (0..50).map(|number| create(&number.to_string())).collect();
    let done = user.post("/api/batch", &json!({ "requests": most })).await.ok();
    assert_eq!((done[49]["status"].clone(), done[49]["body"]["name"].clone()), (json!(200), json!("49")));
    let mut failing = most.clone();
    failing[49] = create("");
    let reply = user.post("/api/batch", &json!({ "requests": failing })).await;
    let told = &reply.json()["data"]["requests"]["49"]["response"]["data"]["name"]["code"];
    assert_eq!((reply.status.as_u16(), told), (400, &json!("validation_required")), "{}", reply.text);
    failing.push(create("x"));
    let reply = user.post("/api/batch", &json!({ "requests": failing })).await.json();
    assert_eq!(reply["data"]["requests"]["code"], "validation_length_too_long");
    let malformed = json!({ "method": "POST", "url": format!("{FOLDERS}?fields=name:upper"), "body": {} });
    let reply = user.post("/api/batch", &json!({ "requests": [create("y"), malformed] })).await.json();
    assert_eq!(reply["data"]["requests"]["1"]["response"]["status"], 400);
    assert_eq!(user.get(&format!("{FOLDERS}?fields=id")).await.ok()["totalItems"], 50);
}

#[tokio::test]
async fn accounts_show_what_is_asked_for() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    let preference = json!({ "model_name": "m", "preferences": { "steps": 4 } });
    user.post("/api/collections/model_preferences/records", &preference).await.ok();
    let path = "/api/collections/generatio_users/records";
    let fields = "fields=name,expand.model_preferences.model_name&expand=model_preferences";
    let body = json!({ "name": "Ann" }).to_string();
    let shown = user.send(Method::PATCH, &format!("{path}/{}?{fields}", user.id), Some(&body)).await.ok();
    assert_eq!(shown, json!({ "name": "Ann", "expand": { "model_preferences": [{ "model_name": "m" }] } }));
    let account = json!({ "email": "b@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD });
    let shown = world.client().post(&format!("{path}?fields=email,verified"), &account).await.ok();
    assert_eq!(shown, json!({ "verified": false }));
}

#[tokio::test]
async fn a_blank_name_is_none_and_a_blank_title_empty() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    let folders = "/api/collections/folders/records";
    let kept = user.post(folders, &json!({ "user_id": user.id, "name": " a b " })).await.ok();
    assert_eq!(kept["name"], " a b ");
    let one = format!("{folders}/{}", kept["id"].as_str().expect("an id"));
    let blank = json!({ "user_id": user.id, "name": " \t\u{a0}" });
    let refused = json!({ "name": { "code": "validation_required", "message": "Cannot be blank." } });
    let made = user.post(folders, &blank).await;
    assert_eq!((made.status.as_u16(), &made.json()["data"]), (400, &refused));
    let changed = user.send(Method::PATCH, &one, Some(&blank.to_string())).await;
    assert_eq!((changed.status.as_u16(), &changed.json()["data"]), (400, &refused));
    assert_eq!(user.get(&one).await.ok(), kept);
    let picture =
        json!({ "user_id": user.id, "title": " \n", "url": "https://x.example/y", "prompt": "p", "model": "m" });
    assert_eq!(user.post("/api/collections/images/records", &picture).await.ok()["title"], "");
    let account = format!("/api/collections/generatio_users/records/{}", user.id);
    let named = user.send(Method::PATCH, &account, Some(r#"{"name":"  "}"#)).await.ok();
    assert_eq!(named["name"], "");
}
