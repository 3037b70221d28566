//! Looking a database over without changing it, beside a running server or without one.

use super::{OpenError, schema};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;

/// Most faults that are told; a damaged file has thousands.
const MOST: usize = 10;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined {
    /// The schema's version.
    pub version: i64,
    /// The version that this program brings a database to.
    pub known: usize,
    /// What is damaged, in SQLite's words, which name tables and pages and no one's data; at most ten.
    pub faults: Vec<String>,
}

/// Reads every page and every reference between rows. Blocks for the disk, for as long as that takes.
///
/// # Errors
/// [`OpenError::Engine`] when there is no database, or it cannot be read at all.
pub fn examine(path: &Path) -> Result<Examined, OpenError> {
    // It only reads, but a connection that may not write would leave its log files behind when no server is running.
    let connection = schema::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let (version, known) = (schema::version(&connection)?, schema::newest());
    let mut faults = pages(&connection)?;
    faults.extend(references(&connection)?);
    faults.truncate(MOST);
    Ok(Examined { version, known, faults })
}

fn pages(connection: &Connection) -> Result<Vec<String>, OpenError> {
    let mut check = connection.prepare(&format!("PRAGMA quick_check({MOST})"))?;
    let told = check.query_map([], |row| row.get::<_, String>(0))?;
    let told = told.collect::<Result<Vec<_>, _>>()?;
    Ok(told.into_iter().filter(|line| line != "ok").collect())
}

fn references(connection: &Connection) -> Result<Vec<String>, OpenError> {
    let mut check = connection.prepare("PRAGMA foreign_key_check")?;
    let broken = |row: &rusqlite::Row<'_>| {
        let (table, parent) = (row.get::<_, String>(0)?, row.get::<_, String>(2)?);
        Ok(format!("a row of {table} belongs to a row of {parent} that is not there"))
    };
    Ok(check.query_map([], broken)?.take(MOST).collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::{Examined, examine};
    use crate::store::sqlite::schema;

    #[test]
    fn a_sound_file_is_sound_and_a_damaged_one_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        assert!(examine(&path).is_err(), "there is none, and none is made");
        assert!(!path.exists());
        let db = schema::open_writer(&path).unwrap();
        let newest = schema::newest();
        let sound = Examined { version: i64::try_from(newest).unwrap(), known: newest, faults: Vec::new() };
        assert_eq!(examine(&path).unwrap(), sound);
        db.pragma_update(None, "foreign_keys", false).unwrap();
        db.execute("INSERT INTO sealed_tokens (user_id, sealed, custody, updated) VALUES ('x', 'x', 'client', 0)", [])
            .unwrap();
        let told = examine(&path).unwrap().faults;
        assert_eq!(told, ["a row of sealed_tokens belongs to a row of users that is not there"]);
    }
}
