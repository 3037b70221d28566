//! Somebody else guessed at an account until its owner had to wait: the operator takes the wait back.

use crate::command::{audited, done, lines, refused};
use generatio_tests::{FAL_KEY, PASSWORD, Reply, User, World};
use rusqlite::Connection;
use serde_json::{Value, json};

/// So many failures wait a quarter of an hour, on however slow a machine.
const MANY: u32 = 1000;

async fn log_in(world: &World, email: &str) -> Reply {
    world.client().post("/api/custom/auth/login", &json!({ "email": email, "password": PASSWORD })).await
}

async fn open_token(user: &User) -> Reply {
    user.post("/api/custom/tokens/verify", &json!({ "password": PASSWORD })).await
}

/// Fails once at the login and once at the token, and has those failures count for many.
async fn lock_out(world: &World, user: &User) {
    let wrong = json!({ "email": user.email, "password": "a wrong pass phrase" });
    assert_eq!(world.client().post("/api/custom/auth/login", &wrong).await.status, 401);
    user.post("/api/custom/tokens/verify", &wrong).await;
    let db = Connection::open(world.data_dir().join("generatio.db")).expect("the database");
    db.execute("UPDATE attempts SET count = ?1 WHERE count > 0", [MANY]).expect("a change");
}

#[tokio::test]
async fn an_account_that_was_guessed_at_is_unlocked_beside_the_running_server() {
    let world = World::with(&["--pbkdf2-iterations", "100000"]).await;
    let ann = world.user("Ann@example.com").await;
    let bob = world.user("bob@example.com").await;
    ann.post("/api/custom/tokens/setup", &json!({ "fal_token": FAL_KEY, "password": PASSWORD })).await.ok();
    lock_out(&world, &ann).await;
    // These also fill the minute that the process itself counts, unless the machine needs a minute for them.
    for _ in 0..35 {
        assert_eq!(log_in(&world, &ann.email).await.status, 429);
    }
    assert_eq!(open_token(&ann).await.status, 429);

    let unlocked = lines(&["user", "unlock", "ann@EXAMPLE.com", "--json"], world.data_dir());
    assert_eq!(unlocked, [json!({ "id": ann.id, "failures": 2 * MANY })]);
    let login: Value = log_in(&world, &ann.email).await.ok();
    assert_eq!(login["record"]["id"], json!(ann.id), "{login}");
    open_token(&ann).await.ok();

    let said = done(&["user", "unlock", &bob.id], world.data_dir());
    assert_eq!(said, format!("Unlocked {}: 0 failed attempts are forgotten\n", bob.id));
    assert!(refused(&["user", "unlock", "nobody@example.com"], world.data_dir()).contains("there is no account"));
    assert!(audited(Some(&ann.id), world.data_dir()).contains(&"operator unlocked".to_owned()));
}

#[tokio::test]
async fn an_account_is_unlocked_while_no_server_runs() {
    let mut world = World::start().await;
    let ann = world.user("ann@example.com").await;
    lock_out(&world, &ann).await;
    assert!(world.take_server().stop().status.success());
    assert!(done(&["user", "unlock", &ann.id], world.data_dir()).contains("failed attempts are forgotten"));
    world.restart(&[]);
    log_in(&world, &ann.email).await.ok();
}
