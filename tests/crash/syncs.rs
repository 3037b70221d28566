//! SIGKILL proves what outlives a process, not what outlives a loss of power. That takes syncs: one for each step that
//! must not be forgotten, of the file it is written to, counted from outside.

use crate::say;
use generatio_fal_sim::{Options, Sim};
use generatio_tests::{Client, Setup, Starting, User};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Jobs, one after the other: commits are shared by writes that wait at the same time.
const JOBS: usize = 20;
/// Reserved, about to be submitted, submitted, settled.
const STEPS: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_step_of_a_job_is_synced_before_the_next() {
    let data = tempfile::tempdir().expect("a temporary directory");
    let trace = data.path().join("syncs");
    let fal = Sim::start(Options::immediate()).await.expect("the stand-in starts");
    let server = traced(data.path(), &trace, &fal.url());
    let mut user = User::register(&Client::new(server.url()), "a@example.com").await;
    user.set_up_session_with(generatio_tests::FAL_KEY).await;
    let before = syncs(&trace);
    for _ in 0..JOBS {
        user.generate("flux/schnell", "a heron", json!({})).await.ok();
    }
    let counted = syncs(&trace) - before;
    assert_eq!(user.stats().await["total_images"], json!(JOBS));
    assert!(server.stop().status.success());
    say(&format!("syncs of the write-ahead log: {counted} for {JOBS} settled jobs, {} each", counted / JOBS));
    assert!(counted >= STEPS * JOBS, "{counted} for {JOBS}");
}

/// A server whose syncs are written to `trace`, a line each, before it goes on.
fn traced(data: &Path, trace: &Path, fal_url: &str) -> generatio_tests::Server {
    let (strace, trace) = (strace(), trace.to_str().expect("a path of text"));
    // -D: the server is our child, and the tracer its; -y: with the name of the file.
    let under =
        [strace.to_str().expect("a path of text"), "-D", "-f", "-y", "-e", "trace=fsync,fdatasync", "-o", trace];
    let setup = Setup { under: &under, ..Setup::default() };
    Starting::spawn(data, &["--fal-url", fal_url], setup).listening()
}

/// How often the write-ahead log was synced: in this journal mode, with `synchronous=FULL`, once a commit. With `NORMAL`
/// it would be once in many.
fn syncs(trace: &Path) -> usize {
    let text = std::fs::read_to_string(trace).expect("the tracer writes");
    text.lines().filter(|line| line.contains("sync(") && line.contains("generatio.db-wal>")).count()
}

/// # Panics
/// When there is none.
fn strace() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join("strace")).find(|file| file.is_file());
    found.expect("this test counts syncs with strace: apt-get install strace")
}
