//! Puts the page into the program: the files of the folder that `GENERATIO_PAGE_DIR` names, if it names one. It is a
//! folder of files and not a crate, so that the server knows nothing of how a page is made.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const VARIABLE: &str = "GENERATIO_PAGE_DIR";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={VARIABLE}");
    let mut files = Vec::new();
    if let Some(folder) = env::var_os(VARIABLE).filter(|folder| !folder.is_empty()) {
        let folder = PathBuf::from(folder).canonicalize()?;
        println!("cargo::rerun-if-changed={}", folder.display());
        collect(&folder, &folder, &mut files)?;
        if !files.iter().any(|(name, _)| name == "index.html") {
            return Err(format!("{VARIABLE} names a folder without an index.html").into());
        }
    }
    files.sort();
    fs::write(Path::new(&env::var("OUT_DIR")?).join("page.rs"), table(&files))?;
    Ok(())
}

/// Every file below `folder`, by its path from `root` with slashes.
fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else {
            let name = path.strip_prefix(root).map_err(io::Error::other)?.display().to_string();
            files.push((name, path));
        }
    }
    Ok(())
}

fn table(files: &[(String, PathBuf)]) -> String {
    let mut text = "/// The files by name.\nstatic FILES: &[(&str, &[u8])] = &[".to_owned();
    for (name, path) in files {
        let _ = write!(text, "({name:?}, include_bytes!({:?})),", path.display().to_string());
    }
    text + "];\n"
}
