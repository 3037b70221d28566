//! The header, and what the libraries export.

use crate::installed::{prefix, ran, well, workspace};
use generatio_core::ErrorCode;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Compiles `text` against the header as this language; whether that went well.
fn compiles(text: &str, compiler: &str, ending: &str, standard: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(format!("program.{ending}"));
    fs::write(&file, text).unwrap();
    let mut command = Command::new(compiler);
    command.args([standard, "-Wall", "-Wextra", "-Werror", "-pedantic", "-c", "-o", "/dev/null", "-I"]);
    let output = ran(command.arg(prefix().join("include")).arg(&file));
    if output.status.success() { Ok(()) } else { Err(crate::installed::all(&output)) }
}

#[test]
fn it_compiles_alone_and_twice_as_c_and_cpp() {
    let text = "#include <generatio.h>\n#include <generatio.h>\n";
    for (compiler, ending, standard) in [("gcc", "c", "-std=c11"), ("g++", "cpp", "-std=c++17")] {
        compiles(text, compiler, ending, standard).unwrap();
        let text = format!("{text}int main(void) {{ return (int)generatio_abi(); }}\n");
        compiles(&text, compiler, ending, standard).unwrap();
        assert!(compiles("#include <generatio.h>\nint x = generatio_nothing;\n", compiler, ending, standard).is_err());
    }
}

#[test]
fn what_opens_and_verifies_must_be_looked_at() {
    let text = "#include <generatio.h>\nvoid f(void);\nvoid f(void) { generatio_secret *s; \
                generatio_open(0, 0, 0, 0, 0, 0, &s); }\n";
    assert!(compiles(text, "gcc", "c", "-std=c11").unwrap_err().contains("unused-result"));
}

#[test]
fn every_status_has_cores_number() {
    let mut text = String::from("#include <generatio.h>\n");
    for code in ErrorCode::ALL {
        let name = code.as_str().to_uppercase();
        _ = writeln!(text, "_Static_assert(GENERATIO_{name} == {}, \"{name}\");", code.as_u32());
    }
    compiles(&text, "gcc", "c", "-std=c11").unwrap();
    let wrong = "#include <generatio.h>\n_Static_assert(GENERATIO_WRONG_PASSWORD == 205, \"\");\n";
    assert!(compiles(wrong, "gcc", "c", "-std=c11").is_err());
}

/// The names that `nm` shows of a shared library.
fn exported(library: &Path) -> BTreeSet<String> {
    let listed = well(Command::new("nm").args(["-D", "--defined-only"]).arg(library));
    listed.lines().filter_map(|line| line.split(' ').next_back()).map(ToOwned::to_owned).collect()
}

#[test]
fn what_is_exported_is_what_is_listed() {
    let listed = fs::read_to_string(workspace().join("bindings/c/abi.txt")).unwrap();
    let functions = listed
        .lines()
        .filter(|line| !line.starts_with("typedef"))
        .filter_map(|line| line.split_once('(')?.0.rsplit([' ', '*']).next());
    let functions: BTreeSet<String> = functions.map(ToOwned::to_owned).collect();
    assert!(functions.len() > 150);
    let exported = exported(&prefix().join("lib/libgeneratio.so"));
    assert_eq!(exported.symmetric_difference(&functions).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn it_needs_libc_and_libgcc_alone() {
    let library = prefix().join("lib/libgeneratio.so");
    let read = well(Command::new("readelf").arg("-d").arg(&library));
    let between = |line: &str| Some(line.split_once('[')?.1.split_once(']')?.0.to_owned());
    let needed: BTreeSet<String> = read.lines().filter(|line| line.contains("(NEEDED)")).filter_map(between).collect();
    let of_libc = |name: &str| name.starts_with("libc.so") || name.starts_with("ld-linux");
    let others: Vec<_> = needed.iter().filter(|name| !of_libc(name) && !name.starts_with("libgcc_s.so")).collect();
    assert!(others.is_empty() && !needed.is_empty(), "{needed:?}");
    let soname = read.lines().find(|line| line.contains("(SONAME)")).and_then(between);
    assert_eq!(soname.as_deref(), Some("libgeneratio.so.1"));
    let stripped = tempfile::NamedTempFile::new().unwrap();
    well(Command::new("strip").arg("-o").arg(stripped.path()).arg(&library));
    println!("stripped: {} bytes; needs {needed:?}", fs::metadata(stripped.path()).unwrap().len());
}
