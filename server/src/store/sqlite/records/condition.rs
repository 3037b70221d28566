//! From a typed condition to SQL.

use super::columns::{column, table};
use super::compare::{Side, compare};
use super::joins::Joins;
use super::{distance, narrow, values};
use crate::ids::UserId;
use crate::records::Collection;
use crate::records::schema::Kind;
use crate::store::{Comparison, Filter, Literal, Op, Operand, Path, StoreError};
use rusqlite::types::Value;

/// A condition under way: the tables it needs and the values it binds. The owner is the first of them.
pub(super) struct Condition {
    collection: Collection,
    pub(super) joins: Joins,
    pub(super) params: Params,
    /// Queries inside it.
    inner: usize,
}

/// Values that are bound, in the order of their numbers.
pub(super) struct Params(Vec<Value>);

impl Params {
    /// Binds a value; gives what stands for it.
    pub(super) fn bind(&mut self, value: impl Into<Value>) -> String {
        self.0.push(value.into());
        format!("?{}", self.0.len())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn into_values(self) -> Vec<Value> {
        self.0
    }
}

impl Condition {
    pub(super) fn new(owner: &UserId, collection: Collection) -> Self {
        let params = Params(vec![Value::Text(owner.as_str().to_owned())]);
        Self { collection, joins: Joins::new(collection, ""), params, inner: 0 }
    }

    pub(super) fn filter(&mut self, filter: &Filter) -> Result<String, StoreError> {
        match filter {
            Filter::All(parts) => self.group(parts, " AND "),
            Filter::Any(parts) => self.group(parts, " OR "),
            Filter::Compare(comparison) => self.comparison(comparison),
        }
    }

    /// The value at the end of a path.
    pub(super) fn value(&mut self, path: &Path) -> Result<String, StoreError> {
        path_value(path, &mut self.joins, &mut self.params)
    }

    fn group(&mut self, parts: &[Filter], by: &str) -> Result<String, StoreError> {
        let parts = parts.iter().map(|part| self.filter(part)).collect::<Result<Vec<_>, _>>()?;
        Ok(format!("({})", parts.join(by)))
    }

    fn comparison(&mut self, comparison: &Comparison) -> Result<String, StoreError> {
        let Comparison { left, op, any, right } = comparison;
        let mut sql = match self.narrowed(left, *op, right)? {
            Some(sql) => sql,
            None => self.plain(left, *op, right)?,
        };
        if !any && let Some(each) = self.holds_for_each(left, *op, right)? {
            sql = format!("({sql} AND {each})");
        }
        for path in [left, right].into_iter().flat_map(paths) {
            if path.field.kind == Kind::Email {
                let alias = self.joins.follow(path)?.alias;
                sql = format!("({sql} AND {alias}.email_visibility = 1)");
            }
        }
        Ok(sql)
    }

    /// A form that an index can serve, where there is one.
    fn narrowed(&mut self, left: &Operand, op: Op, right: &Operand) -> Result<Option<String>, StoreError> {
        let (Operand::Path(path), Operand::Literal(literal)) = (left, right) else { return Ok(None) };
        if path.modifier.is_some() {
            return Ok(None);
        }
        let place = self.joins.follow(path)?;
        let column = column(place.collection, path.field)?;
        Ok(narrow::comparison(column.stored, &column.of(&place.alias), place.joined, op, literal, &mut self.params))
    }

    fn plain(&mut self, left: &Operand, op: Op, right: &Operand) -> Result<String, StoreError> {
        let (left, right) = (self.side(left)?, self.side(right)?);
        Ok(compare(&left, op, &right, &mut self.params))
    }

    fn side(&mut self, operand: &Operand) -> Result<Side, StoreError> {
        let sql = expression(operand, &mut self.joins, &mut self.params)?;
        let literal = match operand {
            Operand::Literal(literal) => Some(literal.clone()),
            _ => None,
        };
        Ok(Side { sql, literal, json: is_json(operand) })
    }

