//! Where the instructions of a generation go: the server under callgrind, built with what tells a function's file.

use super::SETUP;
use crate::bench::caller::{Caller, order};
use crate::bench::figures::shown;
use crate::bench::page::Table;
use crate::cores::SERVERS;
use crate::folder::Folder;
use crate::servers::{Servers, Setup};
use crate::{Outcome, process, tools};
use std::collections::BTreeMap;
use std::process::{Command, Stdio};

/// Generations that are counted, one at a time, and those before.
const COUNTED: u32 = 100;
const BEFORE: u32 = 20;
const STANDARD: &str = "Rust's standard library";
/// Lines of each table.
const LINES: usize = 16;

/// Builds, counts, and tells.
pub(super) fn profile(folder: &Folder) -> Outcome<String> {
    tools::program("valgrind", &["--version"], "valgrind")?;
    println!("Building with lines …");
    let target = process::workspace().join("target/bench-profile").display().to_string();
    let mut build = process::cargo(&["build", "--message-format", "json-render-diagnostics", "--release"]);
    build.args(["--package", "generatio-server", "--bin", "generatio", "--target-dir", &target]);
    build.env("CARGO_PROFILE_RELEASE_DEBUG", "line-tables-only").env("CARGO_PROFILE_RELEASE_STRIP", "none");
    let built = process::build_by(build)?;
    let counts = folder.path().join("callgrind").display().to_string();
    let file = format!("--callgrind-out-file={counts}");
    let under = ["taskset", "--cpu-list", SERVERS, "valgrind", "--tool=callgrind", "--instr-atstart=no", &file];
    println!("Counting …");
    let servers =
        Servers::start(process::generatio(&built)?, folder, &Setup { under: [&under, SETUP.under[1]], ..SETUP })?;
    let caller = Caller::sign_up(&servers.url)?;
    generate(&caller, BEFORE)?;
    control(&servers, "--instr=on")?;
    generate(&caller, COUNTED)?;
    control(&servers, "--instr=off")?;
    control(&servers, "--dump")?;
    drop(servers);
    let mut annotate = Command::new("callgrind_annotate");
    annotate.args(["--threshold=100", "--auto=no", "--show-percs=no"]).arg(format!("{counts}.1"));
    let mut lines = Vec::new();
    let status = process::run_reading(annotate, |line| lines.extend(Line::read(line)))?;
    if !status.success() || lines.is_empty() {
        return Err(format!("callgrind_annotate ended with {status}, and told of {} functions", lines.len()).into());
    }
    Ok(told(&lines))
}

fn generate(caller: &Caller, times: u32) -> Outcome {
    (0..times).try_for_each(|_| caller.generate(&order("A heron on a jetty in the fog")).map(drop))
}

fn control(servers: &Servers, what: &str) -> Outcome {
    let mut control = Command::new("callgrind_control");
    control.args([what, &servers.server_id().to_string()]).stdout(Stdio::null());
    process::run(control)
}

/// A function's own instructions.
#[derive(Debug, PartialEq)]
struct Line {
    count: f64,
    group: String,
    function: String,
}

impl Line {
    /// Reads `1,234  FILE:FUNCTION [OBJECT]`.
    fn read(line: &str) -> Option<Self> {
        let (count, rest) = line.trim_start().split_once(' ')?;
        let count = count.replace(',', "").parse().ok()?;
        let (place, object) = rest.trim_start().rsplit_once(" [").unwrap_or((rest.trim_start(), ""));
        let (file, function) = place.split_once(':')?;
        let function = short(function);
        Some(Self { count, group: group(file, object, &function), function })
    }
}

/// Whose file it is: of one of our crates, a dependency, the standard library, SQLite, or of a library of the system's.
fn group(file: &str, object: &str, function: &str) -> String {
    let after = |mark: &str| Some(file.split_once(mark)?.1);
    if file.ends_with("sqlite3.c") {
        return "SQLite".into();
    }
    if file.starts_with("/rustc/") || file.contains("/rustlib/") {
        return STANDARD.into();
    }
    if let Some(package) = after("/registry/src/").and_then(|rest| rest.split('/').nth(1)) {
        // `name-1.2.3`
        let version = package
            .rmatch_indices('-')
            .map(|(at, _)| at)
            .find(|at| package[at + 1..].starts_with(|first: char| first.is_ascii_digit()));
        return package[..version.unwrap_or(package.len())].to_owned();
    }
    let ours = file.strip_prefix(&format!("{}/", process::workspace().display())).unwrap_or(file);
    for (folder, name) in [("server/src/", "generatio-server"), ("core/src/", "generatio-core")] {
        if let Some(inside) = ours.strip_prefix(folder) {
            let module = inside.split('/').next().unwrap_or_default().trim_end_matches(".rs");
            return format!("{name}, {module}");
        }
    }
    let object = object.trim_end_matches(']').rsplit('/').next().unwrap_or_default();
    // Without a file a name in Rust still begins with its crate's, and what has none is in C.
    match function.split_once("::").map(|(package, _)| package) {
        Some("alloc" | "core" | "std") if file == "???" => STANDARD.into(),
        Some(package) if file == "???" && !package.is_empty() => package.to_owned(),
        None if file == "???" && object == "generatio" => "C in the program".into(),
        _ if object.is_empty() => "unknown".into(),
        _ => object.to_owned(),
    }
}

