//! Start, stop, restart, backup: what is kept and what is not.

use generatio_tests::{FAL_KEY, PASSWORD, World, binary, run};
use serde_json::json;
use std::process::Command;

/// Done at FAL at once, while the server hears nothing of it: its first status stream falls silent, for longer than any
/// of this takes, and the next one works.
const UNHEARD: &str = r#"unheard [[sim: {"fault": "stream_stall"}]]"#;

#[tokio::test]
async fn a_restart_keeps_everything_but_sessions() {
    let mut world = World::start().await;
    let mut user = world.ready_user("a@example.com").await;
    user.generate("flux/schnell", "a heron", json!({})).await.ok();
    assert!(world.take_server().stop().status.success(), "a stop is a success");
    world.restart(&[]);
    user.moved_to(world.client());

    assert_eq!(user.stats().await["total_spent"], json!(0.003));
    let status = user.get("/api/custom/auth/token-status").await.ok();
    assert_eq!((&status["has_token"], &status["requires_login"]), (&json!(true), &json!(true)));
    user.set_up_session().await;
    user.generate("flux/schnell", "a heron", json!({})).await.ok();
}

#[tokio::test]
async fn a_job_at_fal_goes_on_after_a_kill() {
    let mut world = World::with(&["--sync-wait", "20ms"]).await;
    let mut user = world.ready_user("a@example.com").await;
    let handed = user.generate("flux/schnell", UNHEARD, json!({})).await;
    assert_eq!(handed.status.as_u16(), 202, "{}", handed.text);
    let place = handed.headers["location"].to_str().expect("a path").to_owned();
    world.until(async || user.get(&place).await.ok()["state"] == "submitted").await;
    world.take_server().kill();
    world.restart(&[]);
    user.moved_to(world.client());

    assert_eq!(user.get(&place).await.ok()["state"], "submitted", "it waits for a session");
    user.set_up_session().await;
    world.until(async || user.get(&place).await.ok()["state"] == "completed").await;
    assert_eq!((world.book().submissions, user.stats().await["total_images"].clone()), (1, json!(1)));
}

#[tokio::test]
async fn a_submit_cut_off_is_unknown_and_never_repeated() {
    let mut world = World::with(&["--sync-wait", "20ms"]).await;
    let mut user = world.ready_user("a@example.com").await;
    // FAL takes it and never says so.
    let handed = user.generate("flux/schnell", r#"cut off [[sim: {"fault": "submit_stall"}]]"#, json!({})).await;
    let place = handed.headers["location"].to_str().expect("a path").to_owned();
    world.until(async || world.book().submissions == 1).await;
    assert_eq!(user.get(&place).await.ok()["state"], "submitting");
    world.take_server().kill();
    world.restart(&[]);
    user.moved_to(world.client());
    assert_eq!(user.get(&place).await.ok()["state"], "unknown");

    user.set_up_session().await;
    // A whole generation later, a second submit of the first would have been seen.
    user.generate("flux/schnell", "a heron", json!({})).await.ok();
    let job = user.get(&place).await.ok();
    assert_eq!((&job["state"], &job["held"]), (&json!("unknown"), &json!(0.003)));
    assert_eq!((world.book().submissions, world.book().refused), (2, 0));
}

#[tokio::test]
async fn a_key_that_fal_refuses_leaves_the_job_for_the_next_session() {
    let mut world = World::with(&["--sync-wait", "20ms"]).await;
    let mut user = world.ready_user("a@example.com").await;
    let handed = user.generate("flux/schnell", UNHEARD, json!({})).await;
    let place = handed.headers["location"].to_str().expect("a path").to_owned();
    world.until(async || user.get(&place).await.ok()["state"] == "submitted").await;
    world.take_server().kill();
    world.restart(&["--sync-wait", "20ms"]);
    user.moved_to(world.client());

    user.set_up_session_with("bad-id:secret").await;
    world.until(async || user.get(&place).await.ok()["failure"]["code"] == "fal_key_refused").await;
    let job = user.get(&place).await.ok();
    assert_eq!((&job["state"], &job["held"]), (&json!("submitted"), &json!(0.003)));

    user.set_up_session_with(FAL_KEY).await;
    world.until(async || user.get(&place).await.ok()["state"] == "completed").await;
    assert_eq!((world.book().submissions, user.stats().await["total_images"].clone()), (1, json!(1)));
}

#[tokio::test]
async fn running_answers_are_finished_before_the_end() {
    let mut world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let slow = r#"slow [[sim: {"latency_ms": 400}]]"#;
    let body = json!({ "model": "flux/schnell", "prompt": slow }).to_string();
    let caller = tokio::spawn(user.clone().send_owned(http::Method::POST, "/api/custom/generate/image", body));
    world.until(async || world.book().submissions == 1).await;
    let server = world.take_server();
    let stopped = tokio::task::spawn_blocking(move || server.stop());
    caller.await.expect("the call returns").ok();
    assert!(stopped.await.expect("it stops").status.success());
}

#[tokio::test]
async fn files_are_the_owners_only() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::start().await;
    let mode = |name: &str| {
        let path = world.data_dir().join(name);
        path.metadata().expect("the file is there").permissions().mode() & 0o777
    };
    assert_eq!((mode("generatio.db"), mode("jwt.key")), (0o600, 0o600));
}

