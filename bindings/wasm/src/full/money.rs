//! Amounts.

use super::refused;
use generatio_core::cost::{Amount, Charge, Quote, Usd};
use serde::Serialize;
use wasm_bindgen::prelude::*;

/// An amount as JavaScript has it: text, since its numbers are not exact.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AmountView {
    unit: &'static str,
    units: String,
    unit_price: String,
    amount: String,
    nano_usd: String,
    certainty: &'static str,
}

impl From<&Amount> for AmountView {
    fn from(amount: &Amount) -> Self {
        Self {
            unit: amount.unit.as_str(),
            units: amount.units.to_string(),
            unit_price: amount.unit_price.to_string(),
            amount: amount.amount.to_string(),
            nano_usd: amount.amount.nano().to_string(),
            certainty: amount.certainty.as_str(),
        }
    }
}

/// Both accounts' reckonings.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reckoning {
    catalog: AmountView,
    fal: AmountView,
    images: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    billable_units: Option<String>,
}

impl Reckoning {
    pub(super) fn of_quote(quote: &Quote, images: u32) -> Self {
        Self { catalog: (&quote.catalog).into(), fal: (&quote.fal).into(), images, billable_units: None }
    }

    pub(super) fn of_charge(charge: &Charge, images: u32) -> Self {
        let billable_units = charge.billable_units.map(|units| units.to_string());
        Self { catalog: (&charge.catalog).into(), fal: (&charge.fal).into(), images, billable_units }
    }
}

/// Dollars as text.
#[wasm_bindgen(js_name = usdText)]
pub fn usd_text(nano: i64) -> Vec<u8> {
    Usd::from_nano(nano).to_string().into_bytes()
}

/// Nano-dollars of text.
#[wasm_bindgen(js_name = usdNano)]
pub fn usd_nano(text: &[u8]) -> Result<i64, JsValue> {
    let text = std::str::from_utf8(text).unwrap_or_default();
    Usd::parse(text).map(Usd::nano).map_err(|error| refused(error.code(), &error))
}