/// Without what makes names long: of `<A as B>::f`, `A::f`, and no arguments of types.
fn short(function: &str) -> String {
    let of_type = function.strip_prefix('<').and_then(|rest| {
        let ((kind, _), (_, method)) = (rest.split_once(" as ")?, rest.rsplit_once(">::")?);
        Some(format!("{kind}::{method}"))
    });
    let (mut depth, mut text) = (0_u32, String::new());
    for part in of_type.as_deref().unwrap_or(function).chars() {
        match part {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            _ if depth == 0 => text.push(part),
            _ => {}
        }
    }
    if text.is_empty() { function.to_owned() } else { text.replace("::::", "::") }
}

/// Both tables: the groups that take the most, and the functions.
fn told(lines: &[Line]) -> String {
    let all: f64 = lines.iter().map(|line| line.count).sum();
    let sum = |of: fn(&Line) -> String| {
        let mut sums = BTreeMap::<String, f64>::new();
        for line in lines {
            *sums.entry(of(line)).or_default() += line.count;
        }
        let mut sums: Vec<_> = sums.into_iter().collect();
        sums.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        sums
    };
    let table = |head: &str, sums: Vec<(String, f64)>| {
        let mut table = Table::new(&[head, "of all"]);
        for (name, count) in sums.into_iter().take(LINES) {
            table.row([name, format!("{} %", shown(count * 100.0 / all))]);
        }
        table
    };
    format!(
        "{} instructions of the server for a generation, outside of the system (callgrind, one caller, {COUNTED} \
         generations), by whose code it is, and by function:\n\n{}\n{}",
        shown(all / f64::from(COUNTED)),
        table("code of", sum(|line| line.group.clone())),
        table("function", sum(|line| format!("{} ({})", line.function, line.group))),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_with_whose_it_is() {
        let group_of = |line: &str| Line::read(line).unwrap().group;
        let ours = format!(
            "12  {}/server/src/store/sqlite/rows.rs:generatio_server::x [/t/generatio]",
            process::workspace().display()
        );
        for (line, group) in [
            ("1,234,567  sqlite3/sqlite3.c:sqlite3VdbeExec [/t/release/generatio]", "SQLite"),
            (
                "9  /h/registry/src/index.crates.io-1/http-body-util-0.1.2/src/a.rs:poll [/t/generatio]",
                "http-body-util",
            ),
            ("9  /rustc/abc/library/alloc/src/vec.rs:push [/t/generatio]", "Rust's standard library"),
            ("9  ./malloc/malloc.c:malloc [/lib/libc.so.6]", "libc.so.6"),
            ("9  server/src/jobs.rs:start [/t/generatio]", "generatio-server, jobs"),
            (ours.as_str(), "generatio-server, store"),
            ("9  ???:sha2::sha256::soft::compress [/t/generatio]", "sha2"),
            ("9  ???:<serde_json::read::SliceRead as x::Y>::next [/t/generatio]", "serde_json"),
            ("9  ???:core::ptr::read [/t/generatio]", "Rust's standard library"),
            ("9  ???:<[T]>::iter [/t/generatio]", "generatio"),
            ("9  ???:sqlite3VdbeExec [/t/generatio]", "C in the program"),
            ("9  ???:0x1 [???]", "???"),
        ] {
            assert_eq!(group_of(line), group, "{line}");
        }
        assert_eq!(Line::read("1,234  a.c:b [c]").unwrap().count, 1234.0);
        for other in ["", "Ir", "----", "1,234  PROGRAM TOTALS", "Profile data file 'x' (creator: callgrind-3.19.0)"] {
            assert_eq!(Line::read(other), None, "{other}");
        }
    }

    #[test]
    fn names_are_short() {
        assert_eq!(short("hyper::proto::Conn<I,B>::poll_read"), "hyper::proto::Conn::poll_read");
        assert_eq!(short("<a::A<T> as b::B<U>>::f"), "a::A::f");
        assert_eq!(short("<A>"), "<A>");
    }

    #[test]
    fn groups_stand_by_their_share() {
        let line = |count, group: &str| Line { count, group: group.into(), function: "f".into() };
        let text = told(&[line(100.0, "a"), line(200.0, "b"), line(100.0, "b")]);
        let groups: Vec<&str> =
            text.lines().filter(|line| line.starts_with("| a") || line.starts_with("| b")).collect();
        assert_eq!(groups, ["| b       | 75.0 % |", "| a       | 25.0 % |"], "{text}");
        assert!(text.starts_with("4.00 instructions"), "{text}");
    }
}
