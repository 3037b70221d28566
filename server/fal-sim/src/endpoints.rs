//! The endpoints this stand-in knows: what they take, what they answer with, and how they bill. The data is
//! `endpoints.json`; judging an input against it is the work of [`crate::input`].

use serde::Deserialize;
use std::sync::OnceLock;

/// One model as FAL publishes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Endpoint {
    /// Full endpoint id, such as `fal-ai/flux/schnell`.
    #[serde(rename = "endpoint")]
    pub(crate) id: String,
    pub(crate) unit: Unit,
    pub(crate) answer: Answer,
    /// Width and height when the input asks for none.
    pub(crate) size: (u32, u32),
    /// Format when the input asks for none.
    pub(crate) format: Format,
    pub(crate) fields: Vec<Field>,
}

/// What FAL counts when it bills.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unit {
    Image,
    Megapixel,
    ComputeSecond,
}

impl Unit {
    /// The unit as FAL's pricing API spells it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Image => "images",
            Self::Megapixel => "megapixels",
            Self::ComputeSecond => "compute seconds",
        }
    }
}

/// Which fields an answer carries.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    /// images, timings, seed, has_nsfw_concepts, prompt
    Flux,
    /// images, seed
    Seeded,
    /// images without sizes, description
    Described,
    /// images
    Bare,
}

/// Encoding of a picture.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    Jpeg,
    Png,
}

impl Format {
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
        }
    }
}

/// One field of an input.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    #[serde(default)]
    pub(crate) required: bool,
    #[serde(default)]
    pub(crate) nullable: bool,
    pub(crate) ge: Option<serde_json::Number>,
    pub(crate) le: Option<serde_json::Number>,
    pub(crate) one_of: Option<Vec<String>>,
    pub(crate) min_length: Option<usize>,
    pub(crate) max_length: Option<usize>,
}

/// Type of a field.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    String,
    Integer,
    Number,
    Boolean,
    Array,
    Object,
    /// A preset's name or `{width, height}`.
    ImageSize,
}

/// All known endpoints.
pub(crate) fn all() -> &'static [Endpoint] {
    static ALL: OnceLock<Vec<Endpoint>> = OnceLock::new();
    ALL.get_or_init(|| serde_json::from_str(include_str!("endpoints.json")).expect("endpoints.json is well-formed"))
}

/// Where a submitted path leads.
#[derive(Debug)]
pub(crate) enum Lookup {
    Known(&'static Endpoint),
    /// The app exists, and has nothing under this path.
    UnknownPath,
    UnknownApp,
}

/// Finds `app` (`owner/name`) with `path` (empty, or segments joined by `/`).
pub(crate) fn find(app: &str, path: &str) -> Lookup {
    let id = if path.is_empty() { app.to_owned() } else { format!("{app}/{path}") };
    match all().iter().find(|endpoint| endpoint.id == id) {
        Some(endpoint) => Lookup::Known(endpoint),
        None if all().iter().any(|endpoint| within(&endpoint.id, app)) => Lookup::UnknownPath,
        None => Lookup::UnknownApp,
    }
}

fn within(id: &str, app: &str) -> bool {
    id.strip_prefix(app).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        assert_eq!(all().len(), 27);
        assert!(all().iter().all(|endpoint| endpoint.fields.iter().any(|field| field.name == "prompt")));
    }

    #[test]
    fn apps_and_paths_are_told_apart() {
        assert!(matches!(find("fal-ai/flux", "schnell"), Lookup::Known(_)));
        assert!(matches!(find("fal-ai/flux-2", ""), Lookup::Known(_)));
        assert!(matches!(find("fal-ai/flux", "nope"), Lookup::UnknownPath));
        assert!(matches!(find("fal-ai/flux", ""), Lookup::UnknownPath));
        assert!(matches!(find("fal-ai/flu", ""), Lookup::UnknownApp));
    }
}
