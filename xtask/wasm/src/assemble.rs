//! The package as npm packs it.

use crate::{Entry, Outcome, workspace};
use std::fs;
use std::path::Path;

/// Files that are taken as they are, from the workspace.
const LICENSES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// Above what wasm-bindgen made, which keeps to no types.
const GLUE_HEAD: &str = "// Made by wasm-bindgen.\n// @ts-nocheck\n";

/// Writes the package into `out`, which is emptied before.
pub(crate) fn assemble(out: &Path, parts: &[(Entry, String, Vec<u8>)]) -> Outcome {
    let binding = workspace().join("bindings/wasm");
    if out.exists() {
        fs::remove_dir_all(out)?;
    }
    fs::create_dir_all(out)?;
    copy_tree(&binding.join("js"), out)?;
    for file in ["package.json", "README.md"] {
        fs::copy(binding.join(file), out.join(file)).map_err(|error| format!("{file}: {error}"))?;
    }
    for file in LICENSES {
        fs::copy(workspace().join(file), out.join(file))?;
    }
    for (entry, glue, wasm) in parts {
        fs::write(out.join(format!("{}_glue.js", entry.name())), format!("{GLUE_HEAD}{glue}"))?;
        fs::write(out.join(format!("{}.wasm", entry.name())), wasm)?;
    }
    Ok(())
}

fn copy_tree(from: &Path, to: &Path) -> Outcome {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?
        } else {
            fs::copy(entry.path(), target).map(|_| ())?
        }
    }
    Ok(())
}
