//! Accounts by the operator's hand, beside a running server and without one; keys; and what the audit log says of it all.

use crate::command::{audited, done, ended, lines, refused};
use generatio_tests::{Client, FAL_KEY, PASSWORD, Server, User, World, binary, run};
use http::Method;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

const NEW_PASSWORD: &str = "another harbour 28";

fn password_file(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("password");
    fs::write(&path, text).expect("a file");
    path
}

fn reset(who: &str, folder: &Path, data: &Path) -> Value {
    let file = password_file(folder, &format!("{NEW_PASSWORD}\n"));
    lines(&["user", "reset-password", who, "--json", "--password-file", file.to_str().expect("a text")], data)[0]
        .clone()
}

#[tokio::test]
async fn a_reset_beside_a_running_server_ends_logins_sessions_and_the_token() {
    let world = World::start().await;
    let ann = world.ready_user("ann@example.com").await;
    let bob = world.ready_user("bob@example.com").await;
    ann.generate("flux/schnell", "a heron", json!({})).await.ok();
    let folder = tempfile::tempdir().expect("a folder");

    let told = reset("ANN@example.com", folder.path(), world.data_dir());
    assert_eq!(told, json!({ "id": ann.id, "token_lost": true, "sessions_ended": 1 }));
    let stats = "/api/custom/financial/stats";
    ann.get(stats).await.refused(401, "authentication_error", "Authentication required");
    bob.get(stats).await.ok();
    let wrong = json!({ "email": ann.email, "password": PASSWORD });
    let login = world.client().post("/api/custom/auth/login", &wrong).await;
    login.refused(401, "authentication_error", "Invalid credentials");
    let mut again = User::log_in(world.client(), &ann.email, NEW_PASSWORD).await;
    let status = again.get("/api/custom/auth/token-status").await.ok();
    assert_eq!((&status["has_token"], &status["has_active_session"]), (&json!(false), &json!(false)));
    again.session.clone_from(&ann.session);
    let generate = again.generate("flux/schnell", "a heron", json!({})).await;
    generate.refused(401, "authentication_error", "Valid session required");
    let images = again.get("/api/collections/images/records").await.ok();
    assert_eq!(images["totalItems"], 1, "the library stays");
    bob.generate("flux/schnell", "a heron", json!({})).await.ok();
}

#[tokio::test]
async fn sessions_are_listed_and_ended_by_the_running_server_alone() {
    let mut world = World::start().await;
    let mut ann = world.ready_user("ann@example.com").await;
    let first = ann.session.clone();
    ann.set_up_session().await;
    let list = ["user", "sessions", "ann@example.com", "--json"];
    let listed = lines(&list, world.data_dir())[0].clone();
    let handles: Vec<_> =
        listed.as_array().expect("a list").iter().map(|one| one["handle"].as_str().expect("a text")).collect();
    assert_eq!(handles.len(), 2);
    for id in [&first, &ann.session].into_iter().flatten() {
        assert!(!listed.to_string().contains(id.as_str()), "what opens a session is not in the list");
    }
    assert_eq!(done(&["user", "sessions", &ann.id, "--end", handles[1]], world.data_dir()), "1 sessions ended\n");
    let generate = ann.generate("flux/schnell", "a heron", json!({})).await;
    generate.refused(401, "authentication_error", "Valid session required");
    ann.session = first;
    ann.generate("flux/schnell", "a heron", json!({})).await.ok();
    assert_eq!(done(&["user", "sessions", &ann.id, "--end-all"], world.data_dir()), "1 sessions ended\n");
    let socket = world.data_dir().join("control.sock");
    assert_eq!(fs::metadata(&socket).expect("the socket").permissions().mode() & 0o777, 0o600);

    // A killed server leaves its socket behind: commands take it for none, and the next one replaces it.
    world.take_server().kill();
    assert!(socket.exists());
    assert!(refused(&list, world.data_dir()).contains("no server runs on "));
    world.restart(&[]);
    assert_eq!(lines(&list, world.data_dir()), [json!([])]);
    assert!(world.take_server().stop().status.success());
    assert!(!socket.exists());
}

