//! The drill: backups while a hundred generations run, restored elsewhere, and a server on what came out.

use generatio_fal_sim::Options;
use generatio_server::pictures::Address;
use generatio_server::store::sqlite::{FILE_NAME, examine};
use generatio_tests::{Client, PASSWORD, Server, User, World, binary, run};
use http::Method;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

const FLAGS: [&str; 4] = ["--keep-pictures", "on", "--max-running-jobs", "100"];
const ASYNC: [(&str, &str); 1] = [("prefer", "respond-async")];
/// Generations that end while the backups are made, from 0 ms on, one every [`STEP_MS`].
const QUICK: u64 = 60;
const STEP_MS: u64 = 40;
/// Generations that still run then, whatever the machine.
const SLOW: u64 = 40;
const SLOW_MS: u64 = 600_000;

/// Runs `generatio` with these words on a data folder.
fn generatio(words: &[&str], data: &Path) -> String {
    let ended = run(Command::new(binary()).args(words).arg("--data-dir").arg(data).env_clear());
    assert!(ended.status.success(), "{words:?}: {}", ended.log);
    ended.log
}

fn backup_and_restore(world: &World, folder: &Path, number: usize) -> PathBuf {
    let (archive, data) = (folder.join(format!("{number}.tar")), folder.join(format!("{number}")));
    let archive = archive.to_str().expect("a text");
    generatio(&["backup", archive], world.data_dir());
    let said = generatio(&["restore", archive], &data);
    assert!(said.starts_with("Restored ") && said.contains(": 2 users, "), "{said}");
    data
}

fn count(db: &Connection, sql: &str) -> u64 {
    db.query_row(sql, [], |row| row.get::<_, i64>(0)).expect(sql).unsigned_abs()
}

async fn hundred_generations(users: &[User; 2]) {
    let quick = (0..QUICK).map(|number| number * STEP_MS);
    for (number, ms) in quick.chain(std::iter::repeat_n(SLOW_MS, usize::try_from(SLOW).expect("few"))).enumerate() {
        let prompt = format!("heron {number} [[sim: {}]]", json!({ "latency_ms": ms }));
        let body = json!({ "model": "flux/schnell", "prompt": prompt, "parameters": { "num_images": 1 + number % 2 } });
        let body = body.to_string();
        let taken = users[number % 2].send_with(Method::POST, "/api/custom/generate/image", &ASYNC, Some(&body)).await;
        assert_eq!(taken.status, 202, "{}", taken.text);
    }
}

/// What the restored database says is what the live one said at one moment: of its events the first ones and no gap, of
/// everything else the rows that belong to them.
fn is_one_moment(data: &Path, live: &Path) {
    let found = examine(&data.join(FILE_NAME)).expect("a database");
    assert!(found.is_sound(), "{found:?}");
    let db = Connection::open(data.join(FILE_NAME)).expect("the restored database");
    db.execute("ATTACH ?1 AS live", [live.join(FILE_NAME).to_str()]).expect("the live one");
    let last = count(&db, "SELECT max(seq) FROM main.job_events");
    let before = format!("live.job_events WHERE seq <= {last}");
    for (none, why) in [
        (format!("SELECT * FROM {before} EXCEPT SELECT * FROM main.job_events"), "an event is missing"),
        ("SELECT * FROM main.job_events EXCEPT SELECT * FROM live.job_events".into(), "an event is another"),
        ("SELECT * FROM main.images EXCEPT SELECT * FROM live.images".into(), "a picture is another"),
        ("SELECT * FROM main.ledger EXCEPT SELECT * FROM live.ledger".into(), "a charge is another"),
        (
            "SELECT * FROM main.jobs WHERE state = 'completed' EXCEPT SELECT * FROM live.jobs".into(),
            "a completed job is another",
        ),
        (
            "SELECT * FROM main.jobs AS job WHERE (state = 'completed') <> (SELECT count(*) FROM main.ledger WHERE job_id = job.id)"
                .into(),
            "a completed job without its charge, or the other way round",
        ),
        (
            "SELECT * FROM main.jobs AS job WHERE (state = 'completed') * num_images
                 <> (SELECT count(*) FROM main.images WHERE job_id = job.id)"
                .into(),
            "a completed job without its pictures, or the other way round",
        ),
        (
            "SELECT * FROM main.jobs AS job WHERE state <> (SELECT state FROM main.job_events WHERE job_id = job.id
                 ORDER BY seq DESC LIMIT 1)"
                .into(),
            "a job's state is not its last event's",
        ),
    ] {
        assert_eq!(count(&db, &format!("SELECT count(*) FROM ({none})")), 0, "{why}");
    }
}

