//! Files of pictures: copied behind everybody's back, served by links that nobody guesses, gone with their records.

use generatio_tests::{Browser, User, World};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

const KEEPING: [&str; 4] = ["--keep-pictures", "on", "--sweep-interval", "1s"];

/// The user's pictures, oldest first.
async fn images(user: &User) -> Vec<Value> {
    let page = user.get("/api/collections/images/records?sort=created").await.ok();
    page["items"].as_array().expect("items").clone()
}

/// The same once all of them are kept.
async fn kept(world: &World, user: &User) -> Vec<Value> {
    world.until(async || images(user).await.iter().all(|image| image["file_url"] != "")).await;
    images(user).await
}

fn link<'a>(image: &'a Value, field: &str) -> &'a str {
    image[field].as_str().expect("a text")
}

async fn ask(url: &str, headers: &[(&str, &str)]) -> Response {
    let request = headers.iter().fold(Client::new().get(url), |request, (name, value)| request.header(*name, *value));
    request.send().await.expect("an answer")
}

async fn bytes(url: &str) -> Vec<u8> {
    let response = ask(url, &[]).await;
    assert_eq!(response.status(), 200);
    response.bytes().await.expect("a whole body").to_vec()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().expect("a text"))
}

/// The paths of all files of pictures that are whole, below their folder.
fn files(data: &Path) -> Vec<PathBuf> {
    let folders = |folder: &Path| {
        let entries = fs::read_dir(folder).into_iter().flatten();
        entries.map(|entry| entry.expect("an entry").path()).collect::<Vec<_>>()
    };
    let parts = folders(&data.join("pictures")).into_iter().filter(|part| !part.ends_with(".drafts"));
    parts.flat_map(|part| folders(&part)).collect()
}

/// One picture that meets this fault so many times when it is fetched, 0 for always.
async fn generate_meeting(user: &User, fault: &str, times: u32) {
    let directive = json!({ "fault": fault, "times": times });
    user.generate("flux/schnell", &format!("a heron [[sim: {directive}]]"), json!({})).await.ok();
}

/// The state of the only copy: due, failures, file.
fn copy(world: &World) -> (Option<i64>, i64, Option<String>) {
    let sql = "SELECT due, failures, file FROM image_files";
    let row = world.database().query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    row.unwrap_or((Some(0), 0, None))
}

