//! The model catalog: which models there are, what they take and what they cost.

use crate::boundary::{self, Out, Pointer, entry, free, guard, guard_telling, handle, look};
use crate::error::Failure;
use crate::generation::Generation;
use crate::numbers;
use crate::status::Status;
use crate::text::{Text, View};
use generatio_core::catalog;
use serde_json::{Map, Value};
use std::ffi::c_char;

/// The models on offer. It does not change, so any number of threads may use one at the same time.
pub struct Catalog {
    catalog: catalog::Catalog,
    models: Vec<Model>,
}

/// One model of a catalog, lent by it.
pub struct Model {
    model: std::sync::Arc<catalog::Model>,
    name: Text,
    endpoint: Text,
    display_name: Text,
    description: Text,
    json: Text,
    parameters: Vec<Parameter>,
}

/// One parameter of a model, lent by its catalog.
pub struct Parameter {
    name: Text,
    kind: Text,
    description: Text,
    json: Text,
}

impl Catalog {
    fn new(catalog: catalog::Catalog) -> Result<Self, Failure> {
        let models = catalog.models().map(Model::new).collect::<Result<_, _>>()?;
        Ok(Self { catalog, models })
    }
}

impl Model {
    fn new(model: &std::sync::Arc<catalog::Model>) -> Result<Self, Failure> {
        Ok(Self {
            name: Text::new(&model.name),
            endpoint: Text::new(model.endpoint.as_str()),
            display_name: Text::new(&model.display_name),
            description: Text::new(&model.description),
            json: json(serde_json::to_vec(&**model))?,
            parameters: model.parameters.iter().map(Parameter::new).collect::<Result<_, _>>()?,
            model: std::sync::Arc::clone(model),
        })
    }
}

impl Parameter {
    fn new(parameter: &catalog::Parameter) -> Result<Self, Failure> {
        Ok(Self {
            name: Text::new(&parameter.name),
            kind: Text::new(parameter.kind.as_str()),
            description: Text::new(&parameter.description),
            json: json(serde_json::to_vec(parameter))?,
        })
    }
}

fn json(written: serde_json::Result<Vec<u8>>) -> Result<Text, Failure> {
    written.map(|json| Text::of_bytes(&json)).map_err(|_| Failure::from(Status::Panic))
}

/// The built-in models: FAL's, for text to image. `*catalog` is the caller's, freed with `generatio_catalog_free`. Any
/// thread; takes some milliseconds.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_catalog_builtin(catalog: *mut *mut Catalog) -> Status {
    guard(|| {
        // SAFETY: the caller keeps to the conventions.
        let out = unsafe { Out::handle(catalog) }?;
        out.give(Catalog::new(catalog::Catalog::builtin()).map_err(|failure| failure.status)?);
        Ok(())
    })
}

/// A catalog, changed by an operator's file: JSON that hides models, changes prices and adds models. `catalog` stays as
/// it is. `*changed` is the caller's, freed with `generatio_catalog_free`. Any thread; takes some milliseconds.
///
/// `GENERATIO_CATALOG_MALFORMED`: `error` has the first fault's line, column, model and field.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_catalog_with_file(
    catalog: *const Catalog,
    json: *const c_char,
    json_len: usize,
    changed: *mut *mut Catalog,
    error: *mut *mut Failure,
) -> Status {
    let body = || {
        // SAFETY: the caller keeps to the conventions.
        let (changed, catalog, json) =
            unsafe { (Out::handle(changed)?, handle(catalog)?, boundary::text(json, json_len)?) };
        changed.give(Catalog::new(catalog.catalog.clone().with_file(json)?)?);
        Ok(())
    };
    // SAFETY: the caller keeps to the conventions.
    unsafe { guard_telling(error, body) }
}

/// How many models there are. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_catalog_len(catalog: *const Catalog) -> usize {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(catalog, |catalog| catalog.models.len()) }
}

/// A model, from 0 to the count, in the order of their names; NULL beyond. Lent until the catalog is freed; any thread;
/// does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_catalog_model(catalog: *const Catalog, index: usize) -> *const Model {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(catalog, |catalog| entry(&catalog.models, index)) }.0
}

/// The model of this name; NULL if there is none. Lent until the catalog is freed; any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_catalog_find(
    catalog: *const Catalog,
    name: *const c_char,
    name_len: usize,
) -> *const Model {
    // SAFETY: the caller keeps to the conventions.
    let name = unsafe { boundary::bytes(name.cast(), name_len) };
    let found = |catalog: &Catalog| {
        let name = name.ok()?;
        catalog.models.iter().find(|model| model.name.as_bytes() == name).map(|model| Pointer(model))
    };
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(catalog, found) }.unwrap_or_default().0
}

