//! What the commands need beside cargo: installed where rustup can, named with the way to get it where it cannot.

use crate::Outcome;
use crate::process;
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
