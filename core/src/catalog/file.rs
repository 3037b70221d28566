//! The operator's file, and how it changes a catalog. Its shape is read in `entry`, its meaning checked in `build`.

use super::entry::{File, PricesEntry};
use super::place::{self, Position, Step};
use super::read::read;
use super::spot::{Fault, Noted, Spot};
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

/// The longest file that is read, in bytes.
const MAX_BYTES: usize = 1 << 20;

const NO_SUCH: &str = "no such model";

/// `models`, changed by the file in `text`.
pub(super) fn apply(mut models: Vec<Arc<Model>>, text: &str) -> Result<Vec<Arc<Model>>, CatalogError> {
    if text.len() > MAX_BYTES {
        return Err(CatalogError::new(Position { line: 1, column: 1 }, &[], "the file is longer than 1 MiB"));
    }
    let file = read(text, File::read)?;
    let noted = Noted::default();
    change(&mut models, file, &Spot::whole(&noted));
    match noted.into_inner() {
        None => Ok(models),
        Some(fault) => Err(CatalogError::of_meaning(text, &fault)),
    }
}

fn change(models: &mut Vec<Arc<Model>>, file: File, spot: &Spot<'_>) {
    for (index, name) in file.hide.iter().enumerate() {
        match find(models, name) {
            Ok(at) => _ = models.remove(at),
            Err(_) => spot.at("hide").item(index).note(NO_SUCH.to_owned()),
        }
    }
    for (name, prices) in file.prices {
        let (whole, found) = (spot.at("prices"), find(models, &name));
        let spot = whole.at(&name);
        spot.require(found.is_ok(), NO_SUCH);
        let changed = found.ok().and_then(|at| Some((at, reprice(&models[at], prices, &spot)?)));
        if let Some((at, model)) = changed {
            models[at] = Arc::new(model);
        }
    }
    for (name, entry) in file.models {
        let (whole, found) = (spot.at("models"), find(models, &name));
        let spot = whole.at(&name);
        spot.require(found.is_err(), "there is such a model already; hide it to put yours in its place");
        let made = found.err().and_then(|at| Some((at, build::model(&name, entry, &spot)?)));
        if let Some((at, model)) = made {
            models.insert(at, Arc::new(model));
        }
    }
}

/// Where the model of this name is, or would be, among those in the order of their names.
pub(super) fn find(models: &[Arc<Model>], name: &str) -> Result<usize, usize> {
    models.binary_search_by(|model| model.name.as_str().cmp(name))
}

/// `model` at other prices. FAL's own price survives a change of the product's.
fn reprice(model: &Model, prices: PricesEntry, spot: &Spot<'_>) -> Option<Model> {
    let PricesEntry { billing, fal_billing } = prices;
    spot.require(billing.is_some() || fal_billing.is_some(), "give `billing`, `fal_billing` or both");
    let fal_billing = fal_billing.unwrap_or_else(|| model.fal_rule().clone());
    let billing = billing.unwrap_or_else(|| model.billing.clone());
    let changed = Model { billing, fal_billing: Some(fal_billing), ..model.clone() };
    build::check_rules(&changed, spot);
    spot.is_clear().then(|| changed.priced())
}
