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
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        Ok(Self { path })
    }

    /// For writing.
    pub(super) fn open(&self) -> io::Result<File> {
        OpenOptions::new().write(true).open(&self.path)
    }

    /// Gives it its name, durably. [`io::ErrorKind::AlreadyExists`] when the name is taken.
    pub(super) fn publish(self, file: &Path) -> io::Result<()> {
        // Renaming would replace what is there; a link is refused then, in the same step.
        fs::hard_link(&self.path, file)?;
        drop(self);
        let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(directory)?.sync_all()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What was published has its own name by now.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::Scratch;
    use std::fs;
    use std::io::{ErrorKind, Write};
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_is_published_is_private_and_has_one_name() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("free");
        let scratch = Scratch::beside(&target).unwrap();
        scratch.open().unwrap().write_all(b"mine").unwrap();
        scratch.publish(&target).unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "mine");
        assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

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
