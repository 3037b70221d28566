//! What those who follow a job, stop it or hear of it by a webhook need of the store.

use super::support::{abandonment, at, attachment, job_in, new_job, open, reserve, settlement, user, waiting};
use generatio_server::ids::UserId;
use generatio_server::store::{
    Attachment, Fence, Job, JobEvent, JobState, Lease, NewJob, NonceHash, Recovered, Store, StoreError,
};

use JobState::{Canceled, Completed, Created, Failed, Submitted, Submitting, Unknown};

const NONCE: NonceHash = NonceHash([7; 32]);
const DAYS: i64 = 24 * 3_600_000;

async fn states(store: &dyn Store, owner: &UserId, job: &Job, seq: i64) -> Vec<JobState> {
    store.job_events(owner, &job.id, seq).await.unwrap().1.iter().map(|event| event.state).collect()
}

#[tokio::test]
async fn each_state_is_an_event() {
    let store = open();
    let ada = user(&*store).await;
    for (end, expected) in [
        (Created, &[Created][..]),
        (Submitted, &[Created, Submitting, Submitted]),
        (Completed, &[Created, Submitting, Submitted, Completed]),
        (Failed, &[Created, Failed]),
        (Unknown, &[Created, Submitting, Unknown]),
    ] {
        let job = job_in(&*store, &ada, end).await;
        assert_eq!(states(&*store, &ada, &job, 0).await, expected);
    }
}

#[tokio::test]
async fn what_changes_no_state_is_no_event() {
    let store = open();
    let ada = user(&*store).await;
    let job = job_in(&*store, &ada, Completed).await;
    let before = store.job_events(&ada, &job.id, 0).await.unwrap().1;
    store.settle_job(&job.id, job.fence, settlement()).await.unwrap();
    store.abandon_job(&job.id, job.fence, abandonment(Failed)).await.unwrap();
    store.attach_job(&job.id, job.fence, attachment(), at(9)).await.unwrap();
    assert_eq!(store.job_events(&ada, &job.id, 0).await.unwrap().1, before);
}

#[tokio::test]
async fn events_come_in_order_after_a_given_one_and_to_the_owner_only() {
    let store = open();
    let (ada, bob) = (user(&*store).await, user(&*store).await);
    let (first, second) = (job_in(&*store, &ada, Completed).await, job_in(&*store, &ada, Completed).await);
    let (job, events) = store.job_events(&ada, &first.id, 0).await.unwrap();
    assert_eq!((job.id, job.state), (first.id.clone(), Completed));
    assert!(events.windows(2).all(|pair| pair[0].seq < pair[1].seq));
    assert_eq!(events[1], JobEvent { seq: events[1].seq, state: Submitting, created: at(1000) });
    assert_eq!(states(&*store, &ada, &first, events[1].seq).await, [Submitted, Completed]);
    assert_eq!(states(&*store, &ada, &first, events[3].seq).await, []);
    let (_, others) = store.job_events(&ada, &second.id, 0).await.unwrap();
    assert!(others.iter().all(|event| event.seq > events[3].seq));
    assert_eq!(store.job_events(&bob, &first.id, 0).await.unwrap_err(), StoreError::Missing);
}

#[tokio::test]
async fn restarts_and_claims_are_events_too() {
    let store = open();
    let ada = user(&*store).await;
    let (created, submitting) = (job_in(&*store, &ada, Created).await, job_in(&*store, &ada, Submitting).await);
    let submitted = job_in(&*store, &ada, Submitted).await;
    store.recover_jobs(at(5)).await.unwrap();
    assert_eq!(states(&*store, &ada, &created, 0).await, [Created, Failed]);
    assert_eq!(states(&*store, &ada, &submitting, 0).await, [Created, Submitting, Unknown]);
    store.abandon_job(&submitted.id, submitted.fence, abandonment(Unknown)).await.unwrap();
    let lease = || Lease { holder: "node-2".into(), until: at(99_000) };
    store.claim_submitted(&ada, lease(), at(6)).await.unwrap();
    let seen = states(&*store, &ada, &submitted, 0).await;
    assert_eq!(seen, [Created, Submitting, Submitted, Unknown, Submitted]);
}

#[tokio::test]
async fn old_events_are_forgotten() {
    let store = open();
    let ada = user(&*store).await;
    let job = job_in(&*store, &ada, Completed).await;
    store.purge(at(2 * DAYS + 1)).await.unwrap();
    assert_eq!(states(&*store, &ada, &job, 0).await, [Submitting, Submitted, Completed]);
    store.purge(at(3 * DAYS)).await.unwrap();
    assert_eq!(states(&*store, &ada, &job, 0).await, []);
    assert_eq!(store.job(&ada, &job.id).await.unwrap().unwrap().state, Completed);
}

