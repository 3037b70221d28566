//! Idempotency keys: one job for each, whoever comes first; and how long they are remembered.

use super::support::{HOUR, START, at, folder, new_job, open, reserve, user};
use generatio_core::Timestamp;
use generatio_server::ids::UserId;
use generatio_server::store::{Idempotency, JobQuery, NewJob, Reservation, Store, StoreError};
use std::sync::Arc;

const ASKED: [u8; 32] = [1; 32];
const ASKED_ELSE: [u8; 32] = [2; 32];

fn keyed(owner: &UserId, key: &str, fingerprint: [u8; 32]) -> NewJob {
    NewJob { idempotency: Some(Idempotency { key: key.into(), fingerprint }), ..new_job(owner) }
}

async fn jobs(store: &dyn Store, owner: &UserId) -> usize {
    store.jobs(owner, JobQuery { limit: 100, ..JobQuery::default() }).await.unwrap().len()
}

#[tokio::test]
async fn a_key_leads_to_its_first_job() {
    let store = open();
    let (ada, bob) = (user(&*store).await, user(&*store).await);
    let first = reserve(&*store, keyed(&ada, "k", ASKED)).await;
    let Reservation::Replayed(again) = store.reserve_job(keyed(&ada, "k", ASKED), 8).await.unwrap() else {
        panic!("not replayed")
    };
    assert_eq!(again.id, first.id);
    assert!(matches!(store.reserve_job(keyed(&ada, "k", ASKED_ELSE), 8).await, Ok(Reservation::KeyTaken)));
    assert_eq!(jobs(&*store, &ada).await, 1);
    // Other keys, no keys and other people's keys are jobs of their own.
    for other in [keyed(&ada, "K", ASKED), new_job(&ada), keyed(&bob, "k", ASKED_ELSE)] {
        let id = other.id.clone();
        assert_eq!(reserve(&*store, other).await.id, id);
    }
}

#[tokio::test]
async fn the_key_is_looked_at_after_the_folder_and_before_the_limit() {
    let store = open();
    let (ada, bob) = (user(&*store).await, user(&*store).await);
    reserve(&*store, keyed(&ada, "k", ASKED)).await;
    assert!(matches!(store.reserve_job(keyed(&ada, "k", ASKED), 1).await, Ok(Reservation::Replayed(_))));
    assert!(matches!(store.reserve_job(keyed(&ada, "k", ASKED_ELSE), 1).await, Ok(Reservation::KeyTaken)));
    let mut elsewhere = keyed(&ada, "k", ASKED);
    elsewhere.folder = Some(folder(&*store, &bob).await);
    assert!(matches!(store.reserve_job(elsewhere, 1).await, Ok(Reservation::FolderMissing)));
}

#[tokio::test]
async fn what_is_refused_is_not_remembered() {
    let store = open();
    let (ada, bob) = (user(&*store).await, user(&*store).await);
    let mut elsewhere = keyed(&ada, "k", ASKED_ELSE);
    elsewhere.folder = Some(folder(&*store, &bob).await);
    assert!(matches!(store.reserve_job(elsewhere, 8).await, Ok(Reservation::FolderMissing)));
    assert!(matches!(store.reserve_job(keyed(&ada, "k", ASKED_ELSE), 0).await, Ok(Reservation::TooManyRunning)));
    let taken = reserve(&*store, new_job(&ada)).await.id;
    let clash = NewJob { id: taken, ..keyed(&ada, "k", ASKED_ELSE) };
    assert_eq!(store.reserve_job(clash, 8).await.unwrap_err(), StoreError::IdTaken);
    reserve(&*store, keyed(&ada, "k", ASKED)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_with_one_key_are_one_job() {
    let store = open();
    let ada = user(&*store).await;
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let (store, job) = (Arc::clone(&store.store), keyed(&ada, "k", ASKED));
            tokio::spawn(async move { store.reserve_job(job, 8).await.unwrap() })
        })
        .collect();
    let (mut reserved, mut ids) = (0, Vec::new());
    for task in tasks {
        match task.await.unwrap() {
            Reservation::Reserved(job) => {
                reserved += 1;
                ids.push(job.id);
            }
            Reservation::Replayed(job) => ids.push(job.id),
            refused => panic!("{refused:?}"),
        }
    }
    ids.dedup();
    assert_eq!((reserved, ids.len(), jobs(&*store, &ada).await), (1, 1, 1));
}

#[tokio::test]
async fn keys_are_remembered_for_two_days() {
    let store = open();
    let ada = user(&*store).await;
    let later = |hours: i64, ms: i64| Timestamp::from_unix_ms(START + hours * HOUR + ms);
    let first = reserve(&*store, keyed(&ada, "k", ASKED)).await;
    assert_eq!(store.purge(later(48, 0)).await.unwrap(), 0);
    assert!(matches!(store.reserve_job(keyed(&ada, "k", ASKED), 8).await, Ok(Reservation::Replayed(_))));
    // The key, and what was noted of the job in its first millisecond.
    assert_eq!(store.purge(later(48, 1)).await.unwrap(), 2);
    assert_ne!(reserve(&*store, keyed(&ada, "k", ASKED)).await.id, first.id);
    assert_eq!(store.job(&ada, &first.id).await.unwrap().unwrap().created, at(0), "the job stays");
}
