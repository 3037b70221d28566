//! One model of the catalog, and its form on the wire.

use super::{Parameter, Size};
use crate::cost::{Amount, Certainty, Order, PriceRule, Usd};
use crate::fal::endpoint::Endpoint;
use crate::validate::Prompt;
use serde::{Serialize, Serializer, ser::SerializeStruct};
use serde_json::{Map, Value};

/// A model that can be asked for images.
///
/// Serialized as the seed's `{name, display_name, description, cost_per_image, parameters}` plus:
///
/// - `endpoint`: FAL's endpoint id.
/// - `prompt`: `{min_length, max_length}` in characters.
/// - `default_size`: `{width, height}` made when no size is asked for, `null` if unknown; `max_megapixels`.
/// - `images_per_run`: the parameter that lets each run return several images, or `null`.
/// - `pricing`: `known`, `estimated` or `unpriced`: how far `cost_per_image` can be trusted.
/// - `billing`: the price rule of the product's account; `fal_billing`: FAL's own where it differs, else `null`.
/// - `fal_cost_per_image`: what FAL bills for one image by default.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Model {
    /// What requests call it.
    pub name: String,
    /// FAL's endpoint.
    pub endpoint: Endpoint,
    /// What people call it.
    pub display_name: String,
    /// For people.
    pub description: String,
    /// What one image at its default size costs in the product's account; none if it has no price beforehand.
    pub cost_per_image: Option<Usd>,
    /// The same by FAL's own price.
    pub fal_cost_per_image: Option<Usd>,
    /// How far [`Self::cost_per_image`] can be trusted.
    pub pricing: Certainty,
    /// How long a prompt may be.
    pub prompt: PromptLimits,
    /// The size made when none is asked for, if it is known.
    pub default_size: Option<Size>,
    /// The largest image, in megapixels of 1,048,576 pixels.
    pub max_megapixels: u32,
    /// The integer parameter that says how many images each of `num_images` runs may return, if there is one.
    pub images_per_run: Option<String>,
    /// What it takes, in the order in which it is shown.
    pub parameters: Vec<Parameter>,
    /// How the product's account prices it.
    pub billing: PriceRule,
    /// How FAL prices it, where that differs.
    pub fal_billing: Option<PriceRule>,
}

/// How long a prompt may be, in characters: within 1 to [`Prompt::MAX_CHARS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PromptLimits {
    /// The least.
    pub min_length: usize,
    /// The most.
    pub max_length: usize,
}

impl Default for PromptLimits {
    fn default() -> Self {
        Self { min_length: 1, max_length: Prompt::MAX_CHARS }
    }
}

impl Model {
    /// The parameter of this name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }

    /// How FAL prices it.
    #[must_use]
    pub fn fal_rule(&self) -> &PriceRule {
        self.fal_billing.as_ref().unwrap_or(&self.billing)
    }

    /// What `asked` says of a parameter, else its default; `null` is nothing.
    pub(super) fn value<'a>(&'a self, asked: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
        let value = asked.get(name).or_else(|| self.parameter(name).map(|parameter| &parameter.default));
        value.filter(|value| !value.is_null())
    }

    /// The size asked for, else the default one, if it can be told.
    pub(super) fn size(&self, asked: &Map<String, Value>) -> Option<Size> {
        asked.get("image_size").map_or(self.default_size, Size::of)
    }

    /// An order of `images` to reckon with; `counted` if their number is certain.
    pub(super) fn with_order<T>(
        &self,
        asked: &Map<String, Value>,
        images: u32,
        counted: bool,
        reckon: impl FnOnce(&Order<'_>) -> T,
    ) -> T {
        let size = self.size(asked);
        reckon(&Order {
            images,
            counted,
            megapixels: size.map_or(self.max_megapixels, Size::megapixels),
            sized: size.is_some(),
            parameter: &|name| self.value(asked, name),
        })
    }

    /// Fills in what follows from the price rules.
    pub(super) fn priced(mut self) -> Self {
        let price = |amount: Amount| (amount.certainty != Certainty::Unpriced).then_some(amount.amount);
        let (catalog, fal) =
            self.with_order(&Map::new(), 1, true, |order| (self.billing.reckon(order), self.fal_rule().reckon(order)));
        self.pricing = catalog.certainty;
        self.cost_per_image = price(catalog);
        self.fal_cost_per_image = price(fal);
        self
    }
}

impl Serialize for Model {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut model = serializer.serialize_struct("Model", 14)?;
        model.serialize_field("name", &self.name)?;
        model.serialize_field("display_name", &self.display_name)?;
        model.serialize_field("description", &self.description)?;
        model.serialize_field("cost_per_image", &self.cost_per_image)?;
        model.serialize_field("parameters", &Parameters(&self.parameters))?;
        model.serialize_field("endpoint", self.endpoint.as_str())?;
        model.serialize_field("prompt", &self.prompt)?;
        model.serialize_field("default_size", &self.default_size)?;
        model.serialize_field("max_megapixels", &self.max_megapixels)?;
        model.serialize_field("images_per_run", &self.images_per_run)?;
        model.serialize_field("pricing", &self.pricing)?;
        model.serialize_field("billing", &self.billing)?;
        model.serialize_field("fal_billing", &self.fal_billing)?;
        model.serialize_field("fal_cost_per_image", &self.fal_cost_per_image)?;
        model.end()
    }
}

/// Parameters as an object by name, in their order.
struct Parameters<'a>(&'a [Parameter]);

impl Serialize for Parameters<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|parameter| (&parameter.name, parameter)))
    }
}