#[tokio::test]
async fn a_job_is_found_by_its_nonce() {
    let store = open();
    let ada = user(&*store).await;
    let job = reserve(&*store, NewJob { nonce: Some(NONCE), ..new_job(&ada) }).await;
    assert_eq!(store.job_by_nonce(NONCE).await.unwrap().unwrap().id, job.id);
    assert!(store.job_by_nonce(NonceHash([8; 32])).await.unwrap().is_none());
    reserve(&*store, new_job(&ada)).await;
    let taken = store.reserve_job(NewJob { nonce: Some(NONCE), ..new_job(&ada) }, 8).await;
    assert_eq!(taken.unwrap_err(), StoreError::IdTaken);
}

#[tokio::test]
async fn the_nonce_of_a_job_that_is_long_over_is_forgotten() {
    let store = open();
    let ada = user(&*store).await;
    let job = reserve(&*store, NewJob { nonce: Some(NONCE), ..new_job(&ada) }).await;
    store.purge(at(30 * DAYS)).await.unwrap();
    assert!(store.job_by_nonce(NONCE).await.unwrap().is_some(), "it is open");
    store.abandon_job(&job.id, job.fence, abandonment(Failed)).await.unwrap();
    store.purge(at(DAYS)).await.unwrap();
    assert!(store.job_by_nonce(NONCE).await.unwrap().is_some());
    store.purge(at(DAYS + 10_000)).await.unwrap();
    assert!(store.job_by_nonce(NONCE).await.unwrap().is_none());
}

#[tokio::test]
async fn a_job_in_doubt_is_attached_for_whoever_comes_next() {
    let store = open();
    let ada = user(&*store).await;
    let doubted = job_in(&*store, &ada, Unknown).await;
    store.attach_job(&doubted.id, doubted.fence, attachment(), at(5)).await.unwrap();
    let job = store.job(&ada, &doubted.id).await.unwrap().unwrap();
    assert_eq!((job.state, job.fence, &job.failure), (Submitted, Fence(2), &None));
    assert_eq!((job.submitted, job.attachment), (Some(at(5)), Some(attachment())));
    // Who gave it up has nothing to say any more.
    let late = store.abandon_job(&job.id, doubted.fence, abandonment(Failed)).await;
    assert_eq!(late.unwrap_err(), StoreError::LeaseLost);
    // The same process may take it at once.
    let lease = Lease { holder: "node-1".into(), until: at(99_000) };
    assert_eq!(store.claim_submitted(&ada, lease, at(6)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn another_request_is_not_attached_over_the_first() {
    let store = open();
    let ada = user(&*store).await;
    let job = job_in(&*store, &ada, Submitted).await;
    let other = Attachment { request_id: "another".into(), ..attachment() };
    assert_eq!(store.attach_job(&job.id, job.fence, other, at(5)).await.unwrap_err(), StoreError::LeaseLost);
    let same = Attachment { status_url: "https://elsewhere".into(), ..attachment() };
    store.attach_job(&job.id, Fence(77), same, at(5)).await.unwrap();
    let job = store.job(&ada, &job.id).await.unwrap().unwrap();
    assert_eq!((job.attachment, job.updated), (Some(attachment()), at(2000)));
}

#[tokio::test]
async fn what_was_not_sent_is_canceled_at_once_and_the_rest_remembers_the_wish() {
    let store = open();
    let (ada, bob) = (user(&*store).await, user(&*store).await);
    for state in JobState::ALL {
        let before = job_in(&*store, &ada, state).await;
        let after = store.ask_cancel(&ada, &before.id, waiting(), at(9000)).await.unwrap();
        match state {
            Created => assert_eq!((after.state, after.failure), (Canceled, Some(waiting()))),
            Completed | Failed | Canceled => {
                assert_eq!((after.state, after.updated, after.cancel_asked), (state, before.updated, None));
            }
            _ => assert_eq!((after.state, after.cancel_asked), (state, Some(at(9000)))),
        }
        let again = store.ask_cancel(&ada, &before.id, waiting(), at(9999)).await.unwrap();
        assert!(again.cancel_asked.is_none_or(|asked| asked == at(9000)));
        let foreign = store.ask_cancel(&bob, &before.id, waiting(), at(9000)).await;
        assert_eq!(foreign.unwrap_err(), StoreError::Missing);
    }
    assert_eq!(store.recover_jobs(at(1)).await.unwrap(), Recovered { failed: 0, unknown: 1, waiting: 1 });
}
