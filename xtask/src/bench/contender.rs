//! Servers that are compared: made, filled while they are stopped, and started again on a core of their own.

use super::pocketbase::PocketBase;
use crate::Outcome;
use crate::api::{Api, mismatch, text};
use crate::cores::{self, pinned_to};
use crate::folder::Folder;
use crate::process::{self, Built, Running};
use crate::servers::{self, free_port};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// Whose data is asked for.
pub(super) const EMAIL: &str = "ann@example.com";
pub(super) const PASSWORD: &str = "quartz-harbour-27";

/// The server and `generatio-bench`, as they are released.
pub(super) fn build() -> Outcome<Vec<Built>> {
    cores::can_be_chosen()?;
    println!("Building …");
    let packages = ["--package", "generatio-server", "--package", "generatio-tests"];
    let programs = ["--bin", "generatio", "--bin", "generatio-bench"];
    process::build(&[&["--release"][..], &packages, &programs].concat())
}

/// Where what [`build`] built is.
#[derive(Clone, Copy)]
pub(super) struct Programs<'a> {
    pub(super) generatio: &'a Path,
    pub(super) generatio_bench: &'a Path,
}

/// How much is asked at a time, and for how long.
#[derive(Clone, Copy)]
pub(super) struct Turn {
    pub(super) connections: u32,
    pub(super) ms: u32,
}

impl<'a> Programs<'a> {
    pub(super) fn of(built: &'a [Built]) -> Outcome<Self> {
        let (generatio, generatio_bench) = (process::generatio(built)?, process::binary(built, "generatio-bench")?);
        Ok(Self { generatio, generatio_bench })
    }

    /// `generatio-bench` with these arguments.
    pub(super) fn bench(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.generatio_bench);
        command.args(arguments);
        command
    }

    /// Writes so many pictures into a contender's database; one of ten is the account's.
    pub(super) fn fill(&self, contender: &str, database: &Path, rows: u32) -> Outcome {
        println!("Filling {contender} …");
        let mut fill = self.bench(&["gallery-fill", "--contender", contender, "--rows", &rows.to_string()]);
        fill.arg("--database").arg(database);
        process::document(fill).map(drop)
    }

    /// What `generatio-bench gallery-load` prints, from the load's own core.
    pub(super) fn load(&self, contender: &Contender, path: &str, turn: Turn) -> Outcome<Value> {
        let token = contender.api.token.as_deref().unwrap_or_default();
        let mut load = pinned_to(cores::LOAD, self.generatio_bench);
        load.args(["gallery-load", "--address", contender.address(), "--path", path, "--token", token]);
        load.args(["--connections", &turn.connections.to_string(), "--ms", &turn.ms.to_string()]);
        process::document(load)
    }
}

/// A server that is filled and runs, and somebody who is logged in.
pub(super) struct Contender {
    pub(super) url: String,
    pub(super) api: Api,
    running: Running,
}

impl Contender {
    /// Our server with these options. `fill` is given its database, with one account in it, while it is stopped.
    pub(super) fn ours(
        programs: Programs<'_>,
        folder: &Folder,
        options: &[&str],
        fill: impl FnOnce(&Path) -> Outcome,
    ) -> Outcome<Self> {
        let serve = || {
            let mut serve = pinned_to(cores::SERVERS, programs.generatio);
            serve.args(["serve", "--http", "127.0.0.1:0", "--data-dir"]).arg(folder.data()).args(options);
            servers::start(serve, folder, "server")
        };
        let (url, running) = serve()?;
        register(&Api::new(&url), EMAIL)?;
        drop(running);
        fill(&folder.data().join("generatio.db"))?;
        Self::logged_in(serve()?)
    }

    /// A PocketBase; else the same.
    pub(super) fn pocketbase(
        pocketbase: &PocketBase,
        folder: &Folder,
        fill: impl FnOnce(&Path) -> Outcome,
    ) -> Outcome<Self> {
        let data = folder.path().join("pb_data");
        pocketbase.make(&data)?;
        fill(&data.join("data.db"))?;
        let mut serve = pinned_to(cores::SERVERS, &pocketbase.program());
        serve.args(PocketBase::serve(&data, free_port()?));
        Self::logged_in(servers::start(serve, folder, "pocketbase")?)
    }

    fn logged_in((url, running): (String, Running)) -> Outcome<Self> {
        let mut api = Api::new(&url);
        api.token = Some(log_in(&api, EMAIL)?.token);
        Ok(Self { url, api, running })
    }

    /// `ADDRESS:PORT`.
    pub(super) fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// The id of its process.
    pub(super) fn id(&self) -> u32 {
        self.running.id()
    }

    /// The ids of a list and what it says there are in all.
    pub(super) fn answer(&self, path: &str) -> Outcome<(Vec<String>, i64)> {
        let page = self.api.get(path)?.ok()?;
        let items = page["items"].as_array().ok_or_else(|| mismatch("a list", &page))?;
        let ids: Outcome<_> = items.iter().map(|item| Ok(text(item, "/id")?.to_owned())).collect();
        Ok((ids?, page["totalItems"].as_i64().ok_or_else(|| mismatch("a total", &page))?))
    }
}

/// Makes an account.
pub(super) fn register(api: &Api, email: &str) -> Outcome {
    let account = json!({ "email": email, "password": PASSWORD, "passwordConfirm": PASSWORD });
    api.post("/api/collections/generatio_users/records", &account)?.ok().map(drop)
}

/// Somebody who is logged in.
pub(super) struct LoggedIn {
    pub(super) id: String,
    pub(super) token: String,
}

/// Logs in to an account.
pub(super) fn log_in(api: &Api, email: &str) -> Outcome<LoggedIn> {
    let login = json!({ "identity": email, "password": PASSWORD });
    let login = api.post("/api/collections/generatio_users/auth-with-password", &login)?.ok()?;
    Ok(LoggedIn { id: text(&login, "/record/id")?.to_owned(), token: text(&login, "/token")?.to_owned() })
}
