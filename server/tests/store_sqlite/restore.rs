//! Restores: what a backup wrote comes back as it was, and nothing else comes out of any archive.

use super::open;
use super::support::{at, job_in, user};
use generatio_server::app::JWT_KEY;
use generatio_server::backup::backup;
use generatio_server::ids::UserId;
use generatio_server::pictures::{Address, FOLDER, MAX_BYTES};
use generatio_server::restore::{RestoreError, RestoreSummary, restore};
use generatio_server::store::sqlite::{FILE_NAME, OpenError, examine};
use generatio_server::store::{JobState, Store};
use rusqlite::Connection;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tar::{Builder, EntryType, Header};
use tempfile::TempDir;

const KEY: &str = "0123456789abcdefghijklmnopqrstuvwxyz";

/// A data directory with an account that paid for two pictures, one of which is copied, and an archive of it.
struct Site {
    data: TempDir,
    elsewhere: TempDir,
    ada: UserId,
}

impl Site {
    async fn new() -> Self {
        let (data, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let store = open(data.path());
        let ada = user(&store).await;
        job_in(&store, &ada, JobState::Completed).await;
        store.close().await;
        fs::write(data.path().join(JWT_KEY), format!("{KEY}\n")).unwrap();
        let site = Self { data, elsewhere, ada };
        site.show(b"shown");
        put(site.data.path(), b"shown");
        put(site.data.path(), b"nobody's");
        backup(site.data.path(), &site.archive()).unwrap();
        site
    }

    /// Lets the first picture's record show a file.
    fn show(&self, bytes: &[u8]) {
        let db = Connection::open(self.data.path().join(FILE_NAME)).unwrap();
        let address = Address::of(bytes).to_string();
        db.execute("INSERT INTO pictures (address, format, bytes) VALUES (?1, 'png', 5)", [&address]).unwrap();
        db.execute("INSERT INTO image_files (seq) SELECT min(seq) FROM images", []).unwrap();
        db.execute("UPDATE image_files SET file = ?1, file_token = 'x'", [&address]).unwrap();
    }

    fn archive(&self) -> PathBuf {
        self.elsewhere.path().join("monday.tar")
    }

    fn target(&self) -> PathBuf {
        self.elsewhere.path().join("data")
    }

    fn restore(&self) -> Result<RestoreSummary, RestoreError> {
        restore(&self.archive(), &self.target())
    }

    /// Replaces the archive by one with these members before those it has.
    fn prepend(&self, write: impl FnOnce(&mut Builder<fs::File>)) {
        let old = fs::read(self.archive()).unwrap();
        let mut builder = Builder::new(fs::File::create(self.archive()).unwrap());
        write(&mut builder);
        for entry in tar::Archive::new(&old[..]).entries().unwrap() {
            let mut entry = entry.unwrap();
            let mut header = entry.header().clone();
            let path = entry.path().unwrap().into_owned();
            builder.append_data(&mut header, path, &mut entry).unwrap();
        }
        builder.finish().unwrap();
    }

    /// The refusal, after which there is nothing but the archive.
    fn refused(&self) -> RestoreError {
        let error = self.restore().unwrap_err();
        assert_eq!(names(self.elsewhere.path()), ["monday.tar"], "{error}");
        error
    }
}

fn place(address: Address) -> PathBuf {
    let text = address.to_string();
    [FOLDER, &text[..2], &text[2..]].iter().collect()
}

fn put(data: &Path, bytes: &[u8]) {
    let path = data.join(place(Address::of(bytes)));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn names(directory: &Path) -> Vec<String> {
    let names = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

/// A header of whatever name, which the builder would not write.
fn header(name: &str, kind: EntryType, size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(0o777);
    header.set_cksum();
    header
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn what_was_kept_comes_back_private_and_sound() {
    let site = Site::new().await;
    let summary = site.restore().unwrap();
    let expected =
        RestoreSummary { users: 1, images: 2, pictures: 1, ledger_rows: 1, missing_pictures: 0, jwt_key: true };
    assert_eq!(summary, expected);
    let (before, after) = (open(site.data.path()), open(&site.target()));
    assert_eq!(after.spending(&site.ada, at(0)).await.unwrap(), before.spending(&site.ada, at(0)).await.unwrap());
    after.close().await;
    assert!(examine(&site.target().join(FILE_NAME)).unwrap().is_sound());
    let shown = site.target().join(place(Address::of(b"shown")));
    assert_eq!(fs::read(&shown).unwrap(), b"shown");
    assert!(!site.target().join(place(Address::of(b"nobody's"))).exists(), "no record shows it");
    assert_eq!(names(&site.target()), [FILE_NAME, JWT_KEY, FOLDER]);
    assert_eq!(names(site.elsewhere.path()), ["data", "monday.tar"]);
    for file in [site.target().join(FILE_NAME), site.target().join(JWT_KEY), shown] {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    assert_eq!((mode(&site.target()), mode(&site.target().join(FOLDER))), (0o700, 0o700));
}

#[tokio::test]
async fn only_an_empty_place_is_taken() {
    let site = Site::new().await;
    fs::create_dir(site.target()).unwrap();
    site.restore().unwrap();
    assert!(matches!(site.restore(), Err(RestoreError::NotEmpty(_))));
    let file = site.elsewhere.path().join("file");
    fs::write(&file, "mine").unwrap();
    assert!(matches!(restore(&site.archive(), &file), Err(RestoreError::NotEmpty(_))));
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    assert_eq!(names(site.elsewhere.path()), ["data", "file", "monday.tar"]);
}

#[tokio::test]
async fn what_a_killed_restore_left_is_swept_by_the_next() {
    let site = Site::new().await;
    let left = site.elsewhere.path().join(".data.generatio-restore");
    fs::create_dir(&left).unwrap();
    fs::write(left.join(FILE_NAME), "half of it").unwrap();
    site.restore().unwrap();
    assert_eq!(names(site.elsewhere.path()), ["data", "monday.tar"]);
}

#[tokio::test]
async fn a_picture_that_went_meanwhile_is_told() {
    let site = Site::new().await;
    fs::remove_file(site.data.path().join(place(Address::of(b"shown")))).unwrap();
    fs::remove_file(site.archive()).unwrap();
    backup(site.data.path(), &site.archive()).unwrap();
    let summary = site.restore().unwrap();
    assert_eq!((summary.pictures, summary.missing_pictures), (0, 1));
}

#[tokio::test]
async fn members_that_no_backup_writes_are_refused() {
    let address = Address::of(b"shown").to_string();
    let picture = format!("{FOLDER}/{}/{}", &address[..2], &address[2..]);
    let too_large = MAX_BYTES as u64 + 1;
    let cases = [
        ("../evil", EntryType::Regular, 0),
        ("/tmp/evil", EntryType::Regular, 0),
        ("pictures/../../evil", EntryType::Regular, 0),
        ("lock", EntryType::Regular, 0),
        (FILE_NAME, EntryType::Symlink, 0),
        (FILE_NAME, EntryType::Link, 0),
        ("pictures", EntryType::Symlink, 0),
        ("pictures/", EntryType::Directory, 0),
        (FILE_NAME, EntryType::Fifo, 0),
        ("././@LongLink", EntryType::GNULongName, 512),
        (FILE_NAME, EntryType::XHeader, 0),
        (FILE_NAME, EntryType::GNUSparse, 0),
        (JWT_KEY, EntryType::Regular, 1 << 20),
        (&picture, EntryType::Regular, too_large),
        // The content is none of this name.
        (&picture, EntryType::Regular, 0),
        // The archive has one already.
        (FILE_NAME, EntryType::Regular, 0),
    ];
    for (name, kind, size) in cases {
        let site = Site::new().await;
        site.prepend(|builder| {
            let mut header = header(name, kind, size);
            if kind == EntryType::Symlink {
                header.set_link_name("/etc/passwd").unwrap();
                header.set_cksum();
            }
            // Only a refusal before the content is looked at comes in time for the large ones.
            let content = vec![0; usize::try_from(size.min(1 << 20)).unwrap()];
            builder.append(&header, &content[..]).unwrap();
        });
        let error = site.refused();
        assert!(matches!(&error, RestoreError::Foreign { .. }), "{name} {kind:?}: {error}");
    }
    assert!(!Path::new("/tmp/evil").exists());
}

#[tokio::test]
async fn archives_that_are_not_whole_are_refused() {
    let site = Site::new().await;
    let whole = fs::read(site.archive()).unwrap();
    for kept in [0, 100, 512, 5000, whole.len() / 2, whole.len() - 1024, whole.len() - 512, whole.len() - 1] {
        fs::write(site.archive(), &whole[..kept]).unwrap();
        let error = site.refused();
        assert!(matches!(error, RestoreError::Truncated(_)), "{kept} of {}: {error}", whole.len());
    }
    // An end was put behind half of it.
    let mut half = whole[..8192].to_vec();
    half.extend([0; 1024]);
    fs::write(site.archive(), half).unwrap();
    assert!(matches!(site.refused(), RestoreError::Truncated(_) | RestoreError::Database(_)));
    fs::write(site.archive(), [0; 1024]).unwrap();
    assert!(matches!(site.refused(), RestoreError::NoDatabase(_)));
    let letter = "a letter to my aunt ".repeat(100);
    fs::write(site.archive(), &letter.as_bytes()[..1536]).unwrap();
    assert!(matches!(site.refused(), RestoreError::Truncated(_)));
    fs::write(site.archive(), &whole).unwrap();
    site.restore().unwrap();
}

#[tokio::test]
async fn databases_that_no_server_should_start_on_are_refused() {
    type Spoil = fn(&Connection);
    type Expected = fn(&RestoreError) -> bool;
    let cases: [(Spoil, Expected); 3] = [
        (
            |db| db.execute_batch("UPDATE rollups SET account_lower = account_lower + 1 WHERE span = 'day'").unwrap(),
            |error| matches!(error, RestoreError::Damaged(text) if text.starts_with("2 sums")),
        ),
        (
            |db| db.execute_batch("DELETE FROM rollups WHERE span = 'hour'").unwrap(),
            |error| matches!(error, RestoreError::Damaged(text) if text.starts_with("1 sums")),
        ),
        (
            |db| db.execute_batch("PRAGMA foreign_keys = OFF; DELETE FROM jobs").unwrap(),
            |error| matches!(error, RestoreError::Damaged(text) if text.contains("of jobs")),
        ),
    ];
    for (number, (spoil, expected)) in cases.into_iter().enumerate() {
        let site = Site::new().await;
        spoil(&Connection::open(site.data.path().join(FILE_NAME)).unwrap());
        fs::remove_file(site.archive()).unwrap();
        backup(site.data.path(), &site.archive()).unwrap();
        let error = site.refused();
        assert!(expected(&error), "{number}: {error:?}");
    }
}

/// A newer program made the archive: this one would refuse to.
#[tokio::test]
async fn an_archive_of_a_newer_version_is_refused() {
    let site = Site::new().await;
    let mut archive = fs::read(site.archive()).unwrap();
    let magic = b"SQLite format 3\0";
    let database = archive.windows(magic.len()).position(|window| window == magic).unwrap();
    // Where `user_version` stands (<https://www.sqlite.org/fileformat.html>, 1.3).
    archive[database + 60..database + 64].copy_from_slice(&1000_u32.to_be_bytes());
    fs::write(site.archive(), archive).unwrap();
    let error = site.refused();
    assert!(matches!(error, RestoreError::Database(OpenError::Newer { found: 1000, .. })), "{error:?}");
}

#[tokio::test]
async fn a_damaged_page_is_found() {
    let site = Site::new().await;
    let mut archive = fs::read(site.archive()).unwrap();
    // An index of the database loses an entry; where it is, the words of a row tell.
    let word = b"flux/schnell";
    let last = archive.windows(word.len()).rposition(|window| window == word).unwrap();
    archive[last..last + word.len()].copy_from_slice(b"flux/another");
    fs::write(site.archive(), archive).unwrap();
    assert!(matches!(site.refused(), RestoreError::Damaged(_)));
}

#[tokio::test]
async fn a_key_that_is_none_is_refused() {
    let site = Site::new().await;
    fs::write(site.data.path().join(JWT_KEY), "short").unwrap();
    fs::remove_file(site.archive()).unwrap();
    backup(site.data.path(), &site.archive()).unwrap();
    assert!(matches!(site.refused(), RestoreError::Key(_)));
}
