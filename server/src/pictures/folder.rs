//! Pictures as files: `pictures/ab/cdef…` in the data folder, readable to their owner only.

use super::{Address, Pictures};
use crate::ids;
use crate::pieces::{Pieces, pieces};
use async_trait::async_trait;
use bytes::Bytes;
use getrandom::SysRng;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::ops::Range;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The name of the pictures' folder in the data folder.
pub const FOLDER: &str = "pictures";

/// Where files lie that are not whole yet. What an earlier process left there is removed at start.
const DRAFTS: &str = ".drafts";

/// A folder of pictures.
#[derive(Clone, Debug)]
pub struct PictureFolder {
    root: PathBuf,
}

impl PictureFolder {
    /// The pictures of a data folder, which no other process writes to. Blocks for the disk.
    ///
    /// # Errors
    /// What an earlier process left half done cannot be removed.
    pub fn open(data_dir: &Path) -> io::Result<Self> {
        let root = data_dir.join(FOLDER);
        gone(fs::remove_dir_all(root.join(DRAFTS)))?;
        Ok(Self { root })
    }

    /// Runs `work` where it may wait for the disk.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let folder = self.clone();
        tokio::task::spawn_blocking(move || work(&folder)).await.map_err(io::Error::other)?
    }

    fn write(&self, address: Address, bytes: &[u8]) -> io::Result<()> {
        let place = self.root.join(name(address));
        if place.metadata().is_ok_and(|there| there.len() == bytes.len() as u64) {
            return Ok(());
        }
        let (drafts, folder) = (self.root.join(DRAFTS), place.parent().unwrap_or(&self.root));
        make_private(&drafts)?;
        make_private(folder)?;
        let draft = drafts.join(ids::random_text(&mut SysRng, ids::ID_LENGTH).map_err(io::Error::other)?);
        let written = write_whole(&draft, bytes).and_then(|()| fs::rename(&draft, &place));
        if written.is_err() {
            // Its failure says less than the one before.
            let _ = fs::remove_file(&draft);
        }
        written?;
        // Each name is durable once its folder is.
        [folder, &self.root].into_iter().try_for_each(|folder| File::open(folder)?.sync_all())
    }
}

#[async_trait]
impl Pictures for PictureFolder {
    async fn put(&self, address: Address, bytes: Bytes) -> io::Result<()> {
        self.blocking(move |folder| folder.write(address, &bytes)).await
    }

    async fn read(&self, address: Address, range: Range<u64>) -> io::Result<Option<Pieces>> {
        let file = self.blocking(move |folder| found(File::open(folder.root.join(name(address))))).await?;
        Ok(file.map(|file| pieces(file, range)))
    }

    async fn remove(&self, address: Address) -> io::Result<()> {
        self.blocking(move |folder| gone(fs::remove_file(folder.root.join(name(address))))).await
    }
}

/// The addresses of all pictures of a data folder, a part at a time: one of 256, in their order. Blocks for the disk.
///
/// # Errors
/// A folder cannot be read.
pub fn addresses(data_dir: &Path, part: u8) -> io::Result<Vec<(Address, PathBuf)>> {
    let start = format!("{part:02x}");
    let Some(entries) = found(fs::read_dir(data_dir.join(FOLDER).join(&start)))? else { return Ok(Vec::new()) };
    let mut addresses = Vec::new();
    for entry in entries {
        let rest = entry?.file_name();
        let text = rest.to_str().map(|rest| format!("{start}{rest}"));
        if let Some(address) = text.and_then(|text| Address::parse(&text).ok()) {
            addresses.push((address, Path::new(FOLDER).join(name(address))));
        }
    }
    addresses.sort();
    Ok(addresses)
}

/// Its place below the folder of all pictures.
fn name(address: Address) -> PathBuf {
    let text = address.to_string();
    let (start, rest) = text.split_at(2);
    Path::new(start).join(rest)
}

fn make_private(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::options().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// What is missing is nothing to fail over.
fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn gone(result: io::Result<()>) -> io::Result<()> {
    found(result).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::{FOLDER, PictureFolder, addresses, name};
    use crate::pictures::{Address, Pictures};
    use crate::pieces::PIECE;
    use bytes::Bytes;
    use futures_util::TryStreamExt;
    use std::fs;
    use std::io;
    use std::ops::Range;
    use std::os::unix::fs::PermissionsExt;

    async fn read(folder: &PictureFolder, address: Address, range: Range<u64>) -> io::Result<Option<Vec<u8>>> {
        match folder.read(address, range).await? {
            Some(pieces) => Ok(Some(pieces.try_collect::<Vec<Bytes>>().await?.concat())),
            None => Ok(None),
        }
    }

    #[tokio::test]
    async fn what_is_put_is_read_whole_and_in_part_until_it_is_removed() {
        let data = tempfile::tempdir().unwrap();
        let folder = PictureFolder::open(data.path()).unwrap();
        let bytes: Vec<u8> = (0..=250).cycle().take(usize::try_from(PIECE).unwrap() * 2 + 7).collect();
        let (address, length) = (Address::of(&bytes), bytes.len() as u64);
        assert!(read(&folder, address, 0..length).await.unwrap().is_none());
        for _ in 0..2 {
            folder.put(address, bytes.clone().into()).await.unwrap();
        }
        for range in [0..length, 0..1, PIECE - 1..PIECE + 1, length - 1..length, 5..5] {
            let expected = &bytes[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()];
            assert_eq!(read(&folder, address, range).await.unwrap().unwrap(), expected);
        }
        assert!(read(&folder, address, 0..length + 1).await.is_err(), "a file that is too short is no success");
        for _ in 0..2 {
            folder.remove(address).await.unwrap();
        }
        assert!(read(&folder, address, 0..length).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn files_are_private_and_drafts_do_not_outlive_their_process() {
        let data = tempfile::tempdir().unwrap();
        let folder = PictureFolder::open(data.path()).unwrap();
        let address = Address::of(b"x");
        folder.put(address, Bytes::from_static(b"x")).await.unwrap();
        let place = data.path().join(FOLDER).join(name(address));
        assert_eq!(fs::metadata(&place).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(data.path().join(FOLDER)).unwrap().permissions().mode() & 0o777, 0o700);
        let drafts = data.path().join(FOLDER).join(".drafts");
        assert_eq!(fs::read_dir(&drafts).unwrap().count(), 0);
        fs::write(drafts.join("left"), "half").unwrap();
        PictureFolder::open(data.path()).unwrap();
        assert!(!drafts.exists() && place.exists());
    }

    #[tokio::test]
    async fn all_addresses_are_found_and_nothing_else() {
        let data = tempfile::tempdir().unwrap();
        assert!((0..=255).all(|part| addresses(data.path(), part).unwrap().is_empty()));
        let folder = PictureFolder::open(data.path()).unwrap();
        let mut put: Vec<_> = (0..20_u8).map(|number| Address::of(&[number])).collect();
        for number in 0..20 {
            folder.put(Address::of(&[number]), Bytes::from(vec![number])).await.unwrap();
        }
        put.sort();
        let part = put[0].to_string()[..2].to_owned();
        fs::write(data.path().join(FOLDER).join(part).join("readme"), "").unwrap();
        let found: Vec<_> = (0..=255).flat_map(|part| addresses(data.path(), part).unwrap()).collect();
        assert_eq!(found.iter().map(|(address, _)| *address).collect::<Vec<_>>(), put);
        assert!(found.iter().all(|(_, path)| data.path().join(path).is_file()));
    }
}
