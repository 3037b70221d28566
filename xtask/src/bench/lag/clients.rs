//! FAL's own clients, of the versions that `tests/benches/clients` pins, installed below `target/`.

use super::contender::{Contender, Driver};
use crate::api::text;
use crate::bench::machine::version;
use crate::bench::pinned::{PINNED, install_once, pinned};
use crate::{Outcome, process, tools};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the clients are installed.
pub(super) struct Clients {
    folder: PathBuf,
}

impl Clients {
    /// Installs both into `folder`, with node and Python where they are missing; what is there already is kept.
    pub(super) fn install(folder: &Path) -> Outcome<Self> {
        tools::program("node", &["--version"], "nodejs")?;
        tools::program("npm", &["--version"], "npm")?;
        tools::program("python3", &["-c", "import ensurepip, venv"], "python3-venv")?;
        fs::create_dir_all(folder)?;
        let clients = Self { folder: folder.to_owned() };
        // Beside its node_modules, because that is where node looks for them.
        fs::write(folder.join("lag.mjs"), pinned("lag.mjs")?)?;
        install_once(folder, "package-lock.json", || clients.install_javascript())?;
        install_once(folder, "requirements.txt", || clients.install_python())?;
        Ok(clients)
    }

    /// A contender each, which take the server at `url` for FAL.
    pub(super) fn contenders(&self, url: &str) -> Outcome<Vec<Contender>> {
        let javascript = |mode: Option<&str>| {
            let mut command = Command::new("node");
            command.arg(self.folder.join("lag.mjs")).arg(url).args(mode);
            Driver::start(command)
        };
        let mut python = Command::new(self.python());
        python.arg(process::workspace().join(PINNED).join("lag.py")).arg(url);
        Ok(vec![
            Contender::new("@fal-ai/client, as it comes (polling)", javascript(None)?),
            Contender::new("@fal-ai/client, streaming", javascript(Some("streaming"))?),
            Contender::new("fal-client for Python (polling)", Driver::start(python)?),
        ])
    }

    /// Of the clients and what runs them.
    pub(super) fn versions(&self) -> Outcome<Vec<String>> {
        let package: Value = serde_json::from_str(&pinned("package.json")?)?;
        let javascript = text(&package, "/dependencies/@fal-ai~1client")?;
        let requirements = pinned("requirements.txt")?;
        let python = requirements.lines().find_map(|line| line.strip_prefix("fal-client=="));
        let python = python.ok_or_else(|| format!("{PINNED}/requirements.txt names no fal-client"))?;
        Ok(vec![
            format!("@fal-ai/client {javascript}, {}", version(Path::new("node"))),
            format!("fal-client {python}, {}", version(&self.python())),
        ])
    }

    fn install_javascript(&self) -> Outcome {
        for file in ["package.json", "package-lock.json"] {
            fs::write(self.folder.join(file), pinned(file)?)?;
        }
        let mut command = Command::new("npm");
        command.args(["ci", "--no-audit", "--no-fund"]).current_dir(&self.folder);
        process::run(command)
    }

    fn install_python(&self) -> Outcome {
        let mut venv = Command::new("python3");
        venv.args(["-m", "venv", "--clear"]).arg(self.folder.join("python"));
        process::run(venv)?;
        let mut pip = Command::new(self.python());
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
        pip.arg(process::workspace().join(PINNED).join("requirements.txt"));
        process::run(pip)
    }

    fn python(&self) -> PathBuf {
        self.folder.join("python/bin/python")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_versions_are_those_that_are_pinned() {
        let versions = Clients { folder: "nowhere".into() }.versions().unwrap();
        assert!(versions[0].starts_with("@fal-ai/client 1.10.1, "), "{versions:?}");
        assert!(versions[1].starts_with("fal-client 1.0.3, "), "{versions:?}");
    }
}
