//! `--public-dir`: files as they are on the disk at the moment of asking.

use super::{Content, Found, compressed_name, is_folder};
use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// A folder whose files anybody may read.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    /// With every link resolved, so that what lies outside can be told.
    root: PathBuf,
}

impl Folder {
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        is_folder(folder)?;
        Ok(Self { root: folder.canonicalize()? })
    }

    /// The file `name`, or the compressed one beside it.
    pub(super) async fn find(&self, name: &str, takes_brotli: bool) -> io::Result<Option<Found>> {
        let (folder, name) = (self.clone(), name.to_owned());
        tokio::task::spawn_blocking(move || folder.find_now(&name, takes_brotli)).await.map_err(io::Error::other)?
    }

    fn find_now(&self, name: &str, takes_brotli: bool) -> io::Result<Option<Found>> {
        let plain = self.file(name)?;
        // A compressed file without its original is left over from something that is gone.
        if takes_brotli
            && plain.is_some()
            && let Some((file, metadata)) = self.file(&compressed_name(name))?
        {
            return Ok(Some(found(file, &metadata, true)));
        }
        Ok(plain.map(|(file, metadata)| found(file, &metadata, false)))
    }

    /// The regular file of this name inside of the folder; links out of it lead nowhere.
    fn file(&self, name: &str) -> io::Result<Option<(File, Metadata)>> {
        let path = match fs::canonicalize(self.root.join(name)) {
            Ok(path) if path.starts_with(&self.root) => path,
            Ok(_) => return Ok(None),
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        if !path.is_file() {
            return Ok(None);
        }
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        Ok(metadata.is_file().then_some((file, metadata)))
    }
}

fn is_missing(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidFilename, NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory | InvalidFilename)
}

fn found(file: File, metadata: &Metadata, compressed: bool) -> Found {
    let changed = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    let form = if compressed { "-br" } else { "" };
    let tag = format!("\"{:x}-{:x}{form}\"", changed.as_nanos(), metadata.len());
    Found { content: Content::Disk(file), bytes: metadata.len(), tag, compressed }
}
