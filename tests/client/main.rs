//! `GeneratioClient` of the npm package in node: against servers that lie and break, which the topics bring along, and
//! against the real server with the stand-in for FAL, in every custody mode.
//!
//! The topics are programs of node's own test runner in `bindings/wasm/tests/client`.

mod package;
mod zero_knowledge;

use generatio_fal_sim::Options;
use generatio_tests::World;
use std::path::Path;
use std::process::Output;
use std::time::Duration;
use tokio::process::Command;
use tokio::time::timeout;

/// Longest run of a topic, which takes seconds; each sign-in derives a key, and tests run side by side.
const PATIENCE: Duration = Duration::from_secs(300);
/// Milliseconds a picture takes at the stand-in: long enough for its job to be seen on the way.
const LATENCY_MS: u64 = 100;

#[tokio::test]
async fn a_server_that_lies_is_refused() {
    topic("hostile.test.mjs", None).await;
}

#[tokio::test]
async fn addresses_that_lead_elsewhere_are_not_shown() {
    topic("addresses.test.mjs", None).await;
}

#[tokio::test]
async fn answers_of_no_form_are_refused() {
    topic("answers.test.mjs", None).await;
}

#[tokio::test]
async fn broken_streams_are_taken_up_again() {
    topic("events.test.mjs", None).await;
}

#[tokio::test]
async fn direct_jobs_lose_no_money() {
    topic("direct.test.mjs", None).await;
}

#[tokio::test]
async fn the_real_server_is_used_in_every_custody_mode() {
    // More accounts come and go here than an address may have in a minute.
    let world =
        World::with_fal(Options { latency: LATENCY_MS, ..Options::immediate() }, &["--throttle-times", "10"]).await;
    topic("live.test.mjs", Some(world.server().url())).await;
    let log = world.server().log();
    assert!(!log.contains(" ERROR "), "{log}");
    for secret in ["quartz-harbour-27", "planted0secret0of0the0fal0key", "violet-anchor-3141"] {
        assert!(!log.contains(secret), "a secret is in the log");
    }
}

/// Runs a topic to its end.
async fn topic(file: &str, server: Option<&str>) {
    let said = run(file, server.map(|url| ("GENERATIO_URL", url))).await;
    assert!(passed(&said) > 0, "{file} tested nothing\n{said}");
}

/// Runs a program of node and gives back what it printed, which is shown when it failed.
async fn run<'a>(file: &str, variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let entry = tokio::task::spawn_blocking(package::built).await.expect("the package is built");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bindings/wasm/tests/client");
    let mut node = Command::new("node");
    node.arg(folder.join(file)).env("GENERATIO_PACKAGE", entry).kill_on_drop(true).envs(variables);
    let output = timeout(PATIENCE, node.output()).await.unwrap_or_else(|_| panic!("{file} goes on and on"));
    let Output { status, stdout, stderr } = output.expect("node runs");
    let (said, warned) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{file} failed\n{said}\n{warned}");
    said.into_owned()
}

/// How many tests node's runner counted as passed.
fn passed(said: &str) -> u32 {
    let count = |line: &str| line.split_once("pass ")?.1.trim().parse().ok();
    said.lines().rev().find_map(count).unwrap_or_default()
}
