//! The operator's file, and how it changes a catalog. Its shape is read in `entry`, its meaning checked in `build`.

use super::entry::{File, PricesEntry};
use super::place::{self, Position, Step};
use super::read::read;
use super::{Model, build};
use crate::ErrorCode;
use std::sync::Arc;

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

    pub(super) fn new(position: Position, path: &[Step], message: &str) -> Self {
        let place = place::describe(path);
        let what = if place.is_empty() { message.to_owned() } else { format!("{place}: {message}") };
        Self { line: position.line, column: position.column, what }
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

/// The longest file that is read, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// `models`, changed by the file in `text`.
pub(super) fn apply(mut models: Vec<Arc<Model>>, text: &str) -> Result<Vec<Arc<Model>>, CatalogError> {
    if text.len() > MAX_BYTES {
        return Err(CatalogError::new(Position { line: 1, column: 1 }, &[], "the file is longer than 1 MiB"));
    }
    let file = read(text, File::read)?;
    change(&mut models, file).map_err(|fault| CatalogError::of_meaning(text, &fault))?;
    Ok(models)
}

fn change(models: &mut Vec<Arc<Model>>, file: File) -> Result<(), Fault> {
    for (index, name) in file.hide.iter().enumerate() {
        let unknown = |_| Fault::at(&[], "no such model").inside_item(index).inside(&["hide"]);
        models.remove(find(models, name).map_err(unknown)?);
    }
    for (name, prices) in file.prices {
        let path = ["prices", name.as_str()];
        let at = find(models, &name).map_err(|_| Fault::at(&path, "no such model"))?;
        models[at] = reprice(&models[at], prices).map(Arc::new).map_err(|fault| fault.inside(&path))?;
    }
    for (name, entry) in file.models {
        let path = ["models", name.as_str()];
        let Err(at) = find(models, &name) else {
            return Err(Fault::at(&path, "there is such a model already; hide it to put yours in its place"));
        };
        models.insert(at, Arc::new(build::model(&name, entry).map_err(|fault| fault.inside(&path))?));
    }
    Ok(())
}

/// Where the model of this name is, or would be, among those in the order of their names.
pub(super) fn find(models: &[Arc<Model>], name: &str) -> Result<usize, usize> {
    models.binary_search_by(|model| model.name.as_str().cmp(name))
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
