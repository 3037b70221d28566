//! Jobs that a client runs: the same verbs by its word, and silence.

use super::support::{abandonment, at, attachment, new_job, open, reserve, settlement, user, waiting};
use generatio_server::ids::UserId;
use generatio_server::store::{
    Job, JobQuery, JobState, Lease, NewJob, Recovered, Reporter, ResultHash, Settlement, Source, Store, StoreError,
};

use JobState::{Canceled, Completed, Created, Failed, Submitted, Unknown};

fn direct(owner: &UserId) -> NewJob {
    NewJob { source: Source::Direct, ..new_job(owner) }
}

fn reported() -> Settlement {
    Settlement { reported_by: Reporter::Client, ..settlement() }
}

async fn now(store: &dyn Store, job: &Job) -> Job {
    store.job(&job.owner, &job.id).await.unwrap().unwrap()
}

/// A fresh direct job in this state.
async fn direct_in(store: &dyn Store, owner: &UserId, state: JobState) -> Job {
    let job = reserve(store, direct(owner)).await;
    if matches!(state, Submitted | Completed) {
        store.attach_job(&job.id, job.fence, attachment(), at(2000)).await.unwrap();
    }
    match state {
        Completed => drop(store.settle_job(&job.id, job.fence, reported()).await.unwrap()),
        Failed | Canceled | Unknown => drop(store.abandon_job(&job.id, job.fence, abandonment(state)).await.unwrap()),
        _ => {}
    }
    now(store, &job).await
}

#[tokio::test]
async fn a_direct_job_is_attached_from_where_its_client_left_it() {
    let store = open();
    let ada = user(&*store).await;
    for (from, expected) in [
        (Created, Ok(())),
        (Unknown, Ok(())),
        (Submitted, Ok(())),
        (Completed, Ok(())),
        (Failed, Err(StoreError::LeaseLost)),
        (Canceled, Err(StoreError::LeaseLost)),
    ] {
        let job = direct_in(&*store, &ada, from).await;
        assert_eq!(job.source, Source::Direct);
        assert_eq!(store.attach_job(&job.id, job.fence, attachment(), at(3000)).await, expected, "{from:?}");
        if matches!(from, Created | Unknown) {
            let attached = now(&*store, &job).await;
            assert_eq!((attached.state, attached.submitted, attached.reported_by), (Submitted, Some(at(3000)), None));
            assert_eq!(attached.held, job.held);
        }
    }
    // A job of the server's own goes through `submitting`, or is not submitted.
    let ours = reserve(&*store, new_job(&ada)).await;
    let refused = store.attach_job(&ours.id, ours.fence, attachment(), at(1)).await;
    assert_eq!(refused, Err(StoreError::LeaseLost));
}

#[tokio::test]
async fn only_a_direct_job_that_was_just_reserved_can_be_in_doubt() {
    let store = open();
    let ada = user(&*store).await;
    let job = reserve(&*store, direct(&ada)).await;
    let doubted = store.abandon_job(&job.id, job.fence, abandonment(Unknown)).await.unwrap();
    assert_eq!((doubted.state, doubted.held, doubted.ended), (Unknown, job.held, None));
    let ours = reserve(&*store, new_job(&ada)).await;
    assert_eq!(store.abandon_job(&ours.id, ours.fence, abandonment(Unknown)).await.unwrap_err(), StoreError::LeaseLost);
}

#[tokio::test]
async fn a_settlement_says_whose_word_it_is_and_which_pictures() {
    let store = open();
    let ada = user(&*store).await;
    let job = direct_in(&*store, &ada, Submitted).await;
    let settled = store.settle_job(&job.id, job.fence, reported()).await.unwrap().job;
    let hash = ResultHash::of(["https://v3.fal.media/1.png", "https://v3.fal.media/2.png"]);
    assert_eq!((settled.reported_by, settled.result), (Some(Reporter::Client), Some(hash)));
    assert_eq!(now(&*store, &job).await, settled, "the row says what was answered");
    // Whoever comes second changes neither.
    let by_webhook = Settlement { reported_by: Reporter::Webhook, ..settlement() };
    let again = store.settle_job(&job.id, job.fence, by_webhook).await.unwrap().job;
    assert_eq!(again, settled);
    assert_ne!(hash, ResultHash::of(["https://v3.fal.media/2.png", "https://v3.fal.media/1.png"]));
}

