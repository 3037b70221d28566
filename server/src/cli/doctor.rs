//! `generatio doctor`.

use super::{CliError, Configuration, block_on, say};
use crate::ops::doctor::{self, State};
use clap::Args;

#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    configuration: Configuration,
}

impl Doctor {
    pub(super) fn run(self) -> Result<(), CliError> {
        let settings = self.configuration.settings(None)?;
        block_on(async {
            let findings = doctor::examine(&settings).await;
            for finding in &findings {
                let line = if self.json { serde_json::to_string(finding)? } else { finding.to_string() };
                say(&format!("{line}\n"))?;
            }
            match findings.iter().filter(|finding| finding.state == State::Wrong).count() {
                0 => Ok(()),
                wrong => Err(CliError::Unwell(wrong)),
            }
        })
    }
}