#[tokio::test]
async fn accounts_are_made_listed_and_removed_without_a_server() {
    let folder = tempfile::tempdir().expect("a folder");
    // Longer than a socket's address may be.
    let data = folder.path().join("d".repeat(100)).join("data");
    let file = password_file(folder.path(), NEW_PASSWORD);
    let file = file.to_str().expect("a text");
    let create =
        |email: &'static str| ["user", "create", email, "--name", "Ann\u{1b}", "--json", "--password-file", file];
    let made = lines(&create("Ann@example.com"), &data)[0].clone();
    assert_eq!(made["email"], "Ann@example.com");
    assert!(refused(&create("ann@example.com"), &data).contains("the e-mail address is taken"));
    assert!(refused(&create("nobody"), &data).contains("is no e-mail address"));
    for (text, why) in
        [("short", "shorter than 8"), ("password", "too commonly used"), ("\nsecond line", "it is empty")]
    {
        password_file(folder.path(), text);
        assert!(refused(&create("bob@example.com"), &data).contains(why), "{text}");
    }
    let listed = lines(&["user", "list", "--json"], &data);
    assert_eq!(listed.len(), 1);
    let line = &listed[0];
    assert_eq!(
        (&line["id"], &line["email"], &line["password"], &line["token"]),
        (&made["id"], &made["email"], &json!("plain"), &json!("none"))
    );
    assert_eq!((&line["images"], line["spent"].to_string().as_str()), (&json!(0), "0"));
    let table = done(&["user", "list"], &data);
    assert!(table.lines().count() == 2 && !table.contains('\u{1b}') && table.contains("Ann\\u{1b}"), "{table:?}");

    let server = Server::start(&data, &[]);
    let client = Client::new(server.url());
    let ann = User::log_in(&client, "ann@example.com", NEW_PASSWORD).await;
    assert_eq!(
        lines(&["user", "sessions", &ann.id, "--json"], &data),
        [json!([])],
        "the long path leads to the server"
    );
    assert!(refused(&["user", "delete", "ann@example.com"], &data).contains("say --yes"));
    ann.get("/api/custom/financial/stats").await.ok();
    done(&["user", "delete", "ann@example.com", "--yes"], &data);
    let gone = ann.get("/api/custom/financial/stats").await;
    gone.refused(401, "authentication_error", "Authentication required");
    assert!(refused(&["user", "delete", "ann@example.com", "--yes"], &data).contains("there is no account"));
    assert!(lines(&["user", "list", "--json"], &data).is_empty());
    assert!(refused(&["user", "list"], folder.path()).contains("holds no generatio.db"));
}

/// Standard input is where a password comes from otherwise.
#[tokio::test]
async fn a_password_is_read_from_standard_input_and_never_taken_as_an_argument() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let script = format!("printf '%s' '{NEW_PASSWORD}' | \"$0\" user create ann@example.com --data-dir \"$1\"");
    let made = run(Command::new("sh").arg("-c").arg(script).arg(binary()).arg(&data).env_clear());
    assert!(made.status.success(), "{}", made.log);
    let server = Server::start(&data, &[]);
    User::log_in(&Client::new(server.url()), "ann@example.com", NEW_PASSWORD).await;
    assert_eq!(ended(&["user", "create", "bob@example.com", "--password", NEW_PASSWORD], &data).status.code(), Some(2));
}

