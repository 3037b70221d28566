//! How values stand in rows, both ways. A value that cannot be what its column holds is an error, never a panic.

use crate::ids::{FolderId, ImageId, InvitationId, JobId, LedgerId, PreferenceId, UserId};
use crate::pictures::{Address, Format};
use crate::store::{Actor, Basis, Custody, Deed, Fence, JobState, Reporter, Source, StoreError};
use generatio_core::Timestamp;
use generatio_core::cost::{Amount, Certainty, PriceBook, Unit, Units, Usd};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OptionalExtension, Params, Row, RowIndex, ffi};

/// Lends SQL's traits to types of other crates.
pub(super) struct Sql<T>(pub(super) T);

/// The value of a column that holds a type of [`Sql`].
pub(super) fn get<T>(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<T>
where
    Sql<T>: FromSql,
{
    row.get(column).map(|Sql(value)| value)
}

/// The same for a column that may be empty.
pub(super) fn maybe<T>(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<Option<T>>
where
    Sql<T>: FromSql,
{
    Ok(row.get::<_, Option<Sql<T>>>(column)?.map(|Sql(value)| value))
}

/// The five columns `{prefix}_unit` to `{prefix}_certainty`.
pub(super) fn amount(row: &Row<'_>, prefix: &str) -> rusqlite::Result<Amount> {
    Ok(Amount {
        unit: get(row, format!("{prefix}_unit").as_str())?,
        units: get(row, format!("{prefix}_units").as_str())?,
        unit_price: get(row, format!("{prefix}_unit_price").as_str())?,
        amount: get(row, format!("{prefix}_amount").as_str())?,
        certainty: get(row, format!("{prefix}_certainty").as_str())?,
    })
}

/// The first row, if there is one.
pub(super) fn optional<T>(
    db: &Connection,
    sql: &str,
    params: impl Params,
    read: fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>, StoreError> {
    Ok(db.prepare_cached(sql)?.query_row(params, read).optional()?)
}

/// All rows.
pub(super) fn all<T>(
    db: &Connection,
    sql: &str,
    params: impl Params,
    read: fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, StoreError> {
    Ok(db.prepare_cached(sql)?.query_map(params, read)?.collect::<Result<_, _>>()?)
}

/// Changes rows; says how many.
pub(super) fn execute(db: &Connection, sql: &str, params: impl Params) -> Result<usize, StoreError> {
    Ok(db.prepare_cached(sql)?.execute(params)?)
}

/// Lets pass while `count` finds fewer than `most` rows of the owner.
pub(super) fn below(most: u32, db: &Connection, count: &str, owner: &UserId) -> Result<(), StoreError> {
    let rows: u32 = db.prepare_cached(count)?.query_row([owner], |row| row.get(0))?;
    if rows < most { Ok(()) } else { Err(StoreError::Full) }
}

/// What the engine refused, in the store's words. Its texts name tables and columns, never values.
impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error().map(|failure| (failure.code, failure.extended_code)) {
            Some((_, ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_UNIQUE)) => StoreError::IdTaken,
            Some((_, ffi::SQLITE_CONSTRAINT_FOREIGNKEY)) => StoreError::Missing,
            Some((ErrorCode::OperationInterrupted, _)) => StoreError::TooLong,
            Some((ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _)) => StoreError::Retry,
            _ => StoreError::Backend(error.to_string()),
        }
    }
}

/// The text does not belong in its column.
#[derive(Debug, thiserror::Error)]
#[error("the column holds no {0}")]
struct Corrupt(&'static str);

fn parsed<T>(value: ValueRef<'_>, what: &'static str, parse: impl Fn(&str) -> Option<T>) -> FromSqlResult<T> {
    parse(value.as_str()?).ok_or_else(|| FromSqlError::other(Corrupt(what)))
}

/// Ids stand as their text.
macro_rules! ids {
    ($($id:ident),+) => {$(
        impl FromSql for $id {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                parsed(value, stringify!($id), $id::parse)
            }
        }

        impl ToSql for $id {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                self.as_str().to_sql()
            }
        }
    )+};
}

/// Enumerations stand as their `as_str`.
macro_rules! enumerations {
    ($($name:ident: $($value:ident),+;)+) => {$(
        impl FromSql for Sql<$name> {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                let find = |text: &str| [$($name::$value),+].into_iter().find(|one| one.as_str() == text);
                parsed(value, stringify!($name), find).map(Self)
            }
        }

        impl ToSql for Sql<$name> {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                self.0.as_str().to_sql()
            }
        }
    )+};
}

