//! Requests that passed the checks, and what they cost.

use crate::boundary::{self, Out, free, guard, handle, look};
use crate::numbers;
use crate::status::Status;
use crate::text::{Text, View};
use generatio_core::catalog;
use generatio_core::cost::{Amount, Charge, Quote};
use std::ffi::c_char;
use std::sync::OnceLock;

/// A request that FAL can be expected to take.
pub struct Generation {
    pub(crate) generation: catalog::Generation,
    /// Written when it is first looked at: most requests are checked and priced again and again, and sent once.
    input: OnceLock<Text>,
}

impl Generation {
    pub(crate) fn new(generation: catalog::Generation) -> Self {
        Self { generation, input: OnceLock::new() }
    }

    fn input(&self) -> View {
        // Names, texts and numbers: there is nothing in it that JSON cannot say.
        let written = || Text::of_bytes(&serde_json::to_vec(&self.generation.input()).unwrap_or_default());
        self.input.get_or_init(written).view()
    }
}

/// The request's body for FAL, as JSON: the prompt and the parameters that were asked for. Lent until the generation is
/// freed; any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_generation_input(generation: *const Generation) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(generation, Generation::input) }
}

/// How many images were asked for. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_generation_images(generation: *const Generation) -> u32 {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(generation, |generation| generation.generation.num_images()) }
}

/// The width asked for, else the model's default, in pixels; 0 where FAL chooses. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_generation_width(generation: *const Generation) -> u32 {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(generation, |generation| generation.generation.size()) }.map_or(0, |(width, _)| width)
}

/// The height asked for, else the model's default, in pixels; 0 where FAL chooses. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_generation_height(generation: *const Generation) -> u32 {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(generation, |generation| generation.generation.size()) }.map_or(0, |(_, height)| height)
}

/// Frees a generation; NULL is fine. No view of it may be used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_generation_free(generation: *mut Generation) {
    // SAFETY: the caller keeps to the conventions.
    unsafe { free(generation) }
}

/// What a request will cost or did cost, by both price books.
pub struct Cost {
    catalog: Reckoned,
    fal: Reckoned,
    billable_units: Text,
}

struct Reckoned {
    amount: Amount,
    units: Text,
}

impl From<&Amount> for Reckoned {
    fn from(amount: &Amount) -> Self {
        Self { amount: *amount, units: Text::new(&amount.units.to_string()) }
    }
}

impl From<Quote> for Cost {
    fn from(quote: Quote) -> Self {
        Self { catalog: (&quote.catalog).into(), fal: (&quote.fal).into(), billable_units: Text::new("") }
    }
}

impl From<Charge> for Cost {
    fn from(charge: Charge) -> Self {
        let reported = charge.billable_units.map(|units| units.to_string()).unwrap_or_default();
        Self { catalog: (&charge.catalog).into(), fal: (&charge.fal).into(), billable_units: Text::new(&reported) }
    }
}

impl Cost {
    fn by(&self, prices: u32) -> Option<&Reckoned> {
        use generatio_core::cost::PriceBook;
        Some(match numbers::price_book(prices)? {
            PriceBook::Catalog => &self.catalog,
            PriceBook::Fal => &self.fal,
        })
    }
}

/// What a request will cost: the most, where the number or the size of the images is open. `*cost` is the caller's,
/// freed with `generatio_cost_free`. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_generation_quote(generation: *const Generation, cost: *mut *mut Cost) -> Status {
    guard(|| {
        // SAFETY: the caller keeps to the conventions.
        let (cost, generation) = unsafe { (Out::handle(cost)?, handle(generation)?) };
        cost.give(generation.generation.quote().into());
        Ok(())
    })
}

/// What a request did cost, now that `images` were returned and FAL reported `billable_units` (the text of
/// `generatio_output_billable_units`; may be empty). `*cost` is the caller's, freed with `generatio_cost_free`. Any
/// thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_generation_charge(
    generation: *const Generation,
    images: u32,
    billable_units: *const c_char,
    billable_units_len: usize,
    cost: *mut *mut Cost,
) -> Status {
    guard(|| {
        // SAFETY: the caller keeps to the conventions.
        let (cost, generation, units) = unsafe {
            (Out::handle(cost)?, handle(generation)?, boundary::optional_text(billable_units, billable_units_len)?)
        };
        cost.give(generation.generation.charge(images, units).into());
        Ok(())
    })
}

/// The amount in nano-dollars, by the prices of a `generatio_prices`; 0 for other numbers. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_cost_nano_usd(cost: *const Cost, prices: u32) -> i64 {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(cost, |cost| cost.by(prices).map_or(0, |by| by.amount.amount.nano())) }
}

/// How far the amount can be trusted: a `generatio_certainty`; 0 for other numbers than a `generatio_prices`. Any
/// thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_cost_certainty(cost: *const Cost, prices: u32) -> u32 {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(cost, |cost| cost.by(prices).map_or(0, |by| numbers::certainty(by.amount.certainty))) }
}

/// What the price is per: a `generatio_unit`; 0 for other numbers than a `generatio_prices`. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_cost_unit(cost: *const Cost, prices: u32) -> u32 {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(cost, |cost| cost.by(prices).map_or(0, |by| numbers::unit(by.amount.unit))) }
}

/// How many units, as exact decimal text. Lent until the cost is freed; any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_cost_units(cost: *const Cost, prices: u32) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(cost, |cost| cost.by(prices).map(|by| by.units.view()).unwrap_or_default()) }
}

/// The price of one unit, in nano-dollars. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_cost_unit_price(cost: *const Cost, prices: u32) -> i64 {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(cost, |cost| cost.by(prices).map_or(0, |by| by.amount.unit_price.nano())) }
}

/// The billable units that FAL reported, if they could be read and priced; else empty. Lent until the cost is freed; any
/// thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_cost_billable_units(cost: *const Cost) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(cost, |cost| cost.billable_units.view()) }
}

/// Frees a cost; NULL is fine. No view of it may be used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_cost_free(cost: *mut Cost) {
    // SAFETY: the caller keeps to the conventions.
    unsafe { free(cost) }
}
