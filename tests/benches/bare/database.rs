//! Connections with the settings of the server's store.

use crate::Outcome;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;

pub(super) fn reader(file: &Path) -> Outcome<Connection> {
    open(file, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

/// As durable as the server's.
pub(super) fn writer(file: &Path) -> Outcome<Connection> {
    let db = open(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    db.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    db.pragma_update(None, "synchronous", "full")?;
    db.pragma_update_and_check(None, "wal_autocheckpoint", 4000, |_| Ok(()))?;
    db.pragma_update(None, "foreign_keys", true)?;
    Ok(db)
}

fn open(file: &Path, access: OpenFlags) -> Outcome<Connection> {
    let db = Connection::open_with_flags(file, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.set_prepared_statement_cache_capacity(128);
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(db)
}
