//! `cargo xtask test`: every test of the workspace, suite by suite, with the seconds each took.
//!
//! Everything is built by one cargo call and the test programs are then run as they are: a call per package would build
//! the dependencies anew wherever a package alone needs fewer features of them.

mod summary;

use crate::Outcome;
use crate::process::{self, Built};
use crate::report::Report;
use crate::tools;
use clap::Args;
use std::path::Path;
use std::process::Command;
pub(crate) use summary::Summary;

/// Options of `cargo xtask test`.
#[derive(Args)]
pub(crate) struct Options {
    /// Suites to run; all when none is named.
    #[arg(value_name = "SUITE", value_parser = clap::builder::PossibleValuesParser::new(names()))]
    suites: Vec<String>,
    /// Adds what takes longer: far more random cases for every property of core.
    #[arg(long)]
    deep: bool,
}

struct Suite {
    name: &'static str,
    tests: Tests,
    /// Fewer than so many tests are a failure: a suite that has vanished must not pass.
    least: u64,
    /// Whether it is part of `--deep` alone.
    deep: bool,
}

enum Tests {
    /// The test programs of the package in this folder, with these variables.
    Package(&'static str, &'static [(&'static str, &'static str)]),
    /// One test program of package `tests`, apart from the others because it takes tools and minutes of its own.
    Apart(&'static str),
    /// The unit tests of this package under Miri.
    Miri(&'static str),
    /// The examples in doc comments.
    Docs,
}

const SUITES: &[Suite] = &[
    Suite::of("core", "core"),
    Suite { least: 0, ..Suite::of("testkit", "tests/support") },
    Suite::of("fal-sim", "server/fal-sim"),
    Suite::of("server", "server"),
    Suite::of("end-to-end", "tests"),
    Suite { name: "memory", tests: Tests::Apart("memory"), least: 1, deep: false },
    Suite { name: "examples", tests: Tests::Apart("examples"), least: 15, deep: false },
    Suite { least: 0, ..Suite::of("example-rust", "examples/rust") },
    Suite { least: 0, ..Suite::of("bench-capi", "tests/benches/capi") },
    Suite { name: "openapi", tests: Tests::Apart("openapi"), least: 4, deep: false },
    Suite { name: "wasm", tests: Tests::Apart("wasm"), least: 5, deep: false },
    Suite { name: "page", tests: Tests::Apart("page"), least: 5, deep: false },
    Suite { least: 0, ..Suite::of("wasm-rust", "bindings/wasm") },
    Suite::of("wasm-build", "xtask/wasm"),
    Suite { name: "capi", tests: Tests::Apart("capi"), least: 25, deep: false },
    Suite::of("capi-rust", "bindings/c"),
    Suite { name: "capi-miri", tests: Tests::Miri("generatio-c"), least: 20, deep: false },
    Suite::of("capi-build", "xtask/capi"),
    Suite::of("xtask", "xtask"),
    Suite { name: "docs", tests: Tests::Docs, least: 0, deep: false },
    Suite { name: "properties", tests: Tests::Package("core", &[("PROPTEST_CASES", "200000")]), least: 1, deep: true },
];

/// Programs that the tests across crates run, each with the package of Debian that brings it.
const END_TO_END_TOOLS: [(&str, &[&str], &str); 6] = [
    ("strace", &["--version"], "strace"),
    ("node", &["--version"], "nodejs"),
    ("npm", &["--version"], "npm"),
    ("curl", &["--version"], "curl"),
    ("openssl", &["version"], "openssl"),
    ("python3", &["-c", "import ensurepip, venv"], "python3-venv"),
];
/// The same for the npm package and for the page.
const BROWSER_TOOLS: [(&str, &str); 3] = [("node", "nodejs"), ("npm", "npm"), ("chromium", "chromium")];

/// The same for the C library.
const CAPI_TOOLS: [(&str, &str); 7] = [
    ("gcc", "gcc"),
    ("g++", "g++"),
    ("nm", "binutils"),
    ("pkg-config", "pkg-config"),
    ("cmake", "cmake"),
    ("valgrind", "valgrind"),
    ("python3", "python3"),
];

/// The same for the examples. The JDK of 22 or later that one of them needs is none of Debian's packages yet everywhere:
/// its test names it where it is missing.
const EXAMPLE_TOOLS: [(&str, &[&str], &str); 8] = [
    ("gcc", &["--version"], "gcc"),
    ("g++", &["--version"], "g++"),
    ("pkg-config", &["--version"], "pkg-config"),
    ("pkg-config", &["--exists", "libcurl"], "libcurl4-openssl-dev"),
    ("python3", &["--version"], "python3"),
    ("go", &["version"], "golang-go"),
    ("node", &["--version"], "nodejs"),
    ("npm", &["--version"], "npm"),
];

impl Suite {
    const fn of(name: &'static str, folder: &'static str) -> Self {
        Self { name, tests: Tests::Package(folder, &[]), least: 1, deep: false }
    }

    fn is_asked_for(&self, options: &Options) -> bool {
        let named = options.suites.iter().any(|name| name == self.name);
        named || (options.suites.is_empty() && (!self.deep || options.deep))
    }
}

fn names() -> Vec<&'static str> {
    SUITES.iter().map(|suite| suite.name).collect()
}

/// Runs the suites, all of them even when one fails, and ends with the sums over all.
pub(crate) fn run(options: &Options) -> Outcome {
    let mut report = Report::default();
    let mut built = Vec::new();
    let mut sum = Summary::default();
    let is_built = report.run("build", || {
        built = build()?;
        every_program_has_a_suite(&built)?;
        Ok(format!("{} test programs", built.iter().filter(|program| program.is_test).count()))
    });
    // Its lack fails what needs it, and nothing else.
    if is_built && SUITES.iter().any(|suite| suite.name == "end-to-end" && suite.is_asked_for(options)) {
        report.run("tools", || {
            // The npm package's client is among them.
            tools::wasm_target()?;
            for (program, arguments, package) in END_TO_END_TOOLS {
                tools::program(program, arguments, package)?;
            }
            Ok(END_TO_END_TOOLS.map(|(program, ..)| program).join(", "))
        });
    }
    if is_built && SUITES.iter().any(|suite| suite.name == "examples" && suite.is_asked_for(options)) {
        report.run("example tools", || {
            tools::wasm_target()?;
            for (program, arguments, package) in EXAMPLE_TOOLS {
                tools::program(program, arguments, package)?;
            }
            Ok(EXAMPLE_TOOLS.map(|(_, _, package)| package).join(", "))
        });
    }
    if is_built && SUITES.iter().any(|suite| suite.name == "openapi" && suite.is_asked_for(options)) {
        report.run("openapi tools", || {
            tools::program("python3", &["-c", "import ensurepip, venv"], "python3-venv")?;
            Ok("python3".into())
        });
    }
    let needs_browser = |suite: &Suite| ["page", "wasm"].contains(&suite.name) && suite.is_asked_for(options);
    if is_built && SUITES.iter().any(needs_browser) {
        report.run("browser tools", || {
            tools::wasm_target()?;
            for (program, package) in BROWSER_TOOLS {
                tools::program(program, &["--version"], package)?;
            }
            Ok(BROWSER_TOOLS.map(|(program, _)| program).join(", "))
        });
    }
    if is_built && SUITES.iter().any(|suite| suite.name == "capi" && suite.is_asked_for(options)) {
        report.run("capi tools", || {
            for (program, package) in CAPI_TOOLS {
                tools::program(program, &["--version"], package)?;
            }
            tools::nightly()?;
            Ok(CAPI_TOOLS.map(|(program, _)| program).join(", ") + ", nightly")
        });
    }
    for suite in SUITES.iter().filter(|suite| is_built && suite.is_asked_for(options)) {
        report.run(suite.name, || {
            let (summary, ended_well) = suite.run(&built)?;
            sum += summary;
            summary.verdict(ended_well, suite.least)
        });
    }
    println!("\n{}\n{sum}", report.table());
    report.verdict()
}

/// Builds every test program of the workspace, and the server with its fault points.
pub(crate) fn build() -> Outcome<Vec<Built>> {
    process::build(&["--workspace", "--all-targets", "--features", "generatio-server/fault-points"])
}

/// A crate that nobody listed above would go untested without a word.
fn every_program_has_a_suite(built: &[Built]) -> Outcome {
    let listed = |program: &&Built| !SUITES.iter().any(|suite| suite.has(program));
    match built.iter().filter(|program| program.is_test).find(listed) {
        None => Ok(()),
        Some(orphan) => Err(format!("no suite of xtask/src/test.rs runs {}", orphan.package.display()).into()),
    }
}

impl Suite {
    fn has(&self, program: &Built) -> bool {
        let tests = process::workspace().join("tests");
        let is_apart = |name: &str| program.package == tests && program.target == name;
        match self.tests {
            Tests::Package(folder, _) => {
                let others = SUITES.iter().any(|suite| matches!(suite.tests, Tests::Apart(name) if is_apart(name)));
                program.package == process::workspace().join(folder) && !others
            }
            Tests::Apart(name) => is_apart(name),
            Tests::Miri(_) | Tests::Docs => false,
        }
    }

