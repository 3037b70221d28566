//! Who looks on while C calls: AddressSanitizer, UndefinedBehaviorSanitizer, Valgrind, and a search of the memory.

use crate::installed::{all, built, ran, well};
use std::process::Command;

const SANITIZED: [&str; 2] = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

#[test]
fn sanitizers_find_nothing_but_what_is_planted() {
    let folder = tempfile::tempdir().unwrap();
    let program = built(folder.path(), "exercise.c", &SANITIZED);
    assert_eq!(well(&mut Command::new(&program)), "all went well\n");
    for (plant, found) in [("leak", "detected memory leaks"), ("overflow", "heap-buffer-overflow")] {
        let output = ran(Command::new(&program).arg(plant));
        assert!(!output.status.success() && all(&output).contains(found), "{plant}: {}", all(&output));
    }
}

#[test]
fn valgrind_finds_nothing_but_what_is_planted() {
    let folder = tempfile::tempdir().unwrap();
    let program = built(folder.path(), "exercise.c", &[]);
    let under = |plant: &[&str]| {
        let mut valgrind = Command::new("valgrind");
        valgrind.args(["--quiet", "--error-exitcode=9", "--leak-check=full", "--errors-for-leak-kinds=all"]);
        ran(valgrind.arg("--show-leak-kinds=all").arg(&program).args(plant))
    };
    let output = under(&[]);
    assert!(output.status.success(), "{}", all(&output));
    for (plant, found) in [("leak", "definitely lost"), ("overflow", "Invalid read")] {
        let output = under(&[plant]);
        assert_eq!(output.status.code(), Some(9), "{plant}");
        assert!(all(&output).contains(found), "{plant}: {}", all(&output));
    }
}

#[test]
fn a_freed_secret_is_nowhere_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let program = built(folder.path(), "memory.c", &[]);
    println!("{}", well(&mut Command::new(program)));
}
