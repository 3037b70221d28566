//! The real page in a real browser, before the real server and the stand-in for FAL, under the strict content security
//! policy. Each topic is a program of node's own test runner beside this file, with a world of its own.
//!
//! Screenshots of every view, at two widths and in both schemes of colour, are kept in `TARGET/screenshots`.

#![expect(clippy::print_stdout, reason = "figures and the place of the screenshots are for whoever runs it")]

mod page;

use generatio_fal_sim::Options;
use generatio_tests::{World, binary, npm, run};
use std::process::Command;
use std::time::Duration;
use tokio::time::timeout;

/// Longest run of a topic: a minute, on a machine that has nothing else to do.
const PATIENCE: Duration = Duration::from_secs(600);
/// Milliseconds a picture takes at the stand-in: long enough for its progress to be seen.
const LATENCY_MS: u64 = 400;

#[tokio::test(flavor = "multi_thread")]
async fn accounts() {
    topic("accounts.test.mjs").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn generating() {
    topic("generating.test.mjs").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn gallery() {
    topic("gallery.test.mjs").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn spending() {
    topic("spending.test.mjs").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn looks() {
    topic("looks.test.mjs").await;
}

/// On a server that takes nobody else, with a code for one of them.
#[tokio::test(flavor = "multi_thread")]
async fn invited() {
    topic_with("invited.test.mjs", &["--registration", "invite"]).await;
}

/// Runs a topic to its end on a server that everybody may register at.
async fn topic(file: &str) {
    topic_with(file, &[]).await;
}

/// The code of a new invitation.
fn code(world: &World) -> String {
    let made = run(Command::new(binary()).args(["user", "invite", "--data-dir"]).arg(world.data_dir()).env_clear());
    assert!(made.status.success(), "{}", made.log);
    made.log.lines().next().expect("the code").to_owned()
}

/// Runs a topic to its end, with more arguments for the server; what node's runner printed is shown when anything in it failed.
async fn topic_with(file: &str, more: &[&str]) {
    let prepared = tokio::task::spawn_blocking(|| (npm::drivers("page"), page::assembled()));
    let (folder, page) = prepared.await.expect("the page is there");
    let page = page.to_str().expect("the target folder's path is text");
    let arguments = [&["--public-dir", page, "--page-policy", "strict", "--keep-pictures", "on"], more].concat();
    let fal = Options { latency: LATENCY_MS, ..Options::immediate() };
    let world = World::with_fal(fal, &arguments).await;
    let mut node = tokio::process::Command::new("node");
    node.arg(folder.join(file)).kill_on_drop(true);
    node.env("GENERATIO_URL", world.server().url()).env("GENERATIO_FAL", world.fal().url());
    node.env("GENERATIO_CODE", code(&world))
        .env("GENERATIO_PAGE", page)
        .env("GENERATIO_SHOTS", npm::target().join("screenshots"));
    let output = timeout(PATIENCE, node.output()).await.unwrap_or_else(|_| panic!("{file} goes on and on"));
    let output = output.expect("node runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (said, warned) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{file} failed\n{said}\n{warned}\n{}", world.server().log());
    assert!(npm::passed(&said) > 0, "{file} tested nothing\n{said}");
    assert!(!world.server().log().contains(" ERROR "), "{}", world.server().log());
    said.lines().filter_map(|line| line.strip_prefix("kept: ")).for_each(|line| println!("{line}"));
}
