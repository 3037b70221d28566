//! What the fuzzer started from and what it once found, through the same checks as under the fuzzer.

#[path = "../fuzz/checks/filter.rs"]
mod filter;

use std::fs;
use std::path::Path;

/// Fewer are a folder that was lost.
const LEAST: usize = 20;

#[test]
fn filters() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/filter");
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        // As the fuzzer does with what is no text.
        let Ok(text) = std::str::from_utf8(&bytes) else { continue };
        filter::filter(text);
        seen += 1;
    }
    assert!(seen >= LEAST, "{seen} texts");
}

/// Corpora are found by the names of targets: one that nobody replays would rot.
#[test]
fn every_target_is_replayed() {
    let targets = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/targets")).unwrap();
    let mut names: Vec<_> = targets.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["filter.rs"]);
}
