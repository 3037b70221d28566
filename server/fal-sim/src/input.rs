//! Judges an input as the model behind an endpoint would. The queue itself never looks inside: what is wrong here
//! shows up with the result.

use crate::detail::{Detail, Wrong};
use crate::endpoints::{Endpoint, Field, Format, Kind};
use crate::lax;
use crate::size::{self, MAX_SIDE};
use serde_json::{Map, Number, Value, json};

/// An input that was found good, as far as painting and billing need it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Order {
    /// As given, directive and all.
    pub(crate) prompt: String,
    pub(crate) seed: Option<Number>,
    /// Width and height, 1 to [`MAX_SIDE`] each.
    pub(crate) size: (u32, u32),
    pub(crate) count: u32,
    pub(crate) format: Format,
    pub(crate) sync_mode: bool,
    pub(crate) safety_checker: bool,
}

/// Reads a body for `endpoint`.
///
/// # Errors
/// All that is wrong with it, field by field in the endpoint's order.
pub(crate) fn judge(endpoint: &Endpoint, body: &[u8]) -> Result<Order, Vec<Detail>> {
    let value: Value = serde_json::from_slice(body).map_err(|_| vec![unreadable()])?;
    let Value::Object(input) = &value else {
        let problem = "Input should be a valid dictionary or object to extract fields from";
        return Err(vec![Wrong::plain("model_attributes_type", problem).at(&[], &value)]);
    };
    let wrong: Vec<_> = endpoint.fields.iter().flat_map(|field| check(field, input)).collect();
    if wrong.is_empty() { Ok(order(endpoint, input)) } else { Err(wrong) }
}

fn unreadable() -> Detail {
    let context = json!({ "error": "Expecting value" });
    Wrong::with_context("json_invalid", "JSON decode error".to_owned(), context).at(&[], &json!({}))
}

fn check(field: &Field, input: &Map<String, Value>) -> Vec<Detail> {
    let name = field.name.as_str();
    let at = |wrong: Wrong, value: &Value| vec![wrong.at(&[name], value)];
    match input.get(name) {
        None if field.required => at(Wrong::plain("missing", "Field required"), &Value::Object(input.clone())),
        None => Vec::new(),
        Some(Value::Null) if field.nullable => Vec::new(),
        Some(value) if field.kind == Kind::ImageSize => check_size(field, value),
        Some(value) => check_value(field, value).map_or_else(|wrong| at(wrong, value), |()| Vec::new()),
    }
}

fn check_value(field: &Field, value: &Value) -> Result<(), Wrong> {
    match field.kind {
        Kind::String => check_text(field, lax::string(value)?),
        Kind::Integer => lax::integer(value).and_then(|number| check_range(field, number.as_f64().unwrap_or_default())),
        Kind::Number => lax::number(value).and_then(|number| check_range(field, number)),
        Kind::Boolean => lax::boolean(value).map(|_| ()),
        Kind::Array => check_list(field, value),
        Kind::Object | Kind::ImageSize if value.is_object() => Ok(()),
        Kind::Object | Kind::ImageSize => Err(not_an_object()),
    }
}

fn not_an_object() -> Wrong {
    Wrong::plain("model_attributes_type", "Input should be a valid dictionary or object to extract fields from")
}

fn check_text(field: &Field, text: &str) -> Result<(), Wrong> {
    let length = text.chars().count();
    if let Some(choices) = &field.one_of {
        return if choices.iter().any(|choice| choice == text) { Ok(()) } else { Err(Wrong::choice(choices)) };
    }
    if let Some(least) = field.min_length.filter(|least| length < *least) {
        let msg = format!("String should have at least {least} characters");
        return Err(Wrong::with_context("string_too_short", msg, json!({ "min_length": least })));
    }
    if let Some(most) = field.max_length.filter(|most| length > *most) {
        let msg = format!("String should have at most {most} characters");
        return Err(Wrong::with_context("string_too_long", msg, json!({ "max_length": most })));
    }
    Ok(())
}

fn check_range(field: &Field, number: f64) -> Result<(), Wrong> {
    let bound = |bound: &Option<Number>| bound.as_ref().and_then(|bound| Some((bound.as_f64()?, json!(bound))));
    match (bound(&field.ge), bound(&field.le)) {
        (Some((least, text)), _) if number < least => Err(Wrong::bound("greater_than_equal", &text)),
        (_, Some((most, text))) if number > most => Err(Wrong::bound("less_than_equal", &text)),
        _ => Ok(()),
    }
}

