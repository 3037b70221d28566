//! The catalog: the server's rules, by being the same code.

use super::json::{self, Object, read};
use super::{money, refused};
use crate::error::misused;
use crate::kept::{self, Kept};
use generatio_core::catalog::{Catalog, Generation, Kind, Model, Parameter, Problem, Problems, PromptLimits, Size};
use serde_json::Value;
use wasm_bindgen::prelude::*;

/// Checks a request as JavaScript has it: `{model, prompt, parameters?}`.
pub(super) fn checked(catalog: &Catalog, request: &Value) -> Result<Generation, Problems> {
    let text = |name: &str| request[name].as_str().unwrap_or_default();
    catalog.check(text("model"), text("prompt"), request["parameters"].as_object())
}

fn model(model: &Model) -> String {
    let PromptLimits { min_length, max_length } = model.prompt;
    let size = |size: Size| Object::default().json("width", size.width).json("height", size.height).end();
    let parameters: Vec<_> = model.parameters.iter().map(parameter).collect();
    Object::default()
        .text("name", &model.name)
        .text("endpoint", model.endpoint.as_str())
        .text("displayName", &model.display_name)
        .text("description", &model.description)
        .text_or_null("costPerImage", model.cost_per_image.map(|cost| cost.to_string()).as_deref())
        .text_or_null("falCostPerImage", model.fal_cost_per_image.map(|cost| cost.to_string()).as_deref())
        .text("pricing", model.pricing.as_str())
        .json("prompt", Object::default().json("minLength", min_length).json("maxLength", max_length).end())
        .json("defaultSize", model.default_size.map_or("null".to_owned(), size))
        .json("maxMegapixels", model.max_megapixels)
        .text_or_null("imagesPerRun", model.images_per_run.as_deref())
        .json("parameters", json::list(&parameters))
        .end()
}

fn parameter(parameter: &Parameter) -> String {
    let mut view = Object::default();
    view.text("name", &parameter.name)
        .text("type", parameter.kind.as_str())
        .json("default", json::of(&parameter.default))
        .text("description", &parameter.description);
    match &parameter.kind {
        Kind::Array { items, max_items } => view.text("items", items.as_str()).json("maxItems", max_items),
        Kind::Boolean => &mut view,
        Kind::Float { min, max } => view.json_if("min", min.map(number)).json_if("max", max.map(number)),
        Kind::ImageSize { presets } => view.json("options", texts(presets)),
        Kind::Integer { min, max } => {
            let bound = |bound: &Option<i64>| bound.map(|bound| number(shown(bound)));
            view.json_if("min", bound(min)).json_if("max", bound(max))
        }
        Kind::String { options, open_options, max_length } => {
            if !options.is_empty() {
                view.json("options", texts(options)).json("openOptions", open_options);
            }
            view.json("maxLength", max_length)
        }
    };
    view.end()
}

fn texts(texts: &[String]) -> String {
    json::list(&texts.iter().map(|text| json::quoted(text)).collect::<Vec<_>>())
}

/// As JSON has numbers; what it has not is null.
fn number(number: f64) -> String {
    json::of(&Value::from(number))
}

/// A bound for JavaScript's numbers; those of seeds are beyond what these tell apart, and bounds all the same.
#[expect(clippy::cast_precision_loss, reason = "a bound to show; checks are made with the integer")]
fn shown(bound: i64) -> f64 {
    bound as f64
}

/// Problems as JavaScript has them: `{problems}`.
pub(super) fn problems(problems: &Problems) -> String {
    let problem = |problem: &Problem| {
        Object::default()
            .text("code", problem.code.as_str())
            .text("path", &problem.path)
            .text("message", &problem.message)
            .end()
    };
    Object::default().json("problems", json::list(&problems.iter().map(problem).collect::<Vec<_>>())).end()
}

/// The built-in catalog, or that with a file's changes.
#[wasm_bindgen(js_name = catalogNew)]
pub fn catalog_new(file: &[u8]) -> Result<u32, JsValue> {
    let mut catalog = Catalog::builtin();
    if !file.is_empty() {
        let text = std::str::from_utf8(file).map_err(|_| misused())?;
        catalog = catalog.with_file(text).map_err(|error| refused(error.code(), &error))?;
    }
    Ok(Kept::Catalog(catalog).keep())
}

/// All models.
#[wasm_bindgen(js_name = catalogModels)]
pub fn catalog_models(number: u32) -> Result<Vec<u8>, JsValue> {
    with(number, |catalog| Ok(json::list(&catalog.models().map(|own| model(own)).collect::<Vec<_>>()).into_bytes()))
}

/// What is wrong with a request, else what it costs.
#[wasm_bindgen(js_name = catalogCheck)]
pub fn catalog_check(number: u32, request: &[u8]) -> Result<Vec<u8>, JsValue> {
    let request = read(request)?;
    with(number, |catalog| {
        let answer = match checked(catalog, &request) {
            Ok(generation) => {
                let quote = money::quote(&generation.quote(), generation.num_images());
                Object::default().json("quote", quote).end()
            }
            Err(found) => problems(&found),
        };
        Ok(answer.into_bytes())
    })
}

/// What a request did cost, of which so many images came.
#[wasm_bindgen(js_name = catalogCharge)]
pub fn catalog_charge(number: u32, request: &[u8], images: u32, units: &[u8]) -> Result<Vec<u8>, JsValue> {
    let request = read(request)?;
    let units = std::str::from_utf8(units).ok().filter(|units| !units.is_empty());
    with(number, |catalog| {
        let generation = checked(catalog, &request).map_err(|_| misused())?;
        Ok(money::charge(&generation.charge(images, units), images).into_bytes())
    })
}

/// Looks at a catalog.
pub(super) fn with<T>(number: u32, look: impl FnOnce(&Catalog) -> Result<T, JsValue>) -> Result<T, JsValue> {
    let looked = kept::look(number, |kept| match kept {
        Kept::Catalog(catalog) => Some(look(catalog)),
        _ => None,
    });
    looked.unwrap_or_else(|| Err(misused()))
}
