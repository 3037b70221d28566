//! Tables that the paths of a question lead through. Each is joined once per way, so that two comparisons along the same
//! way are about the same related row, and each time with the owner's condition: another's row is none.

use super::BASE;
use super::columns::{column, table};
use crate::records::Collection;
use crate::records::schema::Field;
use crate::store::{Hop, Path, StoreError};
use std::fmt::Write;

/// The joins of one `FROM`.
pub(super) struct Joins {
    collection: Collection,
    /// What the aliases begin with, so that those of a query inside another differ from its own.
    prefix: String,
    sql: String,
    ways: Vec<(Vec<Hop>, String)>,
}

/// A row that a path leads to.
pub(super) struct Place {
    pub(super) alias: String,
    pub(super) collection: Collection,
    /// Whether it was joined, hence may be missing.
    pub(super) joined: bool,
}

impl Joins {
    /// None yet, from rows of `collection` whose alias is `{prefix}t`.
    pub(super) fn new(collection: Collection, prefix: impl Into<String>) -> Self {
        Self { collection, prefix: prefix.into(), sql: String::new(), ways: Vec::new() }
    }

    /// What follows the first table of the `FROM`.
    pub(super) fn sql(&self) -> &str {
        &self.sql
    }

    /// Whether one row may become several.
    pub(super) fn is_many(&self) -> bool {
        self.ways.iter().any(|(way, _)| way.iter().any(Hop::is_many))
    }

    /// The row that the path's field is in.
    pub(super) fn follow(&mut self, path: &Path) -> Result<Place, StoreError> {
        let mut place = Place { alias: format!("{}{BASE}", self.prefix), collection: self.collection, joined: false };
        for length in 1..=path.hops.len() {
            place = self.step(&path.hops[..length], &place)?;
        }
        Ok(place)
    }

    /// The last hop of the way, from where the others lead.
    fn step(&mut self, way: &[Hop], from: &Place) -> Result<Place, StoreError> {
        let hop = way.last().ok_or_else(astray)?;
        let collection = hop.target().ok_or_else(astray)?;
        if let Some((_, alias)) = self.ways.iter().find(|(known, _)| known == way) {
            return Ok(Place { alias: alias.clone(), collection, joined: true });
        }
        let alias = format!("{}j{}", self.prefix, self.ways.len());
        let on = match hop {
            Hop::Out(field) => holds(from.collection, field, &from.alias, &format!("{alias}.id"))?,
            Hop::Back(back, field) => holds(*back, field, &alias, &format!("{}.id", from.alias))?,
        };
        let on = if let Hop::Out(field) = hop
            && field.is_many()
        {
            owns(&from.alias, &alias)
        } else {
            on
        };
        let (table, own) = table(collection);
        // Writing to a text does not fail.
        let _ = write!(self.sql, " LEFT JOIN {table} AS {alias} ON {on} AND {alias}.{own} = ?1");
        self.ways.push((way.to_vec(), alias.clone()));
        Ok(Place { alias, collection, joined: true })
    }
}

/// The condition that the relation `field` of the row `alias` holds `id`, an expression.
pub(super) fn holds(collection: Collection, field: &Field, alias: &str, id: &str) -> Result<String, StoreError> {
    if field.is_many() {
        // The one relation of its kind: a user's preferences are those that they own.
        return Ok(format!("{alias}.id = (SELECT held.owner FROM preferences AS held WHERE held.id = {id})"));
    }
    let column = column(collection, field)?.of(alias);
    Ok(format!("{column} = {id}"))
}

/// The same for a preference that is joined already.
fn owns(user: &str, preference: &str) -> String {
    format!("{preference}.owner = {user}.id")
}

fn astray() -> StoreError {
    StoreError::Backend("a path leads along a field that is no relation".into())
}
