//! The copy of the database that goes into an archive. It lies in a directory of its own, so that whatever SQLite puts
//! beside it goes with it.

use super::BackupError;
use crate::store::sqlite;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// The directory's name in the data directory.
const NAME: &str = ".generatio-backup";

/// A copy; removed when dropped.
pub(crate) struct DatabaseCopy {
    directory: PathBuf,
    /// Held locked, so that nobody else takes the directory for a left-over. Given up last.
    _turn: File,
}

impl DatabaseCopy {
    /// Copies the database of `data_dir`, after waiting for another backup of it that may be running. What a killed
    /// backup left behind is removed first.
    pub(crate) fn of(data_dir: &Path) -> Result<Self, BackupError> {
        let database = data_dir.join(sqlite::FILE_NAME);
        if !database.is_file() {
            return Err(BackupError::NoDatabase(data_dir.to_owned()));
        }
        let turn = File::open(data_dir)?;
        turn.lock()?;
        let directory = data_dir.join(NAME);
        remove(&directory)?;
        DirBuilder::new().mode(0o700).create(&directory)?;
        let copy = Self { directory, _turn: turn };
        sqlite::snapshot(&database, &copy.path()).map_err(BackupError::Database)?;
        Ok(copy)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> PathBuf {
        self.directory.join(sqlite::FILE_NAME)
    }
}

impl Drop for DatabaseCopy {
    fn drop(&mut self) {
        // The next backup tries again.
        let _ = remove(&self.directory);
    }
}

fn remove(directory: &Path) -> io::Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}
