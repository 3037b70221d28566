//! How a program finds the library: pkg-config and CMake, static and dynamic, each from a clean folder.

use crate::installed::{STRICT, prefix, source, well};
use std::fs;
use std::path::Path;
use std::process::Command;

const SAID: &str = concat!("libgeneratio ", env!("CARGO_PKG_VERSION"), ": 0.009\n");

/// What pkg-config says.
fn pkg_config(arguments: &[&str]) -> Vec<String> {
    let mut command = Command::new("pkg-config");
    let said = well(command.args(arguments).arg("generatio").env("PKG_CONFIG_PATH", prefix().join("lib/pkgconfig")));
    said.split_whitespace().map(ToOwned::to_owned).collect()
}

fn compiled(folder: &Path, flags: &[String]) -> Command {
    fs::copy(source("consumer.c"), folder.join("consumer.c")).unwrap();
    well(Command::new("gcc").args(STRICT).args(["consumer.c", "-o", "consumer"]).args(flags).current_dir(folder));
    Command::new(folder.join("consumer"))
}

fn needs(program: &Path) -> bool {
    well(Command::new("readelf").arg("-d").arg(program)).contains("libgeneratio.so.1")
}

#[test]
fn pkg_config_finds_the_shared_library() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = compiled(folder.path(), &pkg_config(&["--cflags", "--libs"]));
    assert!(needs(&folder.path().join("consumer")));
    assert_eq!(well(program.env("LD_LIBRARY_PATH", prefix().join("lib"))), SAID);
    assert_eq!(pkg_config(&["--modversion"]), [env!("CARGO_PKG_VERSION")]);
}

#[test]
fn pkg_config_finds_the_static_library() {
    let folder = tempfile::tempdir().unwrap();
    let flags = pkg_config(&["--static", "--cflags", "--libs"]);
    let flags = flags.iter().map(|flag| if flag == "-lgeneratio" { "-l:libgeneratio.a" } else { flag });
    let mut program = compiled(folder.path(), &flags.map(ToOwned::to_owned).collect::<Vec<_>>());
    assert!(!needs(&folder.path().join("consumer")));
    assert_eq!(well(&mut program), SAID);
}

#[test]
fn cmake_finds_both() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["consumer.c", "CMakeLists.txt"] {
        fs::copy(source(file), folder.path().join(file)).unwrap();
    }
    let prefix = format!("-DCMAKE_PREFIX_PATH={}", prefix().display());
    well(Command::new("cmake").args([".", &prefix, "-DCMAKE_BUILD_TYPE=Release"]).current_dir(folder.path()));
    well(Command::new("cmake").args(["--build", "."]).current_dir(folder.path()));
    for (program, is_shared) in [("dynamic", true), ("static", false)] {
        let program = folder.path().join(program);
        assert_eq!(needs(&program), is_shared);
        assert_eq!(well(&mut Command::new(program)), SAID);
    }
}

/// Nothing in it names the place it was installed at.
#[test]
fn an_installation_may_be_moved() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["lib/pkgconfig/generatio.pc", "lib/cmake/generatio/generatio-config.cmake"] {
        let text = fs::read_to_string(prefix().join(file)).unwrap();
        assert!(!text.contains(prefix().to_str().unwrap()), "{text}");
    }
    well(Command::new("cp").arg("-a").arg(prefix()).arg(folder.path().join("moved")));
    let mut command = Command::new("pkg-config");
    command.args(["--libs", "generatio"]).env("PKG_CONFIG_PATH", folder.path().join("moved/lib/pkgconfig"));
    assert!(well(&mut command).contains("/moved/"));
}
