//! A run's own folder: the server's data, what both programs print, and a search through it.

use crate::Outcome;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A folder for one run.
#[derive(Clone)]
pub(crate) struct Folder {
    path: PathBuf,
}

/// What a search through the server's files found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Files that were read.
    pub(crate) files: usize,
    /// Those of them that hold the text.
    pub(crate) hits: Vec<PathBuf>,
}

impl Folder {
    /// Makes the first of `run-1`, `run-2`, … in `parent` that is not there yet.
    pub(crate) fn create(parent: &Path) -> Outcome<Self> {
        fs::create_dir_all(parent)?;
        for number in 1u32.. {
            let path = parent.join(format!("run-{number}"));
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Self { path }),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(format!("{}: {error}", path.display()).into()),
            }
        }
        Err(format!("{} is full", parent.display()).into())
    }

    /// Does `work` in a new folder in `parent`, which is gone afterwards. A failure is told with the end of the
    /// server's log, if there is one.
    pub(crate) fn within<T>(parent: &Path, work: impl FnOnce(&Self) -> Outcome<T>) -> Outcome<T> {
        let folder = Self::create(parent)?;
        let done = work(&folder).map_err(|error| match folder.log("server").exists() {
            true => format!("{error}\n{}", folder.last_log_lines()),
            false => error.to_string(),
        });
        folder.remove()?;
        Ok(done?)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The server's `--data-dir`.
    pub(crate) fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    /// Where `program`'s stdout goes.
    pub(crate) fn output(&self, program: &str) -> PathBuf {
        self.path.join(format!("{program}.out"))
    }

    /// Where `program`'s stderr, its log, goes.
    pub(crate) fn log(&self, program: &str) -> PathBuf {
        self.path.join(format!("{program}.log"))
    }

    /// Removes it with all that is in it.
    pub(crate) fn remove(self) -> Outcome {
        Ok(fs::remove_dir_all(&self.path)?)
    }

    /// Searches the bytes of every file that the server wrote: database, journals, keys, output and log.
    pub(crate) fn search(&self, text: &str) -> Outcome<Found> {
        let mut found = Found { files: 0, hits: Vec::new() };
        let mut left = vec![self.data(), self.output("server"), self.log("server")];
        while let Some(path) = left.pop() {
            if path.is_dir() {
                for entry in fs::read_dir(&path)? {
                    left.push(entry?.path());
                }
            } else if let Some(bytes) = read_if_there(&path)? {
                found.files += 1;
                if bytes.windows(text.len()).any(|window| window == text.as_bytes()) {
                    found.hits.push(path);
                }
            }
        }
        Ok(found)
    }

    /// The end of the server's log, for a failure's message.
    pub(crate) fn last_log_lines(&self) -> String {
        let path = self.log("server");
        let log = fs::read(&path).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<_> = log.lines().collect();
        let last = lines[lines.len().saturating_sub(15)..].join("\n  ");
        format!("The last lines of {}:\n  {last}", path.display())
    }
}

/// A database's journals come and go while it is in use. The socket that operators' commands use holds nothing.
fn read_if_there(path: &Path) -> Outcome<Option<Vec<u8>>> {
    if path.metadata().is_ok_and(|found| !found.is_file()) {
        return Ok(None);
    }
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{}: {error}", path.display()).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;

    #[test]
    fn runs_do_not_share_a_folder() {
        let parent = tempfile::tempdir().unwrap();
        let one = Folder::create(&parent.path().join("demo")).unwrap();
        let other = Folder::create(&parent.path().join("demo")).unwrap();
        assert_ne!(one.path(), other.path());
        let path = one.path().to_path_buf();
        one.remove().unwrap();
        assert!(!path.exists() && other.path().exists());
    }

    #[test]
    fn a_folder_of_some_work_is_gone_after_it() {
        let parent = tempfile::tempdir().unwrap();
        let seen = Folder::within(parent.path(), |folder| Ok(folder.path().is_dir())).unwrap();
        let fails = |folder: &Folder| -> Outcome {
            fs::write(folder.log("server"), "the disk is full\n")?;
            Err("it ended".into())
        };
        let error = Folder::within(parent.path(), fails).unwrap_err().to_string();
        assert!(seen && error.starts_with("it ended") && error.ends_with("the disk is full"), "{error}");
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }

    #[test]
    fn searches_what_the_server_wrote_at_any_depth() {
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::create(parent.path()).unwrap();
        fs::create_dir_all(folder.data().join("deeper")).unwrap();
        let database = folder.data().join("deeper/file.db");
        fs::write(&database, b"\0\xffme@example.com\0").unwrap();
        fs::write(folder.log("server"), b"nothing").unwrap();
        fs::write(folder.log("fal-sim"), b"a-key").unwrap();
        let _socket = UnixListener::bind(folder.data().join("socket")).unwrap();
        assert_eq!(folder.search("me@example.com").unwrap(), Found { files: 2, hits: vec![database] });
        assert_eq!(folder.search("a-key").unwrap(), Found { files: 2, hits: vec![] });
    }

    #[test]
    fn a_failure_shows_the_end_of_the_log() {
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::create(parent.path()).unwrap();
        fs::write(folder.log("server"), (1..=20).map(|n| format!("line {n}.\n")).collect::<String>()).unwrap();
        let shown = folder.last_log_lines();
        assert!(shown.contains("line 6.") && shown.contains("line 20.") && !shown.contains("line 5."), "{shown}");
    }
}
