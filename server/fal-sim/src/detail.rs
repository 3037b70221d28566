//! FAL's list of what is wrong with an input: the entries of a 422's `detail`, in pydantic's words.

use serde::Serialize;
use serde_json::{Value, json};

/// One entry.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Detail {
    pub(crate) loc: Vec<Value>,
    pub(crate) msg: String,
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ctx: Option<Value>,
    pub(crate) input: Value,
}

/// What is wrong, before it is said where.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wrong {
    kind: &'static str,
    msg: String,
    ctx: Option<Value>,
}

impl Wrong {
    /// A problem with nothing but its words.
    pub(crate) fn plain(kind: &'static str, msg: impl Into<String>) -> Self {
        Self { kind, msg: msg.into(), ctx: None }
    }

    /// A value outside a bound; `kind` is `greater_than`, `greater_than_equal`, `less_than` or `less_than_equal`.
    pub(crate) fn bound(kind: &'static str, bound: &Value) -> Self {
        let (words, key) = match kind {
            "greater_than" => ("greater than", "gt"),
            "greater_than_equal" => ("greater than or equal to", "ge"),
            "less_than" => ("less than", "lt"),
            _ => ("less than or equal to", "le"),
        };
        Self { kind, msg: format!("Input should be {words} {bound}"), ctx: Some(json!({ key: bound })) }
    }

    /// A word that is not among `choices`.
    pub(crate) fn choice(choices: &[String]) -> Self {
        let quoted: Vec<_> = choices.iter().map(|choice| format!("'{choice}'")).collect();
        let expected = match quoted.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
            None => String::new(),
        };
        Self {
            kind: "literal_error",
            msg: format!("Input should be {expected}"),
            ctx: Some(json!({ "expected": expected })),
        }
    }

    /// Something with too many or too few parts.
    pub(crate) fn with_context(kind: &'static str, msg: String, ctx: Value) -> Self {
        Self { kind, msg, ctx: Some(ctx) }
    }

    /// The entry for a problem at `loc`, below `body`.
    pub(crate) fn at(self, loc: &[&str], input: &Value) -> Detail {
        let loc = std::iter::once("body").chain(loc.iter().copied()).map(Value::from).collect();
        Detail { loc, msg: self.msg, kind: self.kind, url: address(self.kind), ctx: self.ctx, input: input.clone() }
    }
}

/// FAL documents its own types; the others are pydantic's.
fn address(kind: &str) -> String {
    const PYDANTICS: [&str; 4] = ["missing", "json_invalid", "literal_error", "too_long"];
    let of_type = kind.ends_with("_type") || kind.ends_with("_parsing") || kind.ends_with("_from_float");
    if of_type || kind.starts_with("string_") || PYDANTICS.contains(&kind) {
        format!("https://errors.pydantic.dev/2.10/v/{kind}")
    } else {
        format!("https://docs.fal.ai/errors/#{kind}")
    }
}
