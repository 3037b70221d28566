//! `wasm-opt`, of the npm package `binaryen`, where Node is present.

use crate::{Entry, Outcome, to_the_end, workspace};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What pins the version.
const PINS: [&str; 2] = ["package.json", "package-lock.json"];

/// What Node 20 and the browsers of 2023 run, and Rust's compiler makes use of by itself.
const FEATURES: [&str; 8] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-simd",
];

/// Only what is next to nothing is inlined: what brotli sees twice costs little, what is mixed up costs much.
const INLINING: [&str; 6] = [
    "--always-inline-max-function-size",
    "4",
    "--flexible-inline-max-function-size",
    "1",
    "--one-caller-inline-max-function-size",
    "1",
];

/// An installed `wasm-opt`.
pub(crate) struct Optimiser {
    folder: PathBuf,
}

/// Installs what is pinned, once; `None` where there is no Node.
pub(crate) fn find() -> Outcome<Option<Optimiser>> {
    let runs = |program: &str| {
        let mut command = Command::new(program);
        command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    if !runs("node") || !runs("npm") {
        println!("Node is not here: the modules are not optimised by wasm-opt, and larger.");
        return Ok(None);
    }
    let folder = workspace().join("target/wasm-tools");
    let source = workspace().join("xtask/wasm");
    let [_, lock] = PINS;
    let wanted = fs::read(source.join(lock))?;
    let mark = folder.join("installed");
    if fs::read(&mark).unwrap_or_default() != wanted {
        fs::create_dir_all(&folder)?;
        for file in PINS {
            fs::copy(source.join(file), folder.join(file))?;
        }
        to_the_end(
            Command::new("npm").args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(&folder),
        )?;
        fs::write(mark, wanted)?;
    }
    Ok(Some(Optimiser { folder }))
}

impl Optimiser {
    /// Makes a module smaller.
    pub(crate) fn run(&self, entry: Entry, wasm: &[u8]) -> Outcome<Vec<u8>> {
        let file = |stage: &str| self.folder.join(format!("{}-{}-{stage}.wasm", entry.name(), std::process::id()));
        let (before, after) = (file("before"), file("after"));
        fs::write(&before, wasm)?;
        let mut command = Command::new("node");
        command.arg(self.folder.join("node_modules/binaryen/bin/wasm-opt"));
        // What `-Oz` takes from the larger module, it takes from brotli, and it takes minutes.
        let effort: &[&str] = if entry == Entry::Slim { &["-Oz"] } else { &["--dae-optimizing", "-O2"] };
        // The stack ends there, and no address is made by going around.
        command.arg("--low-memory-unused");
        command.args(FEATURES).args(effort).args(INLINING);
        command.args(["--strip-debug", "--strip-producers", "--strip-target-features"]);
        to_the_end(command.arg(&before).arg("-o").arg(&after))?;
        let made = fs::read(&after)?;
        fs::remove_file(before)?;
        fs::remove_file(after)?;
        Ok(made)
    }
}
