//! Rust to WebAssembly, by cargo.

use crate::{Entry, Outcome, workspace};
use std::path::Path;
use std::process::{Command, Stdio};

const TARGET: &str = "wasm32-unknown-unknown";
/// SHA-256 is a third quicker with vectors, and smaller.
const VECTORS: &str = "-Ctarget-feature=+simd128";
/// AES in loops, where it would be unrolled: what is encrypted here is short.
const COMPACT: &str = "--cfg=aes_backend_soft=\"compact\"";
/// Loops stay as they are written: to make them count otherwise is more code.
const LOOPS: &str = "-Cllvm-args=-disable-lsr";
/// The profile of the workspace's `Cargo.toml`.
const PROFILE: &str = "wasm";
/// Lets the linker tell what lies where in the data; [`crate::unused`] reads it.
const SYMBOLS: &str = "-Clink-arg=--emit-relocs";

/// The module that rustc and its linker made.
pub(crate) fn compile(entry: Entry) -> Outcome<Vec<u8>> {
    println!("Compiling {} …", entry.name());
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(workspace()).args(["build", "--package", "generatio-wasm", "--target", TARGET]);
    cargo.args(["--profile", PROFILE, "--lib", "--message-format", "json-render-diagnostics"]);
    match entry {
        Entry::Slim => cargo.arg("--no-default-features"),
        // It has much code that runs seldom; the slim one is smaller with more inlined.
        Entry::Full => cargo.env("CARGO_PROFILE_WASM_OPT_LEVEL", "z"),
    };
    // Panics name their files; where those lie on this machine is nobody's business.
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags().join("\u{1f}"));
    // What cargo told this program through its environment is about this program.
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            cargo.env_remove(name);
        }
    }
    let output = cargo.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("the build of {} failed", entry.name()).into());
    }
    let lines = String::from_utf8_lossy(&output.stdout);
    let path = lines.lines().find_map(module_in).ok_or("cargo named no WebAssembly module")?;
    Ok(std::fs::read(Path::new(&path))?)
}

fn flags() -> Vec<String> {
    let home = std::env::var("CARGO_HOME").or_else(|_| std::env::var("HOME").map(|home| format!("{home}/.cargo")));
    let folders = [Some(workspace().display().to_string()), home.ok()];
    let paths = folders.into_iter().flatten().map(|folder| format!("--remap-path-prefix={folder}="));
    paths.chain([VECTORS, COMPACT, LOOPS, SYMBOLS].map(ToOwned::to_owned)).collect()
}

/// Reads one line of cargo's JSON messages.
fn module_in(line: &str) -> Option<String> {
    let message: serde_json::Value = serde_json::from_str(line).ok()?;
    let files = message["filenames"].as_array()?;
    let of_ours = message["target"]["name"] == "generatio_wasm";
    files.iter().filter_map(|file| file.as_str()).find(|file| of_ours && file.ends_with(".wasm")).map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::module_in;

    #[test]
    fn the_module_is_read_from_cargos_messages() {
        let line =
            r#"{"target":{"name":"generatio_wasm"},"filenames":["/t/generatio_wasm.rlib","/t/generatio_wasm.wasm"]}"#;
        assert_eq!(module_in(line).as_deref(), Some("/t/generatio_wasm.wasm"));
        for other in [line.replace("\"generatio_wasm\"", "\"other\""), line.replace(".wasm\"", ".so\""), String::new()]
        {
            assert_eq!(module_in(&other), None, "{other}");
        }
    }
}
