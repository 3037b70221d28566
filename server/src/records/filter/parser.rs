//! From words to a tree, by section 3.3's grammar. `&&` binds tighter than `||`.

use super::lexer::{Token, tokens};
use super::tree::{Compare, Expr, Term};
use super::{FilterError, MAX_BYTES, MAX_CALLS, MAX_COMPARISONS};

/// Reads a filter.
///
/// # Errors
/// [`FilterError::TooMuch`] beyond the limits, [`FilterError::Malformed`] otherwise; also for nothing but blanks and
/// comments.
pub fn parse(text: &str) -> Result<Expr, FilterError> {
    if text.len() > MAX_BYTES {
        return Err(FilterError::TooMuch);
    }
    let tokens = tokens(text)?;
    Parser { tokens: tokens.into_iter().peekable(), end: text.len(), comparisons: 0 }.filter()
}

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<(usize, Token)>>,
    /// Where the text ends.
    end: usize,
    comparisons: usize,
}

/// What was read of a filter in parentheses, or of the whole.
#[derive(Default)]
struct Group {
    /// What `||` follows.
    any: Vec<Expr>,
    /// What `&&` joins since then.
    all: Vec<Expr>,
    /// Whether `||` was the last to join anything.
    ors: bool,
}

impl Group {
    fn or(&mut self) {
        self.any.push(grouped(std::mem::take(&mut self.all), Expr::All));
        self.ors = true;
    }

    fn finish(mut self) -> Expr {
        self.or();
        grouped(self.any, Expr::Any)
    }
}

impl Parser {
    /// Parentheses nest on a stack of their own: however many there are, the tree is no deeper than it has comparisons.
    fn filter(mut self) -> Result<Expr, FilterError> {
        let mut outer = Vec::new();
        let mut group = Group::default();
        loop {
            while self.take(&Token::Open) {
                outer.push(std::mem::take(&mut group));
            }
            let comparison = self.comparison()?;
            group.all.push(Expr::Compare(comparison));
            let mut closed = false;
            while let Some((at, _)) = self.tokens.next_if(|(_, token)| *token == Token::Close) {
                let around = outer.pop().ok_or(FilterError::Malformed { at })?;
                let inner = std::mem::replace(&mut group, around);
                group.all.push(inner.finish());
                closed = true;
            }
            match self.tokens.peek() {
                None if outer.is_empty() => return Ok(group.finish()),
                // Two groups side by side are joined as the two before them, PocketBase has it; or else by `&&`.
                Some((_, Token::Open)) if closed && group.ors => group.or(),
                Some((_, Token::Open)) if closed => {}
                _ => self.join(&mut group)?,
            }
        }
    }

    fn join(&mut self, group: &mut Group) -> Result<(), FilterError> {
        match self.next()? {
            (_, Token::And) => group.ors = false,
            (_, Token::Or) => group.or(),
            (at, _) => return Err(FilterError::Malformed { at }),
        }
        Ok(())
    }

    fn comparison(&mut self) -> Result<Compare, FilterError> {
        self.comparisons += 1;
        if self.comparisons > MAX_COMPARISONS {
            return Err(FilterError::TooMuch);
        }
        let left = self.term(0)?;
        let (op, any) = match self.next()? {
            (_, Token::Operator { op, any }) => (op, any),
            (at, _) => return Err(FilterError::Malformed { at }),
        };
        Ok(Compare { left, op, any, right: self.term(0)? })
    }

    /// A side or an argument, within `calls` functions.
    fn term(&mut self, calls: usize) -> Result<Term, FilterError> {
        match self.next()? {
            (_, Token::Name(name)) => Ok(Term::Name(name)),
            (_, Token::Number(number)) => Ok(Term::Number(number)),
            (_, Token::Text(text)) => Ok(Term::Text(text)),
            (_, Token::Call(name)) if calls < MAX_CALLS => Ok(Term::Call(name, self.arguments(calls + 1)?)),
            (_, Token::Call(_)) => Err(FilterError::TooMuch),
            (at, _) => Err(FilterError::Malformed { at }),
        }
    }

    fn arguments(&mut self, calls: usize) -> Result<Vec<Term>, FilterError> {
        let mut arguments = Vec::new();
        if self.take(&Token::Close) {
            return Ok(arguments);
        }
        arguments.push(self.term(calls)?);
        while self.take(&Token::Comma) {
            arguments.push(self.term(calls)?);
        }
        self.expect(&Token::Close)?;
        Ok(arguments)
    }

    fn next(&mut self) -> Result<(usize, Token), FilterError> {
        self.tokens.next().ok_or(FilterError::Malformed { at: self.end })
    }

    fn take(&mut self, wanted: &Token) -> bool {
        self.tokens.next_if(|(_, token)| token == wanted).is_some()
    }

    fn expect(&mut self, wanted: &Token) -> Result<(), FilterError> {
        match self.next()? {
            (_, token) if token == *wanted => Ok(()),
            (at, _) => Err(FilterError::Malformed { at }),
        }
    }
}

/// One part stands for itself.
fn grouped(mut parts: Vec<Expr>, group: fn(Vec<Expr>) -> Expr) -> Expr {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            group(parts)
        }
    }
}
