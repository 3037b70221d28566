//! Backups: what goes in, what comes out, what is left behind.

use super::open;
use super::support::{at, job_in, new_job, reserve, user};
use generatio_server::app::JWT_KEY;
use generatio_server::backup::{BackupError, BackupSummary, backup};
use generatio_server::store::sqlite::{FILE_NAME, SqliteStore};
use generatio_server::store::{JobState, Store};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A data directory and a place for archives.
struct Site {
    data: TempDir,
    archives: TempDir,
}

impl Site {
    fn new() -> Self {
        Self { data: tempfile::tempdir().unwrap(), archives: tempfile::tempdir().unwrap() }
    }

    fn open(&self) -> SqliteStore {
        open(self.data.path())
    }

    fn archive(&self) -> PathBuf {
        self.archives.path().join("monday.tar")
    }

    fn backup(&self) -> Result<BackupSummary, BackupError> {
        backup(self.data.path(), &self.archive())
    }
}

/// Unpacks an archive as an operator would.
fn restore(archive: &Path) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    tar::Archive::new(fs::File::open(archive).unwrap()).unpack(directory.path()).unwrap();
    directory
}

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn what_was_stored_comes_back_while_the_server_goes_on() {
    let site = Site::new();
    let store = site.open();
    let ada = user(&store).await;
    let job = job_in(&store, &ada, JobState::Completed).await;
    site.backup().unwrap();
    let later = reserve(&store, new_job(&ada)).await;

    let restored = restore(&site.archive());
    let copy = open(restored.path());
    assert_eq!(copy.user(&ada).await.unwrap().unwrap().name, "Ada");
    assert_eq!(copy.job(&ada, &job.id).await.unwrap().unwrap().state, JobState::Completed);
    assert_eq!(copy.job_images(&ada, &job.id).await.unwrap().len(), 2);
    assert_eq!(copy.spending(&ada, at(0)).await.unwrap(), store.spending(&ada, at(0)).await.unwrap());
    assert!(copy.job(&ada, &later.id).await.unwrap().is_none());
    reserve(&copy, new_job(&ada)).await;
}

#[tokio::test]
async fn uncommitted_writes_stay_out_and_hold_nobody_up() {
    let site = Site::new();
    let store = site.open();
    let ada = user(&store).await;
    let raw = rusqlite::Connection::open(site.data.path().join(FILE_NAME)).unwrap();
    raw.execute_batch("BEGIN IMMEDIATE; UPDATE users SET name = 'Bob'").unwrap();
    site.backup().unwrap();
    raw.execute_batch("COMMIT").unwrap();
    let restored = restore(&site.archive());
    let copy = open(restored.path());
    assert_eq!(copy.user(&ada).await.unwrap().unwrap().name, "Ada");
}

#[tokio::test]
async fn a_stopped_server_is_backed_up_as_well() {
    let site = Site::new();
    let store = site.open();
    let ada = user(&store).await;
    store.close().await;
    site.backup().unwrap();
    let restored = restore(&site.archive());
    assert!(open(restored.path()).user(&ada).await.unwrap().is_some());
}

#[tokio::test]
async fn the_key_is_in_it_and_what_is_not_ours_is_not() {
    let site = Site::new();
    site.open().close().await;
    fs::write(site.data.path().join(JWT_KEY), "0123456789").unwrap();
    fs::write(site.data.path().join("other.txt"), "not ours").unwrap();

    let summary = site.backup().unwrap();
    let bytes = fs::metadata(site.archive()).unwrap().len();
    assert_eq!(summary, BackupSummary { bytes, jwt_key: true });
    let restored = restore(&site.archive());
    assert_eq!(names(restored.path()), [FILE_NAME, JWT_KEY]);
    assert_eq!(fs::read_to_string(restored.path().join(JWT_KEY)).unwrap(), "0123456789");
}

#[tokio::test]
async fn archives_are_private_and_so_is_what_comes_out() {
    let site = Site::new();
    site.open().close().await;
    fs::write(site.data.path().join(JWT_KEY), "0123456789").unwrap();
    site.backup().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&site.archive()), 0o600);
    let restored = restore(&site.archive());
    assert_eq!(mode(&restored.path().join(FILE_NAME)), 0o600);
    assert_eq!(mode(&restored.path().join(JWT_KEY)), 0o600);
}

#[tokio::test]
async fn nothing_else_is_left_behind() {
    let site = Site::new();
    site.open().close().await;
    let before = names(site.data.path());
    let summary = site.backup().unwrap();
    assert!(!summary.jwt_key);
    assert_eq!(names(site.archives.path()), ["monday.tar"]);
    assert_eq!(names(site.data.path()), before);
}

#[tokio::test]
async fn what_a_killed_backup_left_is_swept_by_the_next() {
    let site = Site::new();
    site.open().close().await;
    let before = names(site.data.path());
    let left = site.data.path().join(".generatio-backup");
    fs::create_dir(&left).unwrap();
    fs::write(left.join(FILE_NAME), "half of it").unwrap();
    fs::write(left.join(format!("{FILE_NAME}-journal")), "and how to undo that").unwrap();
    site.backup().unwrap();
    assert_eq!(names(site.data.path()), before);
    open(restore(&site.archive()).path());
}

#[tokio::test]
async fn backups_at_the_same_time_take_turns() {
    let site = Site::new();
    site.open().close().await;
    let archives = ["one.tar", "two.tar", "three.tar"].map(|name| site.archives.path().join(name));
    std::thread::scope(|threads| {
        for archive in &archives {
            threads.spawn(|| backup(site.data.path(), archive).unwrap());
        }
    });
    for archive in &archives {
        open(restore(archive).path());
    }
}

#[tokio::test]
async fn nothing_is_overwritten() {
    let site = Site::new();
    site.open().close().await;
    fs::write(site.archive(), "sunday's").unwrap();
    assert!(matches!(site.backup(), Err(BackupError::Exists(file)) if file == site.archive()));
    assert_eq!(fs::read_to_string(site.archive()).unwrap(), "sunday's");
}

#[test]
fn a_failed_backup_leaves_nothing_behind() {
    let site = Site::new();
    assert!(matches!(site.backup(), Err(BackupError::NoDatabase(_))));
    assert!(names(site.data.path()).is_empty());

    fs::write(site.data.path().join(FILE_NAME), "a letter to my aunt, which is longer than a header of SQLite's")
        .unwrap();
    assert!(matches!(site.backup(), Err(BackupError::Database(_))));
    assert_eq!(names(site.data.path()), [FILE_NAME]);
    assert!(names(site.archives.path()).is_empty());
}