#[tokio::test]
async fn a_picture_is_kept_as_fal_made_it_with_a_small_one() {
    let world = World::with(&KEEPING).await;
    let user = world.ready_user("a@example.com").await;
    user.generate("flux/schnell", "a lighthouse", json!({ "image_size": "landscape_16_9" })).await.ok();
    let image = &kept(&world, &user).await[0];
    let (file, small) = (link(image, "file_url"), link(image, "thumbnail_url"));
    let beginning = format!("{}/api/files/images/{}/", world.server().url(), link(image, "id"));
    for (url, end) in [(file, ".jpeg"), (small, ".jpeg")] {
        let token = url.strip_prefix(&beginning).and_then(|name| name.strip_suffix(end)).expect(url);
        assert!(token.len() == 22 && token.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{token}");
    }
    assert_ne!(file, small);
    assert_eq!(bytes(file).await, bytes(link(image, "url")).await);
    assert_eq!(world.picture_size(file).await, (1024, 576));
    assert_eq!(world.picture_size(small).await, (512, 288));
    let again = user.get(&format!("/api/collections/images/records/{}", link(image, "id"))).await.ok();
    assert_eq!(&again, image, "links do not change");
    assert!(!world.server().log().contains(file.rsplit('/').next().expect("a name")), "links are in no log");
}

#[tokio::test]
async fn files_are_served_in_parts_and_kept_by_caches() {
    let world = World::with(&KEEPING).await;
    let user = world.ready_user("a@example.com").await;
    user.generate("flux/schnell", "a lighthouse", json!({})).await.ok();
    let image = &kept(&world, &user).await[0];
    let url = link(image, "file_url");
    let whole = ask(url, &[]).await;
    let tag = header(&whole, "etag").to_owned();
    for (name, value) in [
        ("content-type", "image/jpeg"),
        ("cache-control", "private, max-age=31536000, immutable"),
        ("accept-ranges", "bytes"),
        ("content-security-policy", "default-src 'none'"),
        ("content-disposition", "inline"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(header(&whole, name), value, "{name}");
    }
    assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 2, "{tag}");
    let all = whole.bytes().await.expect("a body").to_vec();
    let length = all.len();
    let part = ask(url, &[("range", "bytes=10-19")]).await;
    assert_eq!(
        (part.status(), header(&part, "content-range")),
        (StatusCode::PARTIAL_CONTENT, format!("bytes 10-19/{length}").as_str())
    );
    assert_eq!(part.bytes().await.expect("a body"), all[10..20]);
    let outside = ask(url, &[("range", &format!("bytes={length}-"))]).await;
    assert_eq!(
        (outside.status().as_u16(), header(&outside, "content-range")),
        (416, format!("bytes */{length}").as_str())
    );
    for (headers, status) in [
        (&[("if-none-match", tag.as_str())][..], 304),
        (&[("if-none-match", "\"other\"")], 200),
        (&[("range", "bytes=0-1"), ("if-range", tag.as_str())], 206),
        (&[("range", "bytes=0-1"), ("if-range", "\"other\"")], 200),
        (&[("range", "bytes=0-1,5-6")], 200),
    ] {
        let answer = ask(url, headers).await;
        assert_eq!(answer.status().as_u16(), status, "{headers:?}");
        assert_eq!(header(&answer, "etag"), tag);
    }
    let head = Client::new().head(url).header("range", "bytes=0-1").send().await.expect("an answer");
    assert_eq!((head.status().as_u16(), header(&head, "content-length")), (200, length.to_string().as_str()));
    assert!(head.bytes().await.expect("no body").is_empty());
}

#[tokio::test]
async fn a_link_is_its_record_s_and_dies_with_it() {
    let world = World::with(&KEEPING).await;
    let (ada, bob) = (world.ready_user("a@example.com").await, world.ready_user("b@example.com").await);
    for user in [&ada, &bob] {
        user.generate("flux/schnell", "a lighthouse", json!({ "seed": 7 })).await.ok();
    }
    let (hers, his) = (kept(&world, &ada).await[0].clone(), kept(&world, &bob).await[0].clone());
    let (her_file, his_file) = (link(&hers, "file_url"), link(&his, "file_url"));
    assert_eq!(bytes(her_file).await, bytes(his_file).await);
    assert_eq!(files(world.data_dir()).len(), 2, "the same picture and the same preview, once each");
    let her_name = her_file.rsplit('/').next().expect("a name");
    let (stem, _) = her_name.split_once('.').expect("a point");
    let base = format!("{}/api/files/images", world.server().url());
    let id = link(&hers, "id");
    for wrong in [
        format!("{base}/{id}/AAAAAAAAAAAAAAAAAAAAAA.jpeg"),
        format!("{base}/{id}/{stem}.png"),
        format!("{base}/{id}/{stem}"),
        format!("{base}/{}/{her_name}", link(&his, "id")),
        format!("{base}/../{id}/{her_name}"),
        format!("{base}/{id}/..%2f{her_name}"),
        her_file.replace(stem, &stem.to_lowercase()),
    ] {
        assert_eq!(ask(&wrong, &[]).await.status(), 404, "{wrong}");
    }
    let theirs = bob.get(&format!("/api/collections/images/records/{id}")).await;
    assert_eq!(theirs.status.as_u16(), 404);
    world.sql(&format!("PRAGMA foreign_keys = ON; DELETE FROM images WHERE id = '{id}'"));
    for dead in [her_file, link(&hers, "thumbnail_url")] {
        assert_eq!(ask(dead, &[]).await.status(), 404, "{dead}");
    }
    bytes(his_file).await;
    world.sql(&format!("PRAGMA foreign_keys = ON; DELETE FROM images WHERE id = '{}'", link(&his, "id")));
    world.until(async || files(world.data_dir()).is_empty()).await;
}

#[tokio::test]
async fn a_passing_failure_is_tried_again_and_fal_s_no_is_not() {
    for fault in ["file_500", "file_truncated", "file_reset"] {
        let world = World::with(&KEEPING).await;
        let user = world.ready_user("a@example.com").await;
        generate_meeting(&user, fault, 1).await;
        let image = &kept(&world, &user).await[0];
        assert_eq!(bytes(link(image, "file_url")).await, bytes(link(image, "url")).await, "{fault}");
        assert_eq!(copy(&world).1, 1, "{fault}");
    }
    let world = World::with(&KEEPING).await;
    let user = world.ready_user("a@example.com").await;
    generate_meeting(&user, "file_404", 1).await;
    world.until(async || copy(&world) == (None, 1, None)).await;
    assert_eq!(images(&user).await[0]["file_url"], "");
}

#[tokio::test]
async fn trying_comes_to_an_end() {
    let mut world = World::with(&KEEPING).await;
    let user = world.ready_user("a@example.com").await;
    generate_meeting(&user, "file_500", 0).await;
    world.until(async || copy(&world).1 > 0).await;
    let _ = world.take_server().stop();
    world.sql("UPDATE image_files SET failures = 9, due = 0");
    world.restart(&KEEPING);
    world.until(async || copy(&world) == (None, 10, None)).await;
}

#[tokio::test]
async fn what_is_not_copied_yet_is_copied_after_a_restart() {
    let mut world = World::start().await;
    let mut user = world.ready_user("a@example.com").await;
    user.generate("flux/schnell", "a lighthouse", json!({})).await.ok();
    generate_meeting(&user, "file_stall", 1).await;
    assert!(images(&user).await.iter().all(|image| image["file_url"] == "" && image["thumbnail_url"] == ""));
    let _ = world.take_server().stop();
    world.restart(&KEEPING);
    user.moved_to(world.client());
    // One of the two stalls, and the server is killed over it.
    world.until(async || images(&user).await.iter().any(|image| image["file_url"] != "")).await;
    drop(world.take_server());
    world.restart(&KEEPING);
    user.moved_to(world.client());
    let all = kept(&world, &user).await;
    assert_eq!(all.len(), 2);
    // Switched off, nothing is copied, and what is kept stays.
    let _ = world.take_server().stop();
    world.restart(&["--public-url", "https://pictures.example.com"]);
    user.moved_to(world.client());
    let file = images(&user).await[0]["file_url"].as_str().expect("a text").to_owned();
    let end = file.strip_prefix("https://pictures.example.com").expect("the operator's address");
    bytes(&format!("{}{end}", world.server().url())).await;
}

#[tokio::test]
async fn links_lead_where_the_asker_came_to_also_from_folders() {
    let world = World::with(&KEEPING).await;
    let user = world.ready_user("a@example.com").await;
    let folder = user.post("/api/custom/collections/create", &json!({ "name": "Cats" })).await.ok();
    let into = json!({ "model": "flux/schnell", "prompt": "a cat", "collection_id": folder["id"] });
    user.post("/api/custom/generate/image", &into).await.ok();
    kept(&world, &user).await;
    let path = "/api/collections/folders/records?expand=images_via_folder_id";
    for (host, beginning) in [("gallery.example:8090", "http://gallery.example:8090/api/files/images/"), ("a@b", "")] {
        let page = user.send_with(http::Method::GET, path, &[("host", host)], None).await.ok();
        let image = &page["items"][0]["expand"]["images_via_folder_id"][0];
        let url = link(image, "file_url");
        assert!(url.starts_with(beginning) && url.is_empty() == beginning.is_empty(), "{host}: {url}");
    }
    let page = user.get("/api/collections/images/records?filter=(file_url!='')").await.ok();
    assert_eq!(page["totalItems"], 1);
    let page = user.get("/api/collections/images/records?filter=(file_url='')").await.ok();
    assert_eq!(page["totalItems"], 0);
}

#[tokio::test]
async fn batches_and_messages_link_where_their_asker_came_to() {
    let world = World::with(&KEEPING).await;
    let user = world.ready_user("a@example.com").await;
    user.generate("flux/schnell", "a cat", json!({})).await.ok();
    let image = kept(&world, &user).await[0].clone();
    let here = link(&image, "file_url").strip_prefix(world.server().url()).expect("a link of ours").to_owned();
    let path = format!("/api/collections/images/records/{}", link(&image, "id"));
    let mut stream = world.client().stream("/api/realtime", &[]).await;
    let hello = stream.next().await.expect("a handshake");
    for host in ["gallery.example:8090", "other.example"] {
        let send = async |path: &str, body: Value| {
            user.send_with(http::Method::POST, path, &[("host", host)], Some(&body.to_string())).await
        };
        let topics = json!({ "clientId": hello.id, "subscriptions": ["images/*"] });
        assert_eq!(send("/api/realtime", topics).await.status.as_u16(), 204);
        let change = json!({ "method": "PATCH", "url": path, "body": { "title": host } });
        let answer = send("/api/batch", json!({ "requests": [change] })).await.ok();
        let event = stream.next().await.expect("a message");
        for record in [&answer[0]["body"], &event.data["record"]] {
            assert_eq!(
                (&record["title"], link(record, "file_url")),
                (&json!(host), format!("http://{host}{here}").as_str())
            );
        }
    }
}

#[tokio::test]
async fn a_picture_that_comes_as_a_record_is_copied_at_once() {
    let world = World::with(&KEEPING).await;
    let user = world.ready_user("a@example.com").await;
    user.generate("flux/schnell", "a lighthouse", json!({})).await.ok();
    let first = kept(&world, &user).await[0].clone();
    let record = json!({ "user_id": user.id, "url": first["url"], "prompt": "p", "model": "m" });
    user.post("/api/collections/images/records", &record).await.ok();
    // Sooner than the keeper looks by itself.
    assert_eq!(kept(&world, &user).await.len(), 2);
    let moved = json!({ "url": format!("{}?again", link(&first, "url")) }).to_string();
    let path = format!("/api/collections/images/records/{}", link(&first, "id"));
    let moved = user.send(http::Method::PATCH, &path, Some(&moved)).await.ok();
    assert_eq!(moved["file_url"], "");
    let again = kept(&world, &user).await[0].clone();
    assert_eq!((&again["id"], &again["url"]), (&first["id"], &moved["url"]));
    assert_ne!(again["file_url"], first["file_url"]);
}

#[tokio::test]
async fn a_picture_from_elsewhere_is_not_fetched() {
    let world = World::start().await;
    let elsewhere = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let stranger = elsewhere.ready_user("b@example.com").await;
    for (world, user) in [(&world, &user), (&elsewhere, &stranger)] {
        user.generate("flux/schnell", "a lighthouse", json!({})).await.ok();
        assert_eq!(world.book().requests.len(), 1);
    }
    let foreign = images(&stranger).await[0]["url"].as_str().expect("a text").to_owned();
    let mut world = world;
    let _ = world.take_server().stop();
    world.sql(&format!("UPDATE images SET url = '{foreign}'"));
    world.restart(&KEEPING);
    world.until(async || copy(&world) == (None, 1, None)).await;
    assert!(world.server().log().contains("its address is not FAL's"));
}

#[tokio::test]
async fn another_address_is_another_picture() {
    let world = World::with(&KEEPING).await;
    let user = world.ready_user("a@example.com").await;
    user.generate("flux/schnell", "a lighthouse", json!({})).await.ok();
    let first = kept(&world, &user).await[0].clone();
    world.sql("UPDATE images SET title = 'Another title'");
    bytes(link(&first, "file_url")).await;
    world.sql("UPDATE images SET url = url || '?2'");
    assert_eq!(ask(link(&first, "file_url"), &[]).await.status(), 404);
    assert_eq!(images(&user).await[0]["file_url"], "");
}

#[tokio::test]
async fn a_backup_holds_the_pictures() {
    let world = World::with(&KEEPING).await;
    let user = world.ready_user("a@example.com").await;
    user.generate("flux/schnell", "a lighthouse", json!({})).await.ok();
    let image = kept(&world, &user).await[0].clone();
    let place = tempfile::tempdir().expect("a folder");
    let (archive, restored) = (place.path().join("all.tar"), place.path().join("restored"));
    generatio_server::backup::backup(world.data_dir(), &archive).expect("a backup");
    fs::create_dir(&restored).expect("a folder");
    let unpacked = std::process::Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(&restored).status();
    assert!(unpacked.expect("tar runs").success());
    assert_eq!(files(&restored).len(), 2);
    let beside = world.beside(&restored);
    let end = link(&image, "file_url").strip_prefix(world.server().url()).expect("a path of ours").to_owned();
    assert_eq!(beside.client().get(&end).await.status.as_u16(), 200);
}

#[tokio::test]
async fn pictures_that_a_browser_reports_are_kept_like_any_other() {
    let world = World::with(&KEEPING).await;
    let user = world.user("a@example.com").await;
    let job = Browser::new(&user).generate("a heron", 2).await;
    let images = kept(&world, &user).await;
    assert_eq!((images.len(), files(world.data_dir()).len()), (2, 4), "each with a small one");
    let reported = job["images"][0]["url"].as_str().expect("an address");
    assert_eq!(bytes(link(&images[0], "file_url")).await, bytes(reported).await);
}
