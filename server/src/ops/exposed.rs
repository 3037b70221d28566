//! Files and folders that everybody on the machine may read.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The permissions of those who are neither the owner nor in the group. The group's are left alone: orchestrators hand
/// secrets over by them.
const OTHERS: u32 = 0o007;

/// Whether everybody may read, change or enter it. What is not there is open to nobody.
#[must_use]
pub fn is_open_to_all(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.permissions().mode() & OTHERS != 0)
}

#[cfg(test)]
mod tests {
    use super::is_open_to_all;
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn others_count_and_groups_do_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        std::fs::write(&file, "").unwrap();
        for (mode, open) in [(0o600, false), (0o640, false), (0o644, true), (0o601, true), (0o666, true)] {
            set_permissions(&file, Permissions::from_mode(mode)).unwrap();
            assert_eq!(is_open_to_all(&file), open, "{mode:o}");
        }
        assert!(!is_open_to_all(&folder.path().join("missing")));
    }
}
