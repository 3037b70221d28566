//! From the original server's data to ours: `generatio import`.
//!
//! Read is a PocketBase's data directory (`data.db`), whether it runs or is a copy; nothing is written there. Brought are
//! accounts with their passwords and sealed tokens as they are, folders, preferences and pictures; each picture is charged
//! what stands in its row, since the original's own totals are those of the last batch. Rows are streamed, each is brought
//! whole or not at all and never twice, and nothing that is here is changed: what is in the way is told and left.

mod money;
mod read;
mod row;
mod source;

pub use source::SourceError;

use crate::store::sqlite::{Importer, OpenError};
use crate::store::{Brought, ImportedImage, StoreError};
use generatio_core::Timestamp;
use generatio_core::cost::UsdSum;
use row::{BadRow, Row};
use source::Source;
use std::fmt;
use std::path::Path;

/// Why an import ended early. What was brought before stays.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The database to bring into does not open.
    #[error("the database")]
    Database(#[from] OpenError),
    /// The original's data cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A row could not be written.
    #[error("a row could not be written")]
    Store(#[from] StoreError),
}

/// The original's collections, in the order in which they are brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `generatio_users`.
    Users,
    /// `folders`.
    Folders,
    /// `model_preferences`.
    Preferences,
    /// `images`.
    Images,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Users, Self::Folders, Self::Preferences, Self::Images];

    /// The collection's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Users => "generatio_users",
            Self::Folders => "folders",
            Self::Preferences => "model_preferences",
            Self::Images => "images",
        }
    }
}

/// What became of the rows of one collection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Brought now.
    pub new: u64,
    /// Brought by an earlier import.
    pub before: u64,
    /// Not brought, and told why.
    pub skipped: u64,
    /// Of the new ones, those that lost the folder they lay in, and told.
    pub without_folder: u64,
}

/// What came of an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportSummary {
    /// By [`Kind`], in the order of [`Kind::ALL`].
    pub tallies: [Tally; 4],
    /// Sealed tokens brought.
    pub tokens: u64,
    /// What the new pictures cost.
    pub spent: UsdSum,
    /// New pictures whose rows do not say what they cost.
    pub unpriced: u64,
}

impl ImportSummary {
    /// Rows that were not brought.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.tallies.iter().map(|tally| tally.skipped).sum()
    }

    fn of(&mut self, kind: Kind) -> &mut Tally {
        &mut self.tallies[kind as usize]
    }
}

/// A row that was not brought, or not as it was. Prints as one line without anybody's words: `images abc: url: is empty`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Which collection.
    pub kind: Kind,
    /// Its id there, as far as it can be shown.
    pub id: String,
    /// The column that is at fault, if one is.
    pub column: Option<&'static str>,
    /// Why.
    pub why: &'static str,
    /// Whether it was not brought.
    pub skipped: bool,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.skipped { "skipped" } else { "changed" };
        write!(f, "{what} {} {}: ", self.kind.as_str(), self.id)?;
        self.column.map_or(Ok(()), |column| write!(f, "{column}: "))?;
        f.write_str(self.why)
    }
}

/// Brings what the original's data directory `from` holds into a database. `tell` is handed each row that is not brought,
/// or not as it was; `now` stands in where an account has no dates. Blocks for the disk.
///
/// # Errors
/// [`ImportError`]; rows that were brought before stay, and another run goes on behind them.
pub fn import(
    from: &Path,
    mut into: Importer,
    now: Timestamp,
    tell: &mut dyn FnMut(&Notice),
) -> Result<ImportSummary, ImportError> {
    let source = Source::open(from)?;
    let mut run = Run { summary: ImportSummary::default(), tell };
    source.users(|row| {
        let user = read::user(row, now);
        let has_token = user.as_ref().is_ok_and(|user| user.token.is_some());
        let outcome = run.bring(Kind::Users, row, user, |user| into.user(user))?;
        run.summary.tokens += u64::from(has_token && outcome == Some(Brought::New));
        Ok(())
    })?;
    source.folders(|row| run.bring(Kind::Folders, row, read::folder(row), |folder| into.folder(folder)).map(drop))?;
    source.preferences(|row| {
        run.bring(Kind::Preferences, row, read::preferences(row), |preferences| into.preferences(preferences)).map(drop)
    })?;
    source.images(|row| {
        let image = read::image(row);
        let cost = image.as_ref().ok().and_then(|image: &ImportedImage| image.cost);
        let outcome = run.bring(Kind::Images, row, image, |image| into.image(image))?;
        if let Some(Brought::New | Brought::WithoutFolder) = outcome {
            run.summary.unpriced += u64::from(cost.is_none());
            run.summary.spent += cost.unwrap_or_default();
        }
        Ok(())
    })?;
    into.finish()?;
    Ok(run.summary)
}

/// An import on its way.
struct Run<'a> {
    summary: ImportSummary,
    tell: &'a mut dyn FnMut(&Notice),
}

impl Run<'_> {
    /// Brings a row, if it could be read; what became of it is counted, and told unless all is well.
    fn bring<T>(
        &mut self,
        kind: Kind,
        row: &Row<'_>,
        read: Result<T, BadRow>,
        bring: impl FnOnce(&T) -> Result<Brought, StoreError>,
    ) -> Result<Option<Brought>, ImportError> {
        let (column, why, skipped) = match read {
            Err(BadRow { column, why }) => (Some(column), why, true),
            Ok(read) => {
                let outcome = bring(&read)?;
                let tally = self.summary.of(kind);
                let (why, skipped) = match outcome {
                    Brought::New => {
                        tally.new += 1;
                        return Ok(Some(outcome));
                    }
                    Brought::Before => {
                        tally.before += 1;
                        return Ok(Some(outcome));
                    }
                    Brought::WithoutFolder => {
                        tally.new += 1;
                        tally.without_folder += 1;
                        ("the folder it lay in is not its owner's or not there: it lies at the top now", false)
                    }
                    Brought::Conflict(why) => (why, true),
                    Brought::WithoutOwner => ("its owner is not here: not brought, or removed since", true),
                };
                self.tell(kind, row, None, why, skipped);
                return Ok(Some(outcome));
            }
        };
        self.tell(kind, row, column, why, skipped);
        Ok(None)
    }

    fn tell(&mut self, kind: Kind, row: &Row<'_>, column: Option<&'static str>, why: &'static str, skipped: bool) {
        self.summary.of(kind).skipped += u64::from(skipped);
        (self.tell)(&Notice { kind, id: row.shown_id(), column, why, skipped });
    }
}
