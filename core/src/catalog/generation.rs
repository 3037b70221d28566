//! A request that passed the checks.

use super::Model;
use crate::cost::{Charge, MAX_IMAGES, Quote, Units};
use crate::validate::Prompt;
use serde_json::{Map, Value};
use std::{fmt, sync::Arc};

/// A request that FAL can be expected to take: made by [`Catalog::check`](super::Catalog::check) only.
#[derive(Clone, PartialEq)]
pub struct Generation {
    model: Arc<Model>,
    prompt: Prompt,
    parameters: Map<String, Value>,
}

impl Generation {
    pub(super) fn new(model: Arc<Model>, prompt: Prompt, parameters: Map<String, Value>) -> Self {
        Self { model, prompt, parameters }
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// What to draw.
    #[must_use]
    pub fn prompt(&self) -> &Prompt {
        &self.prompt
    }

    /// The parameters that were asked for, checked: no `null`, integers as integers, no defaults filled in.
    #[must_use]
    pub fn parameters(&self) -> &Map<String, Value> {
        &self.parameters
    }

    /// How many images were asked for. Models whose runs return several may send more; the quote says the most.
    #[must_use]
    pub fn num_images(&self) -> u32 {
        self.count("num_images")
    }

    /// The width and height asked for, else the model's default; none where FAL chooses.
    #[must_use]
    pub fn size(&self) -> Option<(u32, u32)> {
        self.model.size(&self.parameters).map(|size| (size.width, size.height))
    }

    /// The body for FAL: the prompt and the parameters, flat.
    #[must_use]
    pub fn input(&self) -> Map<String, Value> {
        let mut input = self.parameters.clone();
        input.insert("prompt".to_owned(), Value::from(self.prompt.as_str()));
        input
    }

    /// What it will cost: the most, where the number or the size of the images is open.
    #[must_use]
    pub fn quote(&self) -> Quote {
        let per_run = self.model.images_per_run.as_deref().map_or(1, |name| self.count(name));
        let images = self.num_images().saturating_mul(per_run);
        self.model.with_order(&self.parameters, images, per_run == 1, |order| Quote {
            catalog: self.model.billing.reckon(order),
            fal: self.model.fal_rule().reckon(order),
        })
    }

    /// What it did cost, now that `images` were returned and FAL reported `billable_units` (its header's text).
    ///
    /// A report that cannot be read or priced counts as none; without one FAL's amount is estimated. More than 10,000
    /// images, which no request can ask for, count as that many.
    #[must_use]
    pub fn charge(&self, images: u32, billable_units: Option<&str>) -> Charge {
        let reported = billable_units.and_then(|text| Units::parse(text.trim()).ok());
        self.model.with_order(&self.parameters, images.min(MAX_IMAGES), true, |order| {
            let rule = self.model.fal_rule();
            let settled = reported.and_then(|units| rule.settle(order, units));
            Charge {
                catalog: self.model.billing.reckon(order),
                billable_units: settled.and(reported),
                fal: settled.unwrap_or_else(|| rule.reckon(order).at_most_estimated()),
            }
        })
    }

    /// The value of a parameter that counts images; one if it has none.
    fn count(&self, name: &str) -> u32 {
        let asked = self.model.value(&self.parameters, name).and_then(Value::as_u64);
        asked.and_then(|count| u32::try_from(count).ok()).unwrap_or(1)
    }
}

/// Prompts stay out of logs.
impl fmt::Debug for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generation").field("model", &self.model.name).finish_non_exhaustive()
    }
}
