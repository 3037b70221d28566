//! Reading FAL's error bodies, of which there are three: a list of problems, a text with a type, and no JSON at all.

use super::Kind;
use crate::json::{self, Fields};
use serde_json::value::RawValue;
use std::fmt;

/// Most problems kept of one answer.
const MAX_PROBLEMS: usize = 32;
/// Longest message kept, in characters.
const MAX_MESSAGE: usize = 300;
/// Longest path: segments, and characters of each.
const MAX_PATH: (usize, usize) = (8, 64);

/// One thing FAL objects to.
#[derive(Clone, PartialEq, Eq)]
pub struct InputProblem {
    /// Where in the input, such as `image_size.width`; empty when FAL did not say.
    pub path: String,
    /// FAL's words, without control characters, at most 300 characters. They may quote the input: show them to the user
    /// whose input it is, and log [`InputProblem`]'s `Display` instead.
    pub message: String,
    kind: Option<&'static Kind>,
}

impl InputProblem {
    /// FAL's type of the problem, if it is a documented one.
    #[must_use]
    pub fn error_type(&self) -> Option<&'static str> {
        self.kind.map(|kind| kind.name)
    }
}

impl fmt::Display for InputProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.map_or("FAL refused the value", |kind| kind.message))
    }
}

impl fmt::Debug for InputProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InputProblem").field("error_type", &self.error_type()).finish_non_exhaustive()
    }
}

/// An error body, read as far as it can be.
#[derive(Debug, Default)]
pub(crate) struct ErrorBody {
    error_type: Option<&'static Kind>,
    /// The word some answers carry instead of a detail, such as `NOT_FOUND`.
    pub(crate) status: Option<String>,
    pub(crate) detail: Detail,
}

/// What `detail` holds.
#[derive(Debug, Default)]
pub(crate) enum Detail {
    /// Nothing, or something unknown.
    #[default]
    None,
    /// A text.
    Text(String),
    /// A list of problems.
    List(Vec<InputProblem>),
}

impl ErrorBody {
    /// Never fails: what cannot be read is absent.
    pub(crate) fn read(body: &[u8]) -> Self {
        let body = Fields::read(body).unwrap_or_default();
        Self {
            error_type: kind(body.get("error_type")),
            status: json::text(body.get("status")),
            detail: Detail::read(body.get("detail")),
        }
    }

    /// The documented type: the body's own, else the first problem's.
    pub(crate) fn kind(&self) -> Option<&'static Kind> {
        self.error_type.or(match &self.detail {
            Detail::List(problems) => problems.first()?.kind,
            _ => None,
        })
    }

    /// Everything FAL objects to.
    pub(crate) fn problems(self) -> Vec<InputProblem> {
        match self.detail {
            Detail::None => Vec::new(),
            Detail::Text(text) => vec![InputProblem {
                path: String::new(),
                message: json::visible(&text, MAX_MESSAGE),
                kind: self.error_type,
            }],
            Detail::List(problems) => problems,
        }
    }
}

impl Detail {
    fn read(raw: Option<&RawValue>) -> Self {
        if let Some(text) = json::text(raw) {
            return Self::Text(text);
        }
        json::list(raw, MAX_PROBLEMS).map_or(Self::None, |entries| {
            Self::List(entries.into_iter().filter_map(|entry| problem(&json::fields(Some(entry))?)).collect())
        })
    }

    /// Whether it is a text that begins with `start`, without regard to case.
    pub(crate) fn begins(&self, start: &str) -> bool {
        match self {
            Self::Text(text) => text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)),
            _ => false,
        }
    }

    /// Whether it is a text that contains `part`, which is in lower case.
    pub(crate) fn mentions(&self, part: &str) -> bool {
        let at = |window: &[u8]| window.eq_ignore_ascii_case(part.as_bytes());
        // The standard library's search for texts is a hundredth of the WebAssembly module.
        matches!(self, Self::Text(text) if text.as_bytes().windows(part.len()).any(at))
    }
}

fn problem(entry: &Fields<'_>) -> Option<InputProblem> {
    let message = json::text(entry.get("msg"))?;
    Some(InputProblem {
        path: path(entry.get("loc")),
        message: json::visible(&message, MAX_MESSAGE),
        kind: kind(entry.get("type")),
    })
}

/// `["body", "image_size", "width"]` → `image_size.width`.
fn path(loc: Option<&RawValue>) -> String {
    let (segments, length) = MAX_PATH;
    let all = json::list(loc, segments + 1).unwrap_or_default();
    let words = all.into_iter().map(|part| json::text(Some(part)).unwrap_or_else(|| part.get().to_owned()));
    let named = words.enumerate().filter(|(at, word)| *at > 0 || word != "body").take(segments);
    named.map(|(_, word)| json::visible(&word, length)).collect::<Vec<_>>().join(".")
}

fn kind(raw: Option<&RawValue>) -> Option<&'static Kind> {
    json::text(raw).and_then(|name| Kind::find(&name))
}
