//! A private file that vanishes unless it is published.

use crate::ids::random_text;
use getrandom::SysRng;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// An own file with a random name, mode 0600; removed when dropped.
pub(super) struct Scratch {
    path: PathBuf,
}

impl Scratch {
    /// Makes an empty one in the directory of `file`.
    pub(super) fn beside(file: &Path) -> io::Result<Self> {
        let random = random_text(&mut SysRng, 15).map_err(io::Error::other)?;
        let path = file.with_file_name(format!(".generatio-backup-{random}"));
        create_new(&path)?;
        Ok(Self { path })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// For writing.
    pub(super) fn open(&self) -> io::Result<File> {
        OpenOptions::new().write(true).open(&self.path)
    }

    /// Gives it its name, durably. [`io::ErrorKind::AlreadyExists`] when the name is taken.
    pub(super) fn publish(self, file: &Path) -> io::Result<()> {
        // Renaming replaces what is there, so the name is taken first: nobody can get in between.
        create_new(file)?;
        fs::rename(&self.path, file).inspect_err(|_| drop(fs::remove_file(file)))?;
        let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(directory)?.sync_all()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // After publishing there is nothing by this name any more.
        let _ = fs::remove_file(&self.path);
    }
}

fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
    use super::Scratch;
    use std::fs;
    use std::io::ErrorKind;

    #[test]
    fn publishing_replaces_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("taken");
        fs::write(&target, "mine").unwrap();
        let error = Scratch::beside(&target).unwrap().publish(&target).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&target).unwrap(), "mine");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
