//! The end of a job that delivered.

use super::support::{
    STRANGE_FENCE, abandonment, amount, at, attachment, folder, job_in, new_image, new_job, open, reserve, settlement,
    user,
};
use generatio_core::cost::{Certainty, Unit, Usd, UsdSum};
use generatio_server::store::{Failure, JobState, Settlement, StoreError};
use std::sync::Arc;

#[tokio::test]
async fn pictures_charge_and_state_arrive_together() {
    let store = open();
    let ada = user(&*store).await;
    let mut new = new_job(&ada);
    new.folder = Some(folder(&*store, &ada).await);
    let job = reserve(&*store, new).await;
    store.begin_submit(&job.id, job.fence, at(1)).await.unwrap();
    store.attach_job(&job.id, job.fence, attachment(), at(2)).await.unwrap();
    let mut end = settlement();
    end.account = amount(Unit::Image, "2", 4_500_000, Certainty::Known);
    let settled = store.settle_job(&job.id, job.fence, end).await.unwrap();

    assert!(store.job(&ada, &job.id).await.unwrap().unwrap() == settled.job, "what is told is what is stored");
    assert!(store.job_images(&ada, &job.id).await.unwrap() == settled.images);
    assert_eq!((settled.job.state, settled.job.held), (JobState::Completed, Usd::ZERO));
    assert_eq!(settled.job.cost, Some(Usd::from_nano(9_000_000)));
    assert_eq!((settled.job.ended, settled.job.updated), (Some(at(5000)), at(5000)));
    let [first, second] = settled.images.as_slice() else { panic!("two pictures") };
    assert_eq!((first.batch_number, second.batch_number), (1, 2));
    assert_eq!((first.url.as_str(), second.url.as_str()), ("https://v3.fal.media/1.png", "https://v3.fal.media/2.png"));
    assert_eq!((&first.owner, &first.job, &first.folder), (&ada, &Some(job.id.clone()), &job.folder));
    assert_eq!((first.title.as_str(), first.prompt.as_str()), ("a cat", "a cat 🐈"));
    assert_eq!((first.request_id.as_str(), first.model.as_str()), ("764cabcf", "flux/schnell"));
    assert_eq!(first.image_size, r#"{"width":1024,"height":768}"#);
    assert_eq!(first.other_info, r#"{"cost":0.003}"#);
    assert_eq!((first.created, first.updated, first.deleted), (at(5000), at(5000), None));
}

#[tokio::test]
async fn settling_twice_gives_what_the_first_one_stored_and_charges_once() {
    let store = open();
    let ada = user(&*store).await;
    let job = job_in(&*store, &ada, JobState::Submitted).await;
    let first = store.settle_job(&job.id, job.fence, settlement()).await.unwrap();
    let mut other = settlement();
    other.account = amount(Unit::Image, "1", 1, Certainty::Known);
    other.images.truncate(1);
    let second = store.settle_job(&job.id, job.fence, other).await.unwrap();
    assert_eq!(second.job.cost, first.job.cost);
    let ids = |settled: &generatio_server::store::Settled| -> Vec<_> {
        settled.images.iter().map(|image| image.id.clone()).collect()
    };
    assert_eq!(ids(&second), ids(&first));
    let spending = store.spending(&ada, at(0)).await.unwrap();
    assert_eq!((spending.total, spending.images), (UsdSum::from_nano(6_000_000), 2));
}

#[tokio::test]
async fn lost_pictures_are_charged_and_the_job_has_failed() {
    let store = open();
    let ada = user(&*store).await;
    let job = job_in(&*store, &ada, JobState::Submitted).await;
    let why = Failure { code: "fal_result_expired".into(), message: "gone".into(), details: Some("{}".into()) };
    let end = Settlement { images: Vec::new(), lost: Some(why.clone()), ..settlement() };
    let settled = store.settle_job(&job.id, job.fence, end).await.unwrap();
    assert_eq!((settled.job.state, settled.job.failure, settled.images.len()), (JobState::Failed, Some(why), 0));
    assert_eq!(settled.job.cost, Some(settlement().account.amount));
    let spending = store.spending(&ada, at(0)).await.unwrap();
    assert_eq!((spending.total.nano(), spending.images), (i128::from(settlement().account.amount.nano()), 0));
    // Told again, nothing changes.
    let again = Settlement { images: Vec::new(), lost: None, now: at(6000), ..settlement() };
    let again = store.settle_job(&job.id, job.fence, again).await.unwrap();
    assert_eq!((again.job.state, again.job.updated), (JobState::Failed, at(5000)));
}

#[tokio::test]
async fn pictures_that_turn_up_after_all_are_kept_and_not_charged_again() {
    let store = open();
    let ada = user(&*store).await;
    let job = job_in(&*store, &ada, JobState::Submitted).await;
    let why = Failure { code: "fal_result_expired".into(), message: "gone".into(), details: None };
    let first = amount(Unit::Image, "2", 1_000_000, Certainty::Estimated);
    let lost = Settlement { images: Vec::new(), account: first, lost: Some(why), ..settlement() };
    store.settle_job(&job.id, job.fence, lost).await.unwrap();
    let late = store.settle_job(&job.id, STRANGE_FENCE, settlement()).await.unwrap();
    assert_eq!((late.job.state, &late.job.failure, late.images.len()), (JobState::Completed, &None, 2));
    assert!(store.job(&ada, &job.id).await.unwrap().unwrap() == late.job, "what is told is what is stored");
    assert_eq!(late.job.cost, Some(first.amount));
    assert_eq!(store.spending(&ada, at(0)).await.unwrap().total, UsdSum::from(first.amount));
}

#[tokio::test]
async fn pictures_for_a_job_that_was_given_up_are_kept_and_charged() {
    let store = open();
    let ada = user(&*store).await;
    for given_up in [JobState::Failed, JobState::Canceled] {
        let job = job_in(&*store, &ada, JobState::Submitted).await;
        store.abandon_job(&job.id, job.fence, abandonment(given_up)).await.unwrap();
        for _ in 0..2 {
            let late = store.settle_job(&job.id, job.fence, settlement()).await.unwrap();
            assert_eq!((late.job.state, late.images.len()), (JobState::Completed, 2), "{given_up:?}");
        }
    }
    let spending = store.spending(&ada, at(0)).await.unwrap();
    assert_eq!((spending.total, spending.images), (UsdSum::from_nano(2 * 6_000_000), 4));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_settlements_at_the_same_time_one_counts_and_all_see_it() {
    let store = open();
    let ada = user(&*store).await;
    for _ in 0..20 {
        let job = job_in(&*store, &ada, JobState::Submitted).await;
        let race = |_| {
            let (store, job) = (Arc::clone(&store.store), job.clone());
            tokio::spawn(async move { store.settle_job(&job.id, job.fence, settlement()).await.unwrap() })
        };
        let [first, second] = [(), ()].map(race);
        let (first, second) = (first.await.unwrap(), second.await.unwrap());
        assert_eq!(first.images[0].id, second.images[0].id);
    }
    let spending = store.spending(&ada, at(0)).await.unwrap();
    assert_eq!((spending.total, spending.images), (UsdSum::from_nano(20 * 6_000_000), 40));
}

#[tokio::test]
async fn a_settlement_that_fails_leaves_nothing_behind() {
    let store = open();
    let ada = user(&*store).await;
    let earlier = job_in(&*store, &ada, JobState::Completed).await;
    let taken = store.job_images(&ada, &earlier.id).await.unwrap().remove(0).id;
    let job = job_in(&*store, &ada, JobState::Submitted).await;
    let mut end = settlement();
    end.images[1].id = taken;
    assert_eq!(store.settle_job(&job.id, job.fence, end).await.unwrap_err(), StoreError::IdTaken);
    assert!(store.job_images(&ada, &job.id).await.unwrap().is_empty());
    assert_eq!(store.job(&ada, &job.id).await.unwrap().unwrap().state, JobState::Submitted);
    assert_eq!(store.spending(&ada, at(0)).await.unwrap().images, 2);
}

#[tokio::test]
async fn a_job_in_doubt_settles_and_its_failure_is_forgotten() {
    let store = open();
    let ada = user(&*store).await;
    let job = job_in(&*store, &ada, JobState::Submitted).await;
    let job = store.abandon_job(&job.id, job.fence, abandonment(JobState::Unknown)).await.unwrap();
    let settled = store.settle_job(&job.id, job.fence, settlement()).await.unwrap();
    assert_eq!((settled.job.state, settled.job.failure), (JobState::Completed, None));
    assert_eq!(settled.images[0].request_id, "764cabcf");
}

#[tokio::test]
async fn a_job_whose_submit_answer_was_lost_settles_without_a_request_id() {
    let store = open();
    let job = job_in(&*store, &user(&*store).await, JobState::Submitting).await;
    let settled = store.settle_job(&job.id, job.fence, settlement()).await.unwrap();
    assert_eq!(settled.images[0].request_id, "");
}

#[tokio::test]
async fn a_job_may_be_charged_without_pictures() {
    let store = open();
    let ada = user(&*store).await;
    let job = job_in(&*store, &ada, JobState::Submitted).await;
    let mut end = settlement();
    end.images.clear();
    let settled = store.settle_job(&job.id, job.fence, end).await.unwrap();
    assert!(settled.images.is_empty());
    assert_eq!(store.spending(&ada, at(0)).await.unwrap().total, UsdSum::from_nano(6_000_000));
}

#[tokio::test]
async fn large_batches_keep_their_order() {
    let store = open();
    let job = job_in(&*store, &user(&*store).await, JobState::Submitted).await;
    let mut end = settlement();
    end.images = (0..12).map(|number| new_image(&number.to_string())).collect();
    let settled = store.settle_job(&job.id, job.fence, end).await.unwrap();
    let urls: Vec<_> = settled.images.iter().map(|image| image.url.clone()).collect();
    assert_eq!(urls, (0..12).map(|number| number.to_string()).collect::<Vec<_>>());
}
