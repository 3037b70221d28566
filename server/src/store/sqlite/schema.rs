//! Opening the file: its mode, the connections' settings, migrations. What the tables are is in `migrations/`.

use super::{OpenError, records};
use crate::store::StoreError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::fs::{self, OpenOptions, Permissions};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

/// One text per version, oldest first. Those that were released are never changed.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001.sql"),
    include_str!("migrations/0002.sql"),
    include_str!("migrations/0003.sql"),
    include_str!("migrations/0004.sql"),
    include_str!("migrations/0005.sql"),
    include_str!("migrations/0006.sql"),
    include_str!("migrations/0007.sql"),
    include_str!("migrations/0008.sql"),
    include_str!("migrations/0009.sql"),
    include_str!("migrations/0010.sql"),
    include_str!("migrations/0011.sql"),
    include_str!("migrations/0012.sql"),
    include_str!("migrations/0013.sql"),
];

/// How long a statement waits for another process's write before it is [`StoreError::Retry`].
pub(super) const BUSY: Duration = Duration::from_secs(5);
/// More than the store has statements, so that each is compiled once per connection.
const STATEMENTS: usize = 128;
/// How long the log of writes may grow before it is copied into the database (16 MB): each time costs two flushes, and
/// pages that are written again and again are copied once. More than this, and readers would look in a second table for
/// what the log holds.
const LOG_PAGES: u32 = 4000;

/// The connection that writes. Makes the file if it is missing, readable to its owner only, and brings it up to date.
pub(super) fn open_writer(path: &Path) -> Result<Connection, OpenError> {
    make_private(path)?;
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // Before anything is changed: a newer program's file is left as it is.
    refuse_newer(&connection)?;
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    if mode != "wal" {
        return Err(OpenError::Engine(format!("the journal mode is {mode}, not wal")));
    }
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update_and_check(None, "wal_autocheckpoint", LOG_PAGES, |_| Ok(()))?;
    connection.pragma_update(None, "foreign_keys", true)?;
    migrate(&mut connection, MIGRATIONS)?;
    Ok(connection)
}

