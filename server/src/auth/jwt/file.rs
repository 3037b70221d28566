//! The installation's signing secret on disk: one line, readable by its owner alone.

use crate::random::alphanumeric;
use generatio_core::SecretText;
use getrandom::SysRng;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::ops::RangeInclusive;
use std::path::Path;
use zeroize::Zeroizing;

/// Length of a secret made here, as PocketBase's.
const LENGTH: usize = 50;
/// Lengths of a secret that an operator may bring.
const ALLOWED: RangeInclusive<usize> = 32..=1024;

/// Reads the secret; makes it when there is no such file.
pub(super) fn read_or_create(path: &Path) -> io::Result<SecretText> {
    match File::open(path) {
        Ok(file) => read(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => create(path),
        Err(error) => Err(error),
    }
}

fn read(file: File) -> io::Result<SecretText> {
    let mut text = Zeroizing::new(String::with_capacity(2 * *ALLOWED.end()));
    file.take(u64::try_from(2 * *ALLOWED.end()).unwrap_or(0)).read_to_string(&mut text)?;
    let secret = text.trim_ascii();
    if ALLOWED.contains(&secret.len()) && secret.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(SecretText::new(secret.to_owned()))
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidData, "a JWT key is 32 to 1024 visible ASCII characters"))
    }
}

/// Writes a new secret beside its place and moves it there, so that a crash leaves all of it or nothing.
fn create(path: &Path) -> io::Result<SecretText> {
    let secret = alphanumeric(&mut SysRng, LENGTH).map_err(io::Error::other)?;
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".new");
    let mut file = for_owner_only().open(&unfinished)?;
    // The secret goes to its file, the one place where it is at rest.
    file.write_all(secret.expose().as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    Ok(secret)
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
        assert_eq!(first.expose().len(), 50);
        assert_eq!(read_or_create(&path).unwrap().expose(), first.expose());
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
        assert_eq!(read_or_create(&path).unwrap().expose(), "y".repeat(32));
    }
}
