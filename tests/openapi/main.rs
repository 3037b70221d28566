//! The server against the description that it publishes: schemathesis calls every operation with what the description
//! allows and with what it does not, and holds the answers against it.

mod stage;

use generatio_tests::{World, binary, python, run};
use serde_json::Value;
use stage::Stage;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tokio::time::timeout;

/// Longest run, which takes less than a minute where nothing else runs.
const PATIENCE: Duration = Duration::from_secs(600);
/// What fails once, fails again.
const SEED: &str = "1";

/// Operations that say how they succeed, and cannot here: FAL's signature is needed, which the suite `webhook` has.
const NEVER: [&str; 1] = ["receiveWebhook"];

#[tokio::test]
async fn the_server_does_what_its_description_says() {
    let programs = installed().await;
    let stage = Stage::set().await;
    let folder = tempfile::tempdir().expect("a temporary directory");
    let (calls, document) = (folder.path().join("calls.jsonl"), folder.path().join("openapi.json"));
    std::fs::write(&document, stage.document().await.to_string()).expect("it is written");
    let mut schemathesis = tokio::process::Command::new(programs.join("schemathesis"));
    schemathesis.args(["--config-file".as_ref(), here().join("schemathesis.toml").as_os_str()]);
    // From a file: it leaves out of its calls where it read the description from.
    schemathesis.args(["run", "openapi.json", "--url", stage.url(), "--no-color", "--seed", SEED]);
    schemathesis.args(["--phases", "examples,coverage,fuzzing"]);
    schemathesis.current_dir(folder.path()).env("PYTHONPATH", here()).env("PYTHONDONTWRITEBYTECODE", "1");
    schemathesis.env("GENERATIO_WORLD", stage.write(folder.path())).env("GENERATIO_CALLS", &calls);
    let output = timeout(PATIENCE, schemathesis.kill_on_drop(true).output()).await.expect("it comes to its end");
    let output = output.expect("schemathesis runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let warned = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{warned}");
    let answers = answers(&calls);
    every_operation_was_reached(&stage.document().await, &answers);
    assert!(!stage.log().contains(" ERROR "), "{}", stage.log());
    println!("{said}\n{} calls of {} operations", answers.values().map(Vec::len).sum::<usize>(), answers.len());
}

/// Each was called, and each that can succeed did.
fn every_operation_was_reached(document: &Value, answers: &BTreeMap<String, Vec<u16>>) {
    let good = |status: &u16| (200..300).contains(status);
    let mut all = BTreeSet::new();
    for operation in operations(document) {
        let id = operation["operationId"].as_str().expect("it has a name");
        all.insert(id);
        let seen = answers.get(id).unwrap_or_else(|| panic!("{id} was not called"));
        let statuses = operation["responses"].as_object().expect("it answers").keys();
        let can_succeed = statuses.filter_map(|status| status.parse().ok()).any(|status| good(&status));
        let expected = can_succeed && !NEVER.contains(&id);
        assert!(!expected || seen.iter().any(good), "{id} never succeeded: {:?}", seen.iter().collect::<BTreeSet<_>>());
    }
    assert!(all.len() > 70, "{}", all.len());
}

fn operations(document: &Value) -> impl Iterator<Item = &Value> {
    let paths = document["paths"].as_object().expect("there are paths");
    paths.values().flat_map(|item| item.as_object().expect("each has operations").values())
}

/// The statuses that each operation was answered with.
fn answers(calls: &Path) -> BTreeMap<String, Vec<u16>> {
    let mut answers: BTreeMap<String, Vec<u16>> = BTreeMap::new();
    for line in std::fs::read_to_string(calls).expect("calls were written down").lines() {
        let (operation, status) = serde_json::from_str(line).expect("a name and a status");
        answers.entry(operation).or_default().push(status);
    }
    answers
}

#[tokio::test]
async fn the_description_is_openapi() {
    let programs = installed().await;
    let world = World::start().await;
    let folder = tempfile::tempdir().expect("a temporary directory");
    let file = folder.path().join("openapi.json");
    std::fs::write(&file, world.client().get("/openapi.json").await.text).expect("it is written");
    let ended = run(Command::new(programs.join("openapi-spec-validator")).arg(&file));
    assert!(ended.status.success(), "{}", ended.log);
    let broken = std::fs::read_to_string(&file).expect("it is read").replace("\"operationId\"", "\"operation\"");
    std::fs::write(&file, broken).expect("it is written");
    assert!(!run(Command::new(programs.join("openapi-spec-validator")).arg(&file)).status.success());
}

#[tokio::test]
async fn the_command_prints_what_the_server_publishes() {
    let world = World::start().await;
    let printed = run(Command::new(binary()).arg("openapi"));
    assert!(printed.status.success(), "{}", printed.log);
    let published = world.client().get("/openapi.json").await;
    assert_eq!(published.headers["content-type"], "application/json");
    assert_eq!(printed.log, published.text);
}

/// The description is the server's, whatever front end it serves.
#[tokio::test]
async fn the_page_is_shown_beside_any_front_end() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    for name in ["index.html", "docs", "openapi.json"] {
        std::fs::write(folder.path().join(name), "a front end's own").expect("it is written");
    }
    let world = World::with(&["--public-dir", folder.path().to_str().expect("a path")]).await;
    assert_eq!(world.client().get("/").await.text, "a front end's own");
    assert!(world.client().get("/openapi.json").await.json()["paths"].is_object());
    let page = world.client().get("/docs").await;
    assert!(page.text.contains("<article id=\"generateImages\">"), "{}", page.text);
    assert!(
        page.headers["content-security-policy"].to_str().expect("text").starts_with("default-src 'none'; style-src")
    );
    let tag = page.headers["etag"].to_str().expect("text");
    let again = world.client().send(http::Method::GET, "/docs", &[("if-none-match", tag)], None).await;
    assert_eq!((again.status.as_u16(), again.text.as_str()), (304, ""));
}

async fn installed() -> PathBuf {
    tokio::task::spawn_blocking(|| python::programs("openapi")).await.expect("the programs are installed")
}

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi")
}
