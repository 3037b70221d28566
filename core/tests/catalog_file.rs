//! The operator's file: what it can change, and what each fault is called.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use generatio_core::ErrorCode;
use generatio_core::catalog::{Catalog, CatalogError};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A file with one good model, one line per field.
const GOOD: &str = r#"{
  "models": {
    "acme/sketch": {
      "endpoint": "acme/sketch",
      "display_name": "Sketch",
      "description": "Lines",
      "prompt": {"min_length": 2, "max_length": 500},
      "default_size": {"width": 640, "height": 480},
      "max_megapixels": 4,
      "images_per_run": "variants",
      "billing": {"unit": "image", "unit_price": "0.01", "confidence": "high"},
      "fal_billing": {"unit": "megapixel", "unit_price": "0.02", "confidence": "low"},
      "parameters": {
        "num_images": {"type": "integer", "default": 1, "min": 1, "max": 4, "description": ""},
        "variants": {"type": "integer", "default": 2, "min": 1, "max": 4, "description": ""},
        "steps": {"type": "integer", "default": 8, "min": 1, "max": 20, "description": ""},
        "style": {"type": "string", "default": "ink/fine", "options": ["ink/fine", "oil"], "description": ""},
        "loras": {"type": "array", "default": [], "items": "lora_weight", "max_items": 2, "description": ""}
      }
    }
  }
}"#;

fn fault(file: &str) -> CatalogError {
    Catalog::builtin().with_file(file).unwrap_err()
}

#[test]
fn a_model_of_one_s_own_is_offered_beside_the_others() {
    let catalog = Catalog::builtin().with_file(GOOD).unwrap();
    assert_eq!(catalog.len(), 22);
    let generation = catalog.check("acme/sketch", "ab", json!({"num_images": 3}).as_object()).unwrap();
    assert_eq!(generation.size(), Some((640, 480)));
    let quote = generation.quote();
    assert_eq!((quote.catalog.amount.to_string(), quote.fal.amount.to_string()), ("0.06".into(), "0.12".into()));
}

