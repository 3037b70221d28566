//! `generatio rekey`.

use super::{CliError, Place, block_on, say};
use crate::app::JWT_KEY;
use crate::clock;
use crate::people::Desk;
use clap::Args;

#[derive(Debug, Args)]
pub(super) struct Rekey {
    /// Let the old keys open nothing any more: everybody has to log in again
    #[arg(long)]
    void_old: bool,
    #[command(flatten)]
    place: Place,
}

impl Rekey {
    pub(super) fn run(self) -> Result<(), CliError> {
        let settings = self.place.settings()?;
        let path = settings.jwt_key_file.clone().unwrap_or_else(|| settings.data_dir.join(JWT_KEY));
        block_on(async move {
            let desk = Desk::open(&settings.data_dir)?;
            let made = desk.rekey(&path, settings.jwt_ttl, self.void_old).await?;
            let old = match made.old_until {
                Some(until) => format!("earlier logins stay good until they expire, by {}", clock::rfc3339(until)),
                None => "earlier logins are void".to_owned(),
            };
            say(&format!("Key {} signs logins from now on; {old}\n", made.id))
        })
    }
}
