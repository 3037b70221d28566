//! `generatio config`.

use super::{CliError, say};
use crate::settings::{ExampleFile, OptionTable};
use clap::Args;

#[derive(Debug, Args)]
pub(super) struct Config {
    /// Print a table for people instead (Markdown)
    #[arg(long)]
    table: bool,
}

impl Config {
    pub(super) fn run(self) -> Result<(), CliError> {
        say(&if self.table { OptionTable.to_string() } else { ExampleFile.to_string() })
    }
}
