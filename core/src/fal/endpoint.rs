//! FAL's endpoint ids.

use std::fmt;

/// An endpoint id such as `fal-ai/flux/schnell`: owner, app and an optional path. Ids that begin with `workflows/` or
/// `comfy/` carry that word as a namespace before the owner.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint(String);

/// The text is not an endpoint id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an endpoint id is owner/app[/path] of letters, digits, '.', '_' and '-', at most 200 characters")]
pub struct EndpointError;

impl Endpoint {
    /// Checks the shape, so that an id can stand in a URL as it is.
    ///
    /// # Errors
    /// [`EndpointError`] for fewer than two segments (three after a namespace), empty or dot-only segments, other
    /// characters, or more than 200 bytes.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let good_segment = |segment: &str| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
            segment.bytes().all(plain) && segment.bytes().any(|byte| byte != b'.')
        };
        let segments = text.split('/').count();
        if text.len() <= 200 && segments >= app_segments(text) && text.split('/').all(good_segment) {
            Ok(Self(text.to_owned()))
        } else {
            Err(EndpointError)
        }
    }

    /// The whole id: the path of the submit call.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Owner and app (with the namespace, if any): the path under which status, result and cancel live.
    #[must_use]
    pub fn app(&self) -> &str {
        let end = self.0.match_indices('/').nth(app_segments(&self.0) - 1).map_or(self.0.len(), |(at, _)| at);
        &self.0[..end]
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn app_segments(id: &str) -> usize {
    if id.starts_with("workflows/") || id.starts_with("comfy/") { 3 } else { 2 }
}

#[cfg(test)]
mod tests {
    use super::Endpoint;

    #[test]
    fn the_app_is_owner_and_name() {
        for (id, app) in [
            ("fal-ai/flux/schnell", "fal-ai/flux"),
            ("fal-ai/fast-sdxl", "fal-ai/fast-sdxl"),
            ("workflows/me/thing/x", "workflows/me/thing"),
        ] {
            assert_eq!(Endpoint::parse(id).unwrap().app(), app);
        }
    }

    #[test]
    fn ids_that_could_change_a_url_are_refused() {
        for id in ["", "flux", "fal-ai/", "/flux", "fal-ai/../x", "fal-ai/fl ux", "fal-ai/flux?x", "comfy/a", "a//b"] {
            assert!(Endpoint::parse(id).is_err(), "{id}");
        }
    }
}