fn check_list(field: &Field, value: &Value) -> Result<(), Wrong> {
    let Some(items) = value.as_array() else {
        return Err(Wrong::plain("list_type", "Input should be a valid list"));
    };
    let Some(most) = field.max_length.filter(|most| items.len() > *most) else { return Ok(()) };
    let msg = format!("List should have at most {most} items after validation, not {}", items.len());
    let context = json!({ "field_type": "List", "max_length": most, "actual_length": items.len() });
    Err(Wrong::with_context("too_long", msg, context))
}

/// A size is a preset's name or an object; whatever is neither gets one entry for each reading, as a union does.
fn check_size(field: &Field, value: &Value) -> Vec<Detail> {
    let name = field.name.as_str();
    let presets = field.one_of.as_deref().unwrap_or_default();
    match value {
        Value::String(text) if presets.contains(text) => Vec::new(),
        Value::Object(sides) => {
            ["width", "height"].into_iter().filter_map(|side| check_side(name, sides, side)).collect()
        }
        _ => {
            vec![not_an_object().at(&[name, "ImageSize"], value), Wrong::choice(presets).at(&[name, "literal"], value)]
        }
    }
}

fn check_side(name: &str, sides: &Map<String, Value>, side: &str) -> Option<Detail> {
    let value = sides.get(side)?;
    let wrong = match lax::integer(value).map(|number| number.as_f64().unwrap_or_default()) {
        Ok(number) if number <= 0.0 => Wrong::bound("greater_than", &json!(0)),
        Ok(number) if number > 14142.0 => Wrong::bound("less_than_equal", &json!(14142)),
        Ok(_) => return None,
        Err(wrong) => wrong,
    };
    Some(wrong.at(&[name, "ImageSize", side], value))
}

fn order(endpoint: &Endpoint, input: &Map<String, Value>) -> Order {
    let known = |name: &str| endpoint.fields.iter().any(|field| field.name == name);
    let given = |name: &str| input.get(name).filter(|_| known(name));
    let flag = |name: &str| given(name).and_then(|value| lax::boolean(value).ok());
    let count = given("num_images").and_then(|value| lax::integer(value).ok()).and_then(|number| number.as_u64());
    Order {
        prompt: given("prompt").and_then(Value::as_str).unwrap_or_default().to_owned(),
        seed: given("seed").and_then(|value| lax::integer(value).ok()),
        size: size::asked(endpoint, given("image_size"), given("aspect_ratio"), given("resolution")),
        count: count.and_then(|count| u32::try_from(count).ok()).unwrap_or(1),
        format: format(endpoint, given("output_format").or_else(|| given("format"))),
        sync_mode: flag("sync_mode").unwrap_or(false),
        safety_checker: flag("enable_safety_checker").unwrap_or(true),
    }
}

/// WebP is not painted here: who asks for it gets PNG, and the content type says so.
fn format(endpoint: &Endpoint, asked: Option<&Value>) -> Format {
    match asked.and_then(Value::as_str) {
        Some("jpeg") => Format::Jpeg,
        Some(_) => Format::Png,
        None => endpoint.format,
    }
}

