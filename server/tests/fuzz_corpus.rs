//! What the fuzzer started from and what it once found, through the same checks as under the fuzzer.

#[path = "../fuzz/checks/answers.rs"]
mod answers;
#[path = "../fuzz/checks/calls.rs"]
mod calls;
#[path = "../fuzz/checks/endpoints.rs"]
mod endpoints;
#[path = "../fuzz/checks/filter.rs"]
mod filter;
#[path = "../fuzz/checks/sealed.rs"]
mod sealed;
#[path = "../fuzz/checks/webhook.rs"]
mod webhook;

use std::fs;
use std::path::{Path, PathBuf};

/// Fewer are a folder that was lost.
const LEAST: usize = 5;
/// Larger corpora take longer than they tell.
const MOST_BYTES: usize = 256 * 1024;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(name)
}

fn replay(target: &str, check: impl Fn(&[u8])) {
    let (mut seen, mut size) = (0, 0);
    for entry in fs::read_dir(folder("corpus").join(target)).expect("a corpus") {
        let bytes = fs::read(entry.expect("an entry").path()).expect("an input");
        check(&bytes);
        seen += 1;
        size += bytes.len();
    }
    assert!(seen >= LEAST, "{target}: {seen} inputs");
    assert!(size <= MOST_BYTES, "{target}: {size} bytes");
}

/// As the fuzzer does with what is no text.
fn text(check: impl Fn(&str)) -> impl Fn(&[u8]) {
    move |bytes| std::str::from_utf8(bytes).map(&check).unwrap_or_default()
}

#[test]
fn answers_of_fal() {
    replay("answers", answers::answer);
}

#[test]
fn streams_of_fal() {
    replay("stream", answers::stream);
}

#[test]
fn requests_to_every_endpoint() {
    replay("endpoints", endpoints::endpoints);
}

#[test]
fn filters() {
    replay("filter", text(filter::filter));
}

#[test]
fn multipart_bodies() {
    replay("multipart", endpoints::multipart);
}

#[test]
fn sealed_tokens() {
    replay("sealed", text(sealed::sealed));
}

#[test]
fn webhooks() {
    replay("webhook", webhook::webhook);
}

/// Corpora are found by the names of targets: one that nobody replays would rot.
#[test]
fn every_target_is_replayed() {
    let targets = fs::read_dir(folder("targets")).unwrap();
    let mut names: Vec<_> = targets.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    let replayed = ["answers.rs", "endpoints.rs", "filter.rs", "multipart.rs", "sealed.rs", "stream.rs", "webhook.rs"];
    assert_eq!(names, replayed);
}
