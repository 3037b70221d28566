//! A copy of the database, taken while it is in use.

use super::{OpenError, schema};
use rusqlite::OpenFlags;
use std::path::Path;

/// Writes the present state of the database at `from` to `to`, which must be an empty file or not there. Uncommitted
/// writes of others are left out, and nobody has to wait. What was deleted is not in the copy, which is of the version that
/// it was. Blocks for the disk.
///
/// # Errors
/// [`OpenError::Newer`]: a newer program may keep more than this one knows to copy. [`OpenError::Engine`] when `from` is missing or damaged or `to` cannot be written; what `to` holds then is useless.
pub fn snapshot(from: &Path, to: &Path) -> Result<(), OpenError> {
    let to = to.to_str().ok_or_else(|| OpenError::Engine("the path of the copy is not UTF-8".into()))?;
    // It only reads, but a connection that may not write would leave its log files behind when no server is running.
    let db = schema::connect(from, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    schema::refuse_newer(&db)?;
    db.execute("VACUUM INTO ?1", [to])?;
    Ok(())
}