/// All pictures of the user, as the server on what was restored tells; the bytes of those that were copied.
async fn look_at_pictures(user: &User, db: &Connection) -> u64 {
    let page = user.get("/api/collections/images/records?perPage=500").await.ok();
    let mut files = 0;
    for image in page["items"].as_array().expect("items") {
        for field in ["file_url", "thumbnail_url"] {
            let url = image[field].as_str().expect("a text");
            if !url.is_empty() {
                let response = reqwest::get(url).await.expect("an answer");
                assert_eq!(response.status(), 200, "{image}");
                let bytes = response.bytes().await.expect("a whole body");
                let known = format!("SELECT count(*) FROM pictures WHERE address = '{}'", Address::of(&bytes));
                assert_eq!(count(db, &known), 1, "the bytes are those that were kept");
                files += 1;
            }
        }
    }
    let owned = format!("SELECT count(*) FROM images WHERE owner = '{}'", user.id);
    assert_eq!(page["totalItems"].as_u64(), Some(count(db, &owned)));
    files
}

async fn spends_as_its_ledger_says(user: &User, db: &Connection) {
    let stats = user.get("/api/custom/financial/stats").await.ok();
    let (nano, images): (i64, i64) = db
        .query_row("SELECT sum(account_amount), sum(images) FROM ledger WHERE owner = ?1", [&user.id], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .expect("charges");
    assert_eq!(stats["total_images"], images);
    let spent = serde_json::to_string(&stats["total_spent"]).expect("JSON");
    let expected = generatio_core::cost::Usd::from_nano(nano).to_string();
    assert_eq!(spent, expected);
}

#[tokio::test]
async fn a_backup_under_a_hundred_generations_comes_back_as_one_moment() {
    let world = World::with_fal(Options::immediate(), &FLAGS).await;
    let users = [world.ready_user("ann@example.com").await, world.ready_user("bob@example.com").await];
    let folder = tempfile::tempdir().expect("a folder");
    hundred_generations(&users).await;
    let live = world.database();
    assert_eq!(count(&live, "SELECT count(*) FROM jobs"), QUICK + SLOW);
    let kept = "SELECT count(*) FROM image_files WHERE file IS NOT NULL";
    world.until(async || count(&live, kept) >= 20).await;
    let completed = "SELECT count(*) FROM jobs WHERE state = 'completed'";
    let mut restored = Vec::new();
    loop {
        let was = count(&live, completed);
        restored.push(backup_and_restore(&world, folder.path(), restored.len()));
        if was == QUICK || restored.len() == 6 {
            break;
        }
    }
    world.until(async || count(&live, completed) == QUICK).await;
    let still = count(&live, "SELECT count(*) FROM jobs WHERE state = 'submitted'");
    assert_eq!(still, SLOW, "they ran through all of it");
    for data in &restored {
        is_one_moment(data, world.data_dir());
    }
    // The earliest: most was going on then.
    let fal = world.fal().url();
    let beside = Server::start(&restored[0], &["--fal-url", &fal, "--max-running-jobs", "100"]);
    let client = Client::new(beside.url());
    let db = Connection::open(restored[0].join(FILE_NAME)).expect("the restored database");
    let mut files = 0;
    for user in &users {
        let mut back = User::log_in(&client, &user.email, PASSWORD).await;
        files += look_at_pictures(&back, &db).await;
        spends_as_its_ledger_says(&back, &db).await;
        back.set_up_session().await;
        let more: Value = back.generate("flux/schnell", "one more heron", json!({})).await.ok();
        assert_eq!(more["images"].as_array().map(Vec::len), Some(1), "{more}");
        // A login of before is good there, too: the key came along.
        let mut before = user.clone();
        before.moved_to(&client);
        before.get("/api/custom/financial/stats").await.ok();
    }
    assert!(files >= 40, "{files} files and previews");
}
