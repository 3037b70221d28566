//! Core's catalog of models, as JSON has it.

#![expect(dead_code, reason = "fields are read by the derived schemas alone")]

use super::{Certainty, Unit, Usd};
use schemars::JsonSchema;
use serde_json::Value;
use std::collections::BTreeMap;

/// The models on offer, by name.
#[derive(JsonSchema)]
#[schemars(rename = "Models", transparent)]
pub(crate) struct Catalog(BTreeMap<String, Model>);

/// A model that can be asked for pictures.
#[derive(JsonSchema)]
struct Model {
    /// What requests call it.
    name: String,
    display_name: String,
    description: String,
    /// What one picture at its default size costs in the account; `null` without a price beforehand.
    cost_per_image: Option<Usd>,
    /// What it takes beside the prompt, by name.
    parameters: BTreeMap<String, Parameter>,
    /// FAL's endpoint.
    endpoint: String,
    /// How long a prompt may be, in characters.
    prompt: PromptLimits,
    /// What is made when no size is asked for; `null` if unknown.
    default_size: Option<Size>,
    max_megapixels: Option<u32>,
    /// The parameter that lets each run return several pictures.
    images_per_run: Option<String>,
    /// How far `cost_per_image` can be trusted.
    pricing: Certainty,
    /// The price rule of the account.
    billing: PriceRule,
    /// FAL's own where it differs.
    fal_billing: Option<PriceRule>,
    /// What FAL bills for one picture by default.
    fal_cost_per_image: Option<Usd>,
}

#[derive(JsonSchema)]
struct PromptLimits {
    min_length: usize,
    max_length: usize,
}

/// In pixels.
#[derive(JsonSchema)]
struct Size {
    width: u32,
    height: u32,
}

/// One parameter of a model.
#[derive(JsonSchema)]
#[schemars(rename = "ModelParameter")]
struct Parameter {
    /// `array`, `boolean`, `float`, `integer`, `object` (an image size) or `string`.
    #[schemars(rename = "type")]
    kind: String,
    /// What FAL assumes when it is absent; `null` if that is nothing.
    default: Value,
    #[schemars(skip_serializing_if = "Option::is_none")]
    min: Option<f64>,
    #[schemars(skip_serializing_if = "Option::is_none")]
    max: Option<f64>,
    #[schemars(skip_serializing_if = "Option::is_none")]
    options: Option<Vec<String>>,
    /// Whether other texts than the options are taken.
    #[schemars(skip_serializing_if = "Option::is_none")]
    open_options: Option<bool>,
    #[schemars(skip_serializing_if = "Option::is_none")]
    max_length: Option<usize>,
    /// What each item of an array is: `string`, `rgb_color` or `lora_weight`.
    #[schemars(skip_serializing_if = "Option::is_none")]
    items: Option<String>,
    #[schemars(skip_serializing_if = "Option::is_none")]
    max_items: Option<usize>,
    description: String,
    /// Always `false`.
    required: bool,
}

/// How one account prices a model. Prices are decimal text.
#[derive(JsonSchema)]
struct PriceRule {
    unit: Unit,
    unit_price: String,
    /// The price of each megapixel of a picture after the first, where that is another.
    #[schemars(skip_serializing_if = "Option::is_none")]
    further_unit_price: Option<String>,
    /// How sizes become megapixels, if that is published.
    #[schemars(skip_serializing_if = "Option::is_none")]
    rounding: Option<String>,
    /// Where the price comes from: `high`, `medium`, `low` or `project-defined`.
    confidence: String,
    /// Other unit prices for some values of parameters; the first that fits counts.
    #[schemars(skip_serializing_if = "Vec::is_empty")]
    tiers: Vec<Tier>,
    /// What some values of parameters add, once per request.
    #[schemars(skip_serializing_if = "Vec::is_empty")]
    surcharges: Vec<Surcharge>,
}

#[derive(JsonSchema)]
#[schemars(rename = "PriceTier")]
struct Tier {
    when: Condition,
    unit_price: String,
}

#[derive(JsonSchema)]
#[schemars(rename = "PriceSurcharge")]
struct Surcharge {
    when: Condition,
    amount: String,
}

/// A parameter has a value, asked for or by default; text that ends in `/*` stands for all that begins so.
#[derive(JsonSchema)]
#[schemars(rename = "PriceCondition")]
struct Condition {
    parameter: String,
    is: Value,
}

#[cfg(test)]
mod tests {
    use super::Catalog;
    use crate::openapi::schemas::tests::fits;

    #[test]
    fn the_built_in_catalog_fits() {
        fits::<Catalog>(&serde_json::to_value(generatio_core::catalog::Catalog::builtin()).unwrap());
    }
}
