//! `generatio import`.

use super::{CliError, Place, block_on, say};
use crate::backup::DatabaseCopy;
use crate::clock::SystemClock;
use crate::import::{ImportSummary, Kind, import};
use crate::people::Desk;
use crate::store::Deed;
use crate::store::sqlite::{self, Importer};
use clap::Args;
use generatio_core::time::Clock;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const CODES: &str = "\
Nothing that is there already is changed, and a second run brings only what is new since the first. Each row that is not
brought is told with its id and why; the exit code is 3 then, and 0 when all were brought.";

#[derive(Debug, Args)]
#[command(after_help = CODES)]
pub(super) struct Import {
    /// Data directory of the original's PocketBase (pb_data), running, stopped or copied; it is only read
    directory: PathBuf,
    /// Say what would happen and change nothing; needs room for a copy of the database
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    place: Place,
}

impl Import {
    pub(super) fn run(self) -> Result<(), CliError> {
        let data_dir = self.place.settings()?.data_dir;
        let summary =
            if self.dry_run { rehearse(&self.directory, &data_dir)? } else { bring(&self.directory, &data_dir)? };
        say(&report(&summary, self.dry_run))?;
        match summary.skipped() {
            0 => Ok(()),
            rows => Err(CliError::Skipped { rows }),
        }
    }
}

fn bring(from: &Path, data_dir: &Path) -> Result<ImportSummary, CliError> {
    Desk::open_or_make(data_dir)?;
    let done = run(from, Importer::open(&data_dir.join(sqlite::FILE_NAME)).map_err(crate::import::ImportError::from)?)?;
    // A run that brings nothing changes nothing.
    if done.tallies.iter().any(|tally| tally.new > 0) {
        block_on(async { Ok(Desk::open(data_dir)?.note(Deed::Imported, None).await?) })?;
    }
    Ok(done)
}

/// Into a copy of the database, or into an empty one where there is none.
fn rehearse(from: &Path, data_dir: &Path) -> Result<ImportSummary, CliError> {
    if !data_dir.join(sqlite::FILE_NAME).exists() {
        return run(from, Importer::nowhere().map_err(crate::import::ImportError::from)?);
    }
    let copy = DatabaseCopy::of(data_dir)?;
    run(from, Importer::open(&copy.path()).map_err(crate::import::ImportError::from)?)
}

fn run(from: &Path, into: Importer) -> Result<ImportSummary, CliError> {
    let mut broken = None;
    let told = import(from, into, SystemClock.now(), &mut |notice| {
        if broken.is_none() {
            broken = say(&format!("{notice}\n")).err();
        }
    });
    broken.map_or(Ok(told?), Err)
}

fn report(summary: &ImportSummary, dry_run: bool) -> String {
    let new = if dry_run { "would come" } else { "came" };
    let mut text = String::new();
    for (kind, tally) in Kind::ALL.into_iter().zip(summary.tallies) {
        let (name, before, skipped) = (kind.as_str(), tally.before, tally.skipped);
        let _ = writeln!(text, "{name}: {} {new}, {before} brought before, {skipped} skipped", tally.new);
    }
    let _ = writeln!(text, "sealed tokens: {} {new}", summary.tokens);
    let _ =
        writeln!(text, "spending: {} USD {new}; {} images do not say what they cost", summary.spent, summary.unpriced);
    text
}
