//! The model catalog: which models there are, what they take, what they cost; and the check of a request against it.
//!
//! [`Catalog::builtin`] has FAL's text-to-image models. An operator adds to it, changes prices and hides models with
//! a JSON file ([`Catalog::with_file`]) of three optional parts:
//!
//! - `hide`: names of models that are not offered.
//! - `prices`: by model name, another `billing` (the product's account), `fal_billing` (what FAL bills), or both. Where
//!   only `billing` changes, what it was before stays as FAL's, so that a product's own price never hides the real bill.
//! - `models`: by name, models of one's own, in the form of `catalog/builtin.json`. A built-in model is replaced by
//!   hiding it and adding another of its name.
//!
//! | of a model | |
//! |---|---|
//! | `endpoint` | FAL's endpoint id |
//! | `display_name`, `description` | for people |
//! | `prompt` | optional `{min_length, max_length}` in characters, within the product's 1 to 5,000 |
//! | `default_size` | optional `{width, height}` made when no size is asked for, if `image_size` has no default |
//! | `max_megapixels` | largest image, 16 if absent; also what is quoted where the size cannot be told |
//! | `images_per_run` | optional: the integer parameter that lets each of `num_images` runs return several images |
//! | `billing`, `fal_billing` | price rules; `fal_billing` only where FAL's own price is another |
//! | `parameters` | by name, in the order in which they are shown |
//!
//! | of a parameter | |
//! |---|---|
//! | `type` | `integer`, `float`, `string`, `boolean`, `array`, or `object` (a preset name or `{width, height}`) |
//! | `default` | FAL's default, for display and for prices; `null` if there is none. Not sent unless asked for |
//! | `description` | for people |
//! | `min`, `max` | inclusive bounds of an integer or a float |
//! | `options` | the texts taken by a `string`; the presets of an `object`. With `open_options: true` others too |
//! | `max_length` | of a `string`, in characters, 5,000 if absent |
//! | `items`, `max_items` | of an `array`: `string`, `lora_weight` (`{path, scale}`) or `rgb_color` (`{r, g, b}`) |
//!
//! | of a price rule | |
//! |---|---|
//! | `unit`, `unit_price` | `image`, `megapixel` or `compute_second`; dollars as decimal text |
//! | `confidence` | `high` and `project-defined` prices are known, `medium` and `low` ones estimated |
//! | `rounding` | `per_image_ceil_whole_mp` where that is published; else megapixel amounts are estimated |
//! | `further_unit_price` | optional price of an image's megapixels after the first |
//! | `tiers` | `{when, unit_price}`: other unit prices, the first that fits |
//! | `surcharges` | `{when, amount}`: added once per request |
//! | `when` | `{parameter, is}`: the parameter has that value; `"a/*"` is `a` and all that begins with `a/` |
//!
//! ```
//! use generatio_core::catalog::Catalog;
//!
//! let catalog = Catalog::builtin().with_file(r#"{
//!     "hide": ["fast-sdxl"],
//!     "prices": {
//!         "flux/dev": {"billing": {"unit": "image", "unit_price": "0.05", "confidence": "project-defined"}}
//!     },
//!     "models": {
//!         "acme/sketch": {
//!             "endpoint": "acme/sketch/v2",
//!             "display_name": "Acme Sketch",
//!             "description": "Line drawings",
//!             "prompt": {"max_length": 500},
//!             "max_megapixels": 4,
//!             "billing": {
//!                 "unit": "megapixel",
//!                 "unit_price": "0.01",
//!                 "rounding": "per_image_ceil_whole_mp",
//!                 "confidence": "high",
//!                 "surcharges": [{"when": {"parameter": "style", "is": "ink/*"}, "amount": "0.0025"}]
//!             },
//!             "parameters": {
//!                 "image_size": {"type": "object", "default": "square", "options": ["square"], "description": ""},
//!                 "style": {"type": "string", "default": "oil", "options": ["oil", "ink/fine"], "description": "Ink?"},
//!                 "steps": {"type": "integer", "default": 8, "min": 1, "max": 20, "description": "Steps"}
//!             }
//!         }
//!     }
//! }"#)?;
//! assert_eq!(catalog.len(), 21);
//! assert!(catalog.get("fast-sdxl").is_none());
//!
//! let order = serde_json::json!({"image_size": {"width": 2048, "height": 1024}, "style": "ink/fine"});
//! let generation = catalog.check("acme/sketch", "a fox", order.as_object())?;
//! assert_eq!(generation.quote().fal.amount.to_string(), "0.0225");
//!
//! let faulty = r#"{"prices": {"flux/dev": {"billing": {"unit": "pixel"}}}}"#;
//! let fault = Catalog::builtin().with_file(faulty).unwrap_err().to_string();
//! assert!(fault.starts_with("line 1, column 52: model `flux/dev`, billing.unit: unknown variant `pixel`"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod build;
mod check;
mod entry;
mod file;
mod generation;
mod items;
mod model;
mod parameter;
mod place;
mod problem;
mod read;
mod size;
mod spot;

