//! The examples: how each is built, and run.

use crate::toolchain::{cargo, compiled, examples, pkg_config_path, prefix, well, workshop};
use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock};

/// An example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Face {
    Python,
    CCurl,
    CPoll,
    Cpp,
    Go,
    Java,
    Rust,
    Node,
}

impl Face {
    /// The words that run it; built at the first time.
    pub(crate) fn command(self) -> &'static [OsString] {
        static BUILT: OnceLock<Mutex<HashMap<Face, &'static [OsString]>>> = OnceLock::new();
        // One at a time: compilers take the whole machine anyway.
        let mut built = BUILT.get_or_init(Mutex::default).lock().unwrap_or_else(|broken| broken.into_inner());
        built.entry(self).or_insert_with(|| self.build().leak())
    }

    fn build(self) -> Vec<OsString> {
        match self {
            Self::Python => vec!["python3".into(), examples().join("python/story.py").into()],
            Self::CCurl => {
                let flags = ["gcc", "-std=c11", "-D_POSIX_C_SOURCE=200809L"];
                vec![compiled("c-curl", &flags, &["c/story.c", "c/curl.c"], &["generatio", "libcurl"]).into()]
            }
            Self::CPoll => {
                let flags = ["gcc", "-std=c11", "-D_POSIX_C_SOURCE=200809L", "-fsanitize=address,undefined"];
                vec![
                    compiled("c-poll", &flags, &["c/story.c", "c/courier.c", "c/http.c", "c/poll.c"], &["generatio"])
                        .into(),
                ]
            }
            Self::Cpp => {
                vec![compiled("cpp", &["g++", "-std=c++17"], &["cpp/story.cpp"], &["generatio", "libcurl"]).into()]
            }
            Self::Go => go(),
            Self::Java => java(),
            Self::Rust => rust(),
            Self::Node => node(),
        }
    }

    /// All variables it sees besides the story's own.
    pub(crate) fn environment(self) -> Vec<(&'static str, OsString)> {
        let mut variables = vec![("LD_LIBRARY_PATH", prefix().join("lib").into_os_string())];
        // Version managers find their interpreters with both.
        variables.extend(["PATH", "HOME"].into_iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        if self == Self::Python {
            variables.push(("PYTHONDONTWRITEBYTECODE", "1".into()));
            variables.push(("PYTHONUTF8", "1".into()));
        }
        variables
    }
}

fn go() -> Vec<OsString> {
    let program = workshop("go").join("story");
    let go = || {
        let mut go = Command::new("go");
        go.current_dir(examples().join("go")).env("PKG_CONFIG_PATH", pkg_config_path());
        go
    };
    well(go().args(["vet", "./..."]));
    well(go().args(["build", "-o"]).arg(&program).arg("."));
    vec![program.into()]
}

/// java.lang.foreign is final since this version.
const JAVA: u32 = 22;

fn java() -> Vec<OsString> {
    let home = java_home();
    let (classes, folder) = (workshop("java"), examples().join("java"));
    let mut javac = Command::new(home.join("bin/javac"));
    javac.args(["-Xlint:all,-restricted", "-Werror", "--release", &JAVA.to_string(), "-d"]).arg(&classes);
    well(javac.args(["Generatio.java", "Drive.java", "Story.java"].map(|file| folder.join(file))));
    let words = ["--enable-native-access=ALL-UNNAMED".into(), "-cp".into(), classes.into(), "Story".into()];
    [home.join("bin/java").into()].into_iter().chain(words).collect()
}

/// A JDK that is new enough: of `JAVA_HOME`, else among those that Debian's and others' packages install.
fn java_home() -> PathBuf {
    let told = std::env::var_os("JAVA_HOME").map(PathBuf::from);
    let installed = fs::read_dir("/usr/lib/jvm").into_iter().flatten().flatten().map(|entry| entry.path());
    let found = told.into_iter().chain(installed).find(|home| version(home).is_some_and(|version| version >= JAVA));
    found.unwrap_or_else(|| panic!("the Java example needs a JDK of version {JAVA} or later: set JAVA_HOME to one"))
}

/// The number before the first dot of `JAVA_VERSION="25.0.3"`, which every JDK says of itself.
fn version(home: &Path) -> Option<u32> {
    let release = fs::read_to_string(home.join("release")).ok().filter(|_| home.join("bin/javac").is_file())?;
    let version = release.lines().find_map(|line| line.strip_prefix("JAVA_VERSION=\""))?;
    version.split(['.', '"', '-', '+']).next()?.parse().ok()
}

/// Built as this test was, beside it: what both need is compiled already.
fn rust() -> Vec<OsString> {
    let test = std::env::current_exe().expect("this test has a path");
    let folder = test.ancestors().nth(2).expect("tests lie in TARGET/PROFILE/deps");
    let name = folder.file_name().and_then(|name| name.to_str()).expect("profiles have names of text");
    let profile = if name == "debug" { "dev" } else { name };
    let target = folder.parent().expect("a profile's folder lies in the target folder");
    let build = ["build", "--quiet", "--package", "generatio-example", "--profile", profile, "--target-dir"];
    well(cargo().args(build).arg(target));
    vec![folder.join("generatio-example").into()]
}

/// The package as `cargo xtask wasm` builds it, packed and installed beside the example.
fn node() -> Vec<OsString> {
    let folder = workshop("node");
    let package = folder.join("package");
    // A suite of xtask has the builder compiled already.
    let mut build = match std::env::var_os("GENERATIO_WASM_BUILD") {
        Some(program) => Command::new(program),
        None => {
            let mut run = cargo();
            run.args(["run", "--quiet", "--package", "generatio-wasm-build", "--"]);
            run
        }
    };
    well(build.arg("--out").arg(&package));
    for file in ["package.json", "story.mjs"] {
        fs::copy(examples().join("node").join(file), folder.join(file)).expect("the example is copied");
    }
    let packed = well(Command::new("npm").args(["pack", "--silent", "./package"]).current_dir(&folder));
    let quiet = ["install", "--no-audit", "--no-fund", "--no-package-lock", "--offline"];
    well(Command::new("npm").args(quiet).arg(format!("./{}", packed.trim())).current_dir(&folder));
    vec!["node".into(), folder.join("story.mjs").into()]
}
