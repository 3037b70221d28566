//! What is asked, of whom, and which goals it counts for.

use super::world::World;
use super::{CONNECTIONS, CROWD};
use crate::Outcome;
use crate::bench::wrk::{Load, Request};
use crate::folder::Folder;
use serde_json::json;

/// Requests for ours, bare and PocketBase.
pub(super) struct Asked {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// At a time.
    pub(super) callers: u32,
    pub(super) loads: [Option<Load>; 3],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An answer for everybody.
    Public,
    Health,
    /// One of one's own, for who proves who they are.
    Read,
    List,
    Create,
    /// Creates that say what more callers change; no goal is held against them.
    Crowd,
}

impl Kind {
    /// Numbers of the goals on the page: beside bare, and beside PocketBase.
    pub(super) const fn goals(self) -> [Option<usize>; 2] {
        match self {
            Self::Public => [Some(0), None],
            Self::Health => [None, Some(3)],
            Self::Read => [Some(1), None],
            Self::List => [Some(1), Some(4)],
            Self::Create => [Some(2), Some(5)],
            Self::Crowd => [None, None],
        }
    }
}

/// A list of 30 with totals, newest first, of ours and of PocketBase's.
pub(super) const FOLDERS: &str = "/api/collections/folders/records?perPage=30&sort=-created";
pub(super) const IMAGES: &str = "/api/collections/images/records?perPage=30&sort=-created";
pub(super) const STATUS: &str = "/api/custom/status";
pub(super) const STATS: &str = "/api/custom/financial/stats";
pub(super) const TOKEN_STATUS: &str = "/api/custom/auth/token-status";
const HEALTH: &str = "/api/health";
const CREATE: &str = "/api/collections/folders/records";

/// Names of the rows, and what each asks ours, bare and PocketBase for.
const READS: [(&str, Kind, [Option<&str>; 3]); 6] = [
    ("public status", Kind::Public, [Some(STATUS), Some("/hello"), None]),
    ("health", Kind::Health, [Some(HEALTH), None, Some(HEALTH)]),
    ("token status", Kind::Read, [Some(TOKEN_STATUS), Some("/token-status"), None]),
    ("30 folders, with totals", Kind::List, [Some(FOLDERS), Some("/folders"), Some(FOLDERS)]),
    ("30 pictures, with totals", Kind::List, [Some(IMAGES), Some("/images"), Some(IMAGES)]),
    ("statistics over 10,000 charges", Kind::Read, [Some(STATS), Some("/stats"), None]),
];

impl World {
    /// All rows, the requests in files of `folder`.
    pub(super) fn asked(&self, folder: &Folder) -> Outcome<Vec<Asked>> {
        let file = |row: usize, contender: usize| folder.path().join(format!("requests-{row}-{contender}"));
        let mut all = Vec::new();
        for (row, (name, kind, paths)) in READS.into_iter().enumerate() {
            let mut loads = [None, None, None];
            for (contender, (path, load)) in paths.into_iter().zip(&mut loads).enumerate() {
                let Some(path) = path else { continue };
                let token = self.token(contender);
                let headers = [("Authorization", token)];
                let headers = if matches!(kind, Kind::Public | Kind::Health) { &[] } else { &headers[..] };
                let requests = [Request::get(path, headers)];
                *load = Some(Load::of(self.url(contender), file(row, contender), &requests)?);
            }
            all.push(Asked { name, kind, callers: CONNECTIONS, loads });
        }
        let creates = [
            ("create a folder, durable", Kind::Create, CONNECTIONS),
            ("the same, a crowd of callers", Kind::Crowd, CROWD),
        ];
        for (row, (name, kind, callers)) in (READS.len()..).zip(creates) {
            let mut loads = [None, None, None];
            for (contender, (path, load)) in [CREATE, "/folders", CREATE].into_iter().zip(&mut loads).enumerate() {
                *load = Some(self.creates(contender, path, file(row, contender))?);
            }
            all.push(Asked { name, kind, callers, loads });
        }
        Ok(all)
    }

    /// Everybody creates a folder, by turns.
    fn creates(&self, contender: usize, path: &str, file: std::path::PathBuf) -> Outcome<Load> {
        let people = self.people(contender);
        let bodies: Vec<_> = people.iter().map(|one| json!({ "name": "Birds", "user_id": one.id })).collect();
        let headers: Vec<_> = people.iter().map(|one| [("Authorization", one.token.as_str())]).collect();
        let requests: Vec<_> =
            bodies.iter().zip(&headers).map(|(body, headers)| Request::post(path, headers, body)).collect();
        Load::of(self.url(contender), file, &requests)
    }
}
