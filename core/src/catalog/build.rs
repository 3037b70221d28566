//! From the shape of a file to models: everything that a shape cannot say.

use super::entry::{ModelEntry, ParameterEntry, TypeName};
use super::problem::Report;
use super::spot::Spot;
use super::{ItemKind, Kind, Model, Parameter, PromptLimits, Size, check};
use crate::cost::{Certainty, Condition, PriceRule, Unit};
use crate::{fal::endpoint::Endpoint, validate::Prompt};
use serde_json::{Number, Value};

/// Megapixels of the largest image, where a file does not say.
const MAX_MEGAPIXELS: u32 = 16;
/// The size of the largest image FAL takes, 14,142 pixels a side, in whole megapixels.
const MOST_MEGAPIXELS: u32 = 191;
/// The most images of one run, and the most runs.
const MAX_COUNT: i64 = 100;
/// The longest text that a parameter takes, in characters, where a file does not say.
const MAX_TEXT: usize = 5_000;
/// The most texts that a parameter takes.
const MAX_OPTIONS: usize = 500;
/// The most parameters of a model, tiers and surcharges of a rule, items of an array.
const MAX_PARTS: usize = 64;

/// The model that `entry` describes, at `spot` in the file; `None` where something is wrong.
pub(super) fn model(name: &str, entry: ModelEntry, spot: &Spot<'_>) -> Option<Model> {
    let of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '/' | '-');
    spot.require(length_is(name, 1, 100) && name.chars().all(of_name), "a name is 1 to 100 of a-z A-Z 0-9 . _ / -");
    spot.at("display_name").require(length_is(&entry.display_name, 1, 100), "must have 1 to 100 characters");
    describes(&entry.description, spot);
    let PromptLimits { min_length, max_length } = entry.prompt;
    let ordered = 1 <= min_length && min_length <= max_length && max_length <= Prompt::MAX_CHARS;
    spot.at("prompt").require(ordered, "needs 1 <= min_length <= max_length <= 5000");
    let max_megapixels = entry.max_megapixels.unwrap_or(MAX_MEGAPIXELS);
    spot.at("max_megapixels").require((1..=MOST_MEGAPIXELS).contains(&max_megapixels), "must be 1 to 191");
    let endpoint = Endpoint::parse(&entry.endpoint);
    let model = Model {
        name: name.to_owned(),
        endpoint: endpoint.map_err(|error| spot.at("endpoint").note(error.to_string())).ok()?,
        display_name: entry.display_name,
        description: entry.description,
        cost_per_image: None,
        fal_cost_per_image: None,
        pricing: Certainty::Unpriced,
        prompt: entry.prompt,
        default_size: entry.default_size,
        max_megapixels,
        images_per_run: entry.images_per_run,
        parameters: parameters(entry.parameters, max_megapixels, spot),
        billing: entry.billing,
        fal_billing: entry.fal_billing,
    };
    check_counts(&model, spot);
    check_rules(&model, spot);
    let model = with_default_size(model, spot);
    spot.is_clear().then(|| model.priced())
}

fn with_default_size(mut model: Model, spot: &Spot<'_>) -> Model {
    let fits = |size: Size| size.is_possible() && size.megapixels() <= model.max_megapixels;
    let message = "is larger than max_megapixels, or has a side of 0";
    spot.at("default_size").require(model.default_size.is_none_or(fits), message);
    if let Some(parameter) = model.parameter("image_size").filter(|parameter| !parameter.default.is_null()) {
        model.default_size = Size::of(&parameter.default);
    }
    model
}

/// What counts images must be a bounded integer, so that every quote fits an amount.
fn check_counts(model: &Model, spot: &Spot<'_>) {
    if let Some(name) = &model.images_per_run {
        spot.at("images_per_run").require(model.parameter(name).is_some(), "names no parameter of this model");
    }
    for name in [Some("num_images"), model.images_per_run.as_deref()].into_iter().flatten() {
        let Some(parameter) = model.parameter(name) else { continue };
        let bounded = matches!(parameter.kind, Kind::Integer { min: Some(1..), max: Some(..=MAX_COUNT) });
        let message = "counts images: an integer with min and max within 1 to 100";
        spot.at("parameters").at(name).require(bounded, message);
    }
}

