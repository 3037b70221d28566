//! Who works on a job at FAL: taking over, giving up, taking up again.

use super::support::{abandonment, at, attachment, job_in, open, settlement, user, waiting};
use generatio_core::cost::Usd;
use generatio_server::store::{Fence, Job, JobState, Lease, Store, StoreError};

use JobState::{Submitted, Submitting, Unknown};

fn lease(holder: &str, until: i64) -> Lease {
    Lease { holder: holder.into(), until: at(until) }
}

fn ids(jobs: &[Job]) -> Vec<&str> {
    jobs.iter().map(|job| job.id.as_str()).collect()
}

#[tokio::test]
async fn submitted_jobs_of_a_holder_that_is_gone_are_taken_over() {
    let store = open();
    let (ada, bob) = (user(&*store).await, user(&*store).await);
    let first = job_in(&*store, &ada, Submitted).await;
    let second = job_in(&*store, &ada, Submitted).await;
    job_in(&*store, &bob, Submitted).await;
    job_in(&*store, &ada, Submitting).await;

    let claimed = store.claim_submitted(&ada, lease("node-2", 99_000), at(5)).await.unwrap();
    assert_eq!(ids(&claimed), [first.id.as_str(), second.id.as_str()]);
    assert!(claimed.iter().all(|job| job.fence == Fence(2) && job.attachment == Some(attachment())));

    let late = store.settle_job(&first.id, first.fence, settlement()).await;
    assert_eq!(late.unwrap_err(), StoreError::LeaseLost);
    store.settle_job(&first.id, claimed[0].fence, settlement()).await.unwrap();
}

#[tokio::test]
async fn a_holder_is_not_handed_what_it_works_on_unless_its_lease_ran_out() {
    let store = open();
    let ada = user(&*store).await;
    job_in(&*store, &ada, Submitted).await;
    // The lease of `new_job` ends at 60 s.
    assert!(store.claim_submitted(&ada, lease("node-1", 99_000), at(59_999)).await.unwrap().is_empty());
    let claimed = store.claim_submitted(&ada, lease("node-1", 99_000), at(60_000)).await.unwrap();
    assert_eq!(claimed.iter().map(|job| job.fence).collect::<Vec<_>>(), [Fence(2)]);
}

#[tokio::test]
async fn jobs_in_doubt_are_taken_up_again_when_fal_can_be_asked() {
    let store = open();
    let (ada, bob) = (user(&*store).await, user(&*store).await);
    let doubted = in_doubt(&*store, job_in(&*store, &ada, Submitted).await).await;
    in_doubt(&*store, job_in(&*store, &bob, Submitted).await).await;
    // Without a request id there is nobody to ask about.
    let nameless = job_in(&*store, &ada, Unknown).await;

    // Its lease is still that of the holder who gave up.
    let claimed = store.claim_submitted(&ada, lease("node-1", 99_000), at(5)).await.unwrap();
    assert_eq!(ids(&claimed), [doubted.id.as_str()]);
    let job = &claimed[0];
    assert_eq!((job.state, job.fence, &job.failure), (Submitted, Fence(2), &None));
    assert_eq!((job.held, job.updated), (Usd::from_nano(6_000_000), at(5)));
    assert_eq!((job.submitted, &job.attachment), (Some(at(2000)), &Some(attachment())));

    let late = store.settle_job(&doubted.id, doubted.fence, settlement()).await;
    assert_eq!(late.unwrap_err(), StoreError::LeaseLost);
    assert!(store.claim_submitted(&ada, lease("node-1", 99_000), at(6)).await.unwrap().is_empty());
    assert_eq!(store.job(&ada, &nameless.id).await.unwrap().unwrap().state, Unknown);
}

async fn in_doubt(store: &dyn Store, job: Job) -> Job {
    store.abandon_job(&job.id, job.fence, abandonment(Unknown)).await.unwrap()
}

#[tokio::test]
async fn a_released_job_waits_and_says_why() {
    let store = open();
    let ada = user(&*store).await;
    let job = job_in(&*store, &ada, Submitted).await;
    let released = store.release_job(&job.id, job.fence, waiting(), at(3000)).await.unwrap();
    assert_eq!((released.state, released.ended), (Submitted, None));
    assert_eq!((released.held, released.updated), (job.held, at(3000)));
    assert_eq!((&released.failure, &released.attachment), (&Some(waiting()), &Some(attachment())));
    assert_eq!(store.job(&ada, &job.id).await.unwrap().unwrap().failure, Some(waiting()));
}

#[tokio::test]
async fn a_released_job_is_taken_by_any_later_claim() {
    let store = open();
    let ada = user(&*store).await;
    // `new_job` leases to node-1.
    for holder in ["node-1", "node-2"] {
        let job = job_in(&*store, &ada, Submitted).await;
        store.release_job(&job.id, job.fence, waiting(), at(3000)).await.unwrap();
        // Also at an earlier moment: the lease belongs to nobody.
        let claimed = store.claim_submitted(&ada, lease(holder, 99_000), at(2999)).await.unwrap();
        assert_eq!(ids(&claimed), [job.id.as_str()], "{holder}");
        assert_eq!((claimed[0].fence, &claimed[0].failure), (Fence(job.fence.0 + 1), &None), "{holder}");
        let settled = store.settle_job(&job.id, claimed[0].fence, settlement()).await.unwrap();
        assert_eq!(settled.images.len(), 2, "{holder}");
    }
}
