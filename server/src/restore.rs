//! From an archive of [`backup`](crate::backup) to a data directory that a server starts on.
//!
//! Everything is unpacked into a draft beside its place, looked through there, and put in its place by one rename: a
//! restore that fails or is killed leaves no directory that a server would take for whole. What an archive holds is not
//! trusted: only members that a backup writes are taken, each once, as plain files under names that are made anew here.

mod draft;
mod member;

use crate::app::JWT_KEY;
use crate::auth::jwt::JwtKey;
use crate::pictures::{self, Address};
use crate::store::sqlite::{self, OpenError};
use draft::{Draft, Target};
use member::Member;
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tar::{Archive, EntryType};

/// What came out of an archive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RestoreSummary {
    /// Accounts.
    pub users: u64,
    /// Picture records.
    pub images: u64,
    /// Files of pictures that records show.
    pub pictures: u64,
    /// Charges.
    pub ledger_rows: u64,
    /// Files that records show and the archive lacks: their records were removed while it was made.
    pub missing_pictures: u64,
    /// Whether the archive had a JWT key.
    pub jwt_key: bool,
}

/// Why nothing was restored. Nothing is left behind then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// The archive cannot be read.
    #[error("the archive {} cannot be read", .0.display())]
    Archive(PathBuf, #[source] io::Error),
    /// The database does not open, or is of a newer program.
    #[error("the database of the archive")]
    Database(#[source] OpenError),
    /// The database opens and is damaged.
    #[error("the database of the archive is damaged: {0}")]
    Damaged(String),
    /// Its path, its size or its content is not one that a backup writes.
    #[error("the archive holds {name:?}, {problem}: it is not one of `generatio backup`")]
    Foreign {
        /// The member, as the archive calls it.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A file cannot be written or put in its place.
    #[error("{} cannot be written", .0.display())]
    Io(PathBuf, #[source] io::Error),
    /// The signing key is none.
    #[error("the archive's {JWT_KEY} is no key")]
    Key(#[source] io::Error),
    /// The data directory is a mount point, which no rename replaces.
    #[error("{} is a mount point: restore into a new folder in it, such as {}", .0.display(), .0.join("data").display())]
    MountPoint(PathBuf),
    /// There is something where the data directory is to be.
    #[error("{} is not empty: restore into a new folder, nothing is overwritten", .0.display())]
    NotEmpty(PathBuf),
    /// The archive has no database.
    #[error("the archive {} holds no {}", .0.display(), sqlite::FILE_NAME)]
    NoDatabase(PathBuf),
    /// The archive ends in the middle.
    #[error("the archive {} is not whole: its end is missing", .0.display())]
    Truncated(PathBuf),
}

/// Unpacks `archive` to `data_dir`, which must not be there or be empty, with mode 0700 and files of mode 0600; its
/// owner stays that of the directory that was there. The database is brought up to date and looked through before that.
/// Needs room for all of it beside `data_dir`. Restores into one folder take turns. Blocks for the disk.
///
/// # Errors
/// See [`RestoreError`]; `data_dir` is then as it was.
pub fn restore(archive: &Path, data_dir: &Path) -> Result<RestoreSummary, RestoreError> {
    let target = Target::of(data_dir)?;
    let draft = Draft::beside(&target)?;
    let unpacked = unpack(archive, &draft)?;
    if !unpacked.database {
        return Err(RestoreError::NoDatabase(archive.to_owned()));
    }
    let mut summary = look_through(&draft)?;
    summary.jwt_key = unpacked.jwt_key;
    (summary.pictures, summary.missing_pictures) = match_pictures(&draft)?;
    draft.publish(&target)?;
    Ok(summary)
}

#[derive(Default)]
struct Unpacked {
    database: bool,
    jwt_key: bool,
}

fn unpack(path: &Path, draft: &Draft) -> Result<Unpacked, RestoreError> {
    let cannot = |cause| RestoreError::Archive(path.to_owned(), cause);
    let mut file = File::open(path).map_err(cannot)?;
    if !is_ended(&mut file).map_err(cannot)? {
        return Err(RestoreError::Truncated(path.to_owned()));
    }
    let mut unpacked = Unpacked::default();
    let mut archive = Archive::new(BufReader::new(file));
    // Raw: extensions that rename or stretch the member behind them are members like others, and foreign.
    for entry in archive.entries().map_err(cannot)?.raw(true) {
        let mut entry = entry.map_err(cannot)?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let foreign = |problem| RestoreError::Foreign { name: name.clone(), problem };
        if entry.header().entry_type() != EntryType::Regular {
            return Err(foreign("which is no plain file"));
        }
        let member = Member::parse(&name).ok_or_else(|| foreign("which has no place in a data folder"))?;
        if entry.size() > member.most_bytes() {
            return Err(foreign("which is too large"));
        }
        let size = entry.size();
        let place = draft.path().join(member.path());
        let written = draft.write(&place, &mut entry).map_err(|cause| match cause.kind() {
            io::ErrorKind::AlreadyExists => foreign("a second time"),
            _ => RestoreError::Io(place.clone(), cause),
        })?;
        if written != size {
            return Err(RestoreError::Truncated(path.to_owned()));
        }
        match member {
            Member::Database => unpacked.database = true,
            Member::JwtKey => unpacked.jwt_key = true,
            Member::Picture(address) => hashes_to(&place, address, &foreign)?,
        }
    }
    if unpacked.jwt_key {
        // How long its logins last is the server's business.
        JwtKey::open(&draft.path().join(JWT_KEY), Duration::ZERO).map_err(RestoreError::Key)?;
    }
    Ok(unpacked)
}

/// Whether the file ends as every tar archive does: with a kibibyte of zeros. One that was cut off between two members
/// would else look whole.
fn is_ended(file: &mut File) -> io::Result<bool> {
    const END: usize = 1024;
    let mut end = [1; END];
    let length = file.metadata()?.len();
    if length < END as u64 || length % 512 != 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::Start(length - END as u64))?;
    file.read_exact(&mut end)?;
    file.rewind()?;
    Ok(end.iter().all(|byte| *byte == 0))
}

/// The content is what its name says.
fn hashes_to(
    place: &Path,
    address: Address,
    foreign: &impl Fn(&'static str) -> RestoreError,
) -> Result<(), RestoreError> {
    // No larger than a picture may be.
    let bytes = fs::read(place).map_err(|cause| RestoreError::Io(place.to_owned(), cause))?;
    if Address::of(&bytes) == address { Ok(()) } else { Err(foreign("whose content is not what its name says")) }
}

/// Brings the database up to date and looks at all of it.
fn look_through(draft: &Draft) -> Result<RestoreSummary, RestoreError> {
    let path = draft.path().join(sqlite::FILE_NAME);
    sqlite::bring_up_to_date(&path).map_err(RestoreError::Database)?;
    let found = sqlite::examine(&path).map_err(RestoreError::Database)?;
    if let Some(damage) = found.damage.first() {
        return Err(RestoreError::Damaged(damage.clone()));
    }
    if found.unequal_sums > 0 {
        return Err(RestoreError::Damaged(format!("{} sums are not those of the ledger", found.unequal_sums)));
    }
    let (users, images, ledger_rows) = (found.users, found.images, found.ledger_rows);
    Ok(RestoreSummary { users, images, ledger_rows, ..RestoreSummary::default() })
}

/// How many of the pictures that records show are there, and how many are not. Files that no record shows go: they came
/// into the archive after its copy of the database, and nothing would ever remove them.
fn match_pictures(draft: &Draft) -> Result<(u64, u64), RestoreError> {
    let known = sqlite::PictureRows::open(&draft.path().join(sqlite::FILE_NAME)).map_err(RestoreError::Database)?;
    let mut there = 0;
    for part in 0..=u8::MAX {
        let files = pictures::addresses(draft.path(), part);
        for (address, name) in files.map_err(|cause| RestoreError::Io(draft.path().to_owned(), cause))? {
            if known.shows(address).map_err(RestoreError::Database)? {
                there += 1;
            } else {
                let place = draft.path().join(name);
                fs::remove_file(&place).map_err(|cause| RestoreError::Io(place, cause))?;
            }
        }
    }
    let shown = known.count().map_err(RestoreError::Database)?;
    Ok((there, shown.saturating_sub(there)))
}
