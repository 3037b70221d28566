//! From a tree of words to a typed condition, over the schema and at a moment.

use super::tree::{Compare, Expr, Term};
use super::{FilterError, MAX_RELATIONS, macros, paths};
use crate::records::Collection;
use crate::store::{Comparison, Filter, Hop, Literal, Operand, Path};
use generatio_core::Timestamp;

/// Most arguments of `strftime`.
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

    /// What a function takes is PocketBase's choice, too.
    fn call(&mut self, name: &str, arguments: &[Term]) -> Result<Operand, FilterError> {
        let is_good = match name {
            "geoDistance" => arguments.iter().all(|argument| matches!(argument, Term::Name(_) | Term::Number(_))),
            "strftime" => is_strftime(arguments),
            _ => false,
        };
        if !is_good {
            return Err(FilterError::Function);
        }
        let arguments = arguments.iter().map(|argument| self.operand(argument)).collect::<Result<Vec<_>, _>>()?;
        if name == "strftime" {
            return Ok(Operand::Strftime(arguments));
        }
        arguments.try_into().map(Operand::Distance).map_err(|_| FilterError::Function)
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

/// A format, then a moment that is no function, then texts that change it.
fn is_strftime(arguments: &[Term]) -> bool {
    let is_text = |argument: &Term| matches!(argument, Term::Text(_));
    arguments.len() <= MAX_ARGUMENTS
        && arguments.first().is_some_and(is_text)
        && !matches!(arguments.get(1), Some(Term::Call(..)))
        && arguments.iter().skip(2).all(is_text)
}
