//! A folder of an earlier program, and of a later one, before every command that opens its database.

use crate::command::{done, ended, lines, refused};
use generatio_fal_sim::{Options, Sim};
use generatio_server::store::sqlite::FILE_NAME;
use generatio_tests::{Client, PASSWORD, Server};
use rusqlite::Connection;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const ANN: &str = "ann@example.com";
const ID: &str = "aaaaaaaaaaaaaaa";
/// The migrations that a program of an earlier version had.
const EARLIER: i64 = 9;

/// A private folder.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::set_permissions(folder.path(), Permissions::from_mode(0o700)).expect("its mode");
    folder
}

fn migrations() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/src/store/sqlite/migrations");
    let mut files: Vec<_> =
        fs::read_dir(folder).expect("the migrations").map(|file| file.expect("a file").path()).collect();
    files.sort();
    files
}

/// A folder of the earlier program, with an account in it.
fn old() -> TempDir {
    let folder = folder();
    let db = Connection::open(folder.path().join(FILE_NAME)).expect("a database");
    for file in migrations().iter().take(usize::try_from(EARLIER).expect("a few")) {
        db.execute_batch(&fs::read_to_string(file).expect("a migration")).expect("a migration");
    }
    db.pragma_update(None, "user_version", EARLIER).expect("a version");
    let sql = "INSERT INTO users VALUES (?1, ?2, ?2, 0, 0, '', '', 0, 'k', 0, 0)";
    db.execute(sql, [ID, ANN]).expect("an account");
    folder
}

/// The version of this program.
fn newest() -> i64 {
    i64::try_from(migrations().len()).expect("a few")
}

fn version(data: &Path) -> i64 {
    let db = Connection::open(data.join(FILE_NAME)).expect("the database");
    db.pragma_query_value(None, "user_version", |row| row.get(0)).expect("a version")
}

/// A command that works on accounts, keys or the log, with whatever it needs.
fn desk_commands(password: &Path) -> Vec<Vec<&str>> {
    let file = password.to_str().expect("a text");
    vec![
        vec!["user", "list"],
        vec!["user", "create", "bob@example.com", "--password-file", file],
        vec!["user", "invite"],
        vec!["user", "invitations"],
        vec!["user", "reset-password", ANN, "--password-file", file],
        vec!["user", "unlock", ANN],
        vec!["user", "delete", ANN, "--yes"],
        vec!["audit"],
        vec!["rekey"],
    ]
}

fn password(folder: &TempDir) -> PathBuf {
    let file = folder.path().join("password");
    fs::write(&file, PASSWORD).expect("a file");
    file
}

#[test]
fn commands_for_people_bring_a_folder_up_to_date_unless_a_server_runs_on_it() {
    let beside = folder();
    let password = password(&beside);
    for words in desk_commands(&password) {
        let data = old();
        // The earlier program's server is still at work.
        let server = File::create(data.path().join("lock")).expect("a file");
        server.lock().expect("the lock");
        let said = refused(&words, data.path());
        assert!(
            said.contains("version 9") && said.contains("start the server of this program on it"),
            "{words:?}: {said}"
        );
        assert_eq!(version(data.path()), EARLIER, "{words:?}");
        drop(server);
        done(&words, data.path());
        assert_eq!(version(data.path()), newest(), "{words:?}");
    }
}

/// What is to be done before an upgrade is done by the new program, and changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_backup_and_the_doctor_take_an_old_folder_as_it_is_and_the_rest_brings_it_up_to_date() {
    let data = old();
    let beside = folder();
    let fal = Sim::start(Options::immediate()).await.expect("the stand-in starts");
    let said = done(&["doctor", "--fal-url", &fal.url()], data.path());
    assert!(said.contains("note   database") && said.contains("make a backup first"), "{said}");
    let archive = beside.path().join("before.tar");
    done(&["backup", archive.to_str().expect("a text")], data.path());
    assert_eq!(version(data.path()), EARLIER);

    let restored = beside.path().join("restored");
    done(&["restore", archive.to_str().expect("a text")], &restored);
    assert_eq!(version(&restored), newest());
    assert_eq!(lines(&["user", "list", "--json"], &restored)[0]["id"], ID);

    let server = Server::start(data.path(), &["--fal-url", &fal.url()]);
    Client::new(server.url()).get("/readyz").await.ok();
    assert_eq!(version(data.path()), newest());
    assert_eq!(lines(&["user", "list", "--json"], data.path())[0]["id"], ID);
}

/// Each says which program is needed, and leaves the folder as it is.
#[tokio::test]
async fn a_later_program_s_folder_is_refused_by_every_command() {
    let (data, beside) = (old(), folder());
    done(&["user", "list"], data.path());
    let later = newest() + 1;
    let archive = beside.path().join("whole.tar");
    done(&["backup", archive.to_str().expect("a text")], data.path());
    let db = Connection::open(data.path().join(FILE_NAME)).expect("the database");
    db.pragma_update(None, "user_version", later).expect("a version");
    drop(db);
    let password = password(&beside);
    let out = beside.path().join("new.tar");
    let mut commands = desk_commands(&password);
    commands.push(vec!["backup", out.to_str().expect("a text")]);
    commands.push(vec!["doctor", "--fal-url", "http://127.0.0.1:9"]);
    commands.push(vec!["import", "nowhere"]);
    commands.push(vec!["import", "nowhere", "--dry-run"]);
    commands.push(vec!["serve", "--http", "127.0.0.1:0"]);
    let names = |folder: &TempDir| -> Vec<_> {
        let mut names: Vec<_> =
            fs::read_dir(folder.path()).expect("a folder").map(|file| file.expect("a file").file_name()).collect();
        names.sort();
        names
    };
    for words in commands {
        let said = refused(&words, data.path());
        let expected = format!("of version {later}, this program knows versions up to {}", later - 1);
        assert!(said.contains(&expected) && said.contains("newer program"), "{words:?}: {said}");
        assert_eq!(version(data.path()), later, "{words:?}");
    }
    assert!(!names(&beside).iter().any(|name| name.to_string_lossy().contains("new.tar")), "{:?}", names(&beside));
    // And one in an archive.
    let unpacked = folder();
    let tar = |words: &[&str]| {
        let done = std::process::Command::new("tar").args(words).current_dir(unpacked.path()).status();
        assert!(done.expect("there is tar").success());
    };
    tar(&["xf", archive.to_str().expect("a text")]);
    let db = Connection::open(unpacked.path().join(FILE_NAME)).expect("the database");
    db.pragma_update(None, "user_version", later).expect("a version");
    drop(db);
    let packed = beside.path().join("later.tar");
    tar(&["cf", packed.to_str().expect("a text"), FILE_NAME]);
    let target = beside.path().join("restored");
    let ended = ended(&["restore", packed.to_str().expect("a text")], &target);
    assert!(ended.log.contains("use a newer program"), "{}", ended.log);
    assert!(!target.exists());
}
