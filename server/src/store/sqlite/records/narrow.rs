//! Comparisons of a column with a value in a form that an index can serve: the same rows as by the general one, found
//! without looking at the others.

use super::columns::Stored;
use super::condition::Params;
use super::dates;
use crate::store::{Literal, Op};

/// The condition for a column as it is kept, `raw`; `None` where only the general form will do.
pub(super) fn comparison(
    stored: Stored,
    raw: &str,
    joined: bool,
    op: Op,
    literal: &Literal,
    params: &mut Params,
) -> Option<String> {
    let text = match literal {
        Literal::Null => "",
        Literal::Text(text) => text,
        _ => return None,
    };
    match (stored, op) {
        (Stored::MaybeText | Stored::MaybeMillis, Op::Equal) if text.is_empty() => Some(format!("{raw} IS NULL")),
        (Stored::MaybeText | Stored::MaybeMillis, Op::NotEqual) if text.is_empty() => {
            Some(format!("{raw} IS NOT NULL"))
        }
        _ if text.is_empty() => None,
        (Stored::MaybeText, Op::Equal) => Some(format!("{raw} = {}", params.bind(text.to_owned()))),
        (Stored::MaybeText, Op::NotEqual) => Some(format!("{raw} IS NOT {}", params.bind(text.to_owned()))),
        (Stored::Millis, op) => date(raw, op, text, params),
        // No date is a text before all others; which a row that is missing does not have.
        (Stored::MaybeMillis, Op::Less | Op::LessOrEqual) if joined => None,
        (Stored::MaybeMillis, op @ (Op::Less | Op::LessOrEqual)) => {
            Some(format!("({raw} IS NULL OR {})", date(raw, op, text, params)?))
        }
        (Stored::MaybeMillis, op) => date(raw, op, text, params),
        _ => None,
    }
}

/// Milliseconds against a text that is not empty.
fn date(raw: &str, op: Op, text: &str, params: &mut Params) -> Option<String> {
    Some(match op {
        Op::Equal => match dates::exactly(text) {
            Some(ms) => format!("{raw} = {}", params.bind(ms)),
            None => "0".to_owned(),
        },
        Op::NotEqual => match dates::exactly(text) {
            Some(ms) => format!("{raw} IS NOT {}", params.bind(ms)),
            None => "1".to_owned(),
        },
        Op::Greater => from(raw, dates::after(text), params),
        Op::GreaterOrEqual => from(raw, dates::at_or_after(text), params),
        Op::Less => until(raw, dates::at_or_after(text), params),
        Op::LessOrEqual => until(raw, dates::after(text), params),
        Op::Like | Op::NotLike => return None,
    })
}

fn from(raw: &str, first: Option<i64>, params: &mut Params) -> String {
    match first {
        Some(ms) => format!("{raw} >= {}", params.bind(ms)),
        None => "0".to_owned(),
    }
}

fn until(raw: &str, first: Option<i64>, params: &mut Params) -> String {
    match first {
        Some(ms) => format!("{raw} < {}", params.bind(ms)),
        None => format!("{raw} IS NOT NULL"),
    }
}
