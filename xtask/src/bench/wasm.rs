//! `wasm`: what the npm package weighs and what sealing takes in Chromium, beside others. `tests/benches/wasm` does the
//! measuring.

use super::figures::{counted, median, shown};
use super::machine::{Machine, commit, version};
use super::page::{Goal, Page, Table};
use crate::{Outcome, process, tools, wasm};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Where the programs and their pins are.
const SOURCE: &str = "tests/benches/wasm";
const FILES: [&str; 4] = ["bench.mjs", "page.mjs", "package.json", "package-lock.json"];

/// Most bytes of module and glue, after brotli.
const SLIM_GOAL: u32 = 20_000;
const FULL_GOAL: u32 = 90_000;
/// Most of sealing, in times of WebCrypto alone.
const SEAL_GOAL: f64 = 1.1;
/// Most milliseconds of the first 100,000 iterations in WebAssembly.
const FIRST_GOAL_MS: f64 = 40.0;

/// Builds the package, installs the others and measures.
pub(super) fn run(rounds: u32) -> Outcome<Page> {
    for (program, package) in [("node", "nodejs"), ("npm", "npm"), ("chromium", "chromium")] {
        tools::program(program, &["--version"], package)?;
    }
    let folder = process::workspace().join("target/bench-wasm");
    install(&folder)?;
    let package = folder.join("package");
    wasm::build(Some(&package))?;
    let mut machine = Machine::look();
    let mut command = Command::new("node");
    command.arg(folder.join("bench.mjs")).arg(&package).arg(rounds.to_string()).current_dir(&folder);
    let mut printed = String::new();
    let status = process::run_reading(command, |line| printed.push_str(line))?;
    if !status.success() {
        return Err(format!("bench.mjs ended with {status}").into());
    }
    machine.look_again();
    page(&serde_json::from_str(&printed)?, machine)
}

fn install(folder: &Path) -> Outcome {
    fs::create_dir_all(folder)?;
    for file in FILES {
        fs::copy(process::workspace().join(SOURCE).join(file), folder.join(file))?;
    }
    let (lock, mark) = (fs::read(folder.join("package-lock.json"))?, folder.join("installed"));
    if fs::read(&mark).unwrap_or_default() != lock {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(folder);
        process::run(npm)?;
        fs::write(mark, lock)?;
    }
    Ok(())
}

/// The page of what `bench.mjs` printed.
fn page(printed: &Value, machine: Machine) -> Outcome<Page> {
    let size = |path: &str| -> Outcome<u32> {
        let bytes = printed["sizes"].pointer(path).and_then(Value::as_u64).and_then(|bytes| u32::try_from(bytes).ok());
        bytes.ok_or_else(|| format!("bench.mjs gave no size for {path}").into())
    };
    let time = |name: &str| -> Outcome<f64> {
        let rows = printed["rows"].as_array().map_or(&[][..], Vec::as_slice);
        let figures: Vec<f64> = rows.iter().filter_map(|row| row[name].as_f64()).collect();
        median(&figures).ok_or_else(|| format!("bench.mjs gave no times for {name}").into())
    };
    let mut table = Table::new(&["", "bytes after brotli", "ms, median"]);
    let mut weigh = |name: &str, bytes: u32| table.row([name.into(), counted(bytes), String::new()]);
    let mut loaded = Vec::new();
    for (name, entry) in [("`generatio/slim`", "slim"), ("`generatio`", "full")] {
        let part = |part: &str| size(&format!("/{entry}/{part}"));
        let (module, glue, javascript) = (part("wasm")?, part("glue")?, part("javascript")?);
        weigh(&format!("{name}: module and wasm-bindgen's glue"), module + glue);
        weigh(&format!("{name}: all that a page loads"), module + javascript);
        loaded.push(module + glue);
    }
    weigh("@bitwarden/sdk-internal: module", size("/bitwarden")?);
    weigh("@matrix-org/matrix-sdk-crypto-wasm: module", size("/matrix")?);
    let (bare, seal, first) = (time("bare_600k")?, time("seal_600k")?, time("wasm_first")?);
    let mut clock = |name: &str, ms: f64| table.row([name.into(), String::new(), shown(ms)]);
    clock("600,000 iterations: `sealToken`", seal);
    clock("600,000 iterations: WebCrypto alone", bare);
    clock("100,000 iterations: WebCrypto alone", time("bare_100k")?);
    clock("100,000 iterations: ours in WebAssembly, first call", first);
    clock("100,000 iterations: ours in WebAssembly, later", time("wasm_later")?);
    clock("100,000 iterations: @noble/hashes", time("noble_100k")?);
    clock("100,000 iterations: crypto-js", time("crypto_js_100k")?);
    let weight = |name: &str, most: u32, bytes: u32| Goal {
        aim: format!("{name}, module and glue, at most {} bytes", counted(most)),
        seen: counted(bytes),
        holds: bytes <= most,
    };
    Ok(Page {
        title: "The npm package".into(),
        about: about(printed["rows"].as_array().map_or(0, Vec::len)),
        table,
        goals: vec![
            weight("slim", SLIM_GOAL, loaded[0]),
            weight("full", FULL_GOAL, loaded[1]),
            Goal {
                aim: format!("sealing at most {SEAL_GOAL} times WebCrypto alone"),
                seen: shown(seal / bare),
                holds: seal / bare <= SEAL_GOAL,
            },
            Goal {
                aim: format!("the first call in WebAssembly at most {FIRST_GOAL_MS} ms"),
                seen: format!("{} ms", shown(first)),
                holds: first <= FIRST_GOAL_MS,
            },
        ],
        machine,
        versions: vec![
            commit(),
            format!("Chromium {}", printed["browser"].as_str().unwrap_or_default()),
            version(Path::new("node")),
            version(Path::new("rustc")),
        ],
    })
}

fn about(rounds: usize) -> String {
    format!(
        "Sizes are of brotli at its best. `All that a page loads` is the module and all JavaScript of the entry, minified \
         by esbuild. The others are the WebAssembly modules of their packages alone, at the versions of \
         `{SOURCE}/package.json`.\n\n\
         Times are of Chromium, medians of {rounds} pages; sealing and WebCrypto alone by turns, five times in each page. \
         `sealToken` derives the same key, and seals with it. In WebAssembly a text of the original server's is opened, \
         which is 100,000 iterations; first calls are first ones of their page after `init`, which warms up what derives, \
         once the page has come to rest and its processor is awake: half a second after it was loaded, and a tenth of a \
         second of other work."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_page_is_made_of_what_the_program_prints() {
        let row = json!({"bare_600k": 60.0, "seal_600k": 63.0, "bare_100k": 10.0, "wasm_first": 30.0, "wasm_later": 28.0,
            "noble_100k": 200.0, "crypto_js_100k": 300.0});
        let entry = |wasm| json!({"wasm": wasm, "glue": 1_000, "javascript": 4_000});
        let mut printed = json!({"rows": [row], "browser": "1",
            "sizes": {"slim": entry(18_000), "full": entry(90_000), "bitwarden": 284_000, "matrix": 1_490_000}});
        let of = |printed: &Value| page(printed, Machine { lines: Vec::new() });
        let made = of(&printed).unwrap();
        assert_eq!(made.goals.iter().map(|goal| goal.holds).collect::<Vec<_>>(), [true, false, true, true]);
        assert!(made.table.to_string().contains("19,000"), "{}", made.table);
        printed["rows"] = json!([]);
        assert!(of(&printed).is_err());
    }
}
