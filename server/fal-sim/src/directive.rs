//! Directives: how one request asks for its own latency and faults, in the extra input field `x_sim` or at the end of
//! its prompt as `[[sim: {…}]]`. The field wins when there are both.

use crate::fault::Fault;
use serde::Deserialize;
use serde_json::Value;

/// What one request asked of the stand-in. Every field is optional.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Directive {
    /// Milliseconds in progress.
    pub(crate) latency_ms: Option<u64>,
    /// Milliseconds in the queue.
    pub(crate) queue_ms: Option<u64>,
    /// Place in the queue at first.
    pub(crate) position: Option<u32>,
    /// Log lines written while it runs.
    pub(crate) logs: Option<u32>,
    /// One fault's name, or an array of them.
    pub(crate) fault: Faults,
    /// How often each fault strikes: once unless said, 0 = always.
    pub(crate) times: Option<u32>,
    /// Text of `x-fal-billable-units`, instead of the count.
    pub(crate) units: Option<String>,
}

/// Faults as one name or an array of names.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(try_from = "OneOrMany")]
pub(crate) struct Faults(pub(crate) Vec<Fault>);

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl TryFrom<OneOrMany> for Faults {
    type Error = String;

    fn try_from(names: OneOrMany) -> Result<Self, Self::Error> {
        let names = match names {
            OneOrMany::One(name) => vec![name],
            OneOrMany::Many(names) => names,
        };
        let parse = |name: String| Fault::parse(&name).ok_or_else(|| format!("there is no fault named {name:?}"));
        names.into_iter().map(parse).collect::<Result<_, _>>().map(Self)
    }
}

impl Directive {
    /// Reads the directive of an input; one that has none gives the default.
    ///
    /// # Errors
    /// Why it cannot be read, for the writer of the test that sent it.
    pub(crate) fn of(input: &Value) -> Result<Self, String> {
        if let Some(field) = input.get("x_sim") {
            return Self::deserialize(field).map_err(|problem| format!("x_sim: {problem}"));
        }
        match input.get("prompt").and_then(Value::as_str).map(split) {
            Some((_, Some(text))) => serde_json::from_str(text).map_err(|problem| format!("[[sim: …]]: {problem}")),
            _ => Ok(Self::default()),
        }
    }
}

/// Splits a prompt into what is to be painted and the directive's JSON text at its end.
pub(crate) fn split(prompt: &str) -> (&str, Option<&str>) {
    let ended = prompt.trim_end().strip_suffix("]]");
    match ended.and_then(|rest| rest.rsplit_once("[[sim:")) {
        Some((picture, directive)) => (picture.trim_end(), Some(directive)),
        None => (prompt, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn field_and_suffix_say_the_same() {
        let field = json!({"prompt": "a cat", "x_sim": {"fault": "flagged", "times": 0, "queue_ms": 5}});
        let suffix = json!({"prompt": r#"a cat [[sim: {"fault":["flagged"],"times":0,"queue_ms":5}]]"#});
        let asked = Directive::of(&field).unwrap();
        assert_eq!(asked, Directive::of(&suffix).unwrap());
        assert_eq!((asked.fault.0, asked.times, asked.queue_ms), (vec![Fault::Flagged], Some(0), Some(5)));
    }

    #[test]
    fn the_suffix_is_not_part_of_the_picture() {
        assert_eq!(split("a cat [[sim: {}]] ").0, "a cat");
        assert_eq!(split("a [[sim: cat]] on a mat"), ("a [[sim: cat]] on a mat", None));
        assert_eq!(split("[[not sim]]"), ("[[not sim]]", None));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        for input in [
            json!({"x_sim": {"fault": "submit_418"}}),
            json!({"x_sim": {"latency": 5}}),
            json!({"x_sim": 5}),
            json!({"prompt": "a cat [[sim: {fault}]]"}),
        ] {
            assert!(Directive::of(&input).is_err(), "{input}");
        }
        assert_eq!(Directive::of(&json!({"prompt": "a cat"})), Ok(Directive::default()));
        assert_eq!(Directive::of(&json!([1])), Ok(Directive::default()));
    }
}
