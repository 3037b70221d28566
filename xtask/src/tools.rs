//! What the commands need beside cargo: installed where rustup or, for root on Debian, apt-get can; named with the way
//! to get it where they cannot.

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
    if has_wasm_target() { Ok(()) } else { rustup(&["target", "add", WASM]) }
}

/// Whether cargo-deny is installed. It is not a component, and compiling it takes minutes: it is used where it is.
pub(crate) fn has_cargo_deny() -> bool {
    answers(process::cargo(&["deny", "--version"]))
}

/// Makes sure that `program` answers, which comes with Debian's package of the same name.
pub(crate) fn debian_package(program: &str) -> Outcome {
    let mut version = Command::new(program);
    version.arg("--version");
    if answers(version) {
        return Ok(());
    }
    let how = format!("apt-get install -y --no-install-recommends {program}");
    if !geteuid().is_root() || !answers(apt_get(&["--version"])) {
        return Err(format!("{program} is missing; as root run `{how}`, or install it as your system does").into());
    }
    println!("installing what is missing: {how}");
    let install = || process::run(apt_get(&["install", "-y", "--no-install-recommends", program]));
    // A fresh system has no list of packages yet.
    install().or_else(|_| process::run(apt_get(&["update"])).and_then(|()| install()))
}

fn apt_get(arguments: &[&str]) -> Command {
    let mut command = Command::new("apt-get");
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn has_wasm_target() -> bool {
    let printed = Command::new("rustc").args(["--print", "target-libdir", "--target", WASM]).output();
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
