//! `generatio restore`.

use super::{CliError, Place, say};
use crate::restore;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Restore {
    /// Archive that `generatio backup` wrote
    file: PathBuf,
    #[command(flatten)]
    place: Place,
}

impl Restore {
    pub(super) fn run(self) -> Result<(), CliError> {
        let data_dir = self.place.settings()?.data_dir;
        let found = restore::restore(&self.file, &data_dir)?;
        say(&format!(
            "Restored {}: {} users, {} images, {} pictures, {} ledger rows\n",
            data_dir.display(),
            found.users,
            found.images,
            found.pictures,
            found.ledger_rows
        ))?;
        if found.missing_pictures > 0 {
            say(&format!(
                "{} pictures are not in the archive: their images were removed while it was made.\n",
                found.missing_pictures
            ))?;
        }
        if found.jwt_key { Ok(()) } else { say("The key that signs logins is not in it: put yours in its place.\n") }
    }
}