fn parameters(entries: Vec<(String, ParameterEntry)>, max_megapixels: u32, spot: &Spot<'_>) -> Vec<Parameter> {
    let spot = spot.at("parameters");
    spot.require(entries.len() <= MAX_PARTS, "are more than 64");
    let mut parameters = Vec::with_capacity(entries.len());
    for (name, entry) in entries {
        parameters.push(parameter(&name, entry, max_megapixels, &spot.at(&name)));
    }
    parameters
}

fn parameter(name: &str, mut entry: ParameterEntry, max_megapixels: u32, spot: &Spot<'_>) -> Parameter {
    let of_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    spot.require(length_is(name, 1, 64) && name.chars().all(of_name), "a name is 1 to 64 of a-z 0-9 _");
    spot.require(name != "prompt", "the prompt is not a parameter");
    describes(&entry.description, spot);
    let kind = kind(&mut entry, spot);
    nothing_left(&entry, spot);
    let of_type = spot.at("type");
    of_type.require(name != "sync_mode" || kind == Kind::Boolean, "must be boolean");
    let is_size = matches!(kind, Kind::ImageSize { .. });
    of_type.require(is_size == (name == "image_size"), "`object` is the type of image_size, and of nothing else");
    let mut parameter = Parameter { name: name.to_owned(), kind, default: Value::Null, description: entry.description };
    if !entry.default.is_null() {
        parameter.default = checked(&parameter, max_megapixels, &entry.default, &spot.at("default"));
    }
    parameter
}

fn describes(description: &str, spot: &Spot<'_>) {
    spot.at("description").require(length_is(description, 0, 500), "must have at most 500 characters");
}

/// Takes out of `entry` what its type needs.
fn kind(entry: &mut ParameterEntry, spot: &Spot<'_>) -> Kind {
    match entry.r#type {
        TypeName::Array => array(entry, spot),
        TypeName::Boolean => Kind::Boolean,
        TypeName::Float => {
            let (min, max) = (entry.min.take().and_then(|n| n.as_f64()), entry.max.take().and_then(|n| n.as_f64()));
            ordered(min, max, spot);
            Kind::Float { min, max }
        }
        TypeName::Integer => {
            let (min, max) = (whole(entry.min.take(), &spot.at("min")), whole(entry.max.take(), &spot.at("max")));
            ordered(min, max, spot);
            Kind::Integer { min, max }
        }
        TypeName::Object => Kind::ImageSize { presets: options(entry, spot) },
        TypeName::String => text(entry, spot),
    }
}

fn array(entry: &mut ParameterEntry, spot: &Spot<'_>) -> Kind {
    spot.require(entry.items.is_some(), "an array needs `items`");
    spot.require(entry.max_items.is_some(), "an array needs `max_items`");
    let (items, max_items) = (entry.items.take(), entry.max_items.take().unwrap_or(1));
    spot.at("max_items").require((1..=MAX_PARTS).contains(&max_items), "must be 1 to 64");
    Kind::Array { items: items.unwrap_or(ItemKind::String), max_items }
}

fn text(entry: &mut ParameterEntry, spot: &Spot<'_>) -> Kind {
    let options = options(entry, spot);
    let open_options = entry.open_options.take();
    spot.at("open_options").require(open_options.is_none() || !options.is_empty(), "needs `options`");
    let max_length = entry.max_length.take().unwrap_or(MAX_TEXT);
    spot.at("max_length").require((1..=MAX_TEXT).contains(&max_length), "must be 1 to 5000");
    Kind::String { options, open_options: open_options.unwrap_or(false), max_length }
}