pub use file::CatalogError;
pub use generation::Generation;
pub use model::{Model, PromptLimits};
pub use parameter::{ItemKind, Kind, Parameter};
pub use problem::{Problem, Problems};
pub use size::Size;

use crate::ErrorCode;
use crate::validate::{Prompt, PromptError};
use problem::visible;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use std::{fmt, sync::Arc};

/// The models on offer, by name. Cloning is cheap. Serialized it is an object of models, the form of `generate/models`.
#[derive(Clone)]
pub struct Catalog {
    /// In the order of their names.
    models: Vec<Arc<Model>>,
}

/// What the seed says when one of the two is empty.
const BOTH_REQUIRED: &str = "Model and prompt are required";

impl Catalog {
    /// The built-in models: 21 of FAL's, for text to image.
    #[must_use]
    pub fn builtin() -> Self {
        let empty = Self { models: Vec::new() };
        empty.with_file(include_str!("catalog/builtin.json")).expect("the built-in file is tested")
    }

    /// This catalog, changed by an operator's file; its form stands at the top of this module.
    ///
    /// # Errors
    /// [`CatalogError`] for the first fault: its line, column, model and field.
    pub fn with_file(self, json: &str) -> Result<Self, CatalogError> {
        file::apply(self.models, json).map(|models| Self { models })
    }

    /// The model of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<Model>> {
        file::find(&self.models, name).ok().map(|at| &self.models[at])
    }

    /// All models, in the order of their names.
    pub fn models(&self) -> impl ExactSizeIterator<Item = &Arc<Model>> {
        self.models.iter()
    }

    /// How many models there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.models.len()
    }

    /// Whether there is no model at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.models.is_empty()
    }

    /// Checks a request as far as that can be done without spending anything. `null` parameters count as absent.
    ///
    /// # Errors
    /// Every problem found: the model's, the prompt's, those of known parameters in the model's order, then unknown
    /// parameters by name.
    pub fn check(
        &self,
        model: &str,
        prompt: &str,
        parameters: Option<&Map<String, Value>>,
    ) -> Result<Generation, Problems> {
        let mut problems = Vec::new();
        let found = self.get(model);
        if found.is_none() {
            problems.push(unknown_model(model));
        }
        let prompt = check_prompt(prompt, found, &mut problems);
        let checked = match (found, parameters) {
            (Some(model), Some(given)) => check::parameters(model, given, &mut problems),
            _ => Map::new(),
        };
        match (found, prompt, Problems::new(problems)) {
            (Some(model), Some(prompt), None) => Ok(Generation::new(Arc::clone(model), prompt, checked)),
            (_, _, problems) => Err(problems.expect("a missing model or prompt is a problem")),
        }
    }
}

fn unknown_model(name: &str) -> Problem {
    let message =
        if name.is_empty() { BOTH_REQUIRED.to_owned() } else { format!("unsupported model: {}", visible(name)) };
    Problem { code: ErrorCode::ModelUnknown, path: "model".to_owned(), message }
}

/// The prompt within the product's limits; a problem too where it is outside the model's.
fn check_prompt(text: &str, model: Option<&Arc<Model>>, problems: &mut Vec<Problem>) -> Option<Prompt> {
    let mut refuse = |code, message| problems.push(Problem { code, path: "prompt".to_owned(), message });
    let prompt = match Prompt::parse(text) {
        Ok(prompt) => prompt,
        Err(error) => {
            let missing = error == PromptError::Missing;
            refuse(error.code(), if missing { BOTH_REQUIRED.to_owned() } else { error.to_string() });
            return None;
        }
    };
    let PromptLimits { min_length, max_length } = model.map_or(PromptLimits::default(), |model| model.prompt);
    let length = text.chars().count();
    if length < min_length {
        refuse(ErrorCode::PromptTooShort, format!("prompt must have at least {min_length} characters"));
    } else if length > max_length {
        refuse(ErrorCode::PromptTooLong, format!("prompt must have at most {max_length} characters"));
    }
    Some(prompt)
}

/// The names only.
impl fmt::Debug for Catalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Catalog").field(&self.models.iter().map(|model| &model.name).collect::<Vec<_>>()).finish()
    }
}

impl Serialize for Catalog {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.models.iter().map(|model| (&model.name, model.as_ref())))
    }
}
