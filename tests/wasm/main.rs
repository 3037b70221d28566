//! The npm package, built, packed and installed as its users install it, in Node and in a real Chromium; programs of
//! node's own test runner in `bindings/wasm/tests`.

mod project;

use generatio_core::ErrorCode;
use generatio_fal_sim::{Options, Sim};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::process::Command;
use tokio::time::timeout;

/// Longest run of a topic.
const PATIENCE: Duration = Duration::from_secs(240);
/// Milliseconds a picture takes at the stand-in: long enough to be followed.
const LATENCY_MS: u64 = 100;
/// Codes of the package's own, beside core's.
const OWN_CODES: [&str; 8] = [
    "aborted",
    "argument_type",
    "internal",
    "locked",
    "not_initialized",
    "rolled_back",
    "wasm_unavailable",
    "webcrypto_unavailable",
];

#[tokio::test]
async fn in_node() {
    topic("node.test.mjs").await;
}

#[tokio::test]
async fn types() {
    topic("types.test.mjs").await;
}

#[tokio::test]
async fn calls_to_fal() {
    topic("fal.test.mjs").await;
}

#[tokio::test]
async fn in_chromium() {
    topic("browser.test.mjs").await;
}

#[test]
fn every_code_is_declared() {
    let declarations = include_str!("../../bindings/wasm/js/slim.d.ts");
    let declared: BTreeSet<&str> =
        declarations.lines().filter_map(|line| line.trim().strip_prefix("| \"")?.split('"').next()).collect();
    let codes = ErrorCode::ALL.iter().map(|code| code.as_str()).chain(OWN_CODES);
    assert_eq!(declared, codes.collect::<BTreeSet<_>>());
}

#[test]
fn numbers_stand_for_the_codes_of_core() {
    let messages = include_str!("../../bindings/wasm/js/messages.js");
    let rows = messages.lines().filter_map(|line| line.trim().split_once(": [\""));
    let mut count = 0;
    for (number, rest) in rows {
        let number: u32 = number.parse().expect("a number");
        let name = rest.split('"').next().expect("a code");
        let known = ErrorCode::ALL.iter().find(|code| code.as_u32() == number);
        match known {
            Some(code) => assert_eq!(code.as_str(), name),
            None => assert!(OWN_CODES.contains(&name), "{number} {name}"),
        }
        count += 1;
    }
    assert_eq!(count, 12);
}

/// Runs a topic to its end; what node's runner printed is shown when anything in it failed.
async fn topic(file: &str) {
    let folder = tokio::task::spawn_blocking(project::installed).await.expect("the package is installed");
    let fal = Sim::start(Options { latency: LATENCY_MS, ..Options::immediate() }).await.expect("the stand-in starts");
    let mut node = Command::new("node");
    node.arg(folder.join(file)).current_dir(&folder).env("FAL_URL", fal.url()).kill_on_drop(true);
    let output = timeout(PATIENCE, node.output()).await.unwrap_or_else(|_| panic!("{file} goes on and on"));
    let output = output.expect("node runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (said, warned) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{file} failed\n{said}\n{warned}");
    assert!(passed(&said) > 0, "{file} tested nothing\n{said}");
}

/// How many tests node's runner counted as passed.
fn passed(said: &str) -> u32 {
    let count = |line: &str| line.split_once("pass ")?.1.trim().parse().ok();
    said.lines().rev().find_map(count).unwrap_or_default()
}