#[tokio::test]
async fn an_end_without_pictures_says_whose_word_it_is() {
    let store = open();
    let ada = user(&*store).await;
    let job = reserve(&*store, direct(&ada)).await;
    let end = generatio_server::store::Abandonment { reported_by: Reporter::Client, ..abandonment(Canceled) };
    let canceled = store.abandon_job(&job.id, job.fence, end).await.unwrap();
    assert_eq!((canceled.reported_by, canceled.result), (Some(Reporter::Client), None));
    // Its pictures came all the same.
    let settled = store.settle_job(&job.id, job.fence, reported()).await.unwrap();
    assert_eq!((settled.job.state, settled.images.len()), (Completed, 2));
}

#[tokio::test]
async fn a_restart_and_a_session_leave_direct_jobs_alone() {
    let store = open();
    let ada = user(&*store).await;
    let jobs = [direct_in(&*store, &ada, Created).await, direct_in(&*store, &ada, Submitted).await];
    assert_eq!(store.recover_jobs(at(5000)).await.unwrap(), Recovered::default());
    let lease = Lease { holder: "node-2".into(), until: at(99_000) };
    assert_eq!(store.claim_submitted(&ada, lease, at(6000)).await.unwrap(), []);
    for job in &jobs {
        assert_eq!(now(&*store, job).await, *job);
    }
}

#[tokio::test]
async fn silence_puts_direct_jobs_in_doubt_and_nothing_else() {
    let store = open();
    let (ada, bob) = (user(&*store).await, user(&*store).await);
    let created = direct_in(&*store, &ada, Created).await; // last heard of at 0
    let submitted = direct_in(&*store, &bob, Submitted).await; // at 2000
    let over = direct_in(&*store, &ada, Completed).await;
    let ours = reserve(&*store, new_job(&ada)).await;
    let doubt = async |since: i64, limit: u32| {
        let doubted = store.doubt_silent_jobs(at(since), limit, waiting(), at(9000)).await.unwrap();
        doubted.into_iter().map(|job| (job.id, job.state, job.reported_by)).collect::<Vec<_>>()
    };
    let told = |job: &Job| (job.id.clone(), Unknown, Some(Reporter::Server));
    assert_eq!(doubt(-1, 9).await, []);
    assert_eq!(doubt(1999, 9).await, [told(&created)]);
    let doubted = now(&*store, &created).await;
    assert_eq!((doubted.held, doubted.failure, doubted.updated), (created.held, Some(waiting()), at(9000)));
    assert_eq!(doubt(9000, 0).await, [], "the limit holds");
    assert_eq!(doubt(9000, 9).await, [told(&submitted)]);
    assert_eq!(doubt(9000, 9).await, [], "once is enough");
    assert_eq!((now(&*store, &over).await.state, now(&*store, &ours).await.state), (Completed, Created));
    let events = store.job_events(&bob, &submitted.id, 0).await.unwrap().1;
    assert_eq!(events.last().map(|event| (event.state, event.created)), Some((Unknown, at(9000))));
}

#[tokio::test]
async fn what_is_heard_after_a_silence_counts() {
    let store = open();
    let ada = user(&*store).await;
    let jobs = [direct_in(&*store, &ada, Created).await, direct_in(&*store, &ada, Submitted).await];
    store.doubt_silent_jobs(at(5000), 9, waiting(), at(5000)).await.unwrap();
    let late = now(&*store, &jobs[0]).await;
    store.attach_job(&late.id, late.fence, attachment(), at(6000)).await.unwrap();
    for job in &jobs {
        let job = now(&*store, job).await;
        let settled = store.settle_job(&job.id, job.fence, reported()).await.unwrap().job;
        assert_eq!((settled.state, settled.failure), (Completed, None));
    }
}

#[tokio::test]
async fn jobs_are_listed_by_who_runs_them_and_whether_they_are_open() {
    let store = open();
    let ada = user(&*store).await;
    let mut jobs = Vec::new();
    for state in [Created, Submitted, Unknown, Completed, Failed, Canceled] {
        jobs.push(direct_in(&*store, &ada, state).await.id);
    }
    let ours = reserve(&*store, new_job(&ada)).await.id;
    let list = async |query: JobQuery| {
        let found = store.jobs(&ada, JobQuery { limit: 99, ..query }).await.unwrap();
        found.into_iter().map(|(job, _)| job.id).rev().collect::<Vec<_>>()
    };
    let open_direct = JobQuery { source: Some(Source::Direct), is_open: true, ..JobQuery::default() };
    assert_eq!(list(open_direct).await, jobs[..3]);
    assert_eq!(list(JobQuery { source: Some(Source::Direct), ..JobQuery::default() }).await, jobs);
    assert_eq!(
        list(JobQuery { source: Some(Source::Server), ..JobQuery::default() }).await,
        std::slice::from_ref(&ours)
    );
    let mut open = jobs[..3].to_vec();
    open.push(ours);
    assert_eq!(list(JobQuery { is_open: true, ..JobQuery::default() }).await, open);
}
