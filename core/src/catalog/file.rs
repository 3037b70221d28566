//! The operator's file: its shape, and how it changes a catalog. Its meaning is checked in `build`.

use super::place::{self, Position, Step};
use super::{ItemKind, Model, PromptLimits, Size, build};
use crate::{ErrorCode, cost::PriceRule};
use serde::{Deserialize, Deserializer, de};
use serde_json::{Number, Value};
use std::{collections::BTreeMap, fmt, marker::PhantomData, sync::Arc};

/// The first fault of a catalog file. Displayed as `line 3, column 7: model `x`, parameters.steps.min: what is wrong`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {what}")]
pub struct CatalogError {
    line: usize,
    column: usize,
    what: String,
}

impl CatalogError {
    /// The line of the fault, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column of the fault in characters, from 1: where the value begins, or for a value of the wrong shape ends.
    #[must_use]
    pub fn column(&self) -> usize {
        self.column
    }

    /// Model, field and what is wrong with it.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }

    /// [`ErrorCode::CatalogMalformed`].
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        ErrorCode::CatalogMalformed
    }

    fn new(position: Position, path: &[Step], message: &str) -> Self {
        let place = place::describe(path);
        let what = if place.is_empty() { message.to_owned() } else { format!("{place}: {message}") };
        Self { line: position.line, column: position.column, what }
    }

    fn of_shape(text: &str, error: &serde_json::Error) -> Self {
        let offset = place::offset(text, error.line(), error.column());
        let position = place::position(text, offset.saturating_sub(1));
        let said = error.to_string();
        let message = said.rsplit_once(" at line ").map_or(said.as_str(), |(message, _)| message);
        Self::new(position, &place::path_at(text, offset), message)
    }

    fn of_meaning(text: &str, fault: &Fault) -> Self {
        Self::new(place::find(text, &fault.path), &fault.path, &fault.message)
    }
}

/// What is wrong with the meaning of a part of the file.
pub(super) struct Fault {
    path: Vec<Step>,
    message: String,
}

impl Fault {
    pub(super) fn at(path: &[&str], message: impl Into<String>) -> Self {
        Self { path: path.iter().copied().map(Step::from).collect(), message: message.into() }
    }

    /// The same fault, seen from outside: `path` leads to where its own path begins.
    pub(super) fn inside(mut self, path: &[&str]) -> Self {
        self.path.splice(0..0, path.iter().copied().map(Step::from));
        self
    }

    /// The same fault, seen from outside a list.
    pub(super) fn inside_item(mut self, index: usize) -> Self {
        self.path.insert(0, Step::Index(index));
        self
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    hide: Vec<String>,
    prices: Named<PricesEntry>,
    models: Named<ModelEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PricesEntry {
    billing: Option<PriceRule>,
    fal_billing: Option<PriceRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelEntry {
    pub(super) endpoint: String,
    pub(super) display_name: String,
    pub(super) description: String,
    #[serde(default)]
    pub(super) prompt: PromptLimits,
    pub(super) default_size: Option<Size>,
    pub(super) max_megapixels: Option<u32>,
    pub(super) images_per_run: Option<String>,
    pub(super) billing: PriceRule,
    pub(super) fal_billing: Option<PriceRule>,
    pub(super) parameters: Named<ParameterEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
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

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum TypeName {
    Array,
    Boolean,
    Float,
    Integer,
    Object,
    String,
}

/// The members of an object in their order; a name twice is a fault.
pub(super) struct Named<T>(pub(super) Vec<(String, T)>);

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(NamedVisitor(PhantomData))
    }
}

struct NamedVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> de::Visitor<'de> for NamedVisitor<T> {
    type Value = Named<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Named<T>, A::Error> {
        let mut members: Vec<(String, T)> = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if members.iter().any(|(earlier, _)| *earlier == name) {
                return Err(de::Error::custom("this name occurs twice"));
            }
            members.push((name, map.next_value()?));
        }
        Ok(Named(members))
    }
}

/// The longest file that is read, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// `models`, changed by the file in `text`.
pub(super) fn apply(
    mut models: BTreeMap<String, Arc<Model>>,
    text: &str,
) -> Result<BTreeMap<String, Arc<Model>>, CatalogError> {
    if text.len() > MAX_BYTES {
        return Err(CatalogError::new(Position { line: 1, column: 1 }, &[], "the file is longer than 1 MiB"));
    }
    let file: File = serde_json::from_str(text).map_err(|error| CatalogError::of_shape(text, &error))?;
    change(&mut models, file).map_err(|fault| CatalogError::of_meaning(text, &fault))?;
    Ok(models)
}

fn change(models: &mut BTreeMap<String, Arc<Model>>, file: File) -> Result<(), Fault> {
    for (index, name) in file.hide.iter().enumerate() {
        let unknown = || Fault::at(&[], "no such model").inside_item(index).inside(&["hide"]);
        models.remove(name).ok_or_else(unknown)?;
    }
    for (name, prices) in file.prices.0 {
        let path = ["prices", name.as_str()];
        let model = models.get_mut(&name).ok_or_else(|| Fault::at(&path, "no such model"))?;
        *model = reprice(model, prices).map(Arc::new).map_err(|fault| fault.inside(&path))?;
    }
    for (name, entry) in file.models.0 {
        let path = ["models", name.as_str()];
        if models.contains_key(&name) {
            return Err(Fault::at(&path, "there is such a model already; hide it to put yours in its place"));
        }
        let model = build::model(&name, entry).map_err(|fault| fault.inside(&path))?;
        models.insert(name, Arc::new(model));
    }
    Ok(())
}

/// `model` at other prices. FAL's own price survives a change of the product's.
fn reprice(model: &Model, prices: PricesEntry) -> Result<Model, Fault> {
    let PricesEntry { billing, fal_billing } = prices;
    if billing.is_none() && fal_billing.is_none() {
        return Err(Fault::at(&[], "give `billing`, `fal_billing` or both"));
    }
    let fal_billing = fal_billing.unwrap_or_else(|| model.fal_rule().clone());
    let billing = billing.unwrap_or_else(|| model.billing.clone());
    let changed = Model { billing, fal_billing: Some(fal_billing), ..model.clone() };
    build::check_rules(&changed)?;
    Ok(changed.priced())
}
