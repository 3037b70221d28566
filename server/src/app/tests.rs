//! That a server starts on an empty folder and on its own, and what it says when it cannot.

use super::{App, JWT_KEY, StartError, upkeep};
use crate::settings::Settings;
use crate::store::sqlite::FILE_NAME;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn settings(folder: &Path) -> Settings {
    Settings { data_dir: folder.join("data"), ..Settings::default() }
}

/// Plain HTTP to this machine: no certificates are needed.
fn local(folder: &Path) -> Settings {
    Settings { fal_url: Some("http://127.0.0.1:9".into()), ..settings(folder) }
}

#[tokio::test]
async fn the_first_start_makes_the_folder_and_the_next_finds_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut keys = Vec::new();
    for _ in 0..2 {
        let app = App::start(local(folder.path())).await.unwrap();
        keys.push(std::fs::read(app.settings.data_dir.join(JWT_KEY)).unwrap());
        assert!(app.settings.data_dir.join(FILE_NAME).exists());
        app.store.close().await;
    }
    assert_eq!(keys[0], keys[1]);
    let mode = folder.path().join("data").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[tokio::test]
async fn a_start_that_fails_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "{").unwrap();
    let missing = folder.path().join("missing.json");
    let at = |path: &Path| path.display().to_string();
    let of = || local(folder.path());
    for (settings, telling) in [
        (
            Settings { catalog_file: Some(missing.clone()), ..of() },
            format!("the catalog {} cannot be read", at(&missing)),
        ),
        (Settings { catalog_file: Some(file.clone()), ..of() }, format!("the catalog {} is not valid", at(&file))),
        (Settings { data_dir: file.clone(), ..of() }, format!("the data folder {} cannot be used", at(&file))),
        (Settings { jwt_key_file: Some(file.clone()), ..of() }, format!("the key file {} cannot be used", at(&file))),
    ] {
        assert_eq!(App::start(settings).await.err().unwrap().to_string(), telling);
    }
}

#[tokio::test]
async fn a_folder_that_is_no_database_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let settings = local(folder.path());
    let database = settings.data_dir.join(FILE_NAME);
    std::fs::create_dir_all(&settings.data_dir).unwrap();
    std::fs::write(&database, "something else that is long enough to have a header of its own").unwrap();
    let error = App::start(settings).await.err().unwrap();
    assert!(matches!(&error, StartError::Database(path, _) if *path == database), "{error}");
}

#[tokio::test]
async fn a_sweep_runs_on_a_fresh_server() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::start(local(folder.path())).await.unwrap();
    upkeep::sweep(&app).await;
    app.store.close().await;
}
