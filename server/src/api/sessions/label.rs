//! What a session is called: by its client, for its user, who looks for it in a list.

use crate::http::error::ApiError;

const USUAL: &str = "session";

/// A session's name, without white space around it.
#[derive(Debug)]
pub(crate) struct Label(String);

impl Label {
    /// Most characters (Unicode scalar values).
    pub(crate) const MAX_CHARS: usize = 200;

    /// The name as given; `session` when none is, or a blank one.
    ///
    /// # Errors
    /// 400 for more than [`Self::MAX_CHARS`] characters.
    pub(crate) fn parse(given: Option<&str>) -> Result<Self, ApiError> {
        match given.map(str::trim) {
            None | Some("") => Ok(Self::default()),
            Some(text) if text.chars().count() > Self::MAX_CHARS => {
                Err(ApiError::validation("The label must be at most 200 characters"))
            }
            Some(text) => Ok(Self(text.to_owned())),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Label {
    fn default() -> Self {
        Self(USUAL.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::Label;

    #[test]
    fn labels_are_short_and_never_blank() {
        for (given, label) in
            [(None, "session"), (Some(""), "session"), (Some(" \n"), "session"), (Some(" my phone "), "my phone")]
        {
            assert_eq!(Label::parse(given).unwrap().as_str(), label, "{given:?}");
        }
        assert!(Label::parse(Some(&"é".repeat(200))).is_ok());
        assert!(Label::parse(Some(&"é".repeat(201))).is_err());
    }
}
