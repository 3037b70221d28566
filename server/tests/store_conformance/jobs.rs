//! Jobs up to their end: reservation, the table of states, fences, restarts.

use super::support::{
    STRANGE_FENCE, abandonment, at, attachment, folder, job_in, new_folder, new_job, open, reserve, settlement, user,
    user_id, waiting,
};
use generatio_core::cost::{PriceBook, Usd};
use generatio_server::store::{Fence, Job, JobState, Recovered, Reservation, Store, StoreError};
use std::sync::Arc;

use JobState::{Canceled, Completed, Created, Failed, Submitted, Submitting, Unknown};

#[tokio::test]
async fn a_reserved_job_holds_its_quote() {
    let store = open();
    let (ada, bob) = (user(&*store).await, user(&*store).await);
    let mut new = new_job(&ada);
    new.folder = Some(folder(&*store, &ada).await);
    let (id, quote, folder) = (new.id.clone(), new.quote, new.folder.clone());
    let told = reserve(&*store, new).await;

    let job = store.job(&ada, &id).await.unwrap().unwrap();
    assert!(told == job, "what is told is what is stored");
    assert_eq!((job.state, job.fence, job.held), (Created, Fence(1), Usd::from_nano(6_000_000)));
    assert_eq!((job.quote, job.book, job.cost), (quote, PriceBook::Catalog, None));
    assert_eq!((job.model.as_str(), job.endpoint.as_str()), ("flux/schnell", "fal-ai/flux/schnell"));
    assert_eq!((job.prompt.as_str(), job.parameters.as_str()), ("a cat 🐈", r#"{"num_images":2}"#));
    assert_eq!(job.input, r#"{"num_images":2,"prompt":"a cat 🐈"}"#);
    assert_eq!((job.folder, job.num_images, job.attachment, job.failure), (folder, 2, None, None));
    assert_eq!((job.created, job.submitted, job.ended, job.updated), (at(0), None, None, at(0)));
    assert!(store.job(&bob, &id).await.unwrap().is_none());
}

#[tokio::test]
async fn the_hold_follows_the_accounts_price_book() {
    let store = open();
    let mut new = new_job(&user(&*store).await);
    new.book = PriceBook::Fal;
    assert_eq!(reserve(&*store, new).await.held, Usd::from_nano(9_000_000));
}

#[tokio::test]
async fn a_folder_must_be_the_owners() {
    let store = open();
    let (ada, bob) = (user(&*store).await, user(&*store).await);
    for folder in [folder(&*store, &bob).await, new_folder(&ada, "Not stored").id] {
        let mut job = new_job(&ada);
        job.folder = Some(folder);
        assert!(matches!(store.reserve_job(job, 8).await, Ok(Reservation::FolderMissing)));
    }
}

#[tokio::test]
async fn a_job_needs_its_owner_and_an_id_of_its_own() {
    let store = open();
    let ada = user(&*store).await;
    assert_eq!(store.reserve_job(new_job(&user_id()), 8).await.unwrap_err(), StoreError::Missing);
    let mut again = new_job(&ada);
    again.id = reserve(&*store, new_job(&ada)).await.id;
    assert_eq!(store.reserve_job(again, 8).await.unwrap_err(), StoreError::IdTaken);
}

#[tokio::test]
async fn only_running_jobs_of_the_owner_count_against_the_limit() {
    let store = open();
    let (ada, bob) = (user(&*store).await, user(&*store).await);
    for state in JobState::ALL {
        job_in(&*store, &ada, state).await;
    }
    job_in(&*store, &bob, Created).await;
    assert!(matches!(store.reserve_job(new_job(&ada), 3).await, Ok(Reservation::TooManyRunning)));
    assert!(matches!(store.reserve_job(new_job(&ada), 4).await, Ok(Reservation::Reserved(_))));
    assert!(matches!(store.reserve_job(new_job(&ada), 4).await, Ok(Reservation::TooManyRunning)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_limit_holds_when_many_ask_at_once() {
    let store = open();
    let ada = user(&*store).await;
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let (store, job) = (Arc::clone(&store.store), new_job(&ada));
            tokio::spawn(async move { store.reserve_job(job, 5).await.unwrap() })
        })
        .collect();
    let mut reserved = 0;
    for task in tasks {
        reserved += u32::from(matches!(task.await.unwrap(), Reservation::Reserved(_)));
    }
    assert_eq!(reserved, 5);
}

#[tokio::test]
async fn the_way_to_fal_is_recorded_step_by_step() {
    let store = open();
    let ada = user(&*store).await;
    let job = reserve(&*store, new_job(&ada)).await;
    store.begin_submit(&job.id, job.fence, at(1)).await.unwrap();
    store.attach_job(&job.id, job.fence, attachment(), at(2)).await.unwrap();
    let job = store.job(&ada, &job.id).await.unwrap().unwrap();
    assert_eq!((job.state, job.attachment), (Submitted, Some(attachment())));
    assert_eq!((job.submitted, job.ended, job.updated), (Some(at(2)), None, at(2)));
    assert_eq!(job.held, Usd::from_nano(6_000_000));
}

/// The steps of a job after its reservation.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Verb {
    Begin,
    Attach,
    Settle,
    Abandon(JobState),
    Release,
}

impl Verb {
    const ALL: [Verb; 7] = [
        Verb::Begin,
        Verb::Attach,
        Verb::Settle,
        Verb::Abandon(Failed),
        Verb::Abandon(Canceled),
        Verb::Abandon(Unknown),
        Verb::Release,
    ];

    async fn run(self, store: &dyn Store, job: &Job, fence: Fence) -> Result<(), StoreError> {
        match self {
            Verb::Begin => store.begin_submit(&job.id, fence, at(7)).await,
            Verb::Attach => store.attach_job(&job.id, fence, attachment(), at(7)).await,
            Verb::Settle => store.settle_job(&job.id, fence, settlement()).await.map(drop),
            Verb::Abandon(state) => store.abandon_job(&job.id, fence, abandonment(state)).await.map(drop),
            Verb::Release => store.release_job(&job.id, fence, waiting(), at(7)).await.map(drop),
        }
    }
}

/// Where each verb leads from each state; `None` is refused. A verb on a finished job that leads back to it changes
/// nothing; pictures that turn up for one without any do. Here `unknown`, `failed` and `canceled` jobs have no request
/// id, the others have the one that is attached.
const TABLE: [(JobState, [Option<JobState>; 7]); 7] = [
    // from, then: begin, attach, settle, abandon to failed, to canceled, to unknown, release
    (Created, [Some(Submitting), None, None, Some(Failed), Some(Canceled), None, None]),
    (Submitting, [None, Some(Submitted), Some(Completed), Some(Failed), Some(Canceled), Some(Unknown), None]),
    (Submitted, [None, Some(Submitted), Some(Completed), Some(Failed), Some(Canceled), Some(Unknown), Some(Submitted)]),
    (Unknown, [None, Some(Submitted), Some(Completed), Some(Failed), Some(Canceled), Some(Unknown), None]),
    (
        Completed,
        [None, Some(Completed), Some(Completed), Some(Completed), Some(Completed), Some(Completed), Some(Completed)],
    ),
    (Failed, [None, None, Some(Completed), Some(Failed), Some(Failed), Some(Failed), Some(Failed)]),
    (Canceled, [None, None, Some(Completed), Some(Canceled), Some(Canceled), Some(Canceled), Some(Canceled)]),
];

#[tokio::test]
async fn every_verb_leads_from_every_state_where_the_table_says() {
    let store = open();
    let ada = user(&*store).await;
    for (from, row) in TABLE {
        for (verb, to) in Verb::ALL.into_iter().zip(row) {
            let before = job_in(&*store, &ada, from).await;
            let result = verb.run(&*store, &before, before.fence).await;
            let after = store.job(&ada, &before.id).await.unwrap().unwrap();
            assert_eq!(result, if to.is_some() { Ok(()) } else { Err(StoreError::LeaseLost) }, "{from:?} {verb:?}");
            assert_eq!(after.state, to.unwrap_or(from), "{from:?} {verb:?}");
            let unmoved = from.is_terminal() && to.is_none_or(|to| to == from);
            assert!(!unmoved || after.updated == before.updated, "{from:?} {verb:?}");
        }
    }
}

#[tokio::test]
async fn a_strange_fence_changes_nothing() {
    let store = open();
    let ada = user(&*store).await;
    for from in JobState::ALL {
        for verb in Verb::ALL {
            let before = job_in(&*store, &ada, from).await;
            let result = verb.run(&*store, &before, STRANGE_FENCE).await;
            let after = store.job(&ada, &before.id).await.unwrap().unwrap();
            let repeated = verb == Verb::Attach && before.attachment.is_some();
            let over = from.is_terminal() && matches!(verb, Verb::Abandon(_) | Verb::Release | Verb::Settle);
            let harmless = repeated || over;
            assert_eq!(result, if harmless { Ok(()) } else { Err(StoreError::LeaseLost) }, "{from:?} {verb:?}");
            // Pictures are worth having, whoever brings them.
            let to = if over && verb == Verb::Settle { Completed } else { from };
            assert_eq!((after.state, after.updated == before.updated), (to, to == from), "{from:?} {verb:?}");
        }
    }
}

#[tokio::test]
async fn verbs_on_no_job_say_so() {
    let (store, elsewhere) = (open(), open());
    let nobodys = reserve(&*elsewhere, new_job(&user(&*elsewhere).await)).await;
    for verb in Verb::ALL {
        assert_eq!(verb.run(&*store, &nobodys, nobodys.fence).await, Err(StoreError::Missing), "{verb:?}");
    }
}

#[tokio::test]
async fn an_abandoned_job_releases_its_hold_unless_it_is_in_doubt() {
    let store = open();
    let ada = user(&*store).await;
    for (end, held, ended) in [(Failed, 0, Some(at(9000))), (Canceled, 0, Some(at(9000))), (Unknown, 6_000_000, None)] {
        let job = job_in(&*store, &ada, Submitted).await;
        let job = store.abandon_job(&job.id, job.fence, abandonment(end)).await.unwrap();
        assert_eq!((job.state, job.held, job.ended), (end, Usd::from_nano(held), ended));
        assert_eq!(job.failure, Some(abandonment(end).failure));
        assert_eq!((job.cost, job.updated), (None, at(9000)));
    }
}

#[tokio::test]
async fn nothing_is_abandoned_to_a_state_that_is_no_end() {
    let store = open();
    let job = job_in(&*store, &user(&*store).await, Submitted).await;
    for state in [Created, Submitting, Submitted, Completed] {
        let result = store.abandon_job(&job.id, job.fence, abandonment(state)).await;
        assert!(matches!(result, Err(StoreError::Backend(_))), "{state:?}");
    }
}

#[tokio::test]
async fn a_restart_fails_what_was_never_sent_and_doubts_what_may_have_been() {
    let store = open();
    let (ada, bob) = (user(&*store).await, user(&*store).await);
    let mut jobs = Vec::new();
    for state in JobState::ALL {
        jobs.push(job_in(&*store, &ada, state).await);
    }
    job_in(&*store, &bob, Created).await;
    let doubted = job_in(&*store, &bob, Submitted).await;
    store.abandon_job(&doubted.id, doubted.fence, abandonment(Unknown)).await.unwrap();
    assert_eq!(store.recover_jobs(at(10)).await.unwrap(), Recovered { failed: 2, unknown: 1, waiting: 2 });
    for before in jobs {
        let after = store.job(&ada, &before.id).await.unwrap().unwrap();
        let (state, ended, held) = match before.state {
            Created => (Failed, Some(at(10)), Usd::ZERO),
            Submitting => (Unknown, None, before.held),
            other => (other, before.ended, before.held),
        };
        assert_eq!((after.state, after.ended, after.held), (state, ended, held), "{:?}", before.state);
        assert_eq!(after.failure.is_some(), matches!(state, Failed | Unknown | Canceled), "{:?}", before.state);
    }
    assert_eq!(store.recover_jobs(at(11)).await.unwrap(), Recovered { failed: 0, unknown: 0, waiting: 2 });
}