    /// Where a side leads to several values: that it holds for each of them, not for one only. `None` where it does not.
    fn holds_for_each(&mut self, left: &Operand, op: Op, right: &Operand) -> Result<Option<String>, StoreError> {
        let (many_left, many_right) = (is_many(left), is_many(right));
        if !many_left && !many_right {
            return Ok(None);
        }
        let (mut tables, mut missing) = (Vec::new(), Vec::new());
        let mut sides = Vec::new();
        for (operand, is_many) in [(left, many_left), (right, many_right)] {
            if is_many {
                let alias = self.alias();
                tables.push((self.each(operand, &alias)?, alias.clone()));
                missing.extend(matches!(operand, Operand::Path(_)).then(|| alias.clone()));
                sides.push(Side { sql: format!("{alias}.v"), literal: None, json: is_json(operand) });
            } else {
                sides.push(Side { json: false, ..self.side(operand)? });
            }
        }
        let fails = format!("NOT ({})", compare(&sides[0], op, &sides[1], &mut self.params));
        // Where a path leads to no value only `=` may hold: of nothing, and of the empty text that stands for it.
        let missing = missing.iter().filter(|_| op != Op::Equal).map(|alias| format!("{alias}.v IS NULL"));
        let counterexample = std::iter::once(fails).chain(missing).collect::<Vec<_>>().join(" OR ");
        let from: Vec<_> = tables.iter().map(|(sql, alias)| format!("({sql}) AS {alias}")).collect();
        Ok(Some(format!("NOT EXISTS (SELECT 1 FROM {} WHERE {counterexample})", from.join(" LEFT JOIN "))))
    }

    /// A query of all values that the side has for the row at hand.
    fn each(&mut self, operand: &Operand, alias: &str) -> Result<String, StoreError> {
        let mut joins = Joins::new(self.collection, alias);
        let value = expression(operand, &mut joins, &mut self.params)?;
        let (table, _) = table(self.collection);
        Ok(format!("SELECT {value} AS v FROM {table} AS {alias}t{} WHERE {alias}t.rowid = t.rowid", joins.sql()))
    }

    fn alias(&mut self) -> String {
        self.inner += 1;
        format!("e{}", self.inner)
    }
}

/// The side as SQL, over the rows that `joins` leads to.
fn expression(operand: &Operand, joins: &mut Joins, params: &mut Params) -> Result<String, StoreError> {
    let (function, arguments) = match operand {
        Operand::Literal(literal) => return Ok(bound(literal, params)),
        Operand::Path(path) => return path_value(path, joins, params),
        Operand::Distance(places) => (distance::NAME, places.as_slice()),
        Operand::Strftime(arguments) => ("strftime", arguments.as_slice()),
    };
    let arguments = arguments.iter().map(|argument| expression(argument, joins, params));
    Ok(format!("{function}({})", arguments.collect::<Result<Vec<_>, _>>()?.join(", ")))
}

fn path_value(path: &Path, joins: &mut Joins, params: &mut Params) -> Result<String, StoreError> {
    let place = joins.follow(path)?;
    values::value(path, &place, params)
}

/// The paths in a side.
fn paths(operand: &Operand) -> Vec<&Path> {
    match operand {
        Operand::Literal(_) => Vec::new(),
        Operand::Path(path) => vec![path],
        Operand::Distance(arguments) => arguments.iter().flat_map(paths).collect(),
        Operand::Strftime(arguments) => arguments.iter().flat_map(paths).collect(),
    }
}

/// Whether a comparison has to hold for several values of the side. A distance is enough once, as in PocketBase.
fn is_many(operand: &Operand) -> bool {
    !matches!(operand, Operand::Distance(_)) && paths(operand).into_iter().any(Path::is_many)
}

fn is_json(operand: &Operand) -> bool {
    matches!(operand, Operand::Path(path) if values::is_json(path))
}

/// `null` and the empty text are words of SQL, as comparisons with them have other forms; anything else is bound.
fn bound(literal: &Literal, params: &mut Params) -> String {
    match literal {
        Literal::Null => "NULL".to_owned(),
        Literal::Text(text) if text.is_empty() => "''".to_owned(),
        Literal::Bool(flag) => params.bind(i64::from(*flag)),
        Literal::Integer(number) => params.bind(*number),
        Literal::Number(number) => params.bind(*number),
        Literal::Text(text) => params.bind(text.clone()),
    }
}
