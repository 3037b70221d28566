//! What the fuzzer started from and what it once found, through the same checks as under the fuzzer.

#[path = "../../fuzz/checks/calls.rs"]
mod calls;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Fewer inputs, or calls, are a folder that was lost. Miri, which takes thousands of times as long, plays a part.
const LEAST: (usize, u64) = if cfg!(miri) { (4, 40) } else { (40, 5_000) };
const MOST: usize = if cfg!(miri) { 4 } else { usize::MAX };

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(name)
}

#[test]
fn the_corpus_is_played() {
    let (mut inputs, mut made, mut called) = (0, 0, BTreeSet::new());
    let mut files: Vec<_> = fs::read_dir(folder("corpus/calls")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort_by_key(|file| fs::metadata(file).unwrap().len());
    for file in files.iter().take(MOST) {
        made += calls::play(&fs::read(file).unwrap(), |function| _ = called.insert(function));
        inputs += 1;
    }
    println!("{inputs} inputs, {made} calls of {} functions", called.len());
    assert!(inputs >= LEAST.0 && made >= LEAST.1, "{inputs} inputs, {made} calls");
    assert!(cfg!(miri) || called.len() == calls::TABLE.len());
}

/// A function that nobody added to the table would never be called. Miri has nothing to say to it, and is slow to read.
#[cfg(not(miri))]
#[test]
fn every_function_of_the_header_is_in_the_table() {
    let listed = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("abi.txt")).unwrap();
    let listed = listed
        .lines()
        .filter(|line| !line.starts_with("typedef"))
        .filter_map(|line| line.split_once('(')?.0.rsplit([' ', '*']).next());
    let listed: BTreeSet<_> = listed.collect();
    let table: BTreeSet<_> = calls::TABLE.iter().map(|(name, _)| *name).collect();
    assert_eq!(table, listed);
    assert_eq!(table.len(), calls::TABLE.len());
}

/// Corpora are found by the names of targets: one that nobody replays would rot.
#[test]
fn every_target_is_replayed() {
    let targets = fs::read_dir(folder("targets")).unwrap();
    let names: Vec<_> = targets.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["calls.rs"]);
}
