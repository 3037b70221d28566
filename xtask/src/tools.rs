//! What the commands need beside cargo: installed where rustup or, as root on Debian, apt-get can; named with the way to
//! get it where they cannot.

use crate::Outcome;
use crate::process;
use rustix::process::geteuid;
use std::path::Path;
use std::process::{Command, Stdio};

/// The target that core is checked for.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Makes sure that `cargo <command>` answers, which comes with rustup's component `name`.
pub(crate) fn component(command: &str, name: &str) -> Outcome {
    if answers(process::cargo(&[command, "--version"])) { Ok(()) } else { rustup(&["component", "add", name]) }
}

/// Makes sure that the standard library for [`WASM`] is there.
pub(crate) fn wasm_target() -> Outcome {
    target(WASM)
}

/// Makes sure that the standard library for a Rust target is there.
pub(crate) fn target(name: &str) -> Outcome {
    if has_target(name) { Ok(()) } else { rustup(&["target", "add", name]) }
}

/// The platform that the nightly compiler builds for by itself. One that is there is left as it is: nightlies differ from
/// day to day.
pub(crate) fn nightly() -> Outcome<String> {
    if let Ok(host) = nightly_host() {
        return Ok(host);
    }
    rustup(&["toolchain", "install", "nightly", "--profile", "minimal"])?;
    nightly_host()
}

/// Makes sure that the nightly compiler has Miri, and the sources it interprets the standard library from.
pub(crate) fn miri() -> Outcome {
    nightly()?;
    if answers(process::nightly_cargo(&["miri", "--version"])) && has_sources() {
        return Ok(());
    }
    rustup(&["component", "add", "miri", "rust-src", "--toolchain", "nightly"])
}

fn has_sources() -> bool {
    let told = Command::new("rustup").args(["run", "nightly", "rustc", "--print", "sysroot"]).output();
    let sysroot = told.map(|told| String::from_utf8_lossy(&told.stdout).trim().to_owned()).unwrap_or_default();
    Path::new(&sysroot).join("lib/rustlib/src/rust/library").is_dir()
}

/// Makes sure that rustup has the toolchain of this name.
pub(crate) fn toolchain(name: &str) -> Outcome {
    let mut command = Command::new("rustup");
    command.args(["run", name, "cargo", "--version"]);
    if answers(command) { Ok(()) } else { rustup(&["toolchain", "install", name, "--profile", "minimal"]) }
}

fn nightly_host() -> Outcome<String> {
    let told = Command::new("rustup").args(["run", "nightly", "rustc", "-vV"]).output();
    let told =
        told.ok().filter(|told| told.status.success()).map(|told| String::from_utf8_lossy(&told.stdout).into_owned());
    let host = told.as_deref().and_then(|told| told.lines().find_map(|line| line.strip_prefix("host: ")));
    host.map(str::to_owned).ok_or_else(|| {
        "a nightly compiler is missing; `rustup toolchain install nightly --profile minimal` brings it".into()
    })
}

/// Whether cargo-deny is installed. It is not a component, and compiling it takes minutes: it is used where it is.
pub(crate) fn has_cargo_deny() -> bool {
    answers(process::cargo(&["deny", "--version"]))
}

/// Makes sure that `program` runs with these arguments and ends well, which it does with Debian's `package`.
pub(crate) fn program(program: &str, arguments: &[&str], package: &str) -> Outcome {
    let runs = || {
        let mut command = Command::new(program);
        command.args(arguments);
        answers(command)
    };
    if runs() {
        return Ok(());
    }
    if geteuid().is_root() && Path::new("/etc/debian_version").exists() {
        let install = ["install", "--yes", "--no-install-recommends", package];
        println!("installing what is missing: apt-get {}", install.join(" "));
        // A fresh system has no list of packages yet.
        apt_get(&install).or_else(|_| apt_get(&["update"]).and_then(|()| apt_get(&install)))?;
    }
    if runs() { Ok(()) } else { Err(missing(program, package).into()) }
}

fn apt_get(arguments: &[&str]) -> Outcome {
    let mut command = Command::new("apt-get");
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    process::run(command)
}

fn missing(program: &str, package: &str) -> String {
    format!("{program} is missing or lacks a part; on Debian or Ubuntu `apt-get install {package}` brings it")
}

fn has_target(name: &str) -> bool {
    let printed = Command::new("rustc").args(["--print", "target-libdir", "--target", name]).output();
    printed.is_ok_and(|output| Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir())
}

fn answers(mut command: Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

fn rustup(arguments: &[&str]) -> Outcome {
    let line = format!("rustup {}", arguments.join(" "));
    println!("installing what is missing: {line}");
    let mut command = Command::new("rustup");
    command.args(arguments);
    process::run(command).map_err(|error| {
        format!("{error}; run `{line}` yourself, or install it with the system's package manager").into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_runs_is_not_installed() {
        assert!(program("sh", &["-c", "exit 0"], "no-such-package").is_ok());
    }

    #[test]
    fn what_is_missing_is_named_with_the_way_to_get_it() {
        let said = missing("node", "nodejs");
        assert!(said.contains("node is missing") && said.contains("apt-get install nodejs"), "{said}");
    }
}
