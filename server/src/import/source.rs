//! The original's database, read only. The one place with SQL that is not ours: PocketBase keeps each collection as a
//! table of the same name, with a column for each field.

use super::ImportError;
use super::row::{LONGEST, Row};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Its name in the data directory.
const FILE_NAME: &str = "data.db";
/// How long a statement waits for a PocketBase that is at work on the file.
const BUSY: Duration = Duration::from_secs(10);
/// What stands for itself in the address of a file.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Columns are read if they are there, but for the first ones, without which a table is another one's.
struct Table {
    name: &'static str,
    columns: &'static [&'static str],
    needed: usize,
}

const USERS: Table = Table {
    name: "generatio_users",
    columns: &["id", "email", "password", "emailVisibility", "verified", "name", "fal_token", "created", "updated"],
    needed: 3,
};
const FOLDERS: Table = Table {
    name: "folders",
    columns: &["id", "user_id", "name", "created", "parent_id", "private", "deleted_at", "updated"],
    needed: 4,
};
const PREFERENCES: Table =
    Table { name: "model_preferences", columns: &["id", "model_name", "preferences", "created", "updated"], needed: 4 };
const IMAGES: Table = Table {
    name: "images",
    columns: &[
        "id",
        "user_id",
        "url",
        "prompt",
        "model",
        "created",
        "title",
        "request_id",
        "batch_number",
        "image_size",
        "other_info",
        "folder_id",
        "deleted_at",
        "updated",
    ],
    needed: 6,
};
/// As [`PREFERENCES`], and who names it.
const OWNED_PREFERENCES: &[&str] = &["id", "model_name", "preferences", "created", "updated", "owner"];

/// Why the original's data cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// SQLite refuses.
    #[error("{} cannot be read", .0.display())]
    Engine(PathBuf, #[source] rusqlite::Error),
    /// A table of the original's is not there, or another program's.
    #[error("{} is not the original's: its collection {table} has no field {column}", .path.display())]
    Foreign {
        /// The database.
        path: PathBuf,
        /// The collection.
        table: &'static str,
        /// The field.
        column: &'static str,
    },
    /// There is no database.
    #[error("{} holds no {FILE_NAME}: name the data directory of the original's PocketBase (pb_data)", .0.display())]
    Missing(PathBuf),
}

/// The database at one moment.
pub(super) struct Source {
    db: Connection,
    path: PathBuf,
}

impl Source {
    /// Opens what is in a data directory. All of it is seen as it is now, whatever a running PocketBase does.
    pub(super) fn open(directory: &Path) -> Result<Self, SourceError> {
        let path = directory.join(FILE_NAME);
        if !path.is_file() {
            return Err(SourceError::Missing(directory.to_owned()));
        }
        let opened = connect(&path).and_then(|db| {
            db.execute_batch("BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1")?;
            Ok(db)
        });
        let source = match opened {
            Ok(db) => Self { db, path },
            Err(cause) => return Err(SourceError::Engine(path, cause)),
        };
        for table in [USERS, FOLDERS, PREFERENCES, IMAGES] {
            source.check(&table)?;
        }
        Ok(source)
    }

    fn check(&self, table: &Table) -> Result<(), SourceError> {
        for column in table.columns.iter().take(table.needed) {
            if !self.has(table.name, column)? {
                return Err(SourceError::Foreign { path: self.path.clone(), table: table.name, column });
            }
        }
        Ok(())
    }

    fn has(&self, table: &str, column: &str) -> Result<bool, SourceError> {
        let sql = "SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2";
        let found = self.db.prepare_cached(sql).and_then(|mut one| one.exists([table, column]));
        found.map_err(|cause| self.engine(cause))
    }

    fn engine(&self, cause: rusqlite::Error) -> SourceError {
        SourceError::Engine(self.path.clone(), cause)
    }

