//! `cargo xtask fuzz`: feeds parsers and the C library what nobody would think of, and tells when one breaks a promise.
//!
//! Targets are the programs of every `fuzz` folder beside a crate, each a workspace of its own. They are built as
//! cargo-fuzz builds them, so that nothing but a nightly compiler has to be installed.

use crate::process::{self, Built};
use crate::{Outcome, tools};
use clap::Args;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// AddressSanitizer, for what dependencies do beneath safe Rust, and the coverage that libFuzzer steers by.
const FLAGS: &str = "-Zsanitizer=address -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
                     -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 --cfg fuzzing";
/// How deep `fuzz` folders are looked for.
const DEPTH: u32 = 2;
/// libFuzzer's words before the number of inputs it tried.
const EXECUTED: &str = "stat::number_of_executed_units:";
/// The same of targets that count what they did with them.
const CALLS: &str = "stat::number_of_calls:";
/// Seconds for one input.
const TIMEOUT: u32 = 10;

/// Options of `cargo xtask fuzz`.
#[derive(Args)]
pub(crate) struct Options {
    /// Targets to run; all when none is named.
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
    /// How long each runs.
    #[arg(long, value_name = "COUNT", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    minutes: u32,
}

/// Builds and runs the targets one after the other, all of them even when one finds something.
pub(crate) fn run(options: &Options) -> Outcome {
    let host = tools::nightly()?;
    let mut targets = Vec::new();
    for folder in folders(process::workspace(), DEPTH)? {
        // Sanitized builds take minutes: those that nobody asked for are left out.
        if options.targets.is_empty() || options.targets.iter().any(|target| has(&folder, target)) {
            targets.extend(build(&folder, &host)?);
        }
    }
    let asked = chosen(targets, &options.targets)?;
    let mut found = Vec::new();
    for target in &asked {
        println!("\n== {} for {} min", target.target, options.minutes);
        match feed(target, options.minutes) {
            Ok(tried) => println!("{}: {tried}, nothing found", target.target),
            Err(error) => found.push(format!("{}: {error}", target.target)),
        }
    }
    if found.is_empty() { Ok(()) } else { Err(found.join("\n").into()) }
}

/// The `fuzz` folders below, each with a manifest.
fn folders(below: &Path, depth: u32) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(below)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default();
        if name == "fuzz" && path.join("Cargo.toml").is_file() {
            found.push(path);
        } else if depth > 0 && path.is_dir() && name != "target" && name != "node_modules" {
            found.extend(folders(&path, depth - 1)?);
        }
    }
    found.sort();
    Ok(found)
}

fn has(folder: &Path, target: &str) -> bool {
    folder.join("targets").join(format!("{target}.rs")).is_file()
}

fn chosen(targets: Vec<Built>, asked: &[String]) -> Outcome<Vec<Built>> {
    let names = targets.iter().map(|target| target.target.as_str()).collect::<Vec<_>>().join(", ");
    if let Some(unknown) = asked.iter().find(|name| !targets.iter().any(|target| target.target == **name)) {
        return Err(format!("there is no target {unknown}; there are: {names}").into());
    }
    Ok(targets.into_iter().filter(|target| asked.is_empty() || asked.contains(&target.target)).collect())
}

fn build(folder: &Path, host: &str) -> Outcome<Vec<Built>> {
    let mut command = process::nightly_cargo(&["build", "--release", "--bins"]);
    // With a target named, build scripts and macros are spared the sanitizer.
    command.args(["--target", host, "--message-format", "json-render-diagnostics", "--target-dir"]);
    command.arg(home()).arg("--manifest-path").arg(folder.join("Cargo.toml")).env("RUSTFLAGS", FLAGS);
    process::build_by(command)
}

/// What is built and found lies here, outside of what is committed.
fn home() -> PathBuf {
    process::workspace().join("target").join("fuzz")
}

/// Runs the target over what it has found before and what is committed; how much it tried.
fn feed(target: &Built, minutes: u32) -> Outcome<String> {
    let own = home().join("corpus").join(&target.target);
    let finds = home().join("found").join(&target.target);
    fs::create_dir_all(&own)?;
    fs::create_dir_all(&finds)?;
    let mut command = Command::new(&target.path);
    command.arg(&own).arg(target.package.join("corpus").join(&target.target));
    command.args([format!("-max_total_time={}", minutes * 60), format!("-timeout={TIMEOUT}")]);
    command.args(["-print_final_stats=1".to_owned(), format!("-artifact_prefix={}/", finds.display())]);
    let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let (mut executed, mut calls) = (0, 0);
    for line in BufReader::new(child.stderr.take().ok_or("its words were asked for")?).lines() {
        let line = line?;
        println!("{line}");
        executed = executed.max(count(&line, EXECUTED));
        calls = calls.max(count(&line, CALLS));
    }
    let ended_well = child.wait()?.success();
    if ended_well && executed == 0 {
        return Err("it tried nothing".into());
    }
    if ended_well {
        return Ok(tried(executed, calls));
    }
    Err(format!("what it found is in {}; keep it in the corpus when it is mended", finds.display()).into())
}

/// The figure of a line that begins so; else 0.
fn count(line: &str, name: &str) -> u64 {
    line.strip_prefix(name).and_then(|count| count.trim().parse().ok()).unwrap_or(0)
}

fn tried(inputs: u64, calls: u64) -> String {
    if calls == 0 { format!("{inputs} inputs") } else { format!("{inputs} inputs, {calls} calls") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(name: &str) -> Built {
        Built { package: "/w/fuzz".into(), target: name.to_owned(), is_test: false, path: "any".into() }
    }

    #[test]
    fn each_fuzz_folder_has_corpora_for_its_targets() {
        let folders = folders(process::workspace(), DEPTH).unwrap();
        for (folder, target) in [("server/fuzz", "filter"), ("bindings/c/fuzz", "calls")] {
            assert!(folders.iter().any(|found| found.ends_with(folder) && has(found, target)), "{folders:?}");
        }
        for folder in folders {
            assert!(fs::read_dir(folder.join("corpus")).unwrap().count() > 0, "{}", folder.display());
        }
    }

    #[test]
    fn what_was_tried_is_read_from_the_last_figures() {
        assert_eq!(count("stat::number_of_calls: 12", CALLS), 12);
        assert_eq!(count("stat::number_of_calls: many", CALLS) + count("other: 12", CALLS), 0);
        assert_eq!([tried(3, 0), tried(3, 12)], ["3 inputs", "3 inputs, 12 calls"]);
    }

    #[test]
    fn targets_are_asked_for_by_name() {
        let both = || vec![target("filter"), target("token")];
        assert_eq!(chosen(both(), &[]).unwrap(), both());
        assert_eq!(chosen(both(), &["token".into()]).unwrap(), [target("token")]);
        let error = chosen(both(), &["nothing".into()]).unwrap_err().to_string();
        assert_eq!(error, "there is no target nothing; there are: filter, token");
    }
}
