//! A user's rows are theirs: anyone else's id reads as missing, and nothing of it changes.

use crate::records::rich;
use generatio_server::http::routes::routes;
use generatio_server::records::Collection;
use generatio_tests::{Event, PASSWORD, Stream, User, World};
use http::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test]
async fn anothers_ids_read_as_missing() {
    let world = World::start().await;
    let owner = world.ready_user("a@example.com").await;
    let other = world.ready_user("b@example.com").await;
    let made = owner.generate("flux/schnell", "mine", json!({})).await.ok();
    let image = made["images"][0]["id"].as_str().expect("an id");
    let job = made["job"].as_str().expect("an id");
    for (path, for_guests) in [
        (format!("/api/collections/images/records/{image}"), 404),
        (format!("/api/collections/generatio_users/records/{}", owner.id), 404),
        (format!("/api/custom/generate/jobs/{job}"), 401),
    ] {
        owner.get(&path).await.ok();
        let missing = path
            .replace(image, "aaaaaaaaaaaaaaa")
            .replace(&owner.id, "bbbbbbbbbbbbbbb")
            .replace(job, "ccccccccccccccc");
        let (foreign, missing) = (other.get(&path).await, other.get(&missing).await);
        assert_eq!((foreign.status.as_u16(), &foreign.text), (404, &missing.text), "{path}");
        let guest = world.client().get(&path).await;
        assert_eq!(guest.status.as_u16(), for_guests, "{path}");
    }
    assert_eq!(other.stats().await["total_images"], json!(0));
}

#[tokio::test]
async fn a_token_of_one_never_acts_for_another() {
    let world = World::start().await;
    let owner = world.ready_user("a@example.com").await;
    let other = world.user("b@example.com").await;
    let claims = |jwt: &str| jwt.split('.').nth(1).expect("claims").to_owned();
    let mut parts: Vec<&str> = owner.jwt.split('.').collect();
    let theirs = claims(&other.jwt);
    parts[1] = &theirs;
    let forged = parts.join(".");
    let headers = [("authorization", forged.as_str())];
    let reply = world.client().send(Method::GET, "/api/custom/auth/token-status", &headers, None).await;
    reply.refused(401, "authentication_error", "Authentication required");
}