/// What requests call a model. Lent until the catalog is freed; any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_model_name(model: *const Model) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(model, |model| model.name.view()) }
}

/// FAL's endpoint of a model. Lent until the catalog is freed; any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_model_endpoint(model: *const Model) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(model, |model| model.endpoint.view()) }
}

/// What people call a model. Lent until the catalog is freed; any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_model_display_name(model: *const Model) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(model, |model| model.display_name.view()) }
}

/// A model in a sentence, for people. Lent until the catalog is freed; any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_model_description(model: *const Model) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(model, |model| model.description.view()) }
}

/// All about a model, as JSON: prompt limits, sizes, parameters with their ranges and options, price rules. Lent until
/// the catalog is freed; any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_model_json(model: *const Model) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(model, |model| model.json.view()) }
}

/// What one image at a model's default size costs, in nano-dollars, by the prices of a `generatio_prices`; -1 if it has
/// no price beforehand. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_model_cost_per_image(model: *const Model, prices: u32) -> i64 {
    use generatio_core::cost::PriceBook;
    let read = |model: &Model| match numbers::price_book(prices)? {
        PriceBook::Catalog => model.model.cost_per_image,
        PriceBook::Fal => model.model.fal_cost_per_image,
    };
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(model, read) }.map_or(-1, |cost| cost.nano())
}

/// How far the catalog's cost per image can be trusted: a `generatio_certainty`, 0 for NULL. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_model_certainty(model: *const Model) -> u32 {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(model, |model| numbers::certainty(model.model.pricing)) }
}

/// How many parameters a model takes besides the prompt. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_model_parameter_count(model: *const Model) -> usize {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(model, |model| model.parameters.len()) }
}

/// A parameter, from 0 to the count, in the order in which they are shown; NULL beyond. Lent until the catalog is freed;
/// any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_model_parameter(model: *const Model, index: usize) -> *const Parameter {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(model, |model| entry(&model.parameters, index)) }.0
}

/// FAL's name of a parameter. Lent until the catalog is freed; any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_parameter_name(parameter: *const Parameter) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(parameter, |parameter| parameter.name.view()) }
}

/// What a parameter takes: "integer", "float", "string", "boolean", "array" or "object". Lent until the catalog is
/// freed; any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_parameter_type(parameter: *const Parameter) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(parameter, |parameter| parameter.kind.view()) }
}

/// A parameter in a sentence, for people. Lent until the catalog is freed; any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_parameter_description(parameter: *const Parameter) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(parameter, |parameter| parameter.description.view()) }
}

/// All about a parameter, as JSON: `type`, `default`, `min`, `max`, `options`, `max_length` and so on. Lent until the
/// catalog is freed; any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_parameter_json(parameter: *const Parameter) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(parameter, |parameter| parameter.json.view()) }
}

/// Checks a request as far as that can be done without spending anything. `parameters` is a JSON object, or empty.
/// `*generation` is the caller's, freed with `generatio_generation_free`; it may outlive the catalog. Any thread; does
/// not block.
///
/// The status is that of the first problem; `error` has them all, at most 100, each with its path.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_catalog_check(
    catalog: *const Catalog,
    model: *const c_char,
    model_len: usize,
    prompt: *const c_char,
    prompt_len: usize,
    parameters: *const c_char,
    parameters_len: usize,
    generation: *mut *mut Generation,
    error: *mut *mut Failure,
) -> Status {
    let body = || {
        // SAFETY: the caller keeps to the conventions.
        let (generation, catalog, model, prompt, parameters) = unsafe {
            (
                Out::handle(generation)?,
                handle(catalog)?,
                boundary::text(model, model_len)?,
                boundary::text(prompt, prompt_len)?,
                boundary::optional_text(parameters, parameters_len)?,
            )
        };
        let parameters = parameters.map(object).transpose()?;
        let checked = catalog.catalog.check(model, prompt, parameters.as_ref());
        generation.give(Generation::new(checked.map_err(|problems| Failure::from(&problems))?));
        Ok(())
    };
    // SAFETY: the caller keeps to the conventions.
    unsafe { guard_telling(error, body) }
}

/// Reads a JSON object.
pub(crate) fn object(json: &str) -> Result<Map<String, Value>, Status> {
    serde_json::from_str(json).map_err(|_| Status::NotJson)
}

/// Frees a catalog; NULL is fine. No model, parameter or view of it may be used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_catalog_free(catalog: *mut Catalog) {
    // SAFETY: the caller keeps to the conventions.
    unsafe { free(catalog) }
}
