//! What a benchmark compares with, of the versions that `tests/benches/clients` pins, installed below `target/`.

use crate::{Outcome, process};
use std::fs;
use std::path::Path;

/// Where the small programs are, and what pins their versions.
pub(super) const PINNED: &str = "tests/benches/clients";

/// The text of a file there.
pub(super) fn pinned(file: &str) -> Outcome<String> {
    let path = process::workspace().join(PINNED).join(file);
    Ok(fs::read_to_string(&path).map_err(|error| format!("{PINNED}/{file}: {error}"))?)
}

/// Runs `install` unless it succeeded in `folder` before with the same versions, which are remembered in a copy of `pins`.
pub(super) fn install_once(folder: &Path, pins: &str, install: impl FnOnce() -> Outcome) -> Outcome {
    let (wanted, mark) = (pinned(pins)?, folder.join(format!("installed-{pins}")));
    if fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    install()?;
    Ok(fs::write(mark, wanted)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn what_is_installed_is_installed_once_and_anew_when_its_pins_change() {
        let folder = tempfile::tempdir().unwrap();
        let count = Cell::new(0);
        let install = || {
            count.set(count.get() + 1);
            Ok(())
        };
        install_once(folder.path(), "package.json", install).unwrap();
        install_once(folder.path(), "package.json", install).unwrap();
        assert_eq!(count.get(), 1);
        fs::write(folder.path().join("installed-package.json"), "others").unwrap();
        install_once(folder.path(), "package.json", install).unwrap();
        assert_eq!(count.get(), 2);
        assert!(install_once(folder.path(), "package.json.none", install).is_err());
    }
}
