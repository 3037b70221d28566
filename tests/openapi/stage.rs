//! A world in which every operation has something to work on.

use generatio_fal_sim::Options;
use generatio_tests::{User, World};
use http::Method;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// Who stands in the description's examples, with the password of all test users.
const ANN: &str = "ann@example.com";
/// Operations that end what others need: each has a user of its own.
const ALONE: [&str; 7] =
    ["createSession", "deleteUser", "endSession", "endSessionByHandle", "removeToken", "setUpToken", "updateUser"];
/// Things there are of each kind that calls may use up.
const SEVERAL: usize = 4;

pub(crate) struct Stage {
    world: World,
    told: Value,
}

impl Stage {
    pub(crate) async fn set() -> Self {
        let world =
            World::with_fal(Options::immediate(), &["--keep-pictures", "on", "--max-running-jobs", "100"]).await;
        // Whoever logs in as Ann often enough ends her sessions, so that the other operations are called by Bea.
        world.ready_user(ANN).await;
        let bea = world.ready_user("bea@example.com").await;
        let mut ids = ids(&bea).await;
        let mut users = Map::new();
        for operation in ALONE {
            let user = world.ready_user(&format!("{}@example.com", operation.to_lowercase())).await;
            users.insert(operation.to_owned(), login(&user));
            if ["deleteUser", "updateUser"].contains(&operation) {
                ids[operation] = json!([user.id]);
            }
            if operation == "endSessionByHandle" {
                let sessions = user.get("/api/custom/auth/sessions").await.ok();
                ids[operation] = json!([sessions["sessions"][0]["handle"]]);
            }
        }
        let told = json!({ "url": world.server().url(), "user": login(&bea), "id": bea.id, "users": users, "ids": ids, "file": file(&world, &bea).await });
        Self { world, told }
    }

    pub(crate) fn url(&self) -> &str {
        self.world.server().url()
    }

    pub(crate) fn log(&self) -> String {
        self.world.server().log()
    }

    pub(crate) async fn document(&self) -> Value {
        self.world.client().get("/openapi.json").await.ok()
    }

    /// What the hooks are told, as a file in `folder`.
    pub(crate) fn write(&self, folder: &Path) -> PathBuf {
        let file = folder.join("world.json");
        std::fs::write(&file, self.told.to_string()).expect("it is written");
        file
    }
}

fn login(user: &User) -> Value {
    json!({ "Authorization": format!("Bearer {}", user.jwt), "X-Session-ID": user.session })
}

/// What there is for each operation that takes an id.
async fn ids(user: &User) -> Value {
    for _ in 0..SEVERAL {
        user.generate("flux/schnell", "A harbour at dawn", json!({ "num_images": 4 })).await.ok();
        user.post("/api/custom/collections/create", &json!({ "name": "Harbours" })).await.ok();
    }
    for model in ["flux/schnell", "flux/dev", "recraft-v3"] {
        let settings = json!({ "model_name": model, "preferences": { "seed": 7 } });
        user.post("/api/custom/preferences/save", &settings).await.ok();
    }
    let (images, folders) = (records(user, "images").await, records(user, "folders").await);
    let preferences = records(user, "model_preferences").await;
    let (jobs, ledger) = (records(user, "jobs").await, records(user, "ledger").await);
    let lost = json!({ "error": { "message": "the connection broke" } });
    let in_doubt = direct(user, true).await;
    for id in &in_doubt {
        let path = format!("/api/custom/generate/record/{id}/result");
        user.send(Method::PUT, &path, Some(&lost.to_string())).await.ok();
    }
    json!({
        "getJob": jobs, "streamJob": jobs, "cancelJob": jobs, "getJobRecord": jobs, "resolveJob": in_doubt,
        "reportSubmitted": direct(user, false).await, "reportResult": direct(user, true).await,
        "giveUpDirect": direct(user, false).await,
        "getImage": images[..1], "updateImage": images[..1], "deleteImage": images[1..],
        "getFolderRecord": folders[..1], "updateFolderRecord": folders[..1], "deleteFolderRecord": folders[1..],
        "getModelPreferences": preferences[..1], "updateModelPreferences": preferences[..1],
        "deleteModelPreferences": preferences[1..], "getLedgerRecord": ledger, "getUser": [user.id],
    })
}

async fn records(user: &User, collection: &str) -> Vec<String> {
    let page = user.get(&format!("/api/collections/{collection}/records?sort=created")).await.ok();
    let items = page["items"].as_array().expect("a page").iter();
    items.map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
}

/// Jobs that the user's client runs.
async fn direct(user: &User, submitted: bool) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 0..SEVERAL {
        let asked = json!({ "model": "flux/schnell", "prompt": "A harbour at dusk" }).to_string();
        let reserved = user.send(Method::POST, "/api/custom/generate/record", Some(&asked)).await;
        assert_eq!(reserved.status.as_u16(), 201, "{}", reserved.text);
        let id = reserved.json()["job"]["id"].as_str().expect("an id").to_owned();
        if submitted {
            let path = format!("/api/custom/generate/record/{id}/submitted");
            let request = json!({ "request_id": format!("{id}-{number}") }).to_string();
            user.send(Method::PUT, &path, Some(&request)).await.ok();
        }
        ids.push(id);
    }
    ids
}

/// Id and name of a kept picture's file.
async fn file(world: &World, user: &User) -> Value {
    let path = "/api/collections/images/records?sort=created&perPage=1";
    let link = async || {
        let page = user.get(path).await.ok();
        page["items"][0]["file_url"].as_str().expect("a text").to_owned()
    };
    world.until(async || !link().await.is_empty()).await;
    let link = link().await;
    let mut ends = link.rsplit('/');
    json!({ "name": ends.next(), "id": ends.next() })
}
