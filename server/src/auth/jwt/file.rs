//! The installation's signing keys on disk, readable by their owner alone.

use super::ring::{LONGEST_FILE, Ring};
use crate::random::alphanumeric;
use generatio_core::SecretText;
use getrandom::SysRng;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;
use zeroize::Zeroizing;

/// Length of a secret made here, as PocketBase's.
const LENGTH: usize = 50;

/// Reads the keys; makes one when there is no such file.
pub(super) fn read_or_create(path: &Path) -> io::Result<Ring> {
    match File::open(path) {
        Ok(file) => read(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let ring = Ring::of(new_secret()?);
            write(path, &ring)?;
            Ok(ring)
        }
        Err(error) => Err(error),
    }
}

/// A fresh secret.
pub(super) fn new_secret() -> io::Result<SecretText> {
    alphanumeric(&mut SysRng, LENGTH).map_err(io::Error::other)
}

fn read(file: File) -> io::Result<Ring> {
    let mut text = Zeroizing::new(String::with_capacity(usize::try_from(LONGEST_FILE).unwrap_or_default()));
    file.take(LONGEST_FILE).read_to_string(&mut text)?;
    Ring::parse(&text)
}

/// Writes the keys beside their place and moves them there, so that a crash leaves the ones or the others.
pub(super) fn write(path: &Path, ring: &Ring) -> io::Result<()> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".new");
    let mut file = for_owner_only().open(&unfinished)?;
    file.write_all(ring.text().as_bytes())?;
    keep_owner(&file, path)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// A file that replaces another is its owner's: root may write what only the server's user reads.
#[cfg(unix)]
fn keep_owner(file: &File, path: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let (Ok(before), now) = (fs::metadata(path), file.metadata()?) else { return Ok(()) };
    if (before.uid(), before.gid()) == (now.uid(), now.gid()) {
        return Ok(());
    }
    fchown(file, Some(before.uid()), Some(before.gid()))
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &Path) -> io::Result<()> {
    Ok(())
}

fn for_owner_only() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::read_or_create;
    use std::fs;

    #[test]
    fn made_once_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jwt.key");
        let first = read_or_create(&path).unwrap();
        let first = &first.signing().secret;
        assert_eq!(first.expose().len(), 50);
        assert_eq!(read_or_create(&path).unwrap().signing().secret.expose(), first.expose());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing unfinished is left");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jwt.key");
        read_or_create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn an_unfit_file_is_refused_rather_than_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jwt.key");
        for text in ["", "short", &"x".repeat(1025), &"a b".repeat(20), &"é".repeat(30)] {
            fs::write(&path, text).unwrap();
            assert!(read_or_create(&path).is_err(), "{text:?}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        fs::write(&path, format!("{}\n", "y".repeat(32))).unwrap();
        assert_eq!(read_or_create(&path).unwrap().signing().secret.expose(), "y".repeat(32));
    }
}
