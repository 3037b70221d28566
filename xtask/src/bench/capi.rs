//! `capi`: what a call across the C library's border costs beside the same in Rust, and sealing beside OpenSSL's and
//! libsodium's. `tests/benches/capi` does the measuring.

use super::figures::{median, shown};
use super::machine::{Machine, commit, version};
use super::page::{Goal, Page, Table};
use crate::{Outcome, process, tools};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCE: &str = "tests/benches/capi/calls.c";
/// Libraries it is linked with, each with the package of Debian that brings it.
const PEERS: [(&str, &str); 2] = [("libcrypto", "libssl-dev"), ("libsodium", "libsodium-dev")];

/// Most of validation and of opening through C, in times of Rust's.
const BORDER_GOAL: f64 = 1.1;
/// Most of sealing, in times of OpenSSL's.
const SEAL_GOAL: f64 = 1.1;

/// Rows: the name in figures, in words, and nanoseconds in the unit that is shown.
const CALLS: [(&str, &str, f64); 6] = [
    ("empty", "an empty call: the version, ns", 1.0),
    ("quote", "quote, ns", 1.0),
    ("validate", "validate, µs", 1e3),
    ("session", "open a session, µs", 1e3),
    ("open", "open a token, 100,000 iterations, ms", 1e6),
    ("seal", "seal a token, 600,000 iterations, ms", 1e6),
];

/// Installs the library, builds both programs, and lets them take turns.
pub(super) fn run(rounds: u32) -> Outcome<Page> {
    for (program, package) in [("gcc", "gcc"), ("pkg-config", "pkg-config")] {
        tools::program(program, &["--version"], package)?;
    }
    for (library, package) in PEERS {
        tools::program("pkg-config", &["--exists", library], package)?;
    }
    println!("Building …");
    let folder = process::workspace().join("target/bench-capi");
    let built = process::build(&["--release", "--package", "generatio-bench-capi"])?;
    let (c, rust) = (compiled(&folder)?, process::binary(&built, "generatio-bench-capi")?);
    let mut machine = Machine::look();
    let mut turns = Vec::new();
    for round in 1..=rounds {
        println!("round {round} of {rounds}");
        turns.push((process::document(Command::new(&c))?, process::document(Command::new(rust))?));
    }
    machine.look_again();
    page(&turns, machine)
}

/// The C program, linked to the shared library of an installation below `folder`.
fn compiled(folder: &Path) -> Outcome<PathBuf> {
    let prefix = folder.join("prefix");
    crate::capi::install(&prefix)?;
    let mut pkg_config = Command::new("pkg-config");
    pkg_config.args(["--cflags", "--libs", "generatio"]).args(PEERS.map(|(library, _)| library));
    let flags = pkg_config.env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig")).output()?;
    let flags = String::from_utf8(flags.stdout)?;
    let program = folder.join("calls");
    let mut gcc = Command::new("gcc");
    gcc.args(["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", SOURCE, "-o"]).arg(&program);
    gcc.args(flags.split_whitespace()).arg(format!("-Wl,-rpath,{}", prefix.join("lib").display()));
    process::run({
        gcc.current_dir(process::workspace());
        gcc
    })?;
    Ok(program)
}

/// The page of what both programs printed, C first, in each round.
fn page(turns: &[(Value, Value)], machine: Machine) -> Outcome<Page> {
    let middle = |name: &str, figures: Vec<Option<f64>>| -> Outcome<f64> {
        let figures: Option<Vec<f64>> = figures.into_iter().collect();
        figures.as_deref().and_then(median).ok_or_else(|| format!("there are no figures for {name}").into())
    };
    let c = |name: &str| middle(name, turns.iter().map(|(c, _)| c[name].as_f64()).collect());
    let rust = |name: &str| middle(name, turns.iter().map(|(_, rust)| rust[name].as_f64()).collect());
    let mut table = Table::new(&["a call", "through C", "Rust", "ratio", "OpenSSL", "libsodium"]);
    for (name, words, unit) in CALLS {
        let (ours, direct) = (c(name)?, rust(name)?);
        let peer = |peer: &str| c(&format!("{name}_{peer}")).map(|ns| shown(ns / unit)).unwrap_or_default();
        let ratio = shown(ours / direct);
        table.row([words.into(), shown(ours / unit), shown(direct / unit), ratio, peer("openssl"), peer("sodium")]);
    }
    let goal = |aim: String, seen: f64, most: f64| Goal { aim, seen: shown(seen), holds: seen <= most };
    let border = |name: &str| -> Outcome<f64> { Ok(c(name)? / rust(name)?) };
    let said = |name: &str| turns.first().and_then(|(c, _)| c[name].as_str()).unwrap_or_default().to_owned();
    Ok(Page {
        title: "The C library".into(),
        about: about(turns.len()),
        table,
        goals: vec![
            goal(format!("validating through C at most {BORDER_GOAL} times Rust"), border("validate")?, BORDER_GOAL),
            goal(format!("opening through C at most {BORDER_GOAL} times Rust"), border("open")?, BORDER_GOAL),
            goal(
                format!("sealing through C at most {SEAL_GOAL} times OpenSSL's"),
                c("seal")? / c("seal_openssl")?,
                SEAL_GOAL,
            ),
        ],
        machine,
        versions: vec![
            commit(),
            said("openssl"),
            format!("libsodium {}", said("sodium")),
            version(Path::new("gcc")),
            version(Path::new("rustc")),
        ],
    })
}

fn about(rounds: usize) -> String {
    format!(
        "A C program linked to the shared library as `cargo xtask capi` installs it, and the same calls of core in a Rust \
         program, both built in release mode, by turns: medians of {rounds} rounds. A call through C makes its handle and \
         frees it; `quote` in Rust makes none.\n\n\
         Sealing is a fresh salt and nonce, PBKDF2-HMAC-SHA256 and AES-256-GCM with the user's id as associated data; ours \
         adds a commitment. OpenSSL does it with `PKCS5_PBKDF2_HMAC` and EVP. libsodium has no PBKDF2: its figure is RFC \
         8018 written over its HMAC-SHA256, keyed once, with its AES-256-GCM. All three derive the same key."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_page_is_made_of_what_both_programs_print() {
        let rust =
            json!({"empty": 1.0, "quote": 100.0, "validate": 5_000.0, "session": 2_000.0, "open": 12e6, "seal": 70e6});
        let mut c = rust.clone();
        (c["seal_openssl"], c["seal_sodium"]) = (json!(72e6), json!(600e6));
        (c["validate"], c["sodium"]) = (json!(6_000.0), json!("1.0.18"));
        let of = |c: &Value| page(&[(c.clone(), rust.clone())], Machine { lines: Vec::new() });
        let made = of(&c).unwrap();
        assert_eq!(made.goals.iter().map(|goal| goal.holds).collect::<Vec<_>>(), [false, true, true]);
        let table = made.table.to_string();
        let seal = table.lines().last().unwrap_or_default().split('|').map(str::trim).collect::<Vec<_>>();
        assert_eq!(seal[2..], ["70.0", "70.0", "1.00", "72.0", "600", ""], "{table}");
        assert!(made.versions.contains(&"libsodium 1.0.18".to_owned()));
        c["open"] = json!(null);
        assert!(of(&c).is_err());
    }
}
