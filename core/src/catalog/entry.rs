//! What a file says, read by its shape.

use super::read::{Object, Part};
use super::{ItemKind, PromptLimits, Size};
use crate::cost::{Condition, Confidence, PriceRule, Rounding, Surcharge, Tier, Unit, UnitPrice, Usd};
use serde_json::{Number, Value};

/// The file.
pub(super) struct File {
    pub(super) hide: Vec<String>,
    pub(super) prices: Vec<(String, PricesEntry)>,
    pub(super) models: Vec<(String, ModelEntry)>,
}

impl File {
    pub(super) fn read(part: Part<'_>) -> Self {
        let file = part.object(&["hide", "prices", "models"]);
        Self {
            hide: file.given("hide").map_or(Vec::new(), |hide| hide.list(Part::text)),
            prices: file.given("prices").map_or(Vec::new(), |prices| prices.named(PricesEntry::read)),
            models: file.given("models").map_or(Vec::new(), |models| models.named(ModelEntry::read)),
        }
    }
}

/// Other prices of a model.
pub(super) struct PricesEntry {
    pub(super) billing: Option<PriceRule>,
    pub(super) fal_billing: Option<PriceRule>,
}

impl PricesEntry {
    fn read(part: Part<'_>) -> Self {
        let prices = part.object(&["billing", "fal_billing"]);
        let rule = |name: &str| prices.optional(name).map(rule);
        Self { billing: rule("billing"), fal_billing: rule("fal_billing") }
    }
}

/// A model.
pub(super) struct ModelEntry {
    pub(super) endpoint: String,
    pub(super) display_name: String,
    pub(super) description: String,
    pub(super) prompt: PromptLimits,
    pub(super) default_size: Option<Size>,
    pub(super) max_megapixels: Option<u32>,
    pub(super) images_per_run: Option<String>,
    pub(super) billing: PriceRule,
    pub(super) fal_billing: Option<PriceRule>,
    pub(super) parameters: Vec<(String, ParameterEntry)>,
}

impl ModelEntry {
    fn read(part: Part<'_>) -> Self {
        let model = part.object(&[
            "endpoint",
            "display_name",
            "description",
            "prompt",
            "default_size",
            "max_megapixels",
            "images_per_run",
            "billing",
            "fal_billing",
            "parameters",
        ]);
        Self {
            endpoint: model.required("endpoint").text(),
            display_name: model.required("display_name").text(),
            description: model.required("description").text(),
            prompt: model.given("prompt").map_or(PromptLimits::default(), limits),
            default_size: model.optional("default_size").map(size),
            max_megapixels: count(&model, "max_megapixels"),
            images_per_run: model.optional("images_per_run").map(Part::text),
            billing: rule(model.required("billing")),
            fal_billing: model.optional("fal_billing").map(rule),
            parameters: model.required("parameters").named(ParameterEntry::read),
        }
    }
}

/// A parameter.
pub(super) struct ParameterEntry {
    pub(super) r#type: TypeName,
    pub(super) default: Value,
    pub(super) description: String,
    pub(super) min: Option<Number>,
    pub(super) max: Option<Number>,
    pub(super) options: Option<Vec<String>>,
    pub(super) open_options: Option<bool>,
    pub(super) max_length: Option<usize>,
    pub(super) items: Option<ItemKind>,
    pub(super) max_items: Option<usize>,
}

/// The types of parameters.
#[derive(Clone, Copy)]
pub(super) enum TypeName {
    Array,
    Boolean,
    Float,
    Integer,
    Object,
    String,
}

impl ParameterEntry {
    fn read(part: Part<'_>) -> Self {
        let parameter = part.object(&[
            "type",
            "default",
            "description",
            "min",
            "max",
            "options",
            "open_options",
            "max_length",
            "items",
            "max_items",
        ]);
        let number = |name: &str| parameter.optional(name).map(Part::number);
        let length = |name: &str| count(&parameter, name).map(|count| count as usize);
        Self {
            r#type: type_name(parameter.required("type")),
            default: parameter.required("default").value(),
            description: parameter.required("description").text(),
            min: number("min"),
            max: number("max"),
            options: parameter.optional("options").map(|options| options.list(Part::text)),
            open_options: parameter.optional("open_options").map(Part::flag),
            max_length: length("max_length"),
            items: parameter.optional("items").map(item_kind),
            max_items: length("max_items"),
        }
    }
}

