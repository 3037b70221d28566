//! Imports from a directory that a real PocketBase made: afterwards everybody is at home here with the old password.

use generatio_core::cost::Usd;
use generatio_core::seal::seal_v1;
use generatio_core::{Password, SecretText};
use generatio_server::clock;
use generatio_server::store::sqlite::{FILE_NAME, examine, register_functions};
use generatio_testkit::rng::SeededRng;
use generatio_tests::pocketbase::original;
use generatio_tests::{Client, Ended, Reply, Server, User, binary, digest, run};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

const USERS: usize = 5;
const IMAGES: usize = 1000;
const FOLDERS: usize = 20;
/// Exit code of an import that left rows out.
const SKIPPED: i32 = 3;
/// What each picture cost there, as doubles print, and in nano-dollars.
const COSTS: [(f64, i64); 4] = [
    (0.003, 3_000_000),
    (0.004, 4_000_000),
    (0.009_000_000_000_000_001, 9_000_000),
    (0.001_333_333_333_333_333_3, 1_333_333),
];

fn user_id(number: usize) -> String {
    format!("olduser{number:08}")
}

fn email(number: usize) -> String {
    format!("Old{number}@example.com")
}

fn password(number: usize) -> String {
    format!("old pass phrase {number} ü")
}

fn fal_key(number: usize) -> String {
    format!("old-key-id-{number}:old0secret{number}")
}

/// A moment of its own, later for later rows.
fn date(number: usize) -> String {
    let ms = 1_755_000_000_000 + i64::try_from(number).expect("few") * 3_600_123;
    clock::record_date(generatio_core::Timestamp::from_unix_ms(ms))
}

fn image(number: usize) -> Value {
    let (cost, _) = COSTS[number % COSTS.len()];
    let folder = if number.is_multiple_of(3) { format!("oldfolder{:06}", number % FOLDERS) } else { String::new() };
    json!({
        "id": format!("oldimage{number:07}"), "title": format!("heron {number}"), "prompt": format!("a heron, {number}"),
        "url": format!("https://v3.fal.media/files/old/{number}.png"), "user_id": user_id(number % USERS),
        "request_id": format!("request-{}", number / 4), "model": "flux/schnell", "batch_number": 1 + number % 4,
        "image_size": { "height": 1024, "width": 1024 }, "folder_id": folder,
        "other_info": { "cost_usd": cost, "generation_time_ms": number, "parameters": { "num_images": 4 } },
        "deleted_at": if number.is_multiple_of(10) { date(number + 1) } else { String::new() },
        "created": date(number), "updated": date(number),
    })
}

/// Rows of the original: its users' tokens are sealed under their passwords.
fn data() -> Value {
    let mut rng = SeededRng::new(8);
    let user = |number: usize| {
        let (token, password) = (SecretText::new(fal_key(number)), Password::new(password(number)));
        let sealed = seal_v1(&token, &password, &mut rng).expect("a sealed token");
        json!({
            "id": user_id(number), "email": email(number), "password": self::password(number), "name": format!("Old {number}"),
            "fal_token": sealed.as_str(), "model_preferences": [format!("oldprefs{number:07}")],
            "financial_data": { "total_spent": 0.003, "total_images": 1 },
            "created": date(number), "updated": date(number),
        })
    };
    let users: Vec<_> = (0..USERS).map(user).collect();
    let preferences = |number: usize| {
        json!({ "id": format!("oldprefs{number:07}"), "model_name": "flux/schnell",
            "preferences": { "seed": number }, "created": date(number), "updated": date(number) })
    };
    let folder = |number: usize| {
        // The first of each user hold the others.
        let parent = if number < USERS { String::new() } else { format!("oldfolder{:06}", number % USERS) };
        json!({ "id": format!("oldfolder{number:06}"), "name": format!("Herons {number}"), "private": number == 1,
            "user_id": user_id(number % USERS), "parent_id": parent, "created": date(number), "updated": date(number) })
    };
    // One more than there are users: nobody's.
    let preferences: Vec<_> = (0..=USERS).map(preferences).collect();
    let folders: Vec<_> = (0..FOLDERS).map(folder).collect();
    let images: Vec<_> = (0..IMAGES).map(image).collect();
    json!({ "generatio_users": users, "model_preferences": preferences, "folders": folders, "images": images, "late": image(IMAGES) })
}