/// What one does with a route outside of `/api/custom`.
enum Way {
    /// It reaches the files of a record, and [`a_stranger_finds_no_file_and_nobody_does_once_its_record_is_gone`] goes
    /// through it.
    Files,
    /// It tells of records, and [`a_stranger_hears_nothing_whatever_the_topic`] goes through it.
    Realtime,
    /// It reaches records by their collection, and [`a_stranger_sees_and_changes_nothing_whatever_the_way`] goes through
    /// it.
    Records,
    /// It is about the caller alone, or about nobody: why.
    #[expect(dead_code, reason = "the reason is for who reads the table")]
    Own(&'static str),
}

/// Every route outside of `/api/custom`.
const ROUTES: [(&str, &str, Way); 27] = [
    ("GET", "/docs", Way::Own("says nothing of anybody")),
    ("GET", "/openapi.json", Way::Own("says nothing of anybody")),
    ("GET", "/healthz", Way::Own("says nothing of anybody")),
    ("GET", "/readyz", Way::Own("says nothing of anybody")),
    ("GET", "/api/health", Way::Own("says nothing of anybody")),
    ("POST", "/api/batch", Way::Records),
    ("POST", "/api/collections/{collection}/auth-refresh", Way::Own("by the token alone")),
    ("POST", "/api/collections/{collection}/auth-with-password", Way::Own("by password")),
    ("GET", "/api/collections/{collection}/auth-methods", Way::Own("says nothing of anybody")),
    ("POST", "/api/collections/{collection}/request-verification", Way::Own("does nothing without mail")),
    ("POST", "/api/collections/{collection}/confirm-verification", Way::Own("does nothing without mail")),
    ("POST", "/api/collections/{collection}/request-password-reset", Way::Own("does nothing without mail")),
    ("POST", "/api/collections/{collection}/confirm-password-reset", Way::Own("does nothing without mail")),
    ("POST", "/api/collections/{collection}/request-email-change", Way::Own("does nothing without mail")),
    ("POST", "/api/collections/{collection}/confirm-email-change", Way::Own("does nothing without mail")),
    ("POST", "/api/collections/{collection}/request-otp", Way::Own("there is none")),
    ("POST", "/api/collections/{collection}/auth-with-otp", Way::Own("there is none")),
    ("POST", "/api/collections/{collection}/auth-with-oauth2", Way::Own("there is none")),
    ("POST", "/api/collections/{collection}/impersonate/{id}", Way::Own("nobody may")),
    ("GET", "/api/collections/{collection}/records", Way::Records),
    ("POST", "/api/collections/{collection}/records", Way::Records),
    ("GET", "/api/collections/{collection}/records/{id}", Way::Records),
    ("PATCH", "/api/collections/{collection}/records/{id}", Way::Records),
    ("DELETE", "/api/collections/{collection}/records/{id}", Way::Records),
    ("GET", "/api/files/images/{id}/{name}", Way::Files),
    ("GET", "/api/realtime", Way::Realtime),
    ("POST", "/api/realtime", Way::Realtime),
];

/// Every collection: a field that leads to its owner, and what a stranger would write.
fn collections() -> [(&'static str, &'static str, Value); 6] {
    [
        ("folders", "user_id.name", json!({ "name": "stolen" })),
        ("generatio_users", "model_preferences.model_name", json!({ "name": "stolen" })),
        (
            "images",
            "folder_id.name",
            json!({ "title": "stolen", "url": "https://x.example", "prompt": "p", "model": "m" }),
        ),
        ("jobs", "folder_id.name", json!({ "prompt": "stolen" })),
        ("ledger", "job_id.prompt", json!({ "model": "stolen" })),
        (
            "model_preferences",
            "generatio_users_via_model_preferences.name",
            json!({ "model_name": "stolen", "preferences": { "a": 1 } }),
        ),
    ]
}

#[test]
fn the_tables_name_every_route_and_collection() {
    let outside = routes().filter(|route| !route.pattern().starts_with("/api/custom/"));
    let known: BTreeSet<_> = ROUTES.iter().map(|(method, pattern, _)| (*method, *pattern)).collect();
    let found: BTreeSet<_> = outside.map(|route| (route.method().as_str(), route.pattern())).collect();
    assert_eq!(found, known);
    let count = |is: fn(&Way) -> bool| ROUTES.iter().filter(|(_, _, way)| is(way)).count();
    let reached = (
        count(|way| matches!(way, Way::Records)),
        count(|way| matches!(way, Way::Realtime)),
        count(|way| matches!(way, Way::Files)),
    );
    assert_eq!(reached, (WAYS, 2, 1), "the tests below go through all of them");
    let names: BTreeSet<_> = Collection::ALL.iter().map(|collection| collection.name()).collect();
    assert_eq!(BTreeSet::from(collections().map(|(name, _, _)| name)), names);
}

/// How many routes lead to records: [`lists`] and [`writes`] go through them.
const WAYS: usize = 6;

#[tokio::test]
async fn a_stranger_sees_and_changes_nothing_whatever_the_way() {
    let world = World::start().await;
    let owner = rich(&world, "a@example.com").await;
    let other = rich(&world, "b@example.com").await;
    let mut ids = Vec::new();
    for (collection, _, _) in collections() {
        ids.push(first_id(&owner, collection).await);
    }
    let before = everything(&owner).await;
    for ((collection, path, body), id) in collections().into_iter().zip(&ids) {
        lists(&other, collection, path, id, &ids).await;
        writes(&other, &owner, collection, &body, id).await;
    }
    assert_eq!(everything(&owner).await, before, "nothing of the owner's has changed");
    let seen = everything(&other).await;
    assert!(ids.iter().all(|id| !seen.contains(id.as_str())), "{ids:?}");
}

/// Everything that changes the owner's records, of every collection: each is told to the owner and to nobody else.
async fn change_everything(owner: &User, ids: &[String]) {
    let into = json!({ "model": "flux/schnell", "prompt": "a red fox" });
    owner.post("/api/custom/generate/image", &into).await.ok();
    for ((collection, _, body), id) in collections().into_iter().zip(ids) {
        if Collection::parse(collection).expect("a collection").is_read_only() {
            continue;
        }
        let one = format!("/api/collections/{collection}/records/{id}");
        owner.send(Method::PATCH, &one, Some(&body.to_string())).await.ok();
        if collection != "generatio_users" {
            let change = |method: &str, url: &str, body: &Value| json!({ "method": method, "url": url, "body": body });
            let mut again = body.clone();
            again["id"] = json!(id);
            let batch =
                [change("PUT", one.trim_end_matches(&format!("/{id}")), &again), change("DELETE", &one, &json!({}))];
            owner.post("/api/batch", &json!({ "requests": batch })).await.ok();
        }
    }
}

#[tokio::test]
async fn a_stranger_hears_nothing_whatever_the_topic() {
    let world = World::start().await;
    let owner = rich(&world, "a@example.com").await;
    let other = rich(&world, "b@example.com").await;
    let (mut ids, mut topics) = (Vec::new(), Vec::new());
    let options: String = url::form_urlencoded::byte_serialize(
        json!({ "query": { "filter": "1 = 1 || id != ''", "fields": "*", "expand": "user_id,folder_id,job_id" } })
            .to_string()
            .as_bytes(),
    )
    .collect();
    for (collection, foreign, _) in collections() {
        let id = first_id(&owner, collection).await;
        let code = Collection::parse(collection).expect("a collection").id();
        let filter: String = url::form_urlencoded::byte_serialize(
            json!({ "query": { "filter": format!("{foreign} != 'x' || {foreign} = 'x'") } }).to_string().as_bytes(),
        )
        .collect();
        for name in [collection, code] {
            topics.extend([name.to_owned(), format!("{name}/*"), format!("{name}/{id}")]);
            topics.extend([format!("{name}/{id}?options={options}"), format!("{name}/*?options={filter}")]);
        }
        ids.push(id);
    }
    let mut hers = subscribed(&world, &owner, &topics).await;
    let mut his = subscribed(&world, &other, &topics).await;
    change_everything(&owner, &ids).await;
    for user in [&owner, &other] {
        user.post("/api/custom/collections/create", &json!({ "name": "last" })).await.ok();
    }
    // Whoever may hear of it does: of every collection, and of every record but those that never change.
    let heard = until_the_last(&mut hers).await;
    for ((collection, _, _), id) in collections().into_iter().zip(&ids) {
        let is_fixed = Collection::parse(collection).expect("a collection").is_read_only();
        for topic in [format!("{collection}/*"), format!("{collection}/{id}")].iter().take(if is_fixed { 1 } else { 2 })
        {
            assert!(heard.iter().any(|event| event.name == *topic), "{topic}: {heard:?}");
        }
    }
    let overheard = until_the_last(&mut his).await;
    let is_his = |event: &&Event| event.data["record"]["user_id"] != json!(other.id);
    assert_eq!(overheard.iter().find(is_his), None, "nothing of hers is told to him");
    assert!(overheard.iter().all(|event| event.data["record"]["name"] == "last"), "{overheard:?}");
}

/// A stream on which the user has subscribed to these.
async fn subscribed(world: &World, user: &User, topics: &[String]) -> Stream {
    let mut stream = world.client().stream("/api/realtime", &[]).await;
    let hello = stream.next().await.expect("a handshake");
    let form = json!({ "clientId": hello.id, "subscriptions": topics });
    assert_eq!(user.post("/api/realtime", &form).await.status.as_u16(), 204);
    stream
}

/// What is told up to the folder that was made last.
async fn until_the_last(stream: &mut Stream) -> Vec<Event> {
    let mut heard = Vec::new();
    loop {
        let event = stream.next().await.expect("a message");
        let is_last = event.name == "folders/*" && event.data["record"]["name"] == "last";
        heard.push(event);
        if is_last {
            return heard;
        }
    }
}

#[tokio::test]
async fn a_stranger_finds_no_file_and_nobody_does_once_its_record_is_gone() {
    let world = World::with(&["--keep-pictures", "on"]).await;
    let (owner, other) = (world.ready_user("a@example.com").await, world.ready_user("b@example.com").await);
    let mut links = Vec::new();
    for user in [&owner, &other] {
        let made = user.generate("flux/schnell", "a lighthouse", json!({})).await.ok();
        let path = format!("/api/collections/images/records/{}", made["images"][0]["id"].as_str().expect("an id"));
        world.until(async || user.get(&path).await.ok()["file_url"] != "").await;
        let image = user.get(&path).await.ok();
        for field in ["file_url", "thumbnail_url"] {
            let link = image[field].as_str().and_then(|link| link.strip_prefix(world.server().url()));
            links.push(link.expect("a link of ours").to_owned());
        }
    }
    let parts: Vec<_> = links.iter().map(|link| link.rsplit_once('/').expect("a name")).collect();
    let status = async |path: &str| world.client().get(path).await.status.as_u16();
    let (place, name) = parts[0];
    let foreign = [
        // Her picture under the random part of his, and of none.
        format!("{place}/{}", parts[2].1),
        format!("{place}/AAAAAAAAAAAAAAAAAAAAAA.jpeg"),
        format!("{place}/"),
        // Her random part under his picture.
        format!("{}/{name}", parts[2].0),
    ];
    assert_eq!(status(&links[0]).await, 200);
    for path in &foreign {
        assert_eq!(status(path).await, 404, "{path}");
    }
    let record = place.replace("/api/files/images/", "/api/collections/images/records/");
    assert_eq!(other.delete(&record).await.status.as_u16(), 404);
    assert_eq!(status(&links[0]).await, 200, "a stranger removes nothing");
    assert_eq!(owner.delete(&record).await.status.as_u16(), 204);
    for link in &links[..2] {
        assert_eq!(status(link).await, 404, "{link}");
    }
    for link in &links[2..] {
        assert_eq!(status(link).await, 200, "{link}");
    }
}

#[tokio::test]
async fn nothing_of_ones_own_points_at_anothers() {
    let world = World::start().await;
    let owner = rich(&world, "a@example.com").await;
    let other = rich(&world, "b@example.com").await;
    let (theirs, image) = (first_id(&owner, "folders").await, first_id(&other, "images").await);
    let folder = first_id(&other, "folders").await;
    for target in [theirs.as_str(), "missing00000000"] {
        for (collection, id, field) in [("images", &image, "folder_id"), ("folders", &folder, "parent_id")] {
            let path = format!("/api/collections/{collection}/records");
            let mut new =
                json!({ "user_id": other.id, "name": "n", "url": "https://x.example", "prompt": "p", "model": "m" });
            new[field] = json!(target);
            let failed = json!({ "status": 400, "message": "Failed to create record.", "data": {} });
            assert_eq!(other.post(&path, &new).await.json(), failed, "{collection} {target}");
            let changed =
                other.send(Method::PATCH, &format!("{path}/{id}"), Some(&json!({ field: target }).to_string())).await;
            let missing = json!({ "status": 404, "message": "The requested resource wasn't found.", "data": {} });
            assert_eq!(changed.json(), missing, "{collection} {target}");
        }
    }
    let mut given = json!({ "user_id": owner.id }).to_string();
    let path = format!("/api/collections/images/records/{image}");
    assert_eq!(other.send(Method::PATCH, &path, Some(&given)).await.status.as_u16(), 404);
    given = json!({ "user_id": other.id }).to_string();
    other.send(Method::PATCH, &path, Some(&given)).await.ok();
}

async fn first_id(user: &User, collection: &str) -> String {
    let page = user.get(&format!("/api/collections/{collection}/records?sort=created")).await.ok();
    page["items"][0]["id"].as_str().expect("an id").to_owned()
}

/// All records of the user's, as text.
async fn everything(user: &User) -> String {
    let mut all = String::new();
    for (collection, _, _) in collections() {
        all += &user.get(&format!("/api/collections/{collection}/records?sort=created")).await.text;
    }
    all
}

/// Asks by id, filter, foreign field, expand and fields; no answer has any of the owner's ids in it.
async fn lists(other: &User, collection: &str, foreign: &str, id: &str, ids: &[String]) {
    let all = format!("/api/collections/{collection}/records");
    let one = other.get(&format!("{all}/{id}?expand=user_id&fields=*")).await;
    assert_eq!(one.status.as_u16(), 404, "{collection}");
    for query in [
        format!("filter=id='{id}'"),
        format!("filter=(id='{id}'||1=1)||id!=''"),
        format!("filter={foreign}!='x'||{foreign}='x'"),
        format!("sort={foreign}&expand=user_id,folder_id,job_id,parent_id,model_preferences"),
        format!("sort=-{foreign}&expand={}", foreign.split('.').next().unwrap_or_default()),
        "fields=*,id,user_id,expand&search=fox".to_owned(),
    ] {
        let page = other
            .get(&format!("{all}?{}", query.replace('&', "\u{1}").replace("||", "%7C%7C").replace('\u{1}', "&")))
            .await;
        page.ok();
        // A record's own id may be asked for, and is in no answer.
        assert!(ids.iter().all(|id| !page.text.contains(id.as_str())), "{collection} {query}: {}", page.text);
    }
}

/// Creates, changes, removes and upserts by the owner's id or in the owner's name, alone and in a batch.
async fn writes(other: &User, owner: &User, collection: &str, body: &Value, id: &str) {
    let all = format!("/api/collections/{collection}/records");
    let one = format!("{all}/{id}");
    let with = |more: Value| {
        let mut body = body.clone();
        body.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
        body
    };
    let is_read_only = Collection::parse(collection).expect("a collection").is_read_only();
    let own_name = with(
        json!({ "id": id, "user_id": other.id, "email": "c@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD }),
    );
    let rows = [
        (Method::POST, &all, own_name.clone(), 400),
        (Method::POST, &all, with(json!({ "id": id, "user_id": owner.id })), 400),
        (Method::PATCH, &one, body.clone(), 404),
        (Method::DELETE, &one, json!({}), 404),
        (Method::PUT, &all, own_name, 404),
    ];
    for (method, path, body, status) in rows {
        let status = if is_read_only { 403 } else { status };
        if method != Method::PUT {
            let reply = other.send(method.clone(), path, Some(&body.to_string())).await;
            assert_eq!(reply.status.as_u16(), status, "{method} {path} {body}: {}", reply.text);
            assert!(!reply.text.contains(id), "{}", reply.text);
        }
        // Accounts are in no batch, whoever's they are.
        let status = if collection == "generatio_users" { 403 } else { status };
        let batch = json!({ "requests": [{ "method": method.as_str(), "url": path, "body": body }] });
        let reply = other.post("/api/batch", &batch).await;
        let told = &reply.json()["data"]["requests"]["0"]["response"]["status"];
        assert_eq!((reply.status.as_u16(), told), (400, &json!(status)), "{method} {path}: {}", reply.text);
    }
}
