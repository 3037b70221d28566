//! A server that only takes who was invited: from the operator's hand to the account.

use crate::command::{audited, done, lines, refused};
use generatio_tests::{PASSWORD, Reply, User, World};
use rusqlite::Connection;
use serde_json::{Value, json};

const RECORDS: &str = "/api/collections/generatio_users/records";

async fn invite_only() -> World {
    World::with(&["--registration", "invite"]).await
}

/// The code of a new invitation.
fn code(world: &World, more: &[&str]) -> String {
    let made = lines(&[&["user", "invite", "--json"], more].concat(), world.data_dir());
    made[0]["code"].as_str().expect("a code").to_owned()
}

fn invitations(world: &World) -> Vec<Value> {
    lines(&["user", "invitations", "--json"], world.data_dir())
}

fn form(email: &str, code: &str) -> Value {
    json!({ "email": email, "password": PASSWORD, "passwordConfirm": PASSWORD, "invitation": code })
}

async fn register(world: &World, email: &str, code: &str) -> Reply {
    world.client().post(RECORDS, &form(email, code)).await
}

/// The one answer to every code that is not good.
#[track_caller]
fn is_refused(reply: &Reply) {
    let problem = json!({
        "code": "validation_invalid_invitation",
        "message": "The invitation is unknown, used, expired or for another address.",
    });
    let told = json!({ "data": { "invitation": problem }, "message": "Failed to create record.", "status": 400 });
    assert_eq!(reply.json(), told, "{}", reply.text);
}

#[tokio::test]
async fn a_code_makes_one_account_and_no_other() {
    let world = invite_only().await;
    assert_eq!(world.client().get("/api/custom/status").await.ok()["registration"], "invite");
    let code = code(&world, &[]);
    let record = register(&world, "ann@example.com", &format!(" {code}\n")).await.ok();
    assert!(record.get("invitation").is_none());
    let ann = User::log_in(world.client(), "ann@example.com", PASSWORD).await;
    is_refused(&register(&world, "bob@example.com", &code).await);

    let listed = invitations(&world);
    assert_eq!((&listed[0]["state"], &listed[0]["user"]), (&json!("used"), &json!(ann.id)));
    let id = listed[0]["id"].as_str().expect("an id");
    assert!(refused(&["user", "invitations", "--revoke", id], world.data_dir()).contains("that was not used"));
    assert_eq!(audited(Some(&ann.id), world.data_dir())[..2], ["user registered", "user invite_used"]);
    let all = audited(None, world.data_dir());
    for deed in ["operator invited", "nobody invite_refused"] {
        assert!(all.contains(&deed.to_owned()), "{deed}: {all:?}");
    }
    // A used code goes with the account it made, and opens nothing then either.
    assert_eq!(ann.delete(&format!("{RECORDS}/{}", ann.id)).await.status, 204);
    assert!(invitations(&world).is_empty());
    is_refused(&register(&world, "bob@example.com", &code).await);
}

#[tokio::test]
async fn a_code_that_is_none_expired_revoked_or_for_another_address_is_refused_alike() {
    let world = invite_only().await;
    let missing = world.client().post(RECORDS, &form("ann@example.com", " ")).await;
    assert_eq!(
        missing.json()["data"],
        json!({ "invitation": { "code": "validation_required", "message": "Cannot be blank." } })
    );
    is_refused(&register(&world, "ann@example.com", "abcdefghijklmnopqrstuvwx").await);

    let bound = code(&world, &["--email", "Bob@example.com", "--days", "1"]);
    is_refused(&register(&world, "ann@example.com", &bound).await);
    register(&world, "bob@EXAMPLE.com", &bound).await.ok();

    let revoked = code(&world, &[]);
    let id = invitations(&world).last().expect("it is listed")["id"].as_str().expect("an id").to_owned();
    assert_eq!(done(&["user", "invitations", "--revoke", &id], world.data_dir()), format!("Revoked {id}\n"));
    is_refused(&register(&world, "ann@example.com", &revoked).await);

    let expired = code(&world, &[]);
    let db = Connection::open(world.data_dir().join("generatio.db")).expect("the database");
    db.execute("UPDATE invitations SET expires = 1 WHERE used IS NULL", []).expect("a change");
    is_refused(&register(&world, "ann@example.com", &expired).await);
    assert_eq!(invitations(&world).last().expect("it is listed")["state"], "expired");
    assert!(done(&["user", "invitations"], world.data_dir()).contains("  bob@example.com\n"));
    assert!(refused(&["user", "invite", "--email", "nobody"], world.data_dir()).contains("is no e-mail address"));
}

/// Neither uses the code up.
#[tokio::test]
async fn a_code_outlives_a_registration_that_fails_for_another_reason() {
    let world = invite_only().await;
    let (first, second) = (code(&world, &[]), code(&world, &[]));
    register(&world, "ann@example.com", &first).await.ok();
    let taken = register(&world, "ANN@example.com", &second).await.json();
    assert_eq!(taken["data"]["email"]["code"], "validation_not_unique");
    let common = json!({ "email": "bob@example.com", "password": "password123", "passwordConfirm": "password123" });
    world.client().post(RECORDS, &common).await;
    register(&world, "bob@example.com", &second).await.ok();
}

#[tokio::test]
async fn of_many_who_use_one_code_at_once_one_gets_an_account() {
    let world = invite_only().await;
    let code = code(&world, &[]);
    let racers = ["a", "b", "c", "d"].map(|name| {
        let (client, form) = (world.client().clone(), form(&format!("{name}@example.com"), &code));
        tokio::spawn(async move { client.post(RECORDS, &form).await })
    });
    let mut registered = 0;
    for racer in racers {
        let reply = racer.await.expect("an answer");
        match reply.status.as_u16() {
            200 => registered += 1,
            _ => is_refused(&reply),
        }
    }
    assert_eq!(registered, 1);
    assert_eq!(lines(&["user", "list", "--json"], world.data_dir()).len(), 1);
}

#[tokio::test]
async fn guessing_at_codes_is_slowed_down_and_a_code_is_nowhere_in_the_clear() {
    let world = invite_only().await;
    let code = code(&world, &[]);
    let (before, _) = world.client().until_throttled(RECORDS, &form("ann@example.com", "a wrong code")).await;
    assert!(before.len() >= 10, "{}", before.len());
    before.iter().for_each(is_refused);
    for name in ["generatio.db", "generatio.db-wal"] {
        let bytes = std::fs::read(world.data_dir().join(name)).unwrap_or_default();
        assert!(!bytes.windows(code.len()).any(|part| part == code.as_bytes()), "{name}");
    }
    assert!(!world.server().log().contains(&code));
}

#[tokio::test]
async fn elsewhere_an_invitation_is_not_looked_at() {
    let open = World::start().await;
    register(&open, "ann@example.com", "whatever").await.ok();
    let closed = World::with(&["--registration", "closed"]).await;
    let code = code(&closed, &[]);
    let reply = register(&closed, "ann@example.com", &code).await;
    assert_eq!((reply.status.as_u16(), &reply.json()["message"]), (403, &json!("Registration is closed.")));
}