/// Newtypes of an integer stand as that.
macro_rules! integers {
    ($($name:ident: $from:path, $to:expr;)+) => {$(
        impl FromSql for Sql<$name> {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                value.as_i64().map($from).map(Self).map_err(FromSqlError::from)
            }
        }

        impl ToSql for Sql<$name> {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::from($to(self.0)))
            }
        }
    )+};
}

ids!(FolderId, ImageId, InvitationId, JobId, LedgerId, PreferenceId, UserId);

enumerations! {
    Actor: Nobody, Operator, User;
    Basis: Account, Fal;
    Certainty: Known, Estimated, Unpriced;
    Custody: Password, Client;
    Deed: AddressChanged, Deleted, Imported, InvitationRefused, InvitationRevoked, InvitationUsed, Invited, LoggedIn, LoginFailed, PasswordChanged, PasswordReset, Registered, Rekeyed,
        SessionEnded, SessionStarted, TokenRemoved, TokenSet, Unlocked;
    Format: Jpeg, Png, Webp;
    JobState: Created, Submitting, Submitted, Completed, Failed, Canceled, Unknown;
    PriceBook: Catalog, Fal;
    Reporter: Server, Client, Webhook;
    Source: Direct, Server;
    Unit: Image, Megapixel, ComputeSecond;
}

integers! {
    Fence: Fence, |fence: Fence| fence.0;
    Timestamp: Timestamp::from_unix_ms, Timestamp::unix_ms;
    Usd: Usd::from_nano, Usd::nano;
}

/// Counts are never negative.
impl FromSql for Sql<u64> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let integer = value.as_i64()?;
        u64::try_from(integer).map(Self).map_err(|_| FromSqlError::OutOfRange(integer))
    }
}

impl ToSql for Sql<u64> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let integer = i64::try_from(self.0).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        Ok(ToSqlOutput::from(integer))
    }
}

/// Hexadecimal text, so that people can find the file.
impl FromSql for Sql<Address> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        parsed(value, "Address", |text| Address::parse(text).ok()).map(Self)
    }
}

impl ToSql for Sql<Address> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.0.to_string()))
    }
}

/// Decimal text: units have more digits than an integer column.
impl FromSql for Sql<Units> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        parsed(value, "Units", |text| Units::parse(text).ok()).map(Self)
    }
}

impl ToSql for Sql<Units> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.0.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Sql, get};
    use crate::ids::UserId;
    use crate::store::{JobState, StoreError};
    use generatio_core::cost::Units;
    use rusqlite::types::FromSql;
    use rusqlite::{Connection, Row};

    fn column<T>(sql: &str, read: fn(&Row<'_>) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        Ok(Connection::open_in_memory().unwrap().query_row(sql, [], read)?)
    }

    fn sql<T>(row: &Row<'_>) -> rusqlite::Result<T>
    where
        Sql<T>: FromSql,
    {
        get(row, "x")
    }

    #[test]
    fn every_state_comes_back() {
        for state in JobState::ALL {
            let db = Connection::open_in_memory().unwrap();
            let read: JobState = db.query_row("SELECT ? AS x", [Sql(state)], sql).unwrap();
            assert_eq!(read, state);
        }
    }

    #[test]
    fn values_that_do_not_belong_are_errors() {
        let refused = |result: Option<StoreError>| matches!(result, Some(StoreError::Backend(_)));
        assert!(refused(column("SELECT 'paused' AS x", sql::<JobState>).err()));
        assert!(refused(column("SELECT 7 AS x", sql::<JobState>).err()));
        assert!(refused(column("SELECT x'ff' AS x", sql::<JobState>).err()));
        assert!(refused(column("SELECT '-1' AS x", sql::<Units>).err()));
        assert!(refused(column("SELECT 'too short' AS x", |row| row.get::<_, UserId>("x")).err()));
        assert!(refused(column("SELECT -1 AS x", |row| row.get::<_, u32>("x")).err()));
        assert_eq!(column("SELECT 'created' AS x", sql::<JobState>), Ok(JobState::Created));
    }
}
