//! `generatio backup`.

use super::{CliError, Place, say};
use crate::backup;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Backup {
    /// Archive to write (tar, readable by its owner only); must not exist yet
    file: PathBuf,
    #[command(flatten)]
    place: Place,
}

impl Backup {
    pub(super) fn run(self) -> Result<(), CliError> {
        let settings = self.place.settings()?;
        let made = backup::backup(&settings.data_dir, &self.file)?;
        say(&format!("Wrote {} ({} bytes)\n", self.file.display(), made.bytes))?;
        if made.jwt_key { Ok(()) } else { say("The key that signs logins is kept elsewhere: save it too.\n") }
    }
}
