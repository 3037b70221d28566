//! Writes that were answered last, writes together fail alone, readers go on beside them.

use super::support::{new_job, new_user, reserve, user, user_id};
use super::{Opened, is_backend};
use generatio_server::store::Store;
use std::sync::Arc;
use std::time::Duration;

/// Longer than any of this takes, shorter than the engine waits for a lock.
const PROMPTLY: Duration = Duration::from_secs(4);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_that_were_answered_are_there_after_reopening() {
    let opened = Opened::new();
    let ada = user(&*opened.store).await;
    let tasks: Vec<_> = (0..500)
        .map(|number| {
            let (store, mut job) = (Arc::clone(&opened.store), new_job(&ada));
            // Every tenth fails, and takes no other one with it.
            job.owner = if number % 10 == 0 { user_id() } else { job.owner };
            let id = job.id.clone();
            tokio::spawn(async move { (id, store.reserve_job(job, u32::MAX).await) })
        })
        .collect();
    let mut reserved = Vec::new();
    for (number, task) in tasks.into_iter().enumerate() {
        let (id, result) = task.await.unwrap();
        assert_eq!(result.is_ok(), number % 10 != 0, "{result:?}");
        reserved.extend(result.is_ok().then_some(id));
    }
    let opened = opened.reopen().await;
    for id in &reserved {
        assert!(opened.store.job(&ada, id).await.unwrap().is_some());
    }
    assert_eq!(reserved.len(), 450);
}

#[tokio::test]
async fn a_write_whose_caller_went_away_happens_and_closing_waits_for_it() {
    let opened = Opened::new();
    let new = new_user("ada@example.com");
    let id = new.id.clone();
    let mut write = Box::pin(opened.store.create_user(new));
    // Polled once, it is in the queue; then the caller is gone.
    tokio::select! {
        biased;
        answer = &mut write => drop(answer),
        () = std::future::ready(()) => {}
    }
    drop(write);
    let opened = opened.reopen().await;
    assert!(opened.store.user(&id).await.unwrap().is_some());
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let opened = Opened::new();
    opened.store.close().await;
    opened.store.close().await;
    assert!(is_backend(&opened.store.user(&user_id()).await));
    assert!(is_backend(&opened.store.create_user(new_user("ada@example.com")).await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_do_not_wait_for_a_writer() {
    let opened = Opened::new();
    let ada = user(&*opened.store).await;
    let raw = opened.raw();
    raw.execute_batch("BEGIN IMMEDIATE; UPDATE users SET name = 'Bob'").unwrap();
    let write = tokio::spawn({
        let (store, job) = (Arc::clone(&opened.store), new_job(&ada));
        async move { reserve(&*store, job).await }
    });
    for _ in 0..20 {
        let read = tokio::time::timeout(PROMPTLY, opened.store.user(&ada)).await.expect("no waiting");
        assert_eq!(read.unwrap().unwrap().name, "Ada");
    }
    assert!(!write.is_finished());
    raw.execute_batch("COMMIT").unwrap();
    write.await.unwrap();
    assert_eq!(opened.store.user(&ada).await.unwrap().unwrap().name, "Bob");
}
