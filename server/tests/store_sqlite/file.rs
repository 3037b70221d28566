//! The file: who may read it, which files are opened.

use super::support::user;
use super::{Opened, open};
use generatio_server::store::Store;
use generatio_server::store::sqlite::{DEFAULT_READERS, FILE_NAME, OpenError, SqliteStore};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

#[tokio::test]
async fn its_files_are_private_also_when_they_were_not() {
    let opened = Opened::new();
    user(&*opened.store).await;
    let modes = |directory: &Path| -> Vec<u32> {
        let files = fs::read_dir(directory).unwrap();
        files.map(|file| file.unwrap().metadata().unwrap().permissions().mode() & 0o777).collect()
    };
    // The database, its write-ahead log and the log's index.
    assert_eq!(modes(opened.directory.path()), [0o600; 3]);
    opened.store.close().await;
    let path = opened.directory.path().join(FILE_NAME);
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    let reopened = open(opened.directory.path());
    assert_eq!(modes(opened.directory.path()), [0o600; 3]);
    reopened.close().await;
    assert_eq!(modes(opened.directory.path()), [0o600; 1], "closing folds the log into the file");
}

#[tokio::test]
async fn a_newer_database_is_refused_and_left_alone() {
    let opened = Opened::new();
    opened.store.close().await;
    let path = opened.directory.path().join(FILE_NAME);
    let raw = opened.raw();
    raw.pragma_update(None, "journal_mode", "delete").unwrap();
    raw.pragma_update(None, "user_version", 1000).unwrap();
    drop(raw);
    let before = fs::read(&path).unwrap();
    let error = SqliteStore::open(&path, DEFAULT_READERS).err().unwrap();
    let OpenError::Newer { found: 1000, known } = error else { panic!("{error:?}") };
    assert_eq!(
        error.to_string(),
        format!("the database is of version 1000, this program knows versions up to {known}: use a newer program")
    );
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn what_is_no_database_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(FILE_NAME);
    fs::write(&path, "this is a letter to my aunt, not a database at all").unwrap();
    assert!(matches!(SqliteStore::open(&path, DEFAULT_READERS), Err(OpenError::Engine(_))));
    let nowhere = directory.path().join("missing").join(FILE_NAME);
    assert!(matches!(SqliteStore::open(&nowhere, DEFAULT_READERS), Err(OpenError::Io(_))));
}