fn type_name(part: Part<'_>) -> TypeName {
    let at = part.word(&["array", "boolean", "float", "integer", "object", "string"]);
    use TypeName::{Array, Boolean, Float, Integer, Object, String};
    [Array, Boolean, Float, Integer, Object, String][at]
}

fn item_kind(part: Part<'_>) -> ItemKind {
    let at = part.word(&["lora_weight", "rgb_color", "string"]);
    [ItemKind::LoraWeight, ItemKind::RgbColor, ItemKind::String][at]
}

fn count(object: &Object<'_>, name: &str) -> Option<u32> {
    object.optional(name).map(Part::count)
}

fn limits(part: Part<'_>) -> PromptLimits {
    let limits = part.object(&["min_length", "max_length"]);
    let usual = PromptLimits::default();
    let length = |name: &str, usual: usize| limits.given(name).map_or(usual, |length| length.count() as usize);
    PromptLimits {
        min_length: length("min_length", usual.min_length),
        max_length: length("max_length", usual.max_length),
    }
}

fn size(part: Part<'_>) -> Size {
    let size = part.object(&["width", "height"]);
    Size { width: size.required("width").count(), height: size.required("height").count() }
}

fn rule(part: Part<'_>) -> PriceRule {
    let rule =
        part.object(&["unit", "unit_price", "further_unit_price", "rounding", "confidence", "tiers", "surcharges"]);
    let unit = rule.required("unit").word(&["image", "megapixel", "compute_second"]);
    let rounding = rule.optional("rounding").map(|rounding| rounding.word(&["per_image_ceil_whole_mp"]));
    let confidence = rule.required("confidence").word(&["high", "medium", "low", "project-defined"]);
    PriceRule {
        unit: [Unit::Image, Unit::Megapixel, Unit::ComputeSecond][unit],
        unit_price: price(rule.required("unit_price")),
        further_unit_price: rule.optional("further_unit_price").map(price),
        rounding: rounding.map(|_| Rounding::PerImageCeilWholeMegapixel),
        confidence: [Confidence::High, Confidence::Medium, Confidence::Low, Confidence::ProjectDefined][confidence],
        tiers: rule.given("tiers").map_or(Vec::new(), |tiers| tiers.list(tier)),
        surcharges: rule.given("surcharges").map_or(Vec::new(), |surcharges| surcharges.list(surcharge)),
    }
}

fn price(part: Part<'_>) -> UnitPrice {
    const EXPECTED: &str =
        "a price: decimal text in quotes, like \"0.003\", from 0 to 1000 dollars with at most 9 decimals";
    let value = part.value();
    let Some(text) = value.as_str() else { return part.of_type(UnitPrice::ZERO, &value, &EXPECTED) };
    let price = Usd::parse(text).ok().and_then(UnitPrice::new);
    price.unwrap_or_else(|| part.of_value(UnitPrice::ZERO, &value, &EXPECTED))
}

fn tier(part: Part<'_>) -> Tier {
    let tier = part.object(&["when", "unit_price"]);
    Tier { when: condition(tier.required("when")), unit_price: price(tier.required("unit_price")) }
}

fn surcharge(part: Part<'_>) -> Surcharge {
    let surcharge = part.object(&["when", "amount"]);
    Surcharge { when: condition(surcharge.required("when")), amount: price(surcharge.required("amount")) }
}

fn condition(part: Part<'_>) -> Condition {
    let condition = part.object(&["parameter", "is"]);
    Condition { parameter: condition.required("parameter").text(), is: condition.required("is").value() }
}
