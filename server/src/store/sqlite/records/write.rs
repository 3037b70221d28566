//! Writes of records, one after the other in one transaction.

use super::columns::{Column, Stored, column, table};
use super::emptied;
use super::read::by_id;
use crate::ids::UserId;
use crate::records::Collection;
use crate::records::schema::{Field, Kind};
use crate::store::sqlite::rows::{Sql, below, execute};
use crate::store::sqlite::{folders, preferences};
use crate::store::{
    Action, Change, MAX_FOLDERS, MAX_PREFERENCES, Record, RecordWrite, Refusal, Setting, StoreError, Value, Values,
    Verb, Written,
};
use generatio_core::Timestamp;
use rusqlite::types::Value as SqlValue;
use rusqlite::{Connection, Params, params, params_from_iter};

/// Why one write ends.
enum End {
    Failed(StoreError),
    Refused(Refusal),
}

impl From<StoreError> for End {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl From<Refusal> for End {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

pub(in crate::store::sqlite) fn write(
    db: &Connection,
    owner: &UserId,
    writes: &[RecordWrite],
) -> Result<Vec<Written>, StoreError> {
    let one = |(index, write): (usize, &RecordWrite)| {
        write_one(&Target { db, owner, write }).map_err(|(creating, end)| match end {
            End::Failed(error) => error,
            End::Refused(refusal) => StoreError::Refused { index, creating, refusal },
        })
    };
    writes.iter().enumerate().map(one).collect()
}

/// The row that a write is about.
struct Target<'a> {
    db: &'a Connection,
    owner: &'a UserId,
    write: &'a RecordWrite,
}

/// With an error comes whether a record was to be made.
fn write_one(target: &Target<'_>) -> Result<Written, (bool, End)> {
    let make = |values| create(target, values).map_err(|end| (true, end));
    let change = |values| update(target, values).map_err(|end| (false, end));
    match &target.write.verb {
        Verb::Create(values) => make(values),
        Verb::Delete => delete(target).map_err(|end| (false, end)),
        Verb::Update(values) => change(values),
        Verb::Upsert { change: changed, make: made } => match target.is_taken() {
            Ok(true) => change(changed),
            Ok(false) => make(made),
            Err(error) => Err((false, error.into())),
        },
    }
}

fn create(target: &Target<'_>, values: &Values) -> Result<Written, End> {
    if target.points_elsewhere(values)? {
        return Err(Refusal::ForeignRelation.into());
    }
    check_flaws(values)?;
    target.check_room()?;
    if target.is_taken()? {
        return Err(target.taken("id"));
    }
    target.check_model(values)?;
    target.insert(values)?;
    target.written(Action::Create)
}

fn update(target: &Target<'_>, values: &Values) -> Result<Written, End> {
    let before = target.record()?;
    if target.points_elsewhere(values)? {
        return Err(Refusal::Missing.into());
    }
    check_flaws(values)?;
    target.check_circle(values)?;
    target.check_model(values)?;
    target.set(values, &before)?;
    target.written(Action::Update)
}

fn delete(target: &Target<'_>) -> Result<Written, End> {
    let record = target.record()?;
    let RecordWrite { collection, id, now, .. } = target.write;
    let pointing = emptied::empty(target.db, target.owner, (*collection, id), *now)?;
    execute(target.db, &format!("DELETE FROM {} WHERE id = ?1", table(*collection).0), [id])?;
    let mut changes = vec![Change::with(Action::Delete, record)];
    changes.extend(pointing.records(target.db)?);
    changes.extend(target.owner_changes()?);
    Ok(Written { record: None, changes })
}

fn check_flaws(values: &Values) -> Result<(), Refusal> {
    if values.flawed { Err(Refusal::Flawed) } else { Ok(()) }
}

impl Target<'_> {
    fn record(&self) -> Result<Record, End> {
        let RecordWrite { collection, id, .. } = self.write;
        by_id(self.db, self.owner, *collection, id)?.ok_or(End::Refused(Refusal::Missing))
    }

    fn written(&self, action: Action) -> Result<Written, End> {
        let record = self.record()?;
        let mut changes = vec![Change::with(action, record.clone())];
        if action == Action::Create {
            changes.extend(self.owner_changes()?);
        }
        Ok(Written { record: Some(record), changes })
    }

    /// A user's record lists their preferences.
    fn owner_changes(&self) -> Result<Option<Change>, StoreError> {
        if self.write.collection != Collection::ModelPreferences {
            return Ok(None);
        }
        let sql = "UPDATE users SET updated = ?2 WHERE id = ?1";
        execute(self.db, sql, params![self.owner, Sql(self.write.now)])?;
        let user = by_id(self.db, self.owner, Collection::Users, self.owner.as_str())?;
        Ok(user.map(|record| Change::with(Action::Update, record)))
    }

    /// Whether a row has the id, whoever's it is.
    fn is_taken(&self) -> Result<bool, StoreError> {
        let sql = format!("SELECT 1 FROM {} WHERE id = ?1", table(self.write.collection).0);
        exists(self.db, &sql, [&self.write.id])
    }

    fn taken(&self, field: &str) -> End {
        match self.write.collection.field(field) {
            Some(field) => Refusal::Taken(field).into(),
            None => StoreError::Backend(format!("no field {field}")).into(),
        }
    }

