//! The official `pocketbase` npm package against the real server: what a front end written for PocketBase calls, each
//! topic a program of node's own test runner beside this file, each with a world of its own.

use generatio_fal_sim::Options;
use generatio_tests::{World, npm};
use std::time::Duration;
use tokio::process::Command;
use tokio::time::timeout;

/// Longest run of a topic, which takes seconds.
const PATIENCE: Duration = Duration::from_secs(180);
/// Milliseconds a picture takes at the stand-in: long enough for its job to be seen on the way.
const LATENCY_MS: u64 = 100;

#[tokio::test]
async fn accounts() {
    topic("accounts.test.mjs").await;
}

#[tokio::test]
async fn pictures() {
    topic("pictures.test.mjs").await;
}

#[tokio::test]
async fn custom_routes() {
    topic("custom.test.mjs").await;
}

#[tokio::test]
async fn writes() {
    topic("writes.test.mjs").await;
}

#[tokio::test]
async fn realtime() {
    topic("realtime.test.mjs").await;
}

/// Runs a topic to its end; what node's runner printed is shown when anything in it failed.
async fn topic(file: &str) {
    let folder = tokio::task::spawn_blocking(|| npm::drivers("sdk")).await.expect("the package is installed");
    let world = World::with_fal(Options { latency: LATENCY_MS, ..Options::immediate() }, &[]).await;
    let mut node = Command::new("node");
    node.arg(folder.join(file)).env("GENERATIO_URL", world.server().url()).kill_on_drop(true);
    let output = timeout(PATIENCE, node.output()).await.unwrap_or_else(|_| panic!("{file} goes on and on"));
    let output = output.expect("node runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (said, warned) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{file} failed\n{said}\n{warned}\n{}", world.server().log());
    assert!(npm::passed(&said) > 0, "{file} tested nothing\n{said}");
    assert!(!world.server().log().contains(" ERROR "), "{}", world.server().log());
}
