//! The three servers with the same rows in them, and the people.

use super::asked::{FOLDERS as FOLDERS_LIST, IMAGES, STATS, STATUS, TOKEN_STATUS};
use crate::api::{Api, mismatch};
use crate::bench::contender::{Contender, EMAIL, LoggedIn, Programs, log_in};
use crate::bench::pocketbase::PocketBase;
use crate::cores::{self, pinned_to};
use crate::folder::Folder;
use crate::process::Running;
use crate::{Outcome, process, servers};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// Pictures; one of [`SHARE`] is the one's who asks.
pub(super) const PICTURES: u32 = 3_000;
pub(super) const SHARE: u32 = 10;
/// Folders of the one who asks.
pub(super) const FOLDERS: u32 = 30;
/// Those that come with the pictures.
const FOLDERS_FILLED: u32 = 20;
/// Charges of the one who asks.
pub(super) const CHARGES: u32 = 10_000;
/// Who creates folders: more than one, as nobody has thousands.
pub(super) const PEOPLE: u32 = 300;

/// Ours, bare and PocketBase, in this order wherever they are numbered.
pub(super) struct World {
    ours: Contender,
    bare: Bare,
    pocketbase: Contender,
    /// Of ours, which bare has too, and of PocketBase.
    people: [Vec<LoggedIn>; 2],
}

struct Bare {
    url: String,
    running: Running,
}

impl World {
    pub(super) fn prepare(programs: Programs<'_>, pocketbase: &PocketBase, folder: &Folder) -> Outcome<Self> {
        let rows = |contender: &str, database: &Path| -> Outcome {
            programs.fill(contender, database, PICTURES)?;
            let mut people = programs.bench(&["people", "--contender", contender, "--count", &PEOPLE.to_string()]);
            people.arg("--database").arg(database);
            process::document(people).map(drop)
        };
        // Logging in hundreds of people is not what is measured.
        let ours = Contender::ours(programs, folder, &["--throttle-times", "1000000"], |database| {
            rows("ours", database)?;
            let mut charges = programs.bench(&["ledger-fill", "--rows", &CHARGES.to_string(), "--database"]);
            charges.arg(database);
            process::document(charges).map(drop)
        })?;
        let pocketbase = Contender::pocketbase(pocketbase, folder, |database| rows("pocketbase", database))?;
        let owner = [folders(&ours.api)?, folders(&pocketbase.api)?];
        ours.api.post("/api/custom/tokens/setup", &json!({ "sealed_token": sealed() }))?.ok()?;
        println!("Logging people in …");
        let people = [logged_in(&ours.api)?, logged_in(&pocketbase.api)?];
        let bare = Bare::start(programs, folder, &ours, &owner[0])?;
        Ok(Self { ours, bare, pocketbase, people })
    }

    pub(super) fn url(&self, contender: usize) -> &str {
        match contender {
            0 => &self.ours.url,
            1 => &self.bare.url,
            _ => &self.pocketbase.url,
        }
    }

    /// The id of the process.
    pub(super) fn id(&self, contender: usize) -> u32 {
        match contender {
            0 => self.ours.id(),
            1 => self.bare.running.id(),
            _ => self.pocketbase.id(),
        }
    }

    /// Of the one who asks. Bare takes any.
    pub(super) fn token(&self, contender: usize) -> &str {
        let api = if contender == 2 { &self.pocketbase.api } else { &self.ours.api };
        api.token.as_deref().unwrap_or_default()
    }

    pub(super) fn people(&self, contender: usize) -> &[LoggedIn] {
        &self.people[usize::from(contender == 2)]
    }

    /// The same answers, whoever is asked; else nothing that follows would be a comparison.
    pub(super) fn answers_alike(&self) -> Outcome {
        let bare = Api::new(&self.bare.url);
        if self.ours.api.get(STATUS)?.body()? != bare.get("/hello")?.body()? {
            return Err("bare does not answer as the status does".into());
        }
        for (path, of_bare) in
            [(TOKEN_STATUS, "/token-status"), (FOLDERS_LIST, "/folders"), (IMAGES, "/images"), (STATS, "/stats")]
        {
            let [ours, bare] = [self.ours.api.get(path)?.ok()?, bare.get(of_bare)?.ok()?].map(without_forecast);
            if ours != bare {
                return Err(format!("bare and ours, {path}:\n{}", mismatch(&bare.to_string(), ours)).into());
            }
        }
        for path in [FOLDERS_LIST, IMAGES] {
            let [(mut ids, total), (mut theirs, their_total)] =
                [self.ours.answer(path)?, self.pocketbase.answer(path)?];
            ids.sort();
            theirs.sort();
            if ids.len() != 30 || (&ids, total) != (&theirs, their_total) {
                let error = mismatch(&format!("{their_total}: {theirs:?}"), format!("{total}: {ids:?}"));
                return Err(format!("PocketBase and ours, {path}:\n{error}").into());
            }
        }
        Ok(())
    }
}

impl Bare {
    /// On a copy of our database, with our status for a greeting.
    fn start(programs: Programs<'_>, folder: &Folder, ours: &Contender, owner: &str) -> Outcome<Self> {
        let (database, hello) = (folder.path().join("bare.db"), folder.path().join("hello"));
        // What was written lately is in the log beside the file; nobody writes now.
        for end in ["", "-wal"] {
            fs::copy(folder.data().join(format!("generatio.db{end}")), folder.path().join(format!("bare.db{end}")))?;
        }
        fs::write(&hello, ours.api.get(STATUS)?.body()?)?;
        let mut serve = pinned_to(cores::SERVERS, programs.generatio_bench);
        serve.args(["bare", "--owner", owner, "--database"]).arg(database).arg("--hello").arg(hello);
        let (url, running) = servers::start(serve, folder, "bare")?;
        Ok(Self { url, running })
    }
}

/// Makes as many folders as are wanted, under ids of their own; whose they are.
fn folders(api: &Api) -> Outcome<String> {
    let owner = log_in(api, EMAIL)?.id;
    for number in FOLDERS_FILLED..FOLDERS {
        let folder = json!({ "id": format!("g{number:014}"), "name": format!("Birds {number}"), "user_id": owner });
        api.post("/api/collections/folders/records", &folder)?.ok()?;
    }
    Ok(owner)
}

/// Everybody that `generatio-bench people` made.
fn logged_in(api: &Api) -> Outcome<Vec<LoggedIn>> {
    (0..PEOPLE).map(|number| log_in(api, &format!("p{number:014}{EMAIL}"))).collect()
}

/// A text of the form of a sealed key. Nobody opens it.
fn sealed() -> String {
    format!("v2.600000.{}=.{}", "A".repeat(43), "A".repeat(172))
}

/// What stays the same from one millisecond to the next.
fn without_forecast(mut answer: Value) -> Value {
    if let Some(members) = answer.as_object_mut() {
        members.remove("month_forecast");
    }
    answer
}
