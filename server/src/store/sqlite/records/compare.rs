//! Two sides of a comparison by PocketBase's rules: `''` and NULL are the same but in JSON, and `!=` holds also where
//! there is nothing.

use super::condition::Params;
use super::like;
use crate::store::{Literal, Op};

/// A side as SQL.
pub(super) struct Side {
    pub(super) sql: String,
    /// What `sql` is bound to, if it is a value.
    pub(super) literal: Option<Literal>,
    /// Whether it is a JSON value, which is compared strictly.
    pub(super) json: bool,
}

impl Side {
    /// Whether it is known to be nothing.
    fn is_empty(&self) -> bool {
        match &self.literal {
            Some(Literal::Null) => true,
            Some(Literal::Text(text)) => text.is_empty(),
            _ => false,
        }
    }

    /// Whether it is known to be something.
    fn is_full(&self) -> bool {
        self.literal.is_some() && !self.is_empty()
    }

    /// Its SQL, with the empty text for nothing.
    fn filled(&self) -> &str {
        if self.is_empty() { "''" } else { &self.sql }
    }
}

/// The comparison as SQL.
pub(super) fn compare(left: &Side, op: Op, right: &Side, params: &mut Params) -> String {
    let ordered = |sign: &str| format!("{} {sign} {}", left.sql, right.sql);
    match op {
        Op::Equal => equal(left, right),
        Op::NotEqual => not_equal(left, right),
        Op::Greater => ordered(">"),
        Op::GreaterOrEqual => ordered(">="),
        Op::Less => ordered("<"),
        Op::LessOrEqual => ordered("<="),
        Op::Like => like(left, "LIKE", right, params),
        Op::NotLike => like(left, "NOT LIKE", right, params),
    }
}

fn equal(left: &Side, right: &Side) -> String {
    if left.json || right.json {
        return format!("{} IS {}", left.sql, right.sql);
    }
    match (left.is_empty(), right.is_empty()) {
        (true, true) => "1".to_owned(),
        _ if left.is_full() || right.is_full() => format!("{} = {}", left.filled(), right.filled()),
        (true, false) => format!("({0} = '' OR {0} IS NULL)", right.sql),
        (false, true) => format!("({0} = '' OR {0} IS NULL)", left.sql),
        (false, false) => format!("coalesce({}, '') = coalesce({}, '')", left.sql, right.sql),
    }
}

fn not_equal(left: &Side, right: &Side) -> String {
    if left.json || right.json {
        return format!("{} IS NOT {}", left.sql, right.sql);
    }
    match (left.is_empty(), right.is_empty()) {
        (true, true) => "0".to_owned(),
        _ if left.is_full() || right.is_full() => format!("{} IS NOT {}", left.filled(), right.filled()),
        (true, false) => format!("({0} IS NOT '' AND {0} IS NOT NULL)", right.sql),
        (false, true) => format!("({0} IS NOT '' AND {0} IS NOT NULL)", left.sql),
        (false, false) => format!("coalesce({}, '') IS NOT coalesce({}, '')", left.sql, right.sql),
    }
}

/// A value is a pattern or part of the text; another field's value, and the words `true`, `false` and `null`, part of it.
fn like(left: &Side, how: &str, right: &Side, params: &mut Params) -> String {
    let pattern = match &right.literal {
        Some(Literal::Integer(number)) => params.bind(like::pattern(&number.to_string())),
        Some(Literal::Number(number)) => params.bind(like::pattern(&number.to_string())),
        Some(Literal::Text(text)) => params.bind(like::pattern(text)),
        Some(Literal::Bool(_) | Literal::Null) | None => format!("('%' || {} || '%')", right.sql),
    };
    format!("{} {how} {pattern} ESCAPE '\\'", left.sql)
}
