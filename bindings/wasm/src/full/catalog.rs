//! The catalog: the server's rules, by being the same code.

use super::money::Reckoning;
use super::{read, refused, written};
use crate::error::misused;
use crate::kept::{self, Kept};
use generatio_core::catalog::{
    Catalog, Generation, ItemKind, Kind, Model, Parameter, Problem, Problems, PromptLimits, Size,
};
use serde::Serialize;
use serde_json::Value;
use wasm_bindgen::prelude::*;

/// Checks a request as JavaScript has it: `{model, prompt, parameters?}`.
pub(super) fn checked(catalog: &Catalog, request: &Value) -> Result<Generation, Problems> {
    let text = |name: &str| request[name].as_str().unwrap_or_default();
    catalog.check(text("model"), text("prompt"), request["parameters"].as_object())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ModelView<'a> {
    name: &'a str,
    endpoint: &'a str,
    display_name: &'a str,
    description: &'a str,
    cost_per_image: Option<String>,
    fal_cost_per_image: Option<String>,
    pricing: &'static str,
    prompt: PromptView,
    default_size: Option<Size>,
    max_megapixels: u32,
    images_per_run: Option<&'a str>,
    parameters: Vec<ParameterView<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PromptView {
    min_length: usize,
    max_length: usize,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct ParameterView<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    default: Option<&'a Value>,
    description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    options: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    open_options: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_length: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    items: Option<ItemKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_items: Option<usize>,
}

impl<'a> From<&'a Model> for ModelView<'a> {
    fn from(model: &'a Model) -> Self {
        let PromptLimits { min_length, max_length } = model.prompt;
        Self {
            name: &model.name,
            endpoint: model.endpoint.as_str(),
            display_name: &model.display_name,
            description: &model.description,
            cost_per_image: model.cost_per_image.map(|cost| cost.to_string()),
            fal_cost_per_image: model.fal_cost_per_image.map(|cost| cost.to_string()),
            pricing: model.pricing.as_str(),
            prompt: PromptView { min_length, max_length },
            default_size: model.default_size,
            max_megapixels: model.max_megapixels,
            images_per_run: model.images_per_run.as_deref(),
            parameters: model.parameters.iter().map(ParameterView::from).collect(),
        }
    }
}

impl<'a> From<&'a Parameter> for ParameterView<'a> {
    fn from(parameter: &'a Parameter) -> Self {
        let mut view = Self {
            name: &parameter.name,
            kind: parameter.kind.as_str(),
            default: Some(&parameter.default),
            description: &parameter.description,
            ..Self::default()
        };
        match &parameter.kind {
            Kind::Array { items, max_items } => (view.items, view.max_items) = (Some(*items), Some(*max_items)),
            Kind::Boolean => {}
            Kind::Float { min, max } => (view.min, view.max) = (*min, *max),
            Kind::ImageSize { presets } => view.options = Some(presets),
            Kind::Integer { min, max } => (view.min, view.max) = (min.map(shown), max.map(shown)),
            Kind::String { options, open_options, max_length } => {
                view.options = (!options.is_empty()).then_some(options);
                view.open_options = (!options.is_empty()).then_some(*open_options);
                view.max_length = Some(*max_length);
            }
        }
        view
    }
}

/// A bound for JavaScript's numbers; those of seeds are beyond what these tell apart, and bounds all the same.
#[expect(clippy::cast_precision_loss, reason = "a bound to show; checks are made with the integer")]
fn shown(bound: i64) -> f64 {
    bound as f64
}

/// A problem as JavaScript has it.
#[derive(Serialize)]
pub(super) struct ProblemView<'a> {
    code: &'static str,
    path: &'a str,
    message: &'a str,
}

impl<'a> From<&'a Problem> for ProblemView<'a> {
    fn from(problem: &'a Problem) -> Self {
        Self { code: problem.code.as_str(), path: &problem.path, message: &problem.message }
    }
}

/// The outcome of a check.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Checked<'a> {
    Problems(Vec<ProblemView<'a>>),
    Quote(Box<Reckoning>),
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
    with(number, |catalog| written(&catalog.models().map(|model| ModelView::from(&**model)).collect::<Vec<_>>()))
}

/// What is wrong with a request, else what it costs.
#[wasm_bindgen(js_name = catalogCheck)]
pub fn catalog_check(number: u32, request: &[u8]) -> Result<Vec<u8>, JsValue> {
    let request = read(request)?;
    with(number, |catalog| match checked(catalog, &request) {
        Ok(generation) => {
            let quote = generation.quote();
            written(&Checked::Quote(Box::new(Reckoning::of_quote(&quote, generation.num_images()))))
        }
        Err(problems) => written(&Checked::Problems(problems.iter().map(ProblemView::from).collect())),
    })
}

/// What a request did cost, of which so many images came.
#[wasm_bindgen(js_name = catalogCharge)]
pub fn catalog_charge(number: u32, request: &[u8], images: u32, units: &[u8]) -> Result<Vec<u8>, JsValue> {
    let request = read(request)?;
    let units = std::str::from_utf8(units).ok().filter(|units| !units.is_empty());
    with(number, |catalog| {
        let generation = checked(catalog, &request).map_err(|_| misused())?;
        written(&Reckoning::of_charge(&generation.charge(images, units), images))
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
