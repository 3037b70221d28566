//! A filter as it was written: names not looked up yet.

use crate::store::Op;
use std::fmt::{self, Write};

/// A condition. `All` and `Any` hold at least two.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// Joined by `&&`.
    All(Vec<Expr>),
    /// Joined by `||`.
    Any(Vec<Expr>),
    /// A comparison.
    Compare(Compare),
}

/// `left op right`.
#[derive(Clone, Debug, PartialEq)]
pub struct Compare {
    /// Left side.
    pub left: Term,
    /// How.
    pub op: Op,
    /// Whether the operator was written with `?`.
    pub any: bool,
    /// Right side.
    pub right: Term,
}

/// A side of a comparison, or an argument.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// A function and its arguments.
    Call(String, Vec<Term>),
    /// A field, macro or word.
    Name(String),
    /// A number as it was written: `-1.50`.
    Number(String),
    /// A text, unescaped.
    Text(String),
}

/// As a filter that [`parse`](super::parse) reads back as the same tree.
impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(parts) => joined(f, parts, " && "),
            Self::Any(parts) => joined(f, parts, " || "),
            Self::Compare(compare) => write!(f, "{compare}"),
        }
    }
}

impl fmt::Display for Compare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let any = if self.any { "?" } else { "" };
        write!(f, "{} {any}{} {}", self.left, symbol(self.op), self.right)
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(name, arguments) => {
                write!(f, "{name}(")?;
                separated(f, arguments, ", ", |f, argument| write!(f, "{argument}"))?;
                f.write_char(')')
            }
            Self::Name(name) => f.write_str(name),
            Self::Number(number) => f.write_str(number),
            Self::Text(text) => quoted(f, text),
        }
    }
}

/// How an operator is written, without its `?`.
pub(super) const fn symbol(op: Op) -> &'static str {
    match op {
        Op::Equal => "=",
        Op::NotEqual => "!=",
        Op::Greater => ">",
        Op::GreaterOrEqual => ">=",
        Op::Less => "<",
        Op::LessOrEqual => "<=",
        Op::Like => "~",
        Op::NotLike => "!~",
    }
}

fn joined(f: &mut fmt::Formatter<'_>, parts: &[Expr], by: &str) -> fmt::Result {
    separated(f, parts, by, |f, part| match part {
        Expr::Compare(compare) => write!(f, "{compare}"),
        group => write!(f, "({group})"),
    })
}

fn separated<T>(
    f: &mut fmt::Formatter<'_>,
    items: &[T],
    by: &str,
    each: impl Fn(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    for (number, item) in items.iter().enumerate() {
        if number > 0 {
            f.write_str(by)?;
        }
        each(f, item)?;
    }
    Ok(())
}

fn quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for letter in text.chars() {
        match letter {
            '"' => f.write_str("\\\""),
            '\\' => f.write_str("\\\\"),
            '\n' => f.write_str("\\n"),
            '\t' => f.write_str("\\t"),
            '\r' => f.write_str("\\r"),
            // The one that cannot stand for itself.
            '\0' => f.write_str("\\u0000"),
            plain => f.write_char(plain),
        }?;
    }
    f.write_char('"')
}
