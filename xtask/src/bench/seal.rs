//! `seal`: what sealing takes beside other libraries deriving the same key. `tests/benches/seal` does the measuring,
//! and OpenSSL by `tests/benches/clients/seal.py`.

use super::figures::{median, shown};
use super::machine::{Machine, commit, version};
use super::page::{Goal, Page, Table};
use super::pinned::PINNED;
use crate::api::mismatch;
use crate::{Outcome, process, tools};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// A workspace of its own, with what it measures beside ours.
const PACKAGE: &str = "tests/benches/seal";
/// What `tests/benches/seal` derives from.
const PASSWORD: &str = "quiet harbour 42";
const SALT: &str = "thirty-two bytes that are a salt";
const ITERATIONS: &str = "600000";

/// Contenders: their names in figures and on the page.
const PEERS: [(&str, &str); 5] = [
    ("hashlib", "OpenSSL, by Python's hashlib"),
    ("openssl", "OpenSSL, by `openssl kdf`"),
    ("ring", "ring"),
    ("aws_lc", "aws-lc-rs"),
    ("crate", "the crate pbkdf2"),
];

/// Of a peer's time, ours may be so much at most. OpenSSL's is the faster way of the two.
const OPENSSL_TIMES: f64 = 2.15;
const AWS_LC_GOAL: f64 = 0.84;
const CRATE_GOAL: f64 = 0.80;

/// Builds, and lets all take turns.
pub(super) fn run(rounds: u32) -> Outcome<Page> {
    tools::program("python3", &["-c", "import ssl"], "python3")?;
    tools::program("openssl", &["help", "kdf"], "openssl")?;
    tools::program("cc", &["--version"], "gcc")?;
    println!("Building …");
    let manifest = format!("{PACKAGE}/Cargo.toml");
    let target = process::workspace().join("target/bench-seal").display().to_string();
    let built = process::build(&["--release", "--locked", "--manifest-path", &manifest, "--target-dir", &target])?;
    let program = process::binary(&built, "generatio-bench-seal")?;
    let mut machine = Machine::look();
    let mut turns = Vec::new();
    for round in 1..=rounds {
        println!("Round {round} of {rounds}");
        turns.push((process::document(openssl())?, process::document(Command::new(program))?));
    }
    machine.look_again();
    page(&turns, machine, locked()?)
}

fn openssl() -> Command {
    let mut python = Command::new("python3");
    python.arg(process::workspace().join(PINNED).join("seal.py")).args([PASSWORD, SALT, ITERATIONS]);
    python
}

/// The versions of the libraries in Rust, from the package's lock file.
fn locked() -> Outcome<Vec<String>> {
    let lock = std::fs::read_to_string(process::workspace().join(PACKAGE).join("Cargo.lock"))?;
    let of = |name: &str| {
        let (_, rest) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
        Some(format!("{name} {}", rest.split('"').next()?))
    };
    Ok(["ring", "aws-lc-rs", "pbkdf2", "sha2"].into_iter().filter_map(of).collect())
}

/// The page of what `seal.py` and the program printed in each round.
fn page(turns: &[(Value, Value)], machine: Machine, libraries: Vec<String>) -> Outcome<Page> {
    for (theirs, ours) in turns {
        if theirs["key"] != ours["key"] || !ours["key"].is_string() {
            return Err(mismatch(&format!("OpenSSL's key {}", theirs["key"]), &ours["key"]).into());
        }
    }
    let ms = |name: &str| -> Outcome<f64> {
        let figure = |(theirs, ours): &(Value, Value)| theirs[name].as_f64().or_else(|| ours[name].as_f64());
        let figures: Option<Vec<f64>> = turns.iter().map(figure).collect();
        figures.as_deref().and_then(median).ok_or_else(|| format!("there are no figures for {name}").into())
    };
    let ours = ms("ours")?;
    let mut table = Table::new(&["600,000 iterations", "ms", "ours / its"]);
    for (name, words) in PEERS {
        table.row([words.into(), shown(ms(name)?), shown(ours / ms(name)?)]);
    }
    table.row(["ours, the whole sealing".into(), shown(ours), shown(1.0)]);
    let at_most = |name: &str, most: f64, seen: f64| Goal {
        aim: format!("at most {most} of {name}"),
        seen: shown(seen),
        holds: seen <= most,
    };
    let times = ms("hashlib")?.min(ms("openssl")?) / ours;
    let said = turns.first().and_then(|(theirs, _)| theirs["version"].as_str()).unwrap_or_default().to_owned();
    let mut versions = vec![commit(), said, version(Path::new("python3")), version(Path::new("rustc"))];
    versions.splice(2..2, libraries);
    Ok(Page {
        title: "Sealing a key".into(),
        about: about(turns.len()),
        table,
        goals: vec![
            Goal {
                aim: format!("at least {OPENSSL_TIMES} times as fast as OpenSSL, by its faster way"),
                seen: format!("{} times", shown(times)),
                holds: times >= OPENSSL_TIMES,
            },
            at_most("aws-lc-rs", AWS_LC_GOAL, ours / ms("aws_lc")?),
            at_most("the crate pbkdf2", CRATE_GOAL, ours / ms("crate")?),
        ],
        machine,
        versions,
    })
}

fn about(rounds: usize) -> String {
    format!(
        "Ours is the whole sealing of a FAL key as v2: a fresh salt and nonce, PBKDF2-HMAC-SHA256 with 600,000 \
         iterations, AES-256-GCM and the commitment. The others derive the key alone. All derive the same 32 bytes \
         from one password and salt, which is seen to in every round, and open what was sealed with what they derive \
         from its salt.\n\n\
         Contenders take turns, one derivation at a time, three in a round, {rounds} rounds: medians of the rounds' \
         medians. The Rust libraries are in one program, built in release mode as the server is; hashlib is measured \
         inside of one Python process, and `openssl kdf` less what it takes for one iteration, to start and to end."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_page_compares_with_the_faster_openssl_and_wants_one_key() {
        let theirs = json!({ "hashlib": 140.0, "openssl": 129.0, "key": "0a", "version": "OpenSSL 3" });
        let mut ours = json!({ "ours": 60.0, "ring": 80.0, "aws_lc": 71.0, "crate": 75.1, "key": "0a" });
        let of = |ours: &Value| {
            page(&[(theirs.clone(), ours.clone())], Machine { lines: Vec::new() }, vec!["ring 0.17.14".into()])
        };
        let made = of(&ours).unwrap();
        assert_eq!(made.goals.iter().map(|goal| goal.holds).collect::<Vec<_>>(), [true, false, true]);
        assert_eq!(made.versions[1..3], ["OpenSSL 3", "ring 0.17.14"]);
        assert!(made.table.to_string().contains(" 0.85 |"), "{}", made.table);
        ours["ours"] = json!(60.1);
        assert!(!of(&ours).unwrap().goals[0].holds);
        ours["key"] = json!("0b");
        assert!(of(&ours).err().unwrap().to_string().contains("OpenSSL's key"));
    }

    #[test]
    fn the_versions_of_all_libraries_are_known() {
        assert_eq!(locked().unwrap().len(), 4);
    }
}
