//! One archive of everything the server keeps, taken while it runs: the database, the key that signs
//! logins, and the copies of pictures.
//!
//! Restoring is unpacking it into an empty data directory. Sessions are in no backup: they live in memory, and users
//! log in again. A JWT key kept outside of the data directory is the operator's to save.

mod copy;
mod scratch;

use crate::app::JWT_KEY;
use crate::pictures;
use crate::store::sqlite::{self, OpenError};
pub(crate) use copy::DatabaseCopy;
use scratch::Scratch;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;
use tar::{Builder, EntryType, Header};

/// Archives are as private as the data directory: they hold password hashes and keys.
const FILE_MODE: u32 = 0o600;

/// What went into an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackupSummary {
    /// Size of the archive in bytes.
    pub bytes: u64,
    /// Whether the data directory had a JWT key.
    pub jwt_key: bool,
}

/// Why there is no archive. Nothing half-written is left behind.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// A file shrank while it was read.
    #[error("{} changed while it was read", .0.display())]
    Changed(PathBuf),
    /// The database could not be copied.
    #[error("the database could not be copied")]
    Database(#[source] OpenError),
    /// The archive is there already; backups overwrite nothing.
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
    /// A file could not be read or written.
    #[error("the archive could not be written")]
    Io(#[from] io::Error),
    /// The directory holds no database.
    #[error("{} holds no {}", .0.display(), sqlite::FILE_NAME)]
    NoDatabase(PathBuf),
}

/// Writes one tar archive of `data_dir` to `file`, mode 0600, durable when this returns. A server may be running on
/// the directory; it is not held up. Needs room for a copy of the database in `data_dir`, and hard links where `file`
/// is. Backups of one directory take turns. Blocks for the disk.
///
/// # Errors
/// See [`BackupError`]; `file` is then as it was.
pub fn backup(data_dir: &Path, file: &Path) -> Result<BackupSummary, BackupError> {
    refuse_existing(file)?;
    let database = DatabaseCopy::of(data_dir)?;
    let draft = Scratch::beside(file)?;
    let mut archive = Archive::to(draft.open()?);
    archive.add_file(&database.path(), Path::new(sqlite::FILE_NAME))?;
    let jwt_key = archive.add_file(&data_dir.join(JWT_KEY), Path::new(JWT_KEY))?;
    archive.add_pictures(data_dir)?;
    let bytes = archive.finish()?;
    draft.publish(file).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists(file.to_owned()),
        _ => BackupError::Io(error),
    })?;
    Ok(BackupSummary { bytes, jwt_key })
}

/// Before any work; publishing asks again.
fn refuse_existing(file: &Path) -> Result<(), BackupError> {
    match fs::symlink_metadata(file) {
        Ok(_) => Err(BackupError::Exists(file.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// An archive in the making. Names in it are relative to the data directory.
struct Archive {
    tar: Builder<BufWriter<File>>,
}

impl Archive {
    fn to(file: File) -> Self {
        Self { tar: Builder::new(BufWriter::new(file)) }
    }

    /// Adds a file as it is now; false when it is not there.
    fn add_file(&mut self, path: &Path, name: &Path) -> Result<bool, BackupError> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        let metadata = file.metadata()?;
        let mut header = header(&metadata);
        // No more than the header promises, or what follows would be unreadable.
        let mut content = file.take(metadata.len());
        self.tar.append_data(&mut header, name, &mut content)?;
        if content.limit() == 0 { Ok(true) } else { Err(BackupError::Changed(path.to_owned())) }
    }

    /// Adds the pictures as they are now: at least those of the database's copy, which was made before, and whose
    /// records are still there.
    fn add_pictures(&mut self, data_dir: &Path) -> Result<(), BackupError> {
        for part in 0..=u8::MAX {
            for (_, name) in pictures::addresses(data_dir, part)? {
                self.add_file(&data_dir.join(&name), &name)?;
            }
        }
        Ok(())
    }

    /// Ends the archive and waits until it is on the disk; says how long it is.
    fn finish(self) -> Result<u64, BackupError> {
        let mut buffer = self.tar.into_inner()?;
        buffer.flush()?;
        let file = buffer.get_ref();
        file.sync_all()?;
        Ok(file.metadata()?.len())
    }
}

fn header(metadata: &fs::Metadata) -> Header {
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(FILE_MODE);
    header.set_size(metadata.len());
    header.set_mtime(modified.map_or(0, |since| since.as_secs()));
    header
}