/// An empty database of the present version in a file that SQLite removes when it is closed.
pub(super) fn open_nowhere() -> Result<Connection, OpenError> {
    let mut connection = connect(Path::new(""), OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    migrate(&mut connection, MIGRATIONS)?;
    Ok(connection)
}

/// A connection that cannot write. The file must be there.
pub(super) fn open_reader(path: &Path) -> Result<Connection, OpenError> {
    connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

/// SQLite gives the files beside it the same mode.
fn make_private(path: &Path) -> Result<(), OpenError> {
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    // A restored or copied file may come with a wider mode.
    Ok(fs::set_permissions(path, Permissions::from_mode(0o600))?)
}

/// A connection with the settings that all have in common. The file must be there.
pub(super) fn connect(path: &Path, access: OpenFlags) -> Result<Connection, OpenError> {
    // No mutex: a connection is only ever used by the thread that has it.
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Plans do not depend on the values bound. Else SQLite compiles a statement anew whenever a value that could matter
    // changes, or goes back to the cache: measured, four tenths of all the time of a settlement.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    records::register_functions(&connection)?;
    Ok(connection)
}

/// Asks the file something that it always knows. In a transaction that writes, this takes and gives back its lock.
pub(super) fn ask(connection: &Connection) -> Result<(), StoreError> {
    Ok(connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?)
}

/// Refuses what a newer program has written.
pub(super) fn refuse_newer(connection: &Connection) -> Result<(), OpenError> {
    let (found, known) = (version(connection)?, MIGRATIONS.len());
    if usize::try_from(found).is_ok_and(|found| found <= known) {
        Ok(())
    } else {
        Err(OpenError::Newer { found, known })
    }
}

/// Lets this program's version pass alone.
pub(super) fn refuse_others(connection: &Connection) -> Result<(), OpenError> {
    refuse_newer(connection)?;
    let (found, known) = (version(connection)?, MIGRATIONS.len());
    if usize::try_from(found) == Ok(known) { Ok(()) } else { Err(OpenError::Older { found, known }) }
}

/// Applies what is missing, all in one transaction: the file is brought up to date or stays as it was, and the disk is
/// waited for once.
fn migrate(connection: &mut Connection, migrations: &[&str]) -> Result<(), OpenError> {
    if usize::try_from(version(connection)?) == Ok(migrations.len()) {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Asked again under the lock: another process may have been faster.
    let found = version(&transaction)?;
    for (number, sql) in (1_i64..).zip(migrations).filter(|(number, _)| *number > found) {
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", number)?;
    }
    Ok(transaction.commit()?)
}

fn version(connection: &Connection) -> Result<i64, OpenError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::{MIGRATIONS, OpenError, migrate, open_writer, records, refuse_newer, version};
    use rusqlite::{Connection, StatementStatus};

    #[test]
    fn the_writer_is_durable_and_strict() {
        let directory = tempfile::tempdir().unwrap();
        let db = open_writer(&directory.path().join("db")).unwrap();
        let newest = i64::try_from(MIGRATIONS.len()).unwrap();
        for (pragma, expected) in
            [("synchronous", 2), ("wal_autocheckpoint", 4000), ("foreign_keys", 1), ("user_version", newest)]
        {
            let value: i64 = db.pragma_query_value(None, pragma, |row| row.get(0)).unwrap();
            assert_eq!(value, expected, "{pragma}");
        }
        let mode: String = db.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal");
    }

    #[test]
    fn statements_are_compiled_once() {
        let directory = tempfile::tempdir().unwrap();
        let db = open_writer(&directory.path().join("db")).unwrap();
        for id in ["a", "b"] {
            let sql = "SELECT * FROM jobs LEFT JOIN ledger ON ledger.job_id = jobs.id WHERE jobs.id = ?1";
            let mut statement = db.prepare_cached(sql).unwrap();
            assert!(!statement.exists([id]).unwrap());
            assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
        }
    }

    #[test]
    fn each_migration_runs_once_and_in_order() {
        let mut db = Connection::open_in_memory().unwrap();
        migrate(&mut db, &["CREATE TABLE a (x)"]).unwrap();
        db.execute("INSERT INTO a VALUES (1)", []).unwrap();
        let two = ["CREATE TABLE a (x)", "ALTER TABLE a ADD COLUMN y DEFAULT 2"];
        migrate(&mut db, &two).unwrap();
        migrate(&mut db, &two).unwrap();
        assert_eq!(db.query_row("SELECT x + y FROM a", [], |row| row.get::<_, i64>(0)).unwrap(), 3);
        assert_eq!(version(&db).unwrap(), 2);
    }

    #[test]
    fn a_database_of_each_earlier_version_is_brought_up_to_date() {
        for earlier in 0..MIGRATIONS.len() {
            let mut db = Connection::open_in_memory().unwrap();
            records::register_functions(&db).unwrap();
            migrate(&mut db, &MIGRATIONS[..earlier]).unwrap();
            migrate(&mut db, MIGRATIONS).unwrap();
            assert_eq!(usize::try_from(version(&db).unwrap()), Ok(MIGRATIONS.len()));
            db.prepare("SELECT failure_details FROM jobs JOIN idempotency_keys ON job_id = id").unwrap();
            db.prepare("SELECT nonce_hash, seq FROM jobs JOIN job_events ON job_id = id").unwrap();
            db.prepare("SELECT reported_by, result_hash FROM jobs").unwrap();
            db.prepare("SELECT code_hash, expires FROM invitations").unwrap();
        }
    }

    #[test]
    fn a_failing_migration_leaves_the_file_as_it_was() {
        let mut db = Connection::open_in_memory().unwrap();
        let broken = ["CREATE TABLE a (x)", "CREATE TABLE b (x)", "CREATE TABLE c (x); nonsense"];
        migrate(&mut db, &broken[..1]).unwrap();
        assert!(matches!(migrate(&mut db, &broken), Err(OpenError::Engine(_))));
        assert_eq!(version(&db).unwrap(), 1);
        assert!(db.prepare("SELECT x FROM b").is_err());
    }

    #[test]
    fn versions_this_program_does_not_know_are_refused() {
        let db = Connection::open_in_memory().unwrap();
        let known = i64::try_from(MIGRATIONS.len()).unwrap();
        for (found, refused) in [(0, false), (known, false), (known + 1, true), (-1, true)] {
            db.pragma_update(None, "user_version", found).unwrap();
            assert_eq!(refuse_newer(&db).is_err(), refused, "{found}");
        }
    }
}