fn options(entry: &mut ParameterEntry, spot: &Spot<'_>) -> Vec<String> {
    let Some(options) = entry.options.take() else { return Vec::new() };
    let spot = spot.at("options");
    spot.require((1..=MAX_OPTIONS).contains(&options.len()), "must be 1 to 500");
    for (index, option) in options.iter().enumerate().take(MAX_OPTIONS) {
        let good = length_is(option, 1, 100) && !options[..index].contains(option);
        spot.item(index).require(good, "must have 1 to 100 characters and occur once");
    }
    options
}

fn whole(bound: Option<Number>, spot: &Spot<'_>) -> Option<i64> {
    let whole = check::integer(&Value::Number(bound?)).and_then(|bound| bound.as_i64());
    spot.require(whole.is_some(), "must be an integer");
    whole
}

fn ordered<T: PartialOrd>(min: Option<T>, max: Option<T>, spot: &Spot<'_>) {
    let crossed = min.zip(max).is_some_and(|(min, max)| min > max);
    spot.at("min").require(!crossed, "is above max");
}

fn nothing_left(entry: &ParameterEntry, spot: &Spot<'_>) {
    for (field, given) in [
        ("min", entry.min.is_some()),
        ("max", entry.max.is_some()),
        ("options", entry.options.is_some()),
        ("open_options", entry.open_options.is_some()),
        ("max_length", entry.max_length.is_some()),
        ("items", entry.items.is_some()),
        ("max_items", entry.max_items.is_some()),
    ] {
        spot.at(field).require(!given, "does not belong to a parameter of this type");
    }
}

/// The price rules of a model: each within itself, and with the parameters they name.
pub(super) fn check_rules(model: &Model, spot: &Spot<'_>) {
    check_rule(model, &model.billing, &spot.at("billing"));
    if let Some(rule) = &model.fal_billing {
        check_rule(model, rule, &spot.at("fal_billing"));
    }
}

fn check_rule(model: &Model, rule: &PriceRule, spot: &Spot<'_>) {
    let by_size = rule.unit == Unit::Megapixel;
    let message = "is for the unit `megapixel`";
    spot.at("further_unit_price").require(by_size || rule.further_unit_price.is_none(), message);
    spot.at("rounding").require(by_size || rule.rounding.is_none(), message);
    check_conditions(model, rule, rule.tiers.iter().map(|tier| &tier.when), &spot.at("tiers"));
    check_conditions(model, rule, rule.surcharges.iter().map(|extra| &extra.when), &spot.at("surcharges"));
}

fn check_conditions<'a>(
    model: &Model,
    rule: &PriceRule,
    conditions: impl ExactSizeIterator<Item = &'a Condition>,
    spot: &Spot<'_>,
) {
    spot.require(conditions.len() <= MAX_PARTS, "are more than 64");
    let timeless = rule.unit != Unit::ComputeSecond;
    spot.require(timeless || conditions.len() == 0, "are not for the unit `compute_second`");
    for (index, when) in conditions.enumerate().take(MAX_PARTS) {
        check_condition(model, when, &spot.item(index).at("when"));
    }
}

fn check_condition(model: &Model, when: &Condition, spot: &Spot<'_>) {
    let Some(parameter) = model.parameter(&when.parameter) else {
        return spot.at("parameter").note("names no parameter of this model".to_owned());
    };
    let is = spot.at("is");
    if when.root().is_some() {
        let is_text = matches!(parameter.kind, Kind::String { .. });
        is.require(is_text, "ends in `/*`, and the parameter is not text");
    } else {
        let plain = checked(parameter, model.max_megapixels, &when.is, &is);
        is.require(plain == when.is, "is not written as this parameter's values are");
    }
}

/// A value in the file must be one that a request could have; hands it out as a request would have it.
fn checked(parameter: &Parameter, max_megapixels: u32, value: &Value, spot: &Spot<'_>) -> Value {
    let mut problems = Vec::new();
    let value = check::value_of(parameter, max_megapixels, value, &mut Report::to(&mut problems));
    if let Some(problem) = problems.into_iter().next() {
        spot.note(problem.message);
    }
    value.unwrap_or_default()
}

/// Whether `text` has that many characters.
fn length_is(text: &str, min: usize, max: usize) -> bool {
    (min..=max).contains(&text.chars().count())
}