    /// A table's columns as a list of expressions. What is too long comes as an empty blob, unread; what is not there as
    /// null.
    fn columns(&self, table: &Table, of: &str) -> Result<String, SourceError> {
        let mut list = Vec::new();
        for column in table.columns {
            list.push(if self.has(table.name, column)? {
                format!(r#"iif(octet_length({of}."{column}") > {LONGEST}, x'', {of}."{column}")"#)
            } else {
                "NULL".to_owned()
            });
        }
        Ok(list.join(", "))
    }

    /// Hands out the rows of a statement, one at a time.
    fn each(
        &self,
        sql: &str,
        columns: &'static [&'static str],
        mut take: impl FnMut(&Row<'_>) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let mut statement = self.db.prepare(sql).map_err(|cause| self.engine(cause))?;
        let mut rows = statement.query([]).map_err(|cause| self.engine(cause))?;
        while let Some(row) = rows.next().map_err(|cause| self.engine(cause))? {
            take(&Row { row, columns })?;
        }
        Ok(())
    }

    /// Accounts, in the order they were made.
    pub(super) fn users(&self, take: impl FnMut(&Row<'_>) -> Result<(), ImportError>) -> Result<(), ImportError> {
        let columns = self.columns(&USERS, "t")?;
        self.each(&format!("SELECT {columns} FROM generatio_users AS t ORDER BY t.rowid"), USERS.columns, take)
    }

    /// Folders, each after the one it lies in; those that lie in each other in a circle come last.
    pub(super) fn folders(&self, take: impl FnMut(&Row<'_>) -> Result<(), ImportError>) -> Result<(), ImportError> {
        let columns = self.columns(&FOLDERS, "t")?;
        let sql = if self.has(FOLDERS.name, "parent_id")? {
            format!(
                "WITH RECURSIVE tree (id, depth) AS (
                     SELECT id, 0 FROM folders WHERE coalesce(parent_id, '') NOT IN (SELECT id FROM folders)
                     UNION ALL
                     SELECT child.id, tree.depth + 1 FROM tree JOIN folders AS child ON child.parent_id = tree.id
                 )
                 SELECT {columns} FROM folders AS t LEFT JOIN tree ON tree.id = t.id
                 ORDER BY tree.depth IS NULL, tree.depth, t.rowid"
            )
        } else {
            format!("SELECT {columns} FROM folders AS t ORDER BY t.rowid")
        };
        self.each(&sql, FOLDERS.columns, take)
    }

    /// Preferences, each once for every user who names it, and once without an owner when nobody does.
    pub(super) fn preferences(&self, take: impl FnMut(&Row<'_>) -> Result<(), ImportError>) -> Result<(), ImportError> {
        let columns = self.columns(&PREFERENCES, "t")?;
        let sql = if self.has(USERS.name, "model_preferences")? {
            // One id as a text, or several as a JSON array.
            format!(
                "SELECT {columns}, named.owner FROM model_preferences AS t LEFT JOIN (
                     SELECT DISTINCT u.id AS owner, e.value AS preference FROM generatio_users AS u, json_each(
                         CASE WHEN json_valid(u.model_preferences) AND json_type(u.model_preferences) = 'array'
                              THEN u.model_preferences
                              ELSE json_array(CAST(coalesce(u.model_preferences, '') AS TEXT)) END) AS e
                 ) AS named ON named.preference = t.id
                 ORDER BY t.rowid"
            )
        } else {
            format!("SELECT {columns}, NULL FROM model_preferences AS t ORDER BY t.rowid")
        };
        self.each(&sql, OWNED_PREFERENCES, take)
    }

    /// Pictures, in the order they were made.
    pub(super) fn images(&self, take: impl FnMut(&Row<'_>) -> Result<(), ImportError>) -> Result<(), ImportError> {
        let columns = self.columns(&IMAGES, "t")?;
        self.each(&format!("SELECT {columns} FROM images AS t ORDER BY t.rowid"), IMAGES.columns, take)
    }
}

/// Opens the file so that it cannot be written to. Beside a write-ahead log, which a running PocketBase has and a killed
/// one leaves, that log is read, too; SQLite needs its index file then and makes it where it is missing. Without one
/// nobody is at work on the file, and nothing is made beside it.
fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let mode = if Path::new(&log).exists() { "mode=ro" } else { "immutable=1" };
    let path = path.to_str().ok_or_else(|| rusqlite::Error::InvalidPath(path.to_owned()))?;
    let db = Connection::open_with_flags(format!("file:{}?{mode}", utf8_percent_encode(path, PLAIN)), flags)?;
    db.busy_timeout(BUSY)?;
    db.pragma_update(None, "query_only", true)?;
    // Texts of the schema are another program's.
    db.pragma_update(None, "trusted_schema", false)?;
    Ok(db)
}
