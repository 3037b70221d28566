//! What is wrong with a request.

use crate::ErrorCode;
use std::fmt;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// For programs.
    pub code: ErrorCode,
    /// What it is about: `model`, `prompt`, `parameters.num_images`, `parameters.image_size.width`,
    /// `parameters.loras.0.scale`. Names that no model has are shortened and shown without odd characters.
    pub path: String,
    /// For people. Holds names from the request, shortened, and none of its values.
    pub message: String,
}

/// Everything that is wrong, at least one thing and at most [`Problems::MAX`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// A request with more problems than this shows the first ones only.
    pub const MAX: usize = 100;

    /// The problems of a request, unless there are none.
    pub(super) fn new(problems: Vec<Problem>) -> Option<Self> {
        (!problems.is_empty()).then_some(Self(problems))
    }

    /// The first one: the one to show where there is room for one.
    #[must_use]
    pub fn first(&self) -> &Problem {
        self.0.first().expect("there is always one")
    }

    /// All, in the order of [`Catalog::check`](super::Catalog::check).
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The messages, joined by `; `. A message that repeats the one before it is left out.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.first().message)?;
        for pair in self.0.windows(2) {
            if pair[0].message != pair[1].message {
                write!(f, "; {}", pair[1].message)?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// Where problems of the parameters of one request are gathered.
pub(super) struct Report<'a>(&'a mut Vec<Problem>);

impl<'a> Report<'a> {
    pub(super) fn to(problems: &'a mut Vec<Problem>) -> Self {
        Self(problems)
    }

    /// Adds a problem of the parameter, or the part of one, called `name`; the message goes on from the name.
    pub(super) fn add(&mut self, code: ErrorCode, name: &str, rest: impl fmt::Display) {
        self.push(code, name, format!("{name} {rest}"));
    }

    /// Adds an unknown parameter, or an unknown part of one.
    pub(super) fn add_unknown(&mut self, name: &str) {
        self.push(ErrorCode::ParameterUnknown, name, format!("unknown parameter: {name}"));
    }

    fn push(&mut self, code: ErrorCode, name: &str, message: String) {
        if self.0.len() < Problems::MAX {
            self.0.push(Problem { code, path: format!("parameters.{name}"), message });
        }
    }
}

/// At most 64 characters of a text from outside, with a question mark for each that might not show.
pub(super) fn visible(text: &str) -> String {
    text.chars().take(64).map(|c| if c.is_ascii_graphic() || is_letter(c) { c } else { '?' }).collect()
}

/// Whether this is of Latin, Greek, Cyrillic, kana, Han or Hangul, which read from left to right. To know all the letters
/// there are takes tables, of more than 2 kB that nothing compresses in the WebAssembly module.
fn is_letter(c: char) -> bool {
    matches!(c, 'À'..='ɏ' | 'Ͱ'..='ҁ' | 'Ҋ'..='ԯ' | 'ぁ'..='ヿ' | '一'..='鿿' | '가'..='힣')
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn text_from_outside_is_cut_and_made_visible() {
        assert_eq!(visible("größe-2"), "größe-2");
        assert_eq!(visible("Ωμ Я ёж 画像 が 크기"), "Ωμ?Я?ёж?画像?が?크기");
        assert_eq!(visible("a b\n\u{202e}c\u{0}"), "a?b??c?");
        assert_eq!(visible(&"x".repeat(1000)), "x".repeat(64));
    }
}
