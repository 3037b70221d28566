//! Amounts.

use super::json::Object;
use super::refused;
use generatio_core::cost::{Amount, Charge, Quote, Usd};
use wasm_bindgen::prelude::*;

/// An amount as JavaScript has it: text, since its numbers are not exact.
fn amount(amount: &Amount) -> String {
    Object::default()
        .text("unit", amount.unit.as_str())
        .text("units", &amount.units.to_string())
        .text("unitPrice", &amount.unit_price.to_string())
        .text("amount", &amount.amount.to_string())
        .text("nanoUsd", &amount.amount.nano().to_string())
        .text("certainty", amount.certainty.as_str())
        .end()
}

/// Both accounts' reckonings of a quote.
pub(super) fn quote(quote: &Quote, images: u32) -> String {
    Object::default()
        .json("catalog", amount(&quote.catalog))
        .json("fal", amount(&quote.fal))
        .json("images", images)
        .end()
}

/// Both accounts' reckonings of a charge.
pub(super) fn charge(charge: &Charge, images: u32) -> String {
    let units = charge.billable_units.map(|units| units.to_string());
    Object::default()
        .json("catalog", amount(&charge.catalog))
        .json("fal", amount(&charge.fal))
        .json("images", images)
        .text_if("billableUnits", units.as_deref())
        .end()
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