#[test]
fn hidden_models_are_gone_and_may_be_replaced() {
    let catalog = Catalog::builtin().with_file(r#"{"hide": ["flux/dev", "fast-sdxl"]}"#).unwrap();
    assert_eq!(catalog.len(), 19);
    assert!(catalog.get("flux/dev").is_none());
    let hiding = GOOD.replacen('{', r#"{"hide": ["flux/dev"],"#, 1);
    let catalog = Catalog::builtin().with_file(&hiding.replacen("acme/sketch", "flux/dev", 1)).unwrap();
    assert_eq!((catalog.len(), catalog.get("flux/dev").unwrap().display_name.as_str()), (21, "Sketch"));
}

#[test]
fn a_price_of_one_s_own_leaves_fal_s_bill_in_sight() {
    for (model, account, price, catalog, fal) in [
        ("flux/dev", "billing", "0.05", "0.05", "0.025"),
        ("flux/schnell", "billing", "0.05", "0.05", "0.003"),
        ("flux/schnell", "fal_billing", "0.004", "0.003", "0.004"),
    ] {
        let rule = json!({"unit": "image", "unit_price": price, "confidence": "project-defined"});
        let file = json!({"prices": {model: {account: rule}}}).to_string();
        let changed = Catalog::builtin().with_file(&file).unwrap().get(model).unwrap().clone();
        let shown = [changed.cost_per_image, changed.fal_cost_per_image].map(|price| price.unwrap().to_string());
        assert_eq!(shown, [catalog, fal], "{model}");
    }
}

#[test]
fn an_empty_file_changes_nothing() {
    assert_eq!(Catalog::builtin().with_file("{}").unwrap().len(), 21);
}

/// `GOOD` with one text replaced, the line of the fault that this makes, and what it says after the model.
const FAULTS: &[(&str, &str, usize, &str)] = &[
    (r#": "acme/sketch""#, r#": "acme""#, 4, "endpoint: an endpoint id is owner/app"),
    (r#": "acme/sketch""#, ": 7", 4, "endpoint: invalid type: integer `7`, expected a string"),
    (r#""endpoint": "acme/sketch","#, "", 20, "missing field `endpoint`"),
    ("endpoint", "end_point", 4, "end_point: unknown field `end_point`"),
    ("\"Sketch\"", "\"\"", 5, "display_name: must have 1 to 100 characters"),
    ("\"min_length\": 2", "\"min_length\": 501", 7, "prompt: needs 1 <= min_length <= max_length <= 5000"),
    ("\"width\": 640", "\"width\": 64000", 8, "default_size: is larger than max_megapixels"),
    ("megapixels\": 4", "megapixels\": 192", 9, "max_megapixels: must be 1 to 191"),
    ("_per_run\": \"variants\"", "_per_run\": \"x\"", 10, "images_per_run: names no parameter"),
    ("_per_run\": \"variants\"", "_per_run\": \"style\"", 17, "parameters.style: counts images"),
    ("\"0.01\"", "\"-0.01\"", 11, "billing.unit_price: invalid value: string \"-0.01\", expected a price"),
    ("\"0.01\"", "\"1000.000000001\"", 11, "billing.unit_price: invalid value"),
    ("\"0.01\"", "0.01", 11, "billing.unit_price: invalid type: floating point `0.01`, expected a price: decimal text"),
    ("\"unit\": \"image\"", "\"unit\": \"pixel\"", 11, "billing.unit: unknown variant `pixel`, expected one of"),
    ("\"high\"", "\"sure\"", 11, "billing.confidence: unknown variant `sure`"),
    ("\"high\"", "\"high\", \"rounding\": \"per_image_ceil_whole_mp\"", 11, "billing.rounding: is for the unit"),
    ("\"high\"", "\"high\", \"further_unit_price\": \"1\"", 11, "billing.further_unit_price: is for the unit"),
    (
        "\"low\"",
        r#""low", "tiers": [{"when": {"parameter": "x", "is": 1}, "unit_price": "1"}]"#,
        12,
        "fal_billing.tiers.0.when.parameter: names no parameter",
    ),
    (
        "\"low\"",
        r#""low", "tiers": [{"when": {"parameter": "style", "is": "wax"}, "unit_price": "1"}]"#,
        12,
        "fal_billing.tiers.0.when.is: style must be one of: ink/fine, oil",
    ),
    (
        "\"low\"",
        r#""low", "surcharges": [{"when": {"parameter": "steps", "is": "a/*"}, "amount": "1"}]"#,
        12,
        "fal_billing.surcharges.0.when.is: ends in `/*`",
    ),
    (
        "\"low\"",
        r#""low", "surcharges": [{"when": {"parameter": "steps", "is": 4.0}, "amount": "1"}]"#,
        12,
        "fal_billing.surcharges.0.when.is: is not written",
    ),
    ("\"max\": 4, \"desc", "\"max\": 5, \"max\": 4, \"desc", 14, "parameters.num_images.max: duplicate field `max`"),
    ("\"min\": 1, \"max\": 4", "\"min\": 0, \"max\": 4", 14, "parameters.num_images: counts images: an integer"),
    ("\"steps\"", "\"variants\"", 16, "parameters.variants: this name occurs twice"),
    ("\"steps\"", "\"prompt\"", 16, "parameters.prompt: the prompt is not a parameter"),
    ("\"steps\"", "\"Steps\"", 16, "parameters.Steps: a name is 1 to 64 of a-z 0-9 _"),
    ("\"steps\"", "\"sync_mode\"", 16, "parameters.sync_mode.type: must be boolean"),
    ("\"default\": 8", "\"default\": 21", 16, "parameters.steps.default: steps must be at most 20"),
    ("\"default\": 8, ", "", 16, "parameters.steps: missing field `default`"),
    ("\"default\": 8, \"min\": 1", "\"default\": 8, \"min\": 30", 16, "parameters.steps.min: is above max"),
    ("\"default\": 8, \"min\": 1", "\"default\": 8, \"min\": 0.5", 16, "parameters.steps.min: must be an integer"),
    (
        "\"default\": 8, \"min\": 1",
        "\"default\": 8, \"options\": [\"a\"]",
        16,
        "parameters.steps.options: does not belong",
    ),
    ("integer\", \"default\": 8", "object\", \"default\": 8", 16, "parameters.steps.min: does not belong"),
    ("\"oil\"]", "\"ink/fine\"]", 17, "parameters.style.options.1: must have 1 to 100 characters and occur once"),
    (
        "\"default\": \"ink/fine\"",
        "\"default\": \"wax\"",
        17,
        "parameters.style.default: style must be one of: ink/fine",
    ),
    ("\"max_items\": 2", "\"max_items\": 65", 18, "parameters.loras.max_items: must be 1 to 64"),
    ("\"lora_weight\"", "\"picture\"", 18, "parameters.loras.items: unknown variant `picture`"),
];

#[test]
fn each_fault_names_line_model_and_field() {
    for (good, bad, line, what) in FAULTS {
        assert!(GOOD.contains(good), "{good}");
        let error = fault(&GOOD.replacen(good, bad, 1));
        let said = error.what().strip_prefix("model `acme/sketch`").unwrap_or_else(|| panic!("{bad}: {error}"));
        assert!(said.trim_start_matches([',', ':', ' ']).starts_with(what), "{bad}: {error}");
        assert_eq!(error.line(), *line, "{bad}: {error}");
        assert_eq!(error.code(), ErrorCode::CatalogMalformed);
    }
}

#[test]
fn each_fault_has_its_column() {
    for (file, expected) in [
        (r#"{"hide": ["flux/dev", "flux/def"]}"#, "line 1, column 23: hide.1: no such model"),
        (r#"{"prices": {"flux/def": {"billing": null}}}"#, "line 1, column 25: model `flux/def`: no such model"),
        (r#"{"prices": {"flux/dev": {}}}"#, "line 1, column 25: model `flux/dev`: give `billing`, `fal_billing` or"),
        (r#"{"model": {}}"#, "line 1, column 8: model: unknown field `model`, expected one of `hide`, `prices`"),
        ("{\n \"hide\": [1]}", "line 2, column 11: hide.0: invalid type: integer `1`, expected a string"),
        (r#"{"hide": []"#, "line 1, column 11: hide: EOF while parsing an object"),
        ("3", "line 1, column 1: invalid type: integer `3`, expected an object"),
    ] {
        let said = fault(file).to_string();
        assert!(said.starts_with(expected), "{said}");
    }
    assert!(fault(&" ".repeat((1 << 20) + 1)).to_string().ends_with("the file is longer than 1 MiB"));
}

#[test]
fn names_of_models_are_new_and_plain() {
    let named = |name: &str| fault(&GOOD.replacen("acme/sketch", name, 1)).to_string();
    assert!(named("flux/dev").starts_with("line 3, column 17: model `flux/dev`: there is such a model already"));
    assert!(named("acme sketch").starts_with("line 3, column 20: model `acme?sketch`: a name is 1 to 100"));
    let twice = r#"{"models": {"a": {}, "a": {}}}"#;
    assert!(fault(twice).to_string().contains("model `a`: missing field"), "the first is read first");
    let (head, tail) = GOOD.split_once("  \"models\": {").unwrap();
    let model = tail.strip_suffix("  }\n}").unwrap();
    let twice = format!("{head}  \"models\": {{{model},{model}  }}\n}}");
    assert!(fault(&twice).what().starts_with("model `acme/sketch`: this name occurs twice"));
}

#[test]
fn the_wire_form_of_a_rule_is_the_file_s() {
    let catalog = Catalog::builtin();
    for model in catalog.models() {
        let wire = serde_json::to_value(model.as_ref()).unwrap();
        let file = json!({"prices": {&model.name: {"billing": wire["billing"], "fal_billing": wire["fal_billing"]}}});
        let again = catalog.clone().with_file(&file.to_string()).unwrap();
        let again = again.get(&model.name).unwrap();
        assert_eq!((&again.billing, again.fal_rule()), (&model.billing, model.fal_rule()), "{}", model.name);
    }
}

proptest! {
    #[test]
    fn a_damaged_file_is_a_fault_and_never_a_panic(
        at in 0..GOOD.len(), cut in 0_usize..6, put in "[]{}\":,0-9a-z\\\\é\n]{0,3}",
    ) {
        let damaged = format!("{}{put}{}", &GOOD[..at], &GOOD[(at + cut).min(GOOD.len())..]);
        if let Err(error) = Catalog::builtin().with_file(&damaged) {
            prop_assert!((1..=damaged.matches('\n').count() + 1).contains(&error.line()), "{error}");
        }
    }

    #[test]
    fn a_text_that_is_no_object_is_a_fault(text in "\\PC{0,40}") {
        let is_object = matches!(serde_json::from_str::<Value>(&text), Ok(Value::Object(_)));
        prop_assert!(is_object || Catalog::builtin().with_file(&text).is_err());
    }
}
