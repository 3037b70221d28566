//! Nothing secret in logs, error bodies, rows or files: a full run, searched for what was planted.

use generatio_tests::{FAL_KEY, PASSWORD, User, World};
use http::Method;
use serde_json::{Value, json};
use std::path::Path;

const PROMPT: &str = "planted-prompt-of-a-heron";
const CONTROL: &str = "planted-control-model";

/// What must not be found, by name.
struct Planted(Vec<(&'static str, String)>);

impl Planted {
    fn found_in(&self, haystack: &[u8]) -> Vec<&'static str> {
        let holds = |needle: &str| haystack.windows(needle.len()).any(|window| window == needle.as_bytes());
        self.0.iter().filter(|(_, needle)| holds(needle)).map(|(name, _)| *name).collect()
    }
}

#[tokio::test]
async fn a_full_run_leaves_no_secret_in_logs_metrics_errors_or_files() {
    let mut world = World::with(&["--log-level", "trace", "--metrics", "127.0.0.1:0"]).await;
    let user = world.ready_user("planted@example.com").await;
    let errors = walk(&world, &user).await;
    let metrics = metrics(&world).await;
    let ended = world.take_server().stop();
    assert!(ended.status.success());
    let log = ended.log;
    let files = everything_in(world.data_dir());

    let session = user.session.clone().expect("set up");
    let mut planted = Planted(vec![
        ("token", FAL_KEY.to_owned()),
        ("password", PASSWORD.to_owned()),
        ("JWT", user.jwt.clone()),
        ("session id", session),
    ]);
    assert_eq!(planted.found_in(errors.as_bytes()), [] as [&str; 0]);
    assert_eq!(planted.found_in(&files), [] as [&str; 0]);
    // Files hold prompts and addresses, and the README says so; logs hold neither.
    planted.0.extend([("prompt", PROMPT.to_owned()), ("e-mail", "planted@example.com".to_owned())]);
    assert_eq!(planted.found_in(log.as_bytes()), [] as [&str; 0]);
    assert_eq!(planted.found_in(metrics.as_bytes()), [] as [&str; 0]);

    // The search finds what is there: what the log and the files must hold, and what an error names.
    let control = Planted(vec![
        ("route", "/api/custom/generate/image".to_owned()),
        // The model's log lines repeat the prompt; whoever logs a status has them at hand.
        ("status", "Completed".to_owned()),
        ("last line", "stopping".to_owned()),
    ]);
    assert_eq!(control.found_in(log.as_bytes()), ["route", "status", "last line"]);
    assert_eq!(control.found_in(metrics.as_bytes()), ["route"]);
    assert_eq!(Planted(vec![("prompt", PROMPT.to_owned())]).found_in(&files), ["prompt"]);
    assert_eq!(Planted(vec![("control", CONTROL.to_owned())]).found_in(errors.as_bytes()), ["control"]);
}

/// What the server tells Prometheus.
async fn metrics(world: &World) -> String {
    let log = world.server().log();
    let address = log.lines().find_map(|line| line.strip_prefix("Metrics are at ")).expect("it says where");
    let answer = reqwest::get(address).await.expect("it answers");
    assert_eq!(answer.headers()["content-type"], "application/openmetrics-text; version=1.0.0; charset=utf-8");
    answer.text().await.expect("a text")
}

/// Uses everything once, well and badly; returns all that was refused.
async fn walk(world: &World, user: &User) -> String {
    let mut errors = String::new();
    let login = json!({ "email": user.email, "password": PASSWORD });
    world.client().post("/api/custom/auth/login", &login).await.ok();
    user.generate("flux/schnell", PROMPT, json!({})).await.ok();
    for fault in ["job_failed_422", "submit_html", "submit_reset_after", "result_html"] {
        let prompt = format!(r#"{PROMPT} [[sim: {{"fault": "{fault}"}}]]"#);
        errors += &user.generate("flux/schnell", &prompt, json!({})).await.text;
    }
    for (path, body) in bad_calls() {
        errors += &user.post(path, &body).await.text;
    }
    let query = format!("/api/custom/collections?token={FAL_KEY}&password={PASSWORD}&session={:?}", user.session);
    user.get(&query).await.ok();
    errors += &user.send(Method::GET, &format!("/{FAL_KEY}/{PASSWORD}"), None).await.text;
    errors
}

fn bad_calls() -> Vec<(&'static str, Value)> {
    vec![
        ("/api/custom/tokens/setup", json!({ "fal_token": FAL_KEY, "password": PASSWORD, "sealed_token": "x" })),
        ("/api/custom/tokens/setup", json!({ "fal_token": format!("{FAL_KEY} {PASSWORD}"), "password": PASSWORD })),
        ("/api/custom/tokens/setup", json!({ "fal_token": [FAL_KEY], "password": PASSWORD })),
        ("/api/custom/tokens/verify", json!({ "password": [PASSWORD] })),
        ("/api/custom/auth/create-session", json!({ "password": PASSWORD, "fal_token": FAL_KEY })),
        ("/api/custom/auth/login", json!({ "email": PASSWORD, "password": FAL_KEY })),
        ("/api/custom/generate/image", json!({ "model": CONTROL, "prompt": PROMPT })),
        (
            "/api/custom/generate/image",
            json!({ "model": "flux/schnell", "prompt": PROMPT, "parameters": { "seed": FAL_KEY } }),
        ),
        (
            "/api/collections/generatio_users/records",
            json!({ "email": "x", "password": PASSWORD, "passwordConfirm": FAL_KEY }),
        ),
    ]
}

fn everything_in(directory: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(directory).expect("the directory is there") {
        let path = entry.expect("an entry").path();
        let bytes = if path.is_dir() { everything_in(&path) } else { std::fs::read(&path).expect("a file") };
        all.extend(bytes);
    }
    assert!(!all.is_empty(), "nothing was searched");
    all
}
