//! From a tree of words to a typed condition, over the schema and at a moment.

use super::tree::{Compare, Expr, Term};
use super::{FilterError, MAX_RELATIONS, macros, paths};
use crate::records::Collection;
use crate::records::schema::Kind;
use crate::store::{Comparison, Filter, Hop, Literal, Operand, Path};
use generatio_core::Timestamp;

/// Most arguments of a function.
const MAX_ARGUMENTS: usize = 10;

/// Looks names up for one question, whose filter and sort share a limit.
#[derive(Debug)]
pub struct Resolver {
    collection: Collection,
    now: Timestamp,
    /// The ways followed so far.
    ways: Vec<Vec<Hop>>,
}

impl Resolver {
    /// For a question about this collection, put at `now`.
    #[must_use]
    pub fn new(collection: Collection, now: Timestamp) -> Self {
        Self { collection, now, ways: Vec::new() }
    }

    /// The condition that a filter means.
    ///
    /// # Errors
    /// [`FilterError::Field`], [`FilterError::Function`], [`FilterError::TooMuch`].
    pub fn filter(&mut self, expr: &Expr) -> Result<Filter, FilterError> {
        Ok(match expr {
            Expr::All(parts) => Filter::All(self.filters(parts)?),
            Expr::Any(parts) => Filter::Any(self.filters(parts)?),
            Expr::Compare(compare) => Filter::Compare(self.comparison(compare)?),
        })
    }

    /// The path that a name means.
    ///
    /// # Errors
    /// [`FilterError::Field`], [`FilterError::TooMuch`].
    pub fn path(&mut self, name: &str) -> Result<Path, FilterError> {
        let path = paths::resolve(self.collection, name)?;
        for length in 1..=path.hops.len() {
            let way = &path.hops[..length];
            if !self.ways.iter().any(|known| known == way) {
                self.ways.push(way.to_vec());
            }
        }
        if self.ways.len() > MAX_RELATIONS { Err(FilterError::TooMuch) } else { Ok(path) }
    }

    fn filters(&mut self, parts: &[Expr]) -> Result<Vec<Filter>, FilterError> {
        parts.iter().map(|part| self.filter(part)).collect()
    }

    fn comparison(&mut self, compare: &Compare) -> Result<Comparison, FilterError> {
        let Compare { op, any, .. } = *compare;
        Ok(Comparison { left: self.operand(&compare.left)?, op, any, right: self.operand(&compare.right)? })
    }

    fn operand(&mut self, term: &Term) -> Result<Operand, FilterError> {
        let literal = match term {
            Term::Call(name, arguments) => return self.call(name, arguments),
            Term::Name(name) => match self.word(name) {
                Some(literal) => literal,
                None => return self.path(name).map(Operand::Path),
            },
            // Digits with at most one point: it is a number, if perhaps an infinite one.
            Term::Number(number) => Literal::Number(number.parse().map_err(|_| FilterError::Field)?),
            Term::Text(text) => Literal::Text(text.clone()),
        };
        Ok(Operand::Literal(literal))
    }

    /// `strftime` is the one function there is.
    fn call(&mut self, name: &str, arguments: &[Term]) -> Result<Operand, FilterError> {
        let formatted = matches!(arguments.first(), Some(Term::Text(_))) && arguments.len() <= MAX_ARGUMENTS;
        if name != "strftime" || !formatted {
            return Err(FilterError::Function);
        }
        let arguments = arguments.iter().map(|argument| match self.operand(argument)? {
            Operand::Strftime(_) => Err(FilterError::Function),
            // One value goes in, and none that is found only under a condition.
            Operand::Path(path) if path.is_many() || path.field.kind == Kind::Email => Err(FilterError::Function),
            single => Ok(single),
        });
        arguments.collect::<Result<_, _>>().map(Operand::Strftime)
    }

    fn word(&self, name: &str) -> Option<Literal> {
        if name.starts_with('@') {
            return macros::value(name, self.now);
        }
        match name.to_ascii_lowercase().as_str() {
            "null" => Some(Literal::Null),
            "true" => Some(Literal::Bool(true)),
            "false" => Some(Literal::Bool(false)),
            _ => None,
        }
    }
}
