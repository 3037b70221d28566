//! Sizes of images: FAL's presets, and the check of an `image_size`.

use super::check::integer;
use super::problem::{Report, visible};
use crate::ErrorCode;
use serde::Serialize;
use serde_json::{Map, Number, Value};

/// A size in pixels, each side 1 to 14,142 (FAL's schema of custom sizes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Size {
    /// From left to right.
    pub width: u32,
    /// From top to bottom.
    pub height: u32,
}

/// The longest side that FAL takes.
const MAX_SIDE: u32 = 14_142;

const PIXELS_PER_MEGAPIXEL: u64 = 1_048_576;

impl Size {
    /// The size behind a preset's name; none for `auto` and the like.
    #[must_use]
    pub fn preset(name: &str) -> Option<Self> {
        let (width, height) = match name {
            "square_hd" => (1024, 1024),
            "square" => (512, 512),
            "portrait_4_3" => (768, 1024),
            "portrait_16_9" => (576, 1024),
            "landscape_4_3" => (1024, 768),
            "landscape_16_9" => (1024, 576),
            _ => return None,
        };
        Some(Self { width, height })
    }

    /// The size in a checked `image_size`: a preset or an object.
    pub(super) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::String(name) => Self::preset(name),
            Value::Object(sides) if sides.len() == 2 => {
                let side = |name: &str| sides.get(name)?.as_u64().and_then(|side| u32::try_from(side).ok());
                Some(Self { width: side("width")?, height: side("height")? }).filter(|size| size.is_possible())
            }
            _ => None,
        }
    }

    /// Whether each side is within FAL's limits.
    pub(super) fn is_possible(self) -> bool {
        [self.width, self.height].iter().all(|side| (1..=MAX_SIDE).contains(side))
    }

    /// Megapixels of 1,048,576 pixels, rounded up, at least one.
    #[must_use]
    pub fn megapixels(self) -> u32 {
        let pixels = u64::from(self.width) * u64::from(self.height);
        u32::try_from(pixels.div_ceil(PIXELS_PER_MEGAPIXEL).max(1)).unwrap_or(u32::MAX)
    }
}

/// The check of one `image_size`.
pub(super) struct SizeCheck<'a> {
    pub(super) name: &'a str,
    pub(super) presets: &'a [String],
    pub(super) max_megapixels: u32,
}

impl SizeCheck<'_> {
    /// The value as FAL takes it, or nothing and what is wrong in `report`.
    pub(super) fn value(&self, value: &Value, report: &mut Report<'_>) -> Option<Value> {
        match value {
            Value::String(preset) if self.presets.contains(preset) => Some(value.clone()),
            Value::String(_) => {
                let rest = format!("must be one of: {} or an object with width and height", self.presets.join(", "));
                report.add(ErrorCode::ParameterOption, self.name, rest);
                None
            }
            Value::Object(members) => self.object(members, report),
            _ => {
                let rest = "must be either a string (preset) or an object with width and height";
                report.add(ErrorCode::ParameterType, self.name, rest);
                None
            }
        }
    }

    fn object(&self, members: &Map<String, Value>, report: &mut Report<'_>) -> Option<Value> {
        for key in members.keys().filter(|key| !matches!(key.as_str(), "width" | "height")) {
            report.add_unknown(&format!("{}.{}", self.name, visible(key)));
        }
        let given = |key: &str| members.get(key).filter(|value| !value.is_null());
        let (Some(width), Some(height)) = (given("width"), given("height")) else {
            let rest = "object must have both 'width' and 'height' properties";
            report.add(ErrorCode::ParameterType, self.name, rest);
            return None;
        };
        let (width, height) = (self.side("width", width, report), self.side("height", height, report));
        let size = Size { width: width?, height: height? };
        if size.megapixels() > self.max_megapixels {
            let rest = format!("must have at most {} megapixels", self.max_megapixels);
            report.add(ErrorCode::ParameterSize, self.name, rest);
            return None;
        }
        Some(serde_json::json!({ "width": size.width, "height": size.height }))
    }

    fn side(&self, key: &str, value: &Value, report: &mut Report<'_>) -> Option<u32> {
        let name = format!("{}.{key}", self.name);
        let Some(side) = integer(value) else {
            report.add(ErrorCode::ParameterType, &name, "must be an integer");
            return None;
        };
        let above_zero = side.as_u64().is_some_and(|side| side > 0);
        let fitting = |side: &Number| side.as_u64().and_then(|side| u32::try_from(side).ok());
        match fitting(&side).filter(|side| (1..=MAX_SIDE).contains(side)) {
            None if above_zero => report.add(ErrorCode::ParameterSize, &name, format!("must be at most {MAX_SIDE}")),
            None => report.add(ErrorCode::ParameterSize, &name, "must be at least 1"),
            good => return good,
        }
        None
    }
}
