//! How much room the data folder has.

use std::io;
use std::path::Path;

/// Bytes of room below which nothing should be begun: pictures are paid for before they are stored.
pub const LEAST: u64 = 64 * 1024 * 1024;

/// Bytes that this process may still write to the file system of `folder`. Blocks for the disk.
///
/// # Errors
/// The folder is not there, or its file system cannot be asked.
pub fn free(folder: &Path) -> io::Result<u64> {
    let system = rustix::fs::statvfs(folder)?;
    Ok(system.f_bavail.saturating_mul(system.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::free;

    #[test]
    fn a_folder_has_room_and_a_missing_one_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(free(folder.path()).unwrap() > 0);
        assert!(free(&folder.path().join("missing")).is_err());
    }
}