fn import_command(from: &Path, data_dir: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command.arg("import").arg(from).arg("--data-dir").arg(data_dir).args(more).env_clear();
    command
}

fn import(from: &Path, data_dir: &Path, more: &[&str]) -> String {
    let Ended { status, log } = run(&mut import_command(from, data_dir, more));
    assert_eq!(status.code(), Some(SKIPPED), "{log}");
    log
}

/// All that stands in the tables.
fn dump(data_dir: &Path) -> String {
    let db = Connection::open(data_dir.join(FILE_NAME)).expect("the database");
    register_functions(&db).expect("the functions that its views call");
    let mut tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").expect("tables");
    let names: Vec<String> =
        tables.query_map([], |row| row.get(0)).expect("names").collect::<Result<_, _>>().expect("names");
    let mut text = String::new();
    for name in names {
        let mut all = db.prepare(&format!("SELECT * FROM {name}")).expect("a table");
        let width = all.column_count();
        let mut rows = all.query([]).expect("rows");
        while let Some(row) = rows.next().expect("a row") {
            for at in 0..width {
                text += &format!("{:?}|", row.get_ref(at).expect("a value"));
            }
        }
    }
    digest(&text)
}

fn lines<'a>(said: &'a str, start: &str) -> Vec<&'a str> {
    said.lines().filter(|line| line.starts_with(start)).collect()
}

/// Whether each line of `expected` was said. The streams are two, and come in any order.
fn tells(said: &str, expected: &str) -> bool {
    expected.lines().all(|line| said.lines().any(|other| other == line))
}

fn told(images: usize, before: bool) -> String {
    let count = |rows: usize| {
        if before { format!("0 came, {rows} brought before") } else { format!("{rows} came, 0 brought before") }
    };
    format!(
        "generatio_users: {}, 0 skipped\nfolders: {}, 0 skipped\nmodel_preferences: {}, 1 skipped\nimages: {}, 0 skipped\n",
        count(USERS),
        count(FOLDERS),
        count(USERS),
        count(images),
    )
}

/// Logs in as the original's clients do, with whatever password.
async fn log_in(client: &Client, number: usize, password: &str) -> Reply {
    let body = json!({ "email": email(number).to_lowercase(), "password": password });
    client.post("/api/custom/auth/login", &body).await
}

async fn is_at_home(client: &Client, number: usize, images: usize, db: &Connection) {
    let hash = || -> String {
        let sql = "SELECT password_hash FROM users WHERE id = ?1";
        db.query_row(sql, [user_id(number)], |row| row.get(0)).expect("a hash")
    };
    assert!(hash().starts_with("$2"), "as it was");
    log_in(client, number, "another pass phrase").await.refused(401, "authentication_error", "Invalid credentials");
    assert!(hash().starts_with("$2"), "a wrong password changes nothing");
    let login = log_in(client, number, &password(number)).await.ok();
    assert_eq!(login["message"], "Login successful with auto-created session");
    assert!(hash().starts_with("$argon2id$"), "hashed anew in the same login");
    log_in(client, number, &password(number)).await.ok();
    log_in(client, number, "another pass phrase").await.refused(401, "authentication_error", "Invalid credentials");

    let user = User::log_in(client, &email(number), &password(number)).await;
    assert_eq!(user.id, user_id(number));
    let created = user.post("/api/custom/auth/create-session", &json!({ "password": password(number) })).await.ok();
    assert!(created["session_id"].is_string());
    let own: Vec<_> = (0..images).filter(|image| image % USERS == number).collect();
    let page = user.get("/api/collections/images/records?perPage=1&sort=created").await.ok();
    assert_eq!(page["totalItems"].as_u64(), u64::try_from(own.len()).ok());
    let (first, old) = (&page["items"][0], image(own[0]));
    for field in [
        "id",
        "title",
        "prompt",
        "url",
        "request_id",
        "model",
        "batch_number",
        "image_size",
        "other_info",
        "folder_id",
        "deleted_at",
        "created",
        "updated",
    ] {
        assert_eq!(first[field], old[field], "{field}");
    }
    let spent: i64 = own.iter().map(|image| COSTS[image % COSTS.len()].1).sum();
    let stats = user.get("/api/custom/financial/stats").await.ok();
    assert_eq!(stats["total_spent"].to_string(), Usd::from_nano(spent).to_string());
    assert_eq!(stats["total_images"].as_u64(), u64::try_from(own.len()).ok());
    let preferences = user.post("/api/custom/preferences/get", &json!({ "model_name": "flux/schnell" })).await.ok();
    assert_eq!(preferences["preferences"], json!({ "seed": number }));
    let folders = user.get("/api/custom/collections").await.ok();
    assert_eq!(folders["collections"].as_array().map(Vec::len), Some(FOLDERS / USERS));
}