    /// Whether a relation leads to what is not there, or not the owner's.
    fn points_elsewhere(&self, values: &Values) -> Result<bool, StoreError> {
        for (field, setting) in &values.fields {
            if let (Some(to), Setting::To(Value::Text(id))) = (field.target(), setting)
                && !id.is_empty()
                && by_id(self.db, self.owner, to, id)?.is_none()
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the folder would lie in itself, by however many steps.
    fn check_circle(&self, values: &Values) -> Result<(), End> {
        let (Collection::Folders, Some(Value::Text(parent))) = (self.write.collection, values.value("parent_id"))
        else {
            return Ok(());
        };
        // UNION ends at a circle that is there already.
        let Some(field) = Collection::Folders.field("parent_id") else { return Ok(()) };
        let sql = "WITH RECURSIVE above (id) AS (
                       VALUES (?1) UNION SELECT parent FROM folders JOIN above USING (id) WHERE parent IS NOT NULL)
                   SELECT 1 FROM above WHERE id = ?2";
        let lies_in_itself = exists(self.db, sql, params![parent, self.write.id])?;
        if lies_in_itself { Err(Refusal::Circle(field).into()) } else { Ok(()) }
    }

    fn check_room(&self) -> Result<(), End> {
        let (most, count) = match self.write.collection {
            Collection::Folders => (MAX_FOLDERS, folders::COUNT),
            Collection::ModelPreferences => (MAX_PREFERENCES, preferences::COUNT),
            _ => return Ok(()),
        };
        match below(most, self.db, count, self.owner) {
            Err(StoreError::Full) => Err(Refusal::Full { most }.into()),
            other => Ok(other?),
        }
    }

    /// What is saved for a model is saved once.
    fn check_model(&self, values: &Values) -> Result<(), End> {
        let (Collection::ModelPreferences, Some(Value::Text(model))) =
            (self.write.collection, values.value("model_name"))
        else {
            return Ok(());
        };
        let sql = "SELECT 1 FROM preferences WHERE owner = ?1 AND model = ?2 AND id <> ?3";
        let saved = exists(self.db, sql, params![self.owner, model, self.write.id])?;
        if saved { Err(self.taken("model_name")) } else { Ok(()) }
    }

    fn insert(&self, values: &Values) -> Result<(), End> {
        let (table, own) = table(self.write.collection);
        let now = millis(self.write.now);
        let mut names = vec!["id", own, "created", "updated"];
        let mut given: Vec<SqlValue> =
            vec![self.write.id.clone().into(), self.owner.as_str().to_owned().into(), now.clone(), now];
        for (field, setting) in &values.fields {
            let (name, column) = self.column(field)?;
            names.push(name);
            given.push(match setting {
                Setting::By(step) => added(field, 0, *step)?.into(),
                Setting::To(value) => stored(column, value)?,
            });
        }
        let places: Vec<_> = (1..=given.len()).map(|place| format!("?{place}")).collect();
        let sql = format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), places.join(", "));
        execute(self.db, &sql, params_from_iter(given))?;
        Ok(())
    }

    fn set(&self, values: &Values, before: &Record) -> Result<(), End> {
        let mut sets = vec!["updated = ?2".to_owned()];
        let mut given: Vec<SqlValue> = vec![self.write.id.clone().into(), millis(self.write.now)];
        for (field, setting) in &values.fields {
            let (name, column) = self.column(field)?;
            given.push(match setting {
                Setting::By(step) => added(field, number(before, field)?, *step)?.into(),
                Setting::To(value) => stored(column, value)?,
            });
            sets.push(format!("{name} = ?{}", given.len()));
        }
        let sql = format!("UPDATE {} SET {} WHERE id = ?1", table(self.write.collection).0, sets.join(", "));
        match execute(self.db, &sql, params_from_iter(given)) {
            // The only other thing that is unique: a picture's place in its batch.
            Err(StoreError::IdTaken) => Err(self.taken("batch_number")),
            other => Ok(other.map(|_| ())?),
        }
    }

    fn column(&self, field: &Field) -> Result<(&'static str, Column), StoreError> {
        let column = column(self.write.collection, field)?;
        let name = column.name().ok_or_else(|| StoreError::Backend(format!("{} is computed", field.name)))?;
        Ok((name, column))
    }
}

fn exists(db: &Connection, sql: &str, params: impl Params) -> Result<bool, StoreError> {
    Ok(db.prepare_cached(sql)?.exists(params)?)
}

fn number(record: &Record, field: &Field) -> Result<i64, StoreError> {
    match record.value(field.name) {
        Some(Value::Number(digits)) => whole(&digits),
        _ => Err(StoreError::Backend(format!("{} is no number", field.name))),
    }
}

fn whole(digits: &str) -> Result<i64, StoreError> {
    digits.parse().map_err(|_| StoreError::Backend("a number is not whole".into()))
}

fn added(field: &'static Field, number: i64, step: i64) -> Result<i64, Refusal> {
    let Kind::Number { max } = field.kind else { return Err(Refusal::OutOfRange(field)) };
    let sum = number.checked_add(step).filter(|sum| (0..=i64::from(max)).contains(sum));
    sum.ok_or(Refusal::OutOfRange(field))
}

fn millis(moment: Timestamp) -> SqlValue {
    SqlValue::Integer(moment.unix_ms())
}

/// The value as its column holds it.
fn stored(column: Column, value: &Value) -> Result<SqlValue, StoreError> {
    Ok(match (column.stored, value) {
        (Stored::Integer, Value::Bool(flag)) => SqlValue::Integer(i64::from(*flag)),
        (Stored::Integer, Value::Number(digits)) => SqlValue::Integer(whole(digits)?),
        (Stored::Json, Value::Json(text)) | (Stored::Text, Value::Text(text)) => SqlValue::Text(text.clone()),
        (Stored::MaybeMillis, Value::Date(date)) => date.map_or(SqlValue::Null, millis),
        (Stored::MaybeText, Value::Text(text)) if text.is_empty() => SqlValue::Null,
        (Stored::MaybeText, Value::Text(text)) => SqlValue::Text(text.clone()),
        _ => return Err(StoreError::Backend("a value does not belong in its column".into())),
    })
}
