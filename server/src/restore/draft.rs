//! A data directory in the making, beside the place it is for.

use super::RestoreError;
use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, chown};
use std::path::{Path, PathBuf};

/// Where the data directory is to be: nothing is there, or an empty directory.
pub(super) struct Target {
    path: PathBuf,
    parent: PathBuf,
    /// The owner of the directory that is there.
    owner: Option<(u32, u32)>,
}

impl Target {
    /// Refuses what is there and not empty, and what no rename could replace.
    pub(super) fn of(data_dir: &Path) -> Result<Self, RestoreError> {
        let cannot = |cause| RestoreError::Io(data_dir.to_owned(), cause);
        let there = match fs::metadata(data_dir) {
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(cannot(error)),
        };
        // A path through links or `..` is one directory's all the same.
        let path = if there.is_some() { fs::canonicalize(data_dir).map_err(cannot)? } else { data_dir.to_owned() };
        let Some(parent) = parent(&path) else { return Err(RestoreError::MountPoint(path)) };
        let target = Self { owner: there.as_ref().map(|there| (there.uid(), there.gid())), path, parent };
        if let Some(there) = there {
            target.refuse_used(&there, data_dir)?;
        }
        Ok(target)
    }

    fn refuse_used(&self, there: &Metadata, data_dir: &Path) -> Result<(), RestoreError> {
        let cannot = |cause| RestoreError::Io(data_dir.to_owned(), cause);
        if !there.is_dir() || fs::read_dir(&self.path).map_err(cannot)?.next().is_some() {
            return Err(RestoreError::NotEmpty(data_dir.to_owned()));
        }
        if fs::metadata(&self.parent).map_err(cannot)?.dev() == there.dev() {
            Ok(())
        } else {
            Err(RestoreError::MountPoint(data_dir.to_owned()))
        }
    }
}

/// The folder it lies in; none for the root of everything.
fn parent(path: &Path) -> Option<PathBuf> {
    path.file_name()?;
    let parent = path.parent()?;
    Some(if parent.as_os_str().is_empty() { PathBuf::from(".") } else { parent.to_owned() })
}

/// A directory of mode 0700; removed when dropped, unless it was published.
pub(super) struct Draft {
    path: PathBuf,
    /// Held locked, so that nobody else takes the draft for a left-over. Given up last.
    _turn: File,
}

impl Draft {
    /// Makes an empty one, after waiting for another restore to the same folder. What a killed one left is removed first.
    pub(super) fn beside(target: &Target) -> Result<Self, RestoreError> {
        let cannot = |cause| RestoreError::Io(target.path.clone(), cause);
        fs::create_dir_all(&target.parent).map_err(cannot)?;
        let turn = File::open(&target.parent).map_err(cannot)?;
        turn.lock().map_err(cannot)?;
        let name = target.path.file_name().unwrap_or(OsStr::new("data")).to_string_lossy();
        let path = target.parent.join(format!(".{name}.generatio-restore"));
        remove(&path).map_err(cannot)?;
        DirBuilder::new().mode(0o700).create(&path).map_err(cannot)?;
        Ok(Self { path, _turn: turn })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a new file of mode 0600 below it, durably; says how long it is.
    pub(super) fn write(&self, place: &Path, content: &mut impl Read) -> io::Result<u64> {
        let folder = place.parent().unwrap_or(&self.path);
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let mut file = File::options().write(true).create_new(true).mode(0o600).open(place)?;
        let written = io::copy(content, &mut file)?;
        file.sync_all()?;
        Ok(written)
    }

    /// Puts it in its place, durably, whole or not at all.
    pub(super) fn publish(self, target: &Target) -> Result<(), RestoreError> {
        let cannot = |cause| RestoreError::Io(target.path.clone(), cause);
        settle(&self.path, target.owner).map_err(cannot)?;
        // An empty directory is replaced; one that is no longer empty is not.
        fs::rename(&self.path, &target.path).map_err(|cause| match cause.kind() {
            io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::NotADirectory => {
                RestoreError::NotEmpty(target.path.clone())
            }
            _ => cannot(cause),
        })?;
        File::open(&target.parent).and_then(|parent| parent.sync_all()).map_err(cannot)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // What was published has another name by now. The next restore tries again.
        let _ = remove(&self.path);
    }
}

/// Makes every directory durable, and hands all of it to its owner.
fn settle(folder: &Path, owner: Option<(u32, u32)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            settle(&entry.path(), owner)?;
        } else {
            hand_over(&entry.path(), owner)?;
        }
    }
    hand_over(folder, owner)?;
    File::open(folder)?.sync_all()
}

fn hand_over(path: &Path, owner: Option<(u32, u32)>) -> io::Result<()> {
    let metadata = fs::metadata(path)?;
    match owner {
        Some((user, group)) if (metadata.uid(), metadata.gid()) != (user, group) => {
            chown(path, Some(user), Some(group))
        }
        _ => Ok(()),
    }
}

fn remove(directory: &Path) -> io::Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}
