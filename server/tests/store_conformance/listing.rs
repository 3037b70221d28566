//! Lists of jobs: whose, in which order, page by page.

use super::support::{at, job_in, new_job, open, reserve, user};
use generatio_server::ids::{JobId, UserId};
use generatio_server::store::{JobQuery, JobState, NewJob, Store, StoreError};

async fn ids(store: &dyn Store, owner: &UserId, query: JobQuery) -> Vec<JobId> {
    store.jobs(owner, query).await.unwrap().into_iter().map(|(job, _)| job.id).collect()
}

fn all() -> JobQuery {
    JobQuery { limit: 100, ..JobQuery::default() }
}

#[tokio::test]
async fn ones_own_newest_first_page_by_page() {
    let store = open();
    let (ada, bob) = (user(&*store).await, user(&*store).await);
    let mut begun = Vec::new();
    // Two of one moment: the later reserved is the newer.
    for ms in [10, 20, 20, 5] {
        let job = NewJob { created: at(ms), ..new_job(&ada) };
        begun.push(reserve(&*store, job).await.id);
        reserve(&*store, new_job(&bob)).await;
    }
    let expected = [&begun[2], &begun[1], &begun[0], &begun[3]].map(Clone::clone);
    assert_eq!(ids(&*store, &ada, all()).await, expected);
    let mut paged = Vec::new();
    loop {
        let page = ids(&*store, &ada, JobQuery { after: paged.last().cloned(), limit: 1, ..all() }).await;
        if page.is_empty() {
            break;
        }
        // One that begins meanwhile is on no later page.
        reserve(&*store, NewJob { created: at(1000), ..new_job(&ada) }).await;
        paged.extend(page);
    }
    assert_eq!(paged, expected);
}

#[tokio::test]
async fn states_narrow_and_pictures_come_along() {
    let store = open();
    let ada = user(&*store).await;
    for state in JobState::ALL {
        job_in(&*store, &ada, state).await;
    }
    for state in JobState::ALL {
        let found = store.jobs(&ada, JobQuery { state: Some(state), ..all() }).await.unwrap();
        let [(job, images)] = found.as_slice() else { panic!("{found:?}") };
        let delivered = state == JobState::Completed;
        assert_eq!((job.state, job.cost.is_some(), images.len()), (state, delivered, if delivered { 2 } else { 0 }));
    }
}

#[tokio::test]
async fn a_page_follows_ones_own_job() {
    let store = open();
    let (ada, bob) = (user(&*store).await, user(&*store).await);
    let theirs = reserve(&*store, new_job(&bob)).await.id;
    for after in [theirs, new_job(&ada).id] {
        let query = JobQuery { after: Some(after), ..all() };
        assert_eq!(store.jobs(&ada, query).await.unwrap_err(), StoreError::Missing);
    }
}
