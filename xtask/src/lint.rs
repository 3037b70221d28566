//! `cargo xtask lint`: what must hold before a change is merged, besides the tests.

mod dependencies;

use crate::report::Report;
use crate::{Outcome, process, tools};
use clap::{Args, ValueEnum};

/// Options of `cargo xtask lint`.
#[derive(Args)]
pub(crate) struct Options {
    /// Repairs what the tools can repair.
    #[arg(long)]
    fix: bool,
    /// Runs this check alone.
    #[arg(long, value_name = "NAME")]
    only: Option<Check>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Check {
    /// rustfmt.
    Fmt,
    /// Clippy over all targets, warnings denied.
    Clippy,
    /// rustdoc, warnings denied.
    Docs,
    /// Clippy over core and the npm package's Rust, both entries, for WebAssembly.
    Wasm,
    /// Licences, sources and duplicates of dependencies, where cargo-deny is installed.
    Deny,
    /// No dependency's default features.
    Features,
    /// What is shipped, by the oldest compiler that is promised to build it.
    Msrv,
}

impl Check {
    const fn name(self) -> &'static str {
        match self {
            Check::Fmt => "fmt",
            Check::Clippy => "clippy",
            Check::Docs => "docs",
            Check::Wasm => "wasm",
            Check::Deny => "deny",
            Check::Features => "features",
            Check::Msrv => "msrv",
        }
    }

    fn run(self, fix: bool) -> Outcome<String> {
        match self {
            Check::Fmt => format(fix)?,
            Check::Clippy => clippy(fix)?,
            Check::Docs => docs()?,
            Check::Wasm => wasm()?,
            Check::Deny => return deny(),
            Check::Features => dependencies::features()?,
            Check::Msrv => dependencies::msrv()?,
        }
        Ok("ok".into())
    }
}

/// Runs the checks, all of them even when one fails.
pub(crate) fn run(options: &Options) -> Outcome {
    let mut report = Report::default();
    for &check in Check::value_variants() {
        if options.only.is_none_or(|only| only == check) {
            report.run(check.name(), || check.run(options.fix));
        }
    }
    println!("\n{}", report.table());
    report.verdict()
}

fn format(fix: bool) -> Outcome {
    tools::component("fmt", "rustfmt")?;
    let check: &[&str] = if fix { &[] } else { &["--check"] };
    process::run(process::cargo(&[&["fmt", "--all"], check].concat()))
}

fn clippy(fix: bool) -> Outcome {
    tools::component("clippy", "clippy")?;
    let everything = ["clippy", "--workspace", "--all-targets"];
    if fix {
        process::run(process::cargo(&[&everything[..], &["--fix", "--allow-dirty", "--allow-staged"]].concat()))?;
    }
    process::run(process::cargo(&[&everything[..], &["--", "-D", "warnings"]].concat()))
}

fn docs() -> Outcome {
    let mut command = process::cargo(&["doc", "--workspace", "--no-deps"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    process::run(command)
}

fn wasm() -> Outcome {
    tools::wasm_target()?;
    for features in [&[][..], &["--no-default-features"]] {
        let packages =
            ["clippy", "--package", "generatio-core", "--package", "generatio-wasm", "--target", tools::WASM];
        process::run(process::cargo(&[&packages[..], features, &["--", "-D", "warnings"]].concat()))?;
    }
    Ok(())
}

fn deny() -> Outcome<String> {
    if !tools::has_cargo_deny() {
        return Ok("skipped: cargo-deny is not installed (`cargo install cargo-deny --locked`)".into());
    }
    // Advisories are left out: they need the network, and change without a change of ours.
    process::run(process::cargo(&["deny", "check", "bans", "licenses", "sources"]))?;
    Ok("ok".into())
}
