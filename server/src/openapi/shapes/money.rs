//! Core's money, as JSON has it.

#![expect(dead_code, reason = "fields are read by the derived schemas alone")]

use super::{Certainty, Unit};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

/// US dollars, `core::cost::{Usd, UsdSum}`.
pub(crate) struct Usd;

impl JsonSchema for Usd {
    fn schema_name() -> Cow<'static, str> {
        "Usd".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "number",
            "description": "US dollars, with at most nine decimals. Exact as text: who adds up reads it as a decimal.",
        })
    }
}

/// A limit in US dollars, as a client sends it.
pub(crate) struct Limit;

impl JsonSchema for Limit {
    fn schema_name() -> Cow<'static, str> {
        "UsdLimit".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["number", "string"],
            "minimum": 0,
            "maximum": i64::MAX / 1_000_000_000,
            "pattern": r"^[0-9]{1,10}(\.[0-9]{1,9})?$",
            "description": "US dollars, 0 or more, with at most nine decimals; as number or as text.",
        })
    }
}

/// A decimal, as FAL's header has it or as a number.
pub(crate) struct Decimal;

impl JsonSchema for Decimal {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Decimal".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "number"], "minimum": 0, "pattern": r"^[0-9]{1,9}(\.[0-9]{1,9})?$" })
    }
}

/// One account's reckoning. `amount` is `units` × `unit_price`, unless the price rule says more.
#[derive(JsonSchema)]
pub(crate) struct Amount {
    unit: Unit,
    units: f64,
    unit_price: Usd,
    amount: Usd,
    certainty: Certainty,
}

/// What a request will cost, before it is sent.
#[derive(JsonSchema)]
pub(crate) struct Quote {
    /// By the product's catalog.
    catalog: Amount,
    /// By FAL's own prices: the bill to expect.
    fal: Amount,
}

#[cfg(test)]
mod tests {
    use super::{Amount, Quote};
    use crate::openapi::schemas::tests::fits;
    use generatio_core::catalog::Catalog;

    #[test]
    fn quotes_of_core_fit() {
        let catalog = Catalog::builtin();
        for model in catalog.models() {
            let generation = catalog.check(&model.name, "a harbour", None).unwrap();
            let quote = serde_json::to_value(generation.quote()).unwrap();
            fits::<Quote>(&quote);
            fits::<Amount>(&quote["fal"]);
        }
    }
}
