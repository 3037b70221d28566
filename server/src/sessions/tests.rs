//! The rules of the map are core's tests; here is what this store adds to it.

use super::{MemoryStore, Sessions};
use crate::ids::UserId;
use generatio_core::session::SessionId;
use generatio_core::{SecretText, Timestamp};
use getrandom::SysRng;
use std::time::Duration;

const TTL: Duration = Duration::from_secs(60);
const NOW: Timestamp = Timestamp::from_unix_ms(1_700_000_000_000);

fn user() -> UserId {
    UserId::generate(&mut SysRng).unwrap()
}

async fn start(store: &MemoryStore, user: &UserId, token: &str, now: Timestamp) -> super::Started {
    store.start(user, SecretText::new(token.to_owned()), "label", now).await.unwrap()
}

async fn open(store: &MemoryStore, id: &SessionId, user: &UserId, now: Timestamp) -> Option<String> {
    store.open(id, user, now).await.unwrap().map(|token| token.expose().to_owned())
}

#[tokio::test]
async fn a_session_gives_the_token_back_to_its_user_only() {
    let (store, owner, other) = (MemoryStore::new(TTL), user(), user());
    let started = start(&store, &owner, "id:secret", NOW).await;
    assert_eq!(open(&store, &started.id, &owner, NOW).await.as_deref(), Some("id:secret"));
    assert_eq!(open(&store, &started.id, &other, NOW).await, None);
    let unknown = SessionId::generate(&mut SysRng).unwrap();
    assert_eq!(open(&store, &unknown, &owner, NOW).await, None);
}

#[tokio::test]
async fn a_session_lives_up_to_its_last_moment() {
    let (store, owner) = (MemoryStore::new(TTL), user());
    let started = start(&store, &owner, "id:secret", NOW).await;
    assert_eq!(started.expires, NOW.after(TTL));
    assert!(store.has_live(&owner, started.expires).await.unwrap());
    assert!(open(&store, &started.id, &owner, started.expires).await.is_some());
    let later = started.expires.after(Duration::from_secs(1));
    assert!(open(&store, &started.id, &owner, later).await.is_none());
    assert!(!store.has_live(&owner, later).await.unwrap());
}

#[tokio::test]
async fn only_its_user_ends_a_session() {
    let (store, owner, other) = (MemoryStore::new(TTL), user(), user());
    let started = start(&store, &owner, "id:secret", NOW).await;
    assert!(!store.end(&started.id, &other).await.unwrap());
    assert!(store.end(&started.id, &owner).await.unwrap());
    assert!(!store.end(&started.id, &owner).await.unwrap());
    assert!(open(&store, &started.id, &owner, NOW).await.is_none());
}

#[tokio::test]
async fn all_of_a_users_sessions_end_and_nobody_elses() {
    let (store, owner, other) = (MemoryStore::new(TTL), user(), user());
    start(&store, &owner, "id:secret", NOW).await;
    start(&store, &owner, "id:secret", NOW).await;
    let kept = start(&store, &other, "id:other", NOW).await;
    assert_eq!(store.end_all(&owner).await.unwrap(), 2);
    assert!(!store.has_live(&owner, NOW).await.unwrap());
    assert_eq!(open(&store, &kept.id, &other, NOW).await.as_deref(), Some("id:other"));
}

#[tokio::test]
async fn the_seventeenth_session_ends_the_first() {
    let (store, owner) = (MemoryStore::new(TTL), user());
    let mut started = Vec::new();
    for number in 0..17 {
        let now = NOW.after(Duration::from_millis(number));
        started.push(start(&store, &owner, &format!("id:{number}"), now).await);
    }
    let later = NOW.after(Duration::from_secs(1));
    assert_eq!(open(&store, &started[0].id, &owner, later).await, None);
    assert_eq!(open(&store, &started[1].id, &owner, later).await.as_deref(), Some("id:1"));
    assert_eq!(open(&store, &started[16].id, &owner, later).await.as_deref(), Some("id:16"));
}

#[tokio::test]
async fn a_purge_takes_the_expired_and_leaves_the_rest() {
    let (store, owner) = (MemoryStore::new(TTL), user());
    start(&store, &owner, "id:old", NOW).await;
    let fresh = start(&store, &owner, "id:new", NOW.after(TTL)).await;
    let later = NOW.after(TTL).after(Duration::from_secs(1));
    assert_eq!(store.purge(later).await, 1);
    assert_eq!(store.counts(later).await.total, 1);
    assert!(open(&store, &fresh.id, &owner, later).await.is_some());
}

#[tokio::test]
async fn nothing_printed_shows_the_token_or_the_id() {
    let (store, owner) = (MemoryStore::new(TTL), user());
    let started = start(&store, &owner, "id:secret", NOW).await;
    let printed = format!("{started:?}");
    assert!(!printed.contains("id:secret"), "{printed}");
    assert!(!printed.contains(started.id.to_text().expose()), "{printed}");
}
