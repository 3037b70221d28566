//! What a model takes besides the prompt.

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;

/// One parameter of a model.
///
/// Serialized as the seed's `{type, default, min?, max?, options?, description, required}`, where `required` is always
/// false, plus `open_options?`, `max_length?`, `items?` and `max_items?`.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// FAL's name of it.
    pub name: String,
    /// What it takes.
    pub kind: Kind,
    /// What FAL assumes when it is absent; `null` if that is nothing.
    pub default: Value,
    /// For people.
    pub description: String,
}

/// What a parameter takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Type `array`: a list.
    Array {
        /// What each item is.
        items: ItemKind,
        /// How many there may be.
        max_items: usize,
    },
    /// Type `boolean`. One called `sync_mode` takes only `false`.
    Boolean,
    /// Type `float`: any number in the range.
    Float {
        /// The least, inclusive.
        min: Option<f64>,
        /// The greatest, inclusive.
        max: Option<f64>,
    },
    /// Type `object`: one of the presets, or `{width, height}` of at most the model's megapixels.
    ImageSize {
        /// Names taken.
        presets: Vec<String>,
    },
    /// Type `integer`: a whole number in the range, and in that of `i64` and `u64`.
    Integer {
        /// The least, inclusive.
        min: Option<i64>,
        /// The greatest, inclusive.
        max: Option<i64>,
    },
    /// Type `string`.
    String {
        /// The texts taken; any if empty.
        options: Vec<String>,
        /// Whether other texts than the options are taken too.
        open_options: bool,
        /// In characters.
        max_length: usize,
    },
}

impl Kind {
    /// The type's name on the wire.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Array { .. } => "array",
            Self::Boolean => "boolean",
            Self::Float { .. } => "float",
            Self::ImageSize { .. } => "object",
            Self::Integer { .. } => "integer",
            Self::String { .. } => "string",
        }
    }
}

/// What the items of an array are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// `{path, scale?}`: text, and a number from 0 to 4.
    LoraWeight,
    /// `{r?, g?, b?}`: integers from 0 to 255.
    RgbColor,
    /// Text.
    String,
}

impl ItemKind {
    /// The text of JSON: `lora_weight`, `rgb_color`, `string`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LoraWeight => "lora_weight",
            Self::RgbColor => "rgb_color",
            Self::String => "string",
        }
    }
}

impl Serialize for Parameter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", self.kind.as_str())?;
        map.serialize_entry("default", &self.default)?;
        self.kind.serialize_limits(&mut map)?;
        map.serialize_entry("description", &self.description)?;
        map.serialize_entry("required", &false)?;
        map.end()
    }
}

impl Kind {
    fn serialize_limits<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        match self {
            Self::Array { items, max_items } => {
                map.serialize_entry("items", items)?;
                map.serialize_entry("max_items", max_items)
            }
            Self::Boolean => Ok(()),
            Self::Float { min, max } => serialize_range(map, min.map(shortest), max.map(shortest)),
            Self::ImageSize { presets } => map.serialize_entry("options", presets),
            Self::Integer { min, max } => serialize_range(map, min.map(Value::from), max.map(Value::from)),
            Self::String { options, open_options, max_length } => {
                if options.is_empty() {
                    return map.serialize_entry("max_length", max_length);
                }
                map.serialize_entry("options", options)?;
                if *open_options { map.serialize_entry("open_options", &true) } else { Ok(()) }
            }
        }
    }
}

fn serialize_range<M: SerializeMap>(map: &mut M, min: Option<Value>, max: Option<Value>) -> Result<(), M::Error> {
    if let Some(min) = min {
        map.serialize_entry("min", &min)?;
    }
    if let Some(max) = max {
        map.serialize_entry("max", &max)?;
    }
    Ok(())
}

/// A bound without a fraction as an integer: `20`, not `20.0`.
fn shortest(bound: f64) -> Value {
    let value = Value::from(bound);
    super::check::integer(&value).map_or(value, Value::Number)
}
