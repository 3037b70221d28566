//! What has to hold for every text that is taken for a sealed token.

use generatio_core::seal::{Iterations, SealedToken, Version};

/// Reads `text`, panicking where the reading breaks a promise: what is read is kept as it was written, within all
/// bounds, and reads the same again.
pub(crate) fn sealed(text: &str) {
    let Ok(token) = SealedToken::parse(text) else { return };
    assert!(text.len() <= SealedToken::MAX_CHARS && token.as_str() == text, "{text:?} is kept as {:?}", token.as_str());
    assert_eq!(token.version() == Version::V2, text.starts_with("v2."), "{text:?}");
    let range = Iterations::MIN..=Iterations::MAX;
    assert!(range.contains(&token.iterations()), "{text:?} asks for {:?}", token.iterations());
    let again = SealedToken::parse(token.as_str()).expect("it was read a moment ago");
    assert_eq!((again.version(), again.iterations()), (token.version(), token.iterations()));
    assert!(!format!("{token:?}").contains(text), "a sealed text is not shown");
}
