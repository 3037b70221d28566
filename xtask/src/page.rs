//! `cargo xtask page`: the page as a folder of files: those of `examples/web`, and what it needs of the npm package.
//!
//! `generatio serve --public-dir target/page --page-policy strict` serves it; a release has it built in.

use crate::Outcome;
use crate::{process, tools, wasm};
use clap::Args;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Options of `cargo xtask page`.
#[derive(Args)]
pub(crate) struct Options {
    /// Where to put it; what is there is replaced, if it is an earlier page.
    #[arg(long, value_name = "FOLDER", default_value = "target/page")]
    out: PathBuf,
    /// The npm package as a folder, instead of building it.
    #[arg(long, value_name = "FOLDER")]
    package: Option<PathBuf>,
}

/// Where the page expects the package.
const PACKAGE: &str = "generatio";
/// What browsers fetch of the package; types, licences and the slim entry stay behind.
const FETCHED: [&str; 2] = ["js", "wasm"];

/// Builds the package and puts the folder together.
pub(crate) fn run(options: &Options) -> Outcome {
    let out = std::path::absolute(&options.out)?;
    let package = match &options.package {
        Some(folder) => folder.clone(),
        None => build_package(&out)?,
    };
    assemble(&package, &out)
}

/// Builds the page where it usually goes, and says where that is.
pub(crate) fn build() -> Outcome<PathBuf> {
    let out = process::workspace().join("target/page");
    assemble(&build_package(&out)?, &out)?;
    Ok(out)
}

fn assemble(package: &Path, out: &Path) -> Outcome {
    // Made beside and moved there, so that a server over the folder never sees half of it.
    let new = out.with_extension("new");
    remove(&new)?;
    copy(&process::workspace().join("examples/web"), &new, &|_| true)?;
    copy(package, &new.join(PACKAGE), &is_fetched)?;
    compress(&new)?;
    remove(out)?;
    fs::rename(&new, out)?;
    println!("The page is in {}: {} files.", out.display(), count(out)?);
    Ok(())
}

fn build_package(out: &Path) -> Outcome<PathBuf> {
    let package = out.with_extension("package");
    wasm::build(Some(&package))?;
    Ok(package)
}

fn is_fetched(path: &Path) -> bool {
    let is_slim = path.file_stem().is_some_and(|stem| stem == "slim" || stem == "slim_glue");
    let extension = path.extension().and_then(|extension| extension.to_str());
    !is_slim && extension.is_some_and(|extension| FETCHED.contains(&extension))
}

/// Removes an earlier page; anything else that is there stays, and is an error.
fn remove(folder: &Path) -> Outcome {
    if !folder.exists() {
        return Ok(());
    }
    if !folder.join("index.html").is_file() {
        return Err(format!("{} is no page: choose another folder", folder.display()).into());
    }
    Ok(fs::remove_dir_all(folder)?)
}

/// Copies the files that are `wanted`, folders and all.
fn copy(from: &Path, to: &Path, wanted: &dyn Fn(&Path) -> bool) -> Outcome {
    fs::create_dir_all(to)?;
    let entries = fs::read_dir(from).map_err(|error| format!("{}: {error}", from.display()))?;
    for entry in entries {
        let path = entry?.path();
        let target = to.join(path.file_name().ok_or("a file has a name")?);
        if path.is_dir() {
            copy(&path, &target, wanted)?;
        } else if wanted(&path) {
            fs::copy(&path, target)?;
        }
    }
    Ok(())
}

/// Brotli beside each file, by node, which comes with the page's own tests.
fn compress(folder: &Path) -> Outcome {
    tools::program("node", &["--version"], "nodejs")?;
    let mut node = Command::new("node");
    node.arg(process::workspace().join("xtask/src/page/compress.mjs")).arg(folder);
    process::run(node)
}

fn count(folder: &Path) -> Outcome<usize> {
    let mut files = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        files +=
            if path.is_dir() { count(&path)? } else { usize::from(path.extension().is_none_or(|end| end != "br")) };
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::{copy, is_fetched, remove};
    use std::fs;
    use std::path::Path;

    #[test]
    fn what_browsers_fetch_of_the_package_is_taken() {
        for (name, taken) in [
            ("index.js", true),
            ("client/http.js", true),
            ("generatio.wasm", true),
            ("slim.wasm", false),
            ("slim_glue.js", false),
            ("index.d.ts", false),
            ("package.json", false),
            ("LICENSE-MIT", false),
        ] {
            assert_eq!(is_fetched(Path::new(name)), taken, "{name}");
        }
    }

    #[test]
    fn folders_are_copied_with_what_is_wanted_in_them() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir_all(from.join("deep")).unwrap();
        for name in ["a.js", "b.md", "deep/c.js"] {
            fs::write(from.join(name), name).unwrap();
        }
        copy(&from, &to, &is_fetched).unwrap();
        assert!(to.join("a.js").is_file() && to.join("deep/c.js").is_file() && !to.join("b.md").exists());
    }

    #[test]
    fn what_is_no_page_is_not_removed() {
        let folder = tempfile::tempdir().unwrap();
        let other = folder.path().join("other");
        fs::create_dir(&other).unwrap();
        assert!(remove(&other).unwrap_err().to_string().contains("is no page"));
        fs::write(other.join("index.html"), "").unwrap();
        remove(&other).unwrap();
        assert!(!other.exists());
        remove(&other).unwrap();
    }
}
