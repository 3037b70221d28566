//! The server's own store, called as the engine calls it: every call returns once it is durable.

use super::work::{AtFal, Maker, NOW, Work};
use super::{IN_FLIGHT, JOBS};
use crate::Outcome;
use generatio_server::ids::UserId;
use generatio_server::store::sqlite::{DEFAULT_READERS, FILE_NAME, SqliteStore};
use generatio_server::store::{Fence, JobState, Reservation, Store};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// What a job is reserved under.
const FENCE: Fence = Fence(1);

/// Time from the first to the last of [`JOBS`] settlements, of jobs that FAL has had before.
pub(super) async fn settle(folder: &Path, make: &mut Maker) -> Outcome<Duration> {
    let (store, users) = open(folder, make).await?;
    let jobs = at_fal(&store, make.work(&users, JOBS)?).await?;
    let began = Instant::now();
    run(&store, jobs, finish).await?;
    let took = began.elapsed();
    store.close().await;
    Ok(took)
}

/// Time from the first reservation to the last settlement of [`JOBS`] jobs.
pub(super) async fn whole(folder: &Path, make: &mut Maker) -> Outcome<Duration> {
    let (store, users) = open(folder, make).await?;
    let work = make.work(&users, JOBS)?;
    let began = Instant::now();
    run(&store, work, whole_way).await?;
    let took = began.elapsed();
    store.close().await;
    Ok(took)
}

/// Opens a new file in `folder`, with the accounts in it.
pub(super) async fn open(folder: &Path, make: &mut Maker) -> Outcome<(Arc<dyn Store>, Vec<UserId>)> {
    let store = SqliteStore::open(&folder.join(FILE_NAME), DEFAULT_READERS)?;
    let mut users = Vec::new();
    for user in make.users() {
        users.push(store.create_user(user).await?.id);
    }
    Ok((Arc::new(store), users))
}

/// Brings the jobs to FAL.
pub(super) async fn at_fal(store: &Arc<dyn Store>, work: Vec<Work>) -> Outcome<Vec<AtFal>> {
    run(store, work, submit).await
}

/// Takes `step` for every piece, [`IN_FLIGHT`] at a time. Pieces are dealt out as they were to the users, so that as
/// many are under way for each.
async fn run<W, T, F>(store: &Arc<dyn Store>, pieces: Vec<W>, step: fn(Arc<dyn Store>, W) -> F) -> Outcome<Vec<T>>
where
    W: Send + 'static,
    T: Send + 'static,
    F: Future<Output = Outcome<T>> + Send + 'static,
{
    let mut lanes: Vec<Vec<W>> = (0..IN_FLIGHT).map(|_| Vec::new()).collect();
    for (index, piece) in pieces.into_iter().enumerate() {
        lanes[index % IN_FLIGHT].push(piece);
    }
    let mut tasks = JoinSet::new();
    for lane in lanes {
        let store = Arc::clone(store);
        tasks.spawn(async move {
            let mut done = Vec::with_capacity(lane.len());
            for piece in lane {
                done.push(step(Arc::clone(&store), piece).await?);
            }
            Outcome::Ok(done)
        });
    }
    let mut all = Vec::new();
    while let Some(lane) = tasks.join_next().await {
        all.extend(lane??);
    }
    Ok(all)
}

async fn whole_way(store: Arc<dyn Store>, work: Work) -> Outcome {
    let job = submit(Arc::clone(&store), work).await?;
    finish(store, job).await
}

async fn submit(store: Arc<dyn Store>, Work { job, attachment, end }: Work) -> Outcome<AtFal> {
    let (id, owner, request_id) = (job.id.clone(), job.owner.clone(), attachment.request_id.clone());
    match store.reserve_job(job, u32::MAX).await? {
        Reservation::Reserved(_) => {}
        refused => return Err(format!("a job was not reserved: {refused:?}").into()),
    }
    store.begin_submit(&id, FENCE, NOW).await?;
    store.attach_job(&id, FENCE, attachment, NOW).await?;
    Ok(AtFal { id, owner, request_id, end })
}

async fn finish(store: Arc<dyn Store>, job: AtFal) -> Outcome {
    let settled = store.settle_job(&job.id, FENCE, job.end).await?;
    if settled.job.state == JobState::Completed { Ok(()) } else { Err("a job was not settled".into()) }
}