    /// Sums what its programs report; also whether all of them ended well.
    fn run(&self, built: &[Built]) -> Outcome<(Summary, bool)> {
        let mut sum = Summary::default();
        let mut all_well = true;
        for command in self.commands(built)? {
            let status = process::run_reading(command, |line| {
                println!("{line}");
                sum += Summary::in_line(line).unwrap_or_default();
            })?;
            all_well &= status.success();
        }
        Ok((sum, all_well))
    }

    fn commands(&self, built: &[Built]) -> Outcome<Vec<Command>> {
        match self.tests {
            Tests::Docs => Ok(vec![process::cargo(&["test", "--workspace", "--doc", "--no-fail-fast"])]),
            Tests::Miri(package) => {
                tools::miri()?;
                let mut miri =
                    process::nightly_cargo(&["miri", "test", "--package", package, "--lib", "--no-fail-fast"]);
                // Files may be read: the corpus is one of them.
                miri.env("MIRIFLAGS", "-Zmiri-disable-isolation");
                Ok(vec![miri])
            }
            Tests::Package(..) | Tests::Apart(_) => {
                let variables = if let Tests::Package(_, variables) = self.tests { variables } else { &[] };
                let generatio = process::generatio(built)?;
                // What puts package and page together for the tests, without another cargo. This program itself may have
                // been replaced by the build.
                let helpers = [
                    ("GENERATIO_WASM_BUILD", process::binary(built, "generatio-wasm-build")?),
                    ("GENERATIO_XTASK", process::binary(built, "xtask")?),
                ];
                let own = built.iter().filter(|program| program.is_test && self.has(program));
                let with_variables = |program| {
                    let mut command = test_program(program, generatio);
                    command.envs(variables.iter().copied()).envs(helpers);
                    command
                };
                Ok(own.map(with_variables).collect())
            }
        }
    }
}

/// Runs as cargo would run it: in its package's folder; where the server's binary is, it learns from `GENERATIO_BIN`.
pub(crate) fn test_program(program: &Built, generatio: &Path) -> Command {
    let mut command = Command::new(&program.path);
    command.current_dir(&program.package).env("CARGO_MANIFEST_DIR", &program.package).env("GENERATIO_BIN", generatio);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(folder: &str) -> Built {
        let package = process::workspace().join(folder);
        Built { package, target: "any".into(), is_test: true, path: "any".into() }
    }

    fn asked(suites: &[&str], deep: bool) -> Vec<&'static str> {
        let options = Options { suites: suites.iter().map(ToString::to_string).collect(), deep };
        SUITES.iter().filter(|suite| suite.is_asked_for(&options)).map(|suite| suite.name).collect()
    }

    #[test]
    fn every_member_of_the_workspace_has_a_suite() {
        let metadata = process::cargo(&["metadata", "--no-deps", "--format-version", "1"]).output().unwrap();
        let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).unwrap();
        let packages = metadata["packages"].as_array().unwrap();
        assert!(packages.len() >= 6);
        for package in packages {
            let folder = Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap();
            every_program_has_a_suite(&[program(folder.to_str().unwrap())]).unwrap();
        }
        assert!(every_program_has_a_suite(&[program("elsewhere")]).is_err());
    }

    #[test]
    fn a_program_apart_is_in_one_suite_alone() {
        let apart = Built { target: "wasm".into(), ..program("tests") };
        let suites: Vec<_> = SUITES.iter().filter(|suite| suite.has(&apart)).map(|suite| suite.name).collect();
        assert_eq!(suites, ["wasm"]);
    }

    #[test]
    fn long_suites_run_when_asked_for() {
        assert!(!asked(&[], false).contains(&"properties"));
        assert!(asked(&[], true).contains(&"properties"));
        assert_eq!(asked(&[], true).len(), SUITES.len());
        assert_eq!(asked(&["properties", "core"], false), ["core", "properties"]);
    }
}