#[tokio::test]
async fn a_new_key_signs_at_once_and_earlier_logins_stay_good_unless_they_are_not_to() {
    let mut world = World::start().await;
    let ann = world.user("ann@example.com").await;
    let stats = "/api/custom/financial/stats";
    let said = done(&["rekey"], world.data_dir());
    assert!(said.contains("signs logins from now on; earlier logins stay good until they expire, by 2"), "{said}");
    ann.get(stats).await.ok();
    let mut later = User::log_in(world.client(), &ann.email, PASSWORD).await;
    assert_ne!(header(&later.jwt), header(&ann.jwt), "another key signs");
    later.get(stats).await.ok();
    assert!(world.take_server().stop().status.success());
    // Without a server, and the next one reads what was written.
    done(&["rekey"], world.data_dir());
    world.restart(&[]);
    for user in [&ann, &later] {
        let mut user = user.clone();
        user.moved_to(world.client());
        user.get(stats).await.ok();
    }
    let said = done(&["rekey", "--void-old"], world.data_dir());
    assert!(said.contains("earlier logins are void"), "{said}");
    later.moved_to(world.client());
    later.get(stats).await.refused(401, "authentication_error", "Authentication required");
    User::log_in(world.client(), &ann.email, PASSWORD).await.get(stats).await.ok();
    let mode = fs::metadata(world.data_dir().join("jwt.key")).expect("the key").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

fn header(jwt: &str) -> &str {
    jwt.split('.').next().expect("a header")
}

#[tokio::test]
async fn the_audit_log_says_what_was_done_and_nobody_s_words() {
    let world = World::start().await;
    let ann = world.ready_user("ann@example.com").await;
    for email in ["ann@example.com", "nobody@example.com"] {
        let wrong = json!({ "email": email, "password": "a wrong pass phrase" });
        world.client().post("/api/custom/auth/login", &wrong).await;
    }
    let session = ann.session.clone().expect("a session");
    ann.send(Method::DELETE, "/api/custom/auth/session", None).await.ok();
    ann.generate("flux/schnell", "a heron", json!({})).await;
    ann.delete("/api/custom/tokens").await.ok();
    let path = format!("/api/collections/generatio_users/records/{}", ann.id);
    let change =
        json!({ "oldPassword": PASSWORD, "password": NEW_PASSWORD, "passwordConfirm": NEW_PASSWORD }).to_string();
    ann.send(Method::PATCH, &path, Some(&change)).await.ok();
    let folder = tempfile::tempdir().expect("a folder");
    reset(&ann.id, folder.path(), world.data_dir());
    done(&["rekey"], world.data_dir());
    let again = User::log_in(world.client(), &ann.email, NEW_PASSWORD).await;
    assert_eq!(again.delete(&path).await.status, 204);

    let about_ann = [
        "user registered",
        "user logged_in",
        "user token_set",
        "user session_started",
        "nobody login_failed",
        "user session_ended",
        "user token_removed",
        "user password_changed",
        "operator password_reset",
        "user logged_in",
        "user deleted",
    ];
    assert_eq!(audited(Some(&ann.id), world.data_dir()), about_ann);
    assert_eq!(audited(None, world.data_dir()).len(), about_ann.len() + 2, "and an unknown address, and the key");
    let since = |time: &str| lines(&["audit", "--json", "--since", time], world.data_dir());
    assert_eq!(since("1h").len(), about_ann.len() + 2);
    assert!(since("2999-01-01T00:00:00Z").is_empty());
    let table = done(&["audit"], world.data_dir());
    assert!(table.contains("192.") || table.contains("127.0.0.1/32"), "{table}");

    let rows = all_rows(&Connection::open(world.data_dir().join("generatio.db")).expect("the database"));
    assert!(rows.contains(&ann.id), "the control is found");
    for secret in ["example.com", PASSWORD, NEW_PASSWORD, "heron", FAL_KEY, &ann.jwt, &session] {
        assert!(!rows.contains(secret) && !table.contains(secret), "{secret}");
    }
}

fn all_rows(db: &Connection) -> String {
    let mut all = db.prepare("SELECT * FROM audit").expect("the log");
    let width = all.column_count();
    let mut rows = all.query([]).expect("rows");
    let mut text = String::new();
    while let Some(row) = rows.next().expect("a row") {
        for at in 0..width {
            text += &match row.get_ref(at).expect("a value") {
                rusqlite::types::ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                other => format!("{other:?}"),
            };
        }
    }
    text
}
