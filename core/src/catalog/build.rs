//! From the shape of a file to models: everything that a shape cannot say.

use super::entry::{ModelEntry, ParameterEntry, TypeName};
use super::file::Fault;
use super::problem::Report;
use super::{Kind, Model, Parameter, PromptLimits, Size, check};
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
/// The most parameters of a model, tiers and surcharges of a rule, items of an array.
const MAX_PARTS: usize = 64;

/// The model that `entry` describes.
pub(super) fn model(name: &str, entry: ModelEntry) -> Result<Model, Fault> {
    let of_name = |c: char| c.is_ascii_alphanumeric() || "._/-".contains(c);
    require(length_is(name, 1, 100) && name.chars().all(of_name), &[], "a name is 1 to 100 of a-z A-Z 0-9 . _ / -")?;
    require(length_is(&entry.display_name, 1, 100), &["display_name"], "must have 1 to 100 characters")?;
    require(length_is(&entry.description, 0, 500), &["description"], "must have at most 500 characters")?;
    let PromptLimits { min_length, max_length } = entry.prompt;
    let ordered = 1 <= min_length && min_length <= max_length && max_length <= Prompt::MAX_CHARS;
    require(ordered, &["prompt"], "needs 1 <= min_length <= max_length <= 5000")?;
    let max_megapixels = entry.max_megapixels.unwrap_or(MAX_MEGAPIXELS);
    require((1..=MOST_MEGAPIXELS).contains(&max_megapixels), &["max_megapixels"], "must be 1 to 191")?;
    let model = Model {
        name: name.to_owned(),
        endpoint: Endpoint::parse(&entry.endpoint).map_err(|error| Fault::at(&["endpoint"], error.to_string()))?,
        display_name: entry.display_name,
        description: entry.description,
        cost_per_image: None,
        fal_cost_per_image: None,
        pricing: Certainty::Unpriced,
        prompt: entry.prompt,
        default_size: entry.default_size,
        max_megapixels,
        images_per_run: entry.images_per_run,
        parameters: parameters(entry.parameters, max_megapixels)?,
        billing: entry.billing,
        fal_billing: entry.fal_billing,
    };
    check_counts(&model)?;
    check_rules(&model)?;
    Ok(with_default_size(model)?.priced())
}

fn with_default_size(mut model: Model) -> Result<Model, Fault> {
    let fits = |size: Size| size.is_possible() && size.megapixels() <= model.max_megapixels;
    require(
        model.default_size.is_none_or(fits),
        &["default_size"],
        "is larger than max_megapixels, or has a side of 0",
    )?;
    if let Some(parameter) = model.parameter("image_size").filter(|parameter| !parameter.default.is_null()) {
        model.default_size = Size::of(&parameter.default);
    }
    Ok(model)
}

/// What counts images must be a bounded integer, so that every quote fits an amount.
fn check_counts(model: &Model) -> Result<(), Fault> {
    if let Some(name) = &model.images_per_run {
        require(model.parameter(name).is_some(), &["images_per_run"], "names no parameter of this model")?;
    }
    for name in [Some("num_images"), model.images_per_run.as_deref()].into_iter().flatten() {
        let Some(parameter) = model.parameter(name) else { continue };
        let bounded = matches!(parameter.kind, Kind::Integer { min: Some(1..), max: Some(..=MAX_COUNT) });
        require(bounded, &["parameters", name], "counts images: an integer with min and max within 1 to 100")?;
    }
    Ok(())
}

fn parameters(entries: Vec<(String, ParameterEntry)>, max_megapixels: u32) -> Result<Vec<Parameter>, Fault> {
    require(entries.len() <= MAX_PARTS, &["parameters"], "are more than 64")?;
    let build = |(name, entry): (String, ParameterEntry)| {
        parameter(&name, entry, max_megapixels).map_err(|fault| fault.inside(&["parameters", &name]))
    };
    entries.into_iter().map(build).collect()
}

fn parameter(name: &str, mut entry: ParameterEntry, max_megapixels: u32) -> Result<Parameter, Fault> {
    let of_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    require(length_is(name, 1, 64) && name.chars().all(of_name), &[], "a name is 1 to 64 of a-z 0-9 _")?;
    require(name != "prompt", &[], "the prompt is not a parameter")?;
    require(length_is(&entry.description, 0, 500), &["description"], "must have at most 500 characters")?;
    let kind = kind(&mut entry)?;
    nothing_left(&entry)?;
    require(name != "sync_mode" || kind == Kind::Boolean, &["type"], "must be boolean")?;
    let is_size = matches!(kind, Kind::ImageSize { .. });
    require(is_size == (name == "image_size"), &["type"], "`object` is the type of image_size, and of nothing else")?;
    let mut parameter = Parameter { name: name.to_owned(), kind, default: Value::Null, description: entry.description };
    if !entry.default.is_null() {
        parameter.default = checked(&parameter, max_megapixels, &entry.default, "default")?;
    }
    Ok(parameter)
}

/// Takes out of `entry` what its type needs.
fn kind(entry: &mut ParameterEntry) -> Result<Kind, Fault> {
    Ok(match entry.r#type {
        TypeName::Array => array(entry)?,
        TypeName::Boolean => Kind::Boolean,
        TypeName::Float => {
            let (min, max) = (entry.min.take().and_then(|n| n.as_f64()), entry.max.take().and_then(|n| n.as_f64()));
            ordered(min, max)?;
            Kind::Float { min, max }
        }
        TypeName::Integer => {
            let (min, max) = (whole("min", entry.min.take())?, whole("max", entry.max.take())?);
            ordered(min, max)?;
            Kind::Integer { min, max }
        }
        TypeName::Object => Kind::ImageSize { presets: options(entry)? },
        TypeName::String => text(entry)?,
    })
}