const _: () = assert!(MAX_SIDE <= 14142);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoints::{Lookup, find};

    fn endpoint(app: &str, path: &str) -> &'static Endpoint {
        match find(app, path) {
            Lookup::Known(endpoint) => endpoint,
            other => panic!("{other:?}"),
        }
    }

    fn schnell(input: &Value) -> Result<Order, Vec<Detail>> {
        judge(endpoint("fal-ai/flux", "schnell"), input.to_string().as_bytes())
    }

    /// Where and of which type the problems are.
    fn wrong(result: Result<Order, Vec<Detail>>) -> Vec<String> {
        let loc = |detail: &Detail| detail.loc.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(".");
        result.unwrap_err().iter().map(|detail| format!("{} {}", loc(detail), detail.kind)).collect()
    }

    #[test]
    fn what_is_not_said_has_a_default() {
        let order = schnell(&json!({"prompt": "a cat", "unknown": 1})).unwrap();
        assert_eq!((order.size, order.count, order.format), ((1024, 768), 1, Format::Jpeg));
        assert_eq!((order.seed, order.sync_mode, order.safety_checker), (None, false, true));
    }

    #[test]
    fn loose_spellings_are_understood() {
        let input = json!({"prompt": "", "num_images": "2", "seed": 7.0, "sync_mode": "yes", "output_format": "png"});
        let order = schnell(&input).unwrap();
        assert_eq!((order.count, order.seed, order.sync_mode), (2, Some(7.into()), true));
        assert_eq!(order.format, Format::Png);
    }

    #[test]
    fn problems_are_found_where_they_are() {
        let cases = [
            (json!({}), "body.prompt missing"),
            (json!({"prompt": 5}), "body.prompt string_type"),
            (json!({"prompt": null}), "body.prompt string_type"),
            (json!({"prompt": "x", "num_images": 5}), "body.num_images less_than_equal"),
            (json!({"prompt": "x", "num_images": 0}), "body.num_images greater_than_equal"),
            (json!({"prompt": "x", "num_images": null}), "body.num_images int_type"),
            (json!({"prompt": "x", "num_images": 1.5}), "body.num_images int_from_float"),
            (json!({"prompt": "x", "num_images": "two"}), "body.num_images int_parsing"),
            (json!({"prompt": "x", "num_inference_steps": 13}), "body.num_inference_steps less_than_equal"),
            (json!({"prompt": "x", "guidance_scale": "much"}), "body.guidance_scale float_parsing"),
            (json!({"prompt": "x", "guidance_scale": 0.5}), "body.guidance_scale greater_than_equal"),
            (json!({"prompt": "x", "sync_mode": "perhaps"}), "body.sync_mode bool_parsing"),
            (json!({"prompt": "x", "sync_mode": []}), "body.sync_mode bool_type"),
            (json!({"prompt": "x", "output_format": "gif"}), "body.output_format literal_error"),
            (json!({"prompt": "x", "image_size": {"width": 0}}), "body.image_size.ImageSize.width greater_than"),
            (
                json!({"prompt": "x", "image_size": {"height": 20000}}),
                "body.image_size.ImageSize.height less_than_equal",
            ),
            (json!([]), "body model_attributes_type"),
        ];
        for (input, expected) in cases {
            assert_eq!(wrong(schnell(&input)), [expected], "{input}");
        }
        assert_eq!(wrong(judge(endpoint("fal-ai/flux", "schnell"), b"{")), ["body json_invalid"]);
    }

    #[test]
    fn all_problems_are_listed() {
        let input = json!({"num_images": 9, "image_size": "huge"});
        let expected = [
            "body.prompt missing",
            "body.image_size.ImageSize model_attributes_type",
            "body.image_size.literal literal_error",
            "body.num_images less_than_equal",
        ];
        assert_eq!(wrong(schnell(&input)), expected);
    }

    #[test]
    fn lengths_are_counted() {
        let imagen = |prompt: &str| {
            judge(endpoint("fal-ai/imagen4", "preview"), json!({"prompt": prompt}).to_string().as_bytes())
        };
        assert_eq!(wrong(imagen("ab")), ["body.prompt string_too_short"]);
        assert_eq!(wrong(imagen(&"a".repeat(5001))), ["body.prompt string_too_long"]);
        let edit = endpoint("fal-ai/bytedance", "seedream/v4.5/edit");
        let input = json!({"prompt": "x", "image_urls": vec!["u"; 11]});
        assert_eq!(wrong(judge(edit, input.to_string().as_bytes())), ["body.image_urls too_long"]);
    }

    #[test]
    fn entries_look_like_fals() {
        let detail = serde_json::to_value(&schnell(&json!({"prompt": "x", "num_images": 99})).unwrap_err()[0]).unwrap();
        let url = "https://docs.fal.ai/errors/#less_than_equal";
        let expected = json!({"loc": ["body", "num_images"], "msg": "Input should be less than or equal to 4",
            "type": "less_than_equal", "url": url, "ctx": {"le": 4}, "input": 99});
        assert_eq!(detail, expected);
        let missing = schnell(&json!({"seed": 1})).unwrap_err().remove(0);
        assert_eq!(missing.input, json!({"seed": 1}));
    }
}
