//! A data directory with PocketBase's tables, and a database to bring its rows into.

use generatio_core::Timestamp;
use generatio_server::import::{ImportError, ImportSummary, Tally, import};
use generatio_server::store::sqlite::{FILE_NAME, Importer, examine, register_functions};
use rusqlite::Connection;
use rusqlite::types::Value;
use std::path::PathBuf;
use tempfile::TempDir;

/// As PocketBase 0.40 makes them for the original's collections.
const TABLES: &str = "
CREATE TABLE generatio_users (created TEXT DEFAULT '' NOT NULL, email TEXT DEFAULT '' NOT NULL,
    emailVisibility BOOLEAN DEFAULT FALSE NOT NULL, fal_token TEXT DEFAULT '' NOT NULL, financial_data JSON DEFAULT NULL,
    id TEXT PRIMARY KEY NOT NULL, model_preferences JSON DEFAULT '[]' NOT NULL, name TEXT DEFAULT '' NOT NULL,
    password TEXT DEFAULT '' NOT NULL, tokenKey TEXT DEFAULT '' NOT NULL, updated TEXT DEFAULT '' NOT NULL,
    verified BOOLEAN DEFAULT FALSE NOT NULL);
CREATE TABLE folders (created TEXT DEFAULT '' NOT NULL, deleted_at TEXT DEFAULT '' NOT NULL, id TEXT PRIMARY KEY NOT NULL,
    name TEXT DEFAULT '' NOT NULL, private BOOLEAN DEFAULT FALSE NOT NULL, updated TEXT DEFAULT '' NOT NULL,
    user_id TEXT DEFAULT '' NOT NULL, parent_id TEXT DEFAULT '' NOT NULL);
CREATE TABLE model_preferences (created TEXT DEFAULT '' NOT NULL, id TEXT PRIMARY KEY NOT NULL,
    model_name TEXT DEFAULT '' NOT NULL, preferences JSON DEFAULT NULL, updated TEXT DEFAULT '' NOT NULL);
CREATE TABLE images (batch_number NUMERIC DEFAULT 0 NOT NULL, created TEXT DEFAULT '' NOT NULL,
    deleted_at TEXT DEFAULT '' NOT NULL, folder_id TEXT DEFAULT '' NOT NULL, id TEXT PRIMARY KEY NOT NULL,
    image_size JSON DEFAULT NULL, model TEXT DEFAULT '' NOT NULL, other_info JSON DEFAULT NULL,
    prompt TEXT DEFAULT '' NOT NULL, request_id TEXT DEFAULT '' NOT NULL, title TEXT DEFAULT '' NOT NULL,
    updated TEXT DEFAULT '' NOT NULL, url TEXT DEFAULT '' NOT NULL, user_id TEXT DEFAULT '' NOT NULL);
";

/// Of "quartz-harbour-27".
pub(crate) const HASH: &str = "$2a$10$kVLSmjjQDfQMdvG.Bv00AOAhq4LRm3mITEI/5dG4bYxj2YAnMg/5C";
pub(crate) const DATE: &str = "2025-08-19 10:11:12.345Z";
/// The same.
pub(crate) const DATE_MS: i64 = 1_755_598_272_345;
pub(crate) const NOW: Timestamp = Timestamp::from_unix_ms(1_800_000_000_000);

pub(crate) struct Site {
    pub(crate) from: TempDir,
    pub(crate) to: TempDir,
    pub(crate) source: Connection,
}

impl Site {
    pub(crate) fn new() -> Self {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let source = Connection::open(from.path().join("data.db")).unwrap();
        source.execute_batch(TABLES).unwrap();
        Self { from, to, source }
    }

    /// A row of defaults but for these columns.
    pub(crate) fn add(&self, table: &str, columns: &[(&str, &str)]) {
        let columns: Vec<_> = columns.iter().map(|(name, value)| (*name, Value::Text((*value).into()))).collect();
        self.add_values(table, &columns);
    }

    pub(crate) fn add_values(&self, table: &str, columns: &[(&str, Value)]) {
        let names: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
        let marks = vec!["?"; columns.len()].join(", ");
        let sql = format!("INSERT INTO {table} ({}) VALUES ({marks})", names.join(", "));
        let values = rusqlite::params_from_iter(columns.iter().map(|(_, value)| value));
        self.source.execute(&sql, values).unwrap();
    }

    /// An account like others, with these columns instead.
    pub(crate) fn user(&self, id: &str, more: &[(&str, &str)]) {
        let email = format!("{id}@example.com");
        let usual = [("id", id), ("email", email.as_str()), ("password", HASH), ("created", DATE), ("updated", DATE)];
        self.add("generatio_users", &replaced(&usual, more));
    }

    pub(crate) fn folder(&self, id: &str, owner: &str, more: &[(&str, &str)]) {
        let usual = [("id", id), ("user_id", owner), ("name", "Herons"), ("created", DATE)];
        self.add("folders", &replaced(&usual, more));
    }

    pub(crate) fn image(&self, id: &str, owner: &str, more: &[(&str, &str)]) {
        let usual = [
            ("id", id),
            ("user_id", owner),
            ("url", "https://v3.fal.media/files/heron.png"),
            ("prompt", "a heron"),
            ("title", "a heron"),
            ("model", "flux/schnell"),
            ("batch_number", "1"),
            ("image_size", r#"{"width":1024,"height":1024}"#),
            ("other_info", r#"{"cost_usd":0.003,"generation_time_ms":2100,"parameters":null}"#),
            ("created", DATE),
        ];
        self.add("images", &replaced(&usual, more));
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.to.path().join(FILE_NAME)
    }

    /// What came of it, and what was told.
    pub(crate) fn import(&self) -> (ImportSummary, Vec<String>) {
        let told = self.try_import().unwrap();
        let found = examine(&self.database()).unwrap();
        assert!(found.is_sound(), "{found:?}");
        told
    }

    pub(crate) fn try_import(&self) -> Result<(ImportSummary, Vec<String>), ImportError> {
        let mut told = Vec::new();
        let into = Importer::open(&self.database())?;
        let summary = import(self.from.path(), into, NOW, &mut |notice| told.push(notice.to_string()))?;
        Ok((summary, told))
    }

    /// What was brought, as a program that knows no rules sees it.
    pub(crate) fn raw(&self) -> Connection {
        let raw = Connection::open(self.database()).unwrap();
        register_functions(&raw).unwrap();
        raw
    }

    /// The one value of a query on what was brought.
    pub(crate) fn one<T: rusqlite::types::FromSql>(&self, sql: &str) -> T {
        self.raw().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// Every row of every table.
    pub(crate) fn dump(&self) -> Vec<String> {
        let db = self.raw();
        let mut tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").unwrap();
        let names: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let mut rows = Vec::new();
        for name in names {
            let mut all = db.prepare(&format!("SELECT * FROM {name}")).unwrap();
            let width = all.column_count();
            let read = all.query_map([], |row| {
                Ok((0..width).map(|at| format!("{:?}", row.get::<_, Value>(at).unwrap())).collect::<Vec<_>>().join("|"))
            });
            rows.extend(read.unwrap().map(|row| format!("{name}: {}", row.unwrap())));
        }
        rows
    }
}

fn replaced<'a>(usual: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = usual.iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
    kept.chain(more).copied().collect()
}

pub(crate) fn tally(new: u64, before: u64, skipped: u64) -> Tally {
    Tally { new, before, skipped, without_folder: 0 }
}
