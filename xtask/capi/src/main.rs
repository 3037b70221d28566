//! Makes and installs the C library; `cargo xtask capi` and the tests run it.
//!
//! - `generatio-capi-build header [--check]` writes `include/generatio.h`, `REFERENCE.md` and `abi.txt` of `bindings/c`, or with
//!   `--check` fails where they are not as they would be written.
//! - `generatio-capi-build install PREFIX` builds both libraries and installs them with all that finds them.

#![expect(clippy::print_stdout, reason = "a command speaks to whoever typed it")]

mod build;
mod header;
mod install;
mod reference;
mod weight;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// `GENERATIO_ABI`, which a test compares: the soname's number.
const ABI: u32 = 1;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Outcome {
    match arguments {
        ["header"] => {
            for (file, text) in made()? {
                fs::write(&file, text)?;
                println!("{}", file.display());
            }
            Ok(())
        }
        ["header", "--check"] => check(),
        ["install", prefix] => {
            check()?;
            let libraries = build::build()?;
            install::install(Path::new(prefix), &libraries)?;
            println!("installed in {prefix}");
            match weight::weight(&libraries.shared) {
                Ok(weight) => println!("libgeneratio.so: {weight}"),
                // Tools that nothing else here needs.
                Err(error) => println!("libgeneratio.so was not weighed: {error}"),
            }
            Ok(())
        }
        _ => Err("usage: generatio-capi-build header [--check] | install PREFIX".into()),
    }
}

/// The files that are made and committed.
fn made() -> Outcome<[(PathBuf, String); 3]> {
    let folder = workspace().join("bindings/c");
    let header = header::header()?;
    let page = reference::page(&header)?;
    let abi = reference::abi(&header);
    Ok([
        (folder.join("abi.txt"), abi),
        (folder.join("include/generatio.h"), header),
        (folder.join("REFERENCE.md"), page),
    ])
}

fn check() -> Outcome {
    for (file, text) in made()? {
        if fs::read_to_string(&file).unwrap_or_default() != text {
            return Err(format!("{} is out of date: run `cargo xtask capi --header`", file.display()).into());
        }
    }
    Ok(())
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("xtask/capi is a folder of the workspace")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_committed_is_what_is_made() {
        check().unwrap();
    }

    #[test]
    fn the_soname_is_that_of_the_binary_interface() {
        let header = header::header().unwrap();
        assert!(header.contains(&format!("#define GENERATIO_ABI {ABI}\n")));
        let manifest = fs::read_to_string(workspace().join("bindings/c/Cargo.toml")).unwrap();
        assert!(manifest.contains(&format!("version = \"{ABI}.0.0\"")));
    }

    /// cargo-c passes over packages without the feature, and would generate a header of its own.
    #[test]
    fn cargo_c_finds_what_it_asks_for() {
        let manifest = fs::read_to_string(workspace().join("bindings/c/Cargo.toml")).unwrap();
        for line in ["capi = []", "subdirectory = false", "generation = false"] {
            assert!(manifest.lines().any(|own| own.starts_with(line)), "{line}");
        }
    }
}