fn array(entry: &mut ParameterEntry) -> Result<Kind, Fault> {
    let items = entry.items.take().ok_or_else(|| Fault::at(&[], "an array needs `items`"))?;
    let max_items = entry.max_items.take().ok_or_else(|| Fault::at(&[], "an array needs `max_items`"))?;
    require((1..=MAX_PARTS).contains(&max_items), &["max_items"], "must be 1 to 64")?;
    Ok(Kind::Array { items, max_items })
}

fn text(entry: &mut ParameterEntry) -> Result<Kind, Fault> {
    let options = options(entry)?;
    let open_options = entry.open_options.take();
    require(open_options.is_none() || !options.is_empty(), &["open_options"], "needs `options`")?;
    let max_length = entry.max_length.take().unwrap_or(MAX_TEXT);
    require((1..=MAX_TEXT).contains(&max_length), &["max_length"], "must be 1 to 5000")?;
    Ok(Kind::String { options, open_options: open_options.unwrap_or(false), max_length })
}

fn options(entry: &mut ParameterEntry) -> Result<Vec<String>, Fault> {
    let Some(options) = entry.options.take() else { return Ok(Vec::new()) };
    require((1..=500).contains(&options.len()), &["options"], "must be 1 to 500")?;
    for (index, option) in options.iter().enumerate() {
        let good = length_is(option, 1, 100) && !options[..index].contains(option);
        let fault = || Fault::at(&[], "must have 1 to 100 characters and occur once");
        good.then_some(()).ok_or_else(|| fault().inside_item(index).inside(&["options"]))?;
    }
    Ok(options)
}

fn whole(field: &str, bound: Option<Number>) -> Result<Option<i64>, Fault> {
    let Some(bound) = bound else { return Ok(None) };
    let fault = || Fault::at(&[field], "must be an integer");
    check::integer(&Value::Number(bound)).and_then(|bound| bound.as_i64()).map(Some).ok_or_else(fault)
}

fn ordered<T: PartialOrd>(min: Option<T>, max: Option<T>) -> Result<(), Fault> {
    let crossed = min.zip(max).is_some_and(|(min, max)| min > max);
    require(!crossed, &["min"], "is above max")
}

fn nothing_left(entry: &ParameterEntry) -> Result<(), Fault> {
    let left = [
        ("min", entry.min.is_some()),
        ("max", entry.max.is_some()),
        ("options", entry.options.is_some()),
        ("open_options", entry.open_options.is_some()),
        ("max_length", entry.max_length.is_some()),
        ("items", entry.items.is_some()),
        ("max_items", entry.max_items.is_some()),
    ];
    let stray = left.into_iter().find(|(_, given)| *given);
    stray.map_or(Ok(()), |(field, _)| Err(Fault::at(&[field], "does not belong to a parameter of this type")))
}

/// The price rules of a model: each within itself, and with the parameters they name.
pub(super) fn check_rules(model: &Model) -> Result<(), Fault> {
    check_rule(model, &model.billing).map_err(|fault| fault.inside(&["billing"]))?;
    let Some(rule) = &model.fal_billing else { return Ok(()) };
    check_rule(model, rule).map_err(|fault| fault.inside(&["fal_billing"]))
}

fn check_rule(model: &Model, rule: &PriceRule) -> Result<(), Fault> {
    let by_size = rule.unit == Unit::Megapixel;
    require(by_size || rule.further_unit_price.is_none(), &["further_unit_price"], "is for the unit `megapixel`")?;
    require(by_size || rule.rounding.is_none(), &["rounding"], "is for the unit `megapixel`")?;
    require(rule.tiers.len() <= MAX_PARTS, &["tiers"], "are more than 64")?;
    require(rule.surcharges.len() <= MAX_PARTS, &["surcharges"], "are more than 64")?;
    let tiers = rule.tiers.iter().map(|tier| &tier.when).enumerate().map(|(at, when)| ("tiers", at, when));
    let surcharges = rule.surcharges.iter().map(|extra| &extra.when).enumerate();
    for (field, index, when) in tiers.chain(surcharges.map(|(at, when)| ("surcharges", at, when))) {
        let timeless = rule.unit != Unit::ComputeSecond;
        require(timeless, &[field], "are not for the unit `compute_second`")?;
        check_condition(model, when).map_err(|fault| fault.inside(&["when"]).inside_item(index).inside(&[field]))?;
    }
    Ok(())
}

fn check_condition(model: &Model, when: &Condition) -> Result<(), Fault> {
    let no_such = || Fault::at(&["parameter"], "names no parameter of this model");
    let parameter = model.parameter(&when.parameter).ok_or_else(no_such)?;
    if when.root().is_some() {
        let is_text = matches!(parameter.kind, Kind::String { .. });
        return require(is_text, &["is"], "ends in `/*`, and the parameter is not text");
    }
    let plain = checked(parameter, model.max_megapixels, &when.is, "is")?;
    require(plain == when.is, &["is"], "is not written as this parameter's values are")
}

/// A value in the file must be one that a request could have; hands it out as a request would have it.
fn checked(parameter: &Parameter, max_megapixels: u32, value: &Value, field: &str) -> Result<Value, Fault> {
    let mut problems = Vec::new();
    let value = check::value_of(parameter, max_megapixels, value, &mut Report::to(&mut problems));
    match (value, problems.into_iter().next()) {
        (Some(value), None) => Ok(value),
        (_, problem) => Err(Fault::at(&[field], problem.expect("a refused value is a problem").message)),
    }
}

fn require(holds: bool, path: &[&str], message: &str) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(Fault::at(path, message)) }
}

/// Whether `text` has that many characters.
fn length_is(text: &str, min: usize, max: usize) -> bool {
    (min..=max).contains(&text.chars().count())
}
