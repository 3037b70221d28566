//! Somebody goes away exactly when it hurts: too narrow a moment for chance to meet.

use crate::world::{World, until};
use futures_util::FutureExt;
use generatio_core::{FalKey, SecretText};
use generatio_server::ids::UserId;
use generatio_server::jobs::webhook::Letter;
use generatio_tests::FAL_KEY;
use std::sync::Arc;

/// FAL works on it for a moment, and the server dies meanwhile.
const LONG: &str = r#"ada 0 [[sim: {"latency_ms": 300}]]"#;

/// Whoever starts a session may go away while the jobs that waited for one are claimed for it.
#[tokio::test]
async fn a_session_whose_caller_goes_away_takes_no_job_with_it() {
    let mut world = World::open(0).await;
    world.people[0].log_in().await;
    world.people[0].user.begin(LONG).await;
    let in_state =
        |world: &World, state: &str| world.audit.number("SELECT count(*) FROM jobs WHERE state = ?1", [state]) == 1;
    until("FAL has it", || in_state(&world, "submitted")).await;
    world.restart(true).await;
    let user = UserId::parse(&world.people[0].user.id).expect("an id");
    let key = Arc::new(FalKey::parse(SecretText::new(FAL_KEY.to_owned())).expect("a key"));
    // Looked at once, and dropped.
    assert!(world.app().jobs.resume(&user, &key).now_or_never().is_none());
    until("its pictures", || in_state(&world, "completed")).await;
    world.close().await;
}

/// Whoever brings a webhook may go away while FAL's keys are fetched for it.
#[tokio::test]
async fn a_webhook_whose_sender_goes_away_leaves_the_next_one_good() {
    let mut world = World::open(0).await;
    world.people[0].log_in().await;
    world.people[0].user.begin("ada 0").await;
    until("its webhook", || !world.post.all().is_empty()).await;
    let letter = world.post.all().remove(0);
    let nonce = letter.path.rsplit('/').next().expect("a nonce");
    let job = world.app().jobs.by_nonce(nonce).await.expect("the store answers").expect("a job");
    let header = |name: &str| letter.headers[name].clone();
    let brought = Letter {
        request_id: header("x-fal-webhook-request-id"),
        user_id: header("x-fal-webhook-user-id"),
        timestamp: header("x-fal-webhook-timestamp"),
        signature: header("x-fal-webhook-signature"),
        body: letter.body.clone().into(),
    };
    assert!(world.app().jobs.deliver(job, brought).now_or_never().is_none());
    world.deliver(&letter).await;
    world.close().await;
}