#[tokio::test]
async fn a_backup_taken_while_serving_opens_with_everything() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    user.generate("flux/schnell", "a heron", json!({})).await.ok();
    let elsewhere = tempfile::tempdir().expect("a temporary directory");
    let archive = elsewhere.path().join("backup.tar");
    let backup =
        || run(Command::new(binary()).arg("backup").arg(&archive).arg("--data-dir").arg(world.data_dir())).status;
    assert!(backup().success());
    assert!(!backup().success(), "an existing file is not overwritten");

    let data = elsewhere.path().join("data");
    std::fs::create_dir(&data).expect("a directory");
    let unpacked = Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(&data).status();
    assert!(unpacked.expect("tar runs").success());
    let restored = world.beside(&data);
    let login = json!({ "identity": "a@example.com", "password": PASSWORD });
    let login = restored.client().post("/api/collections/generatio_users/auth-with-password", &login).await.ok();
    assert_eq!(login["record"]["financial_data"], json!({ "total_spent": 0.003, "total_images": 1 }));
}

#[tokio::test]
async fn one_server_serves_one_data_folder() {
    let world = World::start().await;
    let second =
        run(Command::new(binary()).args(["serve", "--http", "127.0.0.1:0", "--data-dir"]).arg(world.data_dir()));
    assert!(!second.status.success() && second.log.contains("in use by another server"), "{}", second.log);
}

#[tokio::test]
async fn a_model_that_left_the_catalog_still_delivers_what_was_paid() {
    let mut world = World::with(&["--sync-wait", "20ms"]).await;
    let mut user = world.ready_user("a@example.com").await;
    let handed = user.generate("hidream/hidream-i1-dev", UNHEARD, json!({ "num_images": 2 })).await;
    let place = handed.headers["location"].to_str().expect("a path").to_owned();
    world.until(async || user.get(&place).await.ok()["state"] == "submitted").await;
    world.take_server().kill();
    let catalog = world.data_dir().join("catalog.json");
    std::fs::write(&catalog, r#"{ "hide": ["hidream/hidream-i1-dev"] }"#).expect("the file is written");
    world.restart(&["--catalog-file", catalog.to_str().expect("a path of text")]);
    user.moved_to(world.client());
    user.set_up_session().await;
    world.until(async || user.get(&place).await.ok()["state"] == "completed").await;
    let job = user.get(&place).await.ok();
    assert_eq!((&job["cost"], job["images"].as_array().map(Vec::len)), (&json!(0.008), Some(2)));
}

#[tokio::test]
async fn bad_settings_are_refused_with_the_reason() {
    let data = tempfile::tempdir().expect("a temporary directory");
    for (arguments, told) in [
        (["--fal-url", "http://example.com"], "fal-url"),
        (["--pbkdf2-iterations", "99999"], "pbkdf2-iterations"),
        (["--pbkdf2-iterations", "2000001"], "pbkdf2-iterations"),
        (["--session-ttl", "soon"], "session-ttl"),
        (["--custody", "none"], "custody"),
        (["--catalog-file", "/nonexistent.json"], "nonexistent"),
    ] {
        let ended = run(Command::new(binary())
            .args(["serve", "--http", "127.0.0.1:0", "--data-dir"])
            .arg(data.path())
            .args(arguments));
        assert!(!ended.status.success() && ended.log.contains(told), "{arguments:?}: {}", ended.log);
    }
}
