//! Texts that exist only when they are acceptable: prompts, names, e-mail addresses.
//!
//! The text is kept as it was given: nothing is trimmed, folded or normalised. What a person typed stays out of
//! `Debug`. Passwords are checked in [`crate::seal`], a model's own prompt limits in [`crate::catalog`].

mod email;

pub use email::{Email, EmailError};

use crate::ErrorCode;
use std::fmt;

/// What to draw: 1 to 5,000 characters (Unicode scalar values), not only white space.
#[derive(Clone, PartialEq, Eq)]
pub struct Prompt(String);

impl Prompt {
    /// The most characters a prompt may have, whatever the model.
    pub const MAX_CHARS: usize = 5_000;

    /// Takes a prompt.
    ///
    /// # Errors
    /// [`PromptError::Missing`] for an empty or blank text, [`PromptError::TooLong`] above [`Self::MAX_CHARS`].
    pub fn parse(text: &str) -> Result<Self, PromptError> {
        if is_blank(text) {
            Err(PromptError::Missing)
        } else if text.chars().count() > Self::MAX_CHARS {
            Err(PromptError::TooLong)
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    /// The text as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a prompt was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PromptError {
    /// Empty or blank.
    #[error("prompt is missing")]
    Missing,
    /// More than [`Prompt::MAX_CHARS`] characters.
    #[error("prompt must have at most {} characters", Prompt::MAX_CHARS)]
    TooLong,
}

impl PromptError {
    /// The code of this error.
    #[must_use]
    pub fn code(self) -> ErrorCode {
        match self {
            Self::Missing => ErrorCode::PromptMissing,
            Self::TooLong => ErrorCode::PromptTooLong,
        }
    }
}

/// The name of a folder or the title of an image: 1 to 200 characters (Unicode scalar values), not only white space.
#[derive(Clone, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// The most characters a name may have.
    pub const MAX_CHARS: usize = 200;

    /// Takes a name.
    ///
    /// # Errors
    /// [`NameError::Missing`] for an empty or blank text, [`NameError::TooLong`] above [`Self::MAX_CHARS`].
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if is_blank(text) {
            Err(NameError::Missing)
        } else if text.chars().count() > Self::MAX_CHARS {
            Err(NameError::TooLong)
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    /// The text as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a name was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// Empty or blank.
    #[error("name is missing")]
    Missing,
    /// More than [`Name::MAX_CHARS`] characters.
    #[error("name must have at most {} characters", Name::MAX_CHARS)]
    TooLong,
}

impl NameError {
    /// The code of this error.
    #[must_use]
    pub fn code(self) -> ErrorCode {
        match self {
            Self::Missing => ErrorCode::NameMissing,
            Self::TooLong => ErrorCode::NameTooLong,
        }
    }
}

fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

impl fmt::Debug for Prompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prompt").finish_non_exhaustive()
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Name").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{Name, NameError, Prompt, PromptError};
    use crate::ErrorCode;

    #[test]
    fn prompts_are_counted_in_characters_and_kept_as_given() {
        assert_eq!(Prompt::parse(" a fox\n").unwrap().as_str(), " a fox\n");
        assert!(Prompt::parse(&"ä".repeat(5_000)).is_ok());
        assert_eq!(Prompt::parse(&"ä".repeat(5_001)), Err(PromptError::TooLong));
        for blank in ["", " ", "\t\n", "\u{a0}\u{2003}"] {
            assert_eq!(Prompt::parse(blank), Err(PromptError::Missing), "{blank:?}");
        }
        assert_eq!(PromptError::TooLong.to_string(), "prompt must have at most 5000 characters");
        assert_eq!(PromptError::Missing.code(), ErrorCode::PromptMissing);
    }

    #[test]
    fn names_are_counted_in_characters_and_kept_as_given() {
        assert_eq!(Name::parse(" Füchse ").unwrap().as_str(), " Füchse ");
        assert!(Name::parse(&"🦊".repeat(200)).is_ok());
        assert_eq!(Name::parse(&"🦊".repeat(201)), Err(NameError::TooLong));
        assert_eq!(Name::parse("\u{3000}"), Err(NameError::Missing));
        assert_eq!(NameError::TooLong.code(), ErrorCode::NameTooLong);
    }

    #[test]
    fn debug_shows_no_text() {
        let shown = format!("{:?} {:?}", Prompt::parse("a fox").unwrap(), Name::parse("foxes").unwrap());
        assert_eq!(shown, "Prompt { .. } Name { .. }");
    }
}