#[tokio::test]
async fn everybody_comes_along_with_the_old_password_and_the_old_token() {
    let folder = tempfile::tempdir().expect("a folder");
    let (from, to) = (folder.path().join("pb_data"), folder.path().join("data"));
    let made = original(&from, &data(), &[]);
    assert!(made.status.success(), "{}", made.log);
    let bytes = fs::read(from.join("data.db")).expect("the original's database");

    let said = import(&from, &to, &["--dry-run"]);
    let expected = told(IMAGES, false);
    assert!(tells(&said, &expected.replace("came", "would come")), "{said}");
    assert!(!to.exists(), "nothing has happened");
    let said = import(&from, &to, &[]);
    assert!(tells(&said, &expected), "{said}");
    let spent: i64 = (0..IMAGES).map(|image| COSTS[image % COSTS.len()].1).sum();
    assert!(said.contains(&format!("spending: {} USD came; 0 images", Usd::from_nano(spent))), "{said}");
    assert_eq!(lines(&said, "skipped").len(), 1, "{said}");
    assert!(said.contains("skipped model_preferences oldprefs0000005: model_preferences: no user names it"), "{said}");
    let found = examine(&to.join(FILE_NAME)).expect("a database");
    assert!(found.is_sound() && (found.users, found.images) == (USERS as u64, IMAGES as u64), "{found:?}");
    let before = dump(&to);
    for more in [&["--dry-run"][..], &[]] {
        let said = import(&from, &to, more);
        let expected = told(IMAGES, true);
        let expected = if more.is_empty() { expected } else { expected.replace("came", "would come") };
        assert!(tells(&said, &expected), "{said}");
        assert_eq!(dump(&to), before, "a second run changes nothing");
    }
    assert_eq!(fs::read(from.join("data.db")).expect("the original's database"), bytes, "it is only read");

    let server = Server::start(&to, &["--pbkdf2-iterations", "100000"]);
    let client = Client::new(server.url());
    let db = Connection::open(to.join(FILE_NAME)).expect("the database");
    for number in 0..USERS {
        is_at_home(&client, number, IMAGES, &db).await;
    }
    // While the server runs, after its users changed their passwords' hashes and tokens by logging in.
    let said = import(&from, &to, &[]);
    assert!(tells(&said, &told(IMAGES, true)), "{said}");
    assert!(!server.log().contains("a heron"), "no prompt is logged");
}

#[tokio::test]
async fn a_running_pocketbase_is_read_with_its_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let (from, to) = (folder.path().join("pb_data"), folder.path().join("data"));
    let mut data = data();
    let images = data["images"].as_array_mut().expect("images");
    images.truncate(40);
    let command = import_command(&from, &to, &[]);
    let words: Vec<&OsStr> = std::iter::once(command.get_program()).chain(command.get_args()).collect();
    let ended = original(&from, &data, &words);
    assert_eq!(ended.status.code(), Some(SKIPPED), "{}", ended.log);
    assert!(tells(&ended.log, &told(41, false)), "{}", ended.log);
    let db = Connection::open(to.join(FILE_NAME)).expect("the database");
    let late: i64 = db
        .query_row("SELECT count(*) FROM images WHERE id = ?1", [format!("oldimage{IMAGES:07}")], |row| row.get(0))
        .expect("a count");
    assert_eq!(late, 1, "made while it ran");
}
