//! `generatio` as an operator types it in.

use generatio_tests::{Ended, binary, run};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// `generatio WORDS… --data-dir DATA`.
pub(crate) fn ended(words: &[&str], data: &Path) -> Ended {
    run(Command::new(binary()).args(words).arg("--data-dir").arg(data).env_clear())
}

/// What it says, done.
pub(crate) fn done(words: &[&str], data: &Path) -> String {
    let Ended { status, log } = ended(words, data);
    assert!(status.success(), "{words:?}: {log}");
    log
}

/// What it says, refused.
pub(crate) fn refused(words: &[&str], data: &Path) -> String {
    let Ended { status, log } = ended(words, data);
    assert_eq!(status.code(), Some(1), "{words:?}: {log}");
    log
}

/// The lines of JSON that a command prints.
pub(crate) fn lines(words: &[&str], data: &Path) -> Vec<Value> {
    done(words, data).lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

/// What the audit log says of a user, or of all: `actor action`, oldest first.
pub(crate) fn audited(user: Option<&str>, data: &Path) -> Vec<String> {
    let mut words = vec!["audit", "--json"];
    words.extend(user.into_iter().flat_map(|user| ["--user", user]));
    let entries = lines(&words, data);
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    entries.iter().map(|entry| format!("{} {}", text(&entry["actor"]), text(&entry["action"]))).collect()
}
