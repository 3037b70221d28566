//! Quotes and charges: each price rule of the catalog, both accounts.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use generatio_core::catalog::{Catalog, Generation};
use generatio_core::cost::{Amount, PriceBook, split};
use serde_json::{Value, json};

fn generation(model: &str, parameters: Value) -> Generation {
    Catalog::builtin().check(model, "a red fox", parameters.as_object()).unwrap()
}

/// `units unit × unit_price = amount certainty`.
fn shown(amount: &Amount) -> String {
    let Amount { unit, units, unit_price, amount, certainty } = amount;
    format!("{units} {} × {unit_price} = {amount} {}", unit.as_str(), certainty.as_str())
}

#[track_caller]
fn assert_quote(model: &str, parameters: Value, catalog: &str, fal: &str) {
    let quote = generation(model, parameters).quote();
    assert_eq!((shown(&quote.catalog).as_str(), shown(&quote.fal).as_str()), (catalog, fal), "{model}");
}

#[test]
fn the_seed_s_models_cost_what_the_seed_says_and_fal_s_bill_stands_beside() {
    for (model, images, catalog, fal) in [
        ("flux/schnell", 3, "3 image × 0.003 = 0.009 known", "3 megapixel × 0.003 = 0.009 known"),
        ("hidream/hidream-i1-dev", 2, "2 image × 0.004 = 0.008 known", "2 megapixel × 0.03 = 0.06 estimated"),
        ("hidream/hidream-i1-fast", 3, "3 image × 0.003 = 0.009 known", "3 megapixel × 0.01 = 0.03 estimated"),
    ] {
        assert_quote(model, json!({"num_images": images}), catalog, fal);
    }
}

#[test]
fn megapixels_are_rounded_up_per_image() {
    for (size, megapixels) in [
        (json!("square"), 1),
        (json!("square_hd"), 1),
        (json!({"width": 1024, "height": 1025}), 2),
        (json!({"width": 1920, "height": 1080}), 2),
        (json!({"width": 1, "height": 1}), 1),
        (json!({"width": 4096, "height": 4096}), 16),
        (json!(null), 1),
    ] {
        let quote = generation("flux/dev", json!({"image_size": size.clone(), "num_images": 4})).quote();
        assert_eq!(quote.fal.units.to_string(), (4 * megapixels).to_string(), "{size}");
        assert_eq!(quote.catalog, quote.fal, "one price, two accounts");
    }
}

#[test]
fn tiers_follow_the_value_asked_for() {
    for (model, parameters, price, certainty) in [
        ("recraft/v3", json!({}), "0.04", "known"),
        ("recraft/v3", json!({"style": "vector_illustration"}), "0.08", "known"),
        ("recraft/v3", json!({"style": "vector_illustration/line_art"}), "0.08", "known"),
        ("recraft/v3", json!({"style": "digital_illustration/grain"}), "0.04", "known"),
        ("ideogram/v3", json!({}), "0.06", "estimated"),
        ("ideogram/v3", json!({"rendering_speed": "TURBO"}), "0.03", "estimated"),
        ("ideogram/v3", json!({"rendering_speed": "QUALITY"}), "0.09", "estimated"),
        ("nano-banana-pro", json!({"resolution": "2K"}), "0.15", "known"),
        ("nano-banana-pro", json!({"resolution": "4K"}), "0.3", "known"),
    ] {
        let amount = format!("1 image × {price} = {price} {certainty}");
        assert_quote(model, parameters, &amount, &amount);
    }
}

#[test]
fn surcharges_are_added_once_per_request() {
    for (model, parameters, amount) in [
        ("nano-banana-pro", json!({"num_images": 4, "enable_web_search": true}), "4 image × 0.15 = 0.615 known"),
        (
            "z-image/turbo",
            json!({"num_images": 2, "enable_prompt_expansion": true}),
            "2 megapixel × 0.005 = 0.0125 estimated",
        ),
        ("z-image/turbo", json!({"enable_prompt_expansion": false}), "1 megapixel × 0.005 = 0.005 estimated"),
    ] {
        assert_quote(model, parameters, amount, amount);
    }
}

#[test]
fn further_megapixels_have_their_own_price() {
    for (side, amount) in [(1024, "1 megapixel × 0.03 = 0.03 known"), (2048, "4 megapixel × 0.03 = 0.075 known")] {
        assert_quote("flux-2-pro", json!({"image_size": {"width": side, "height": side}}), amount, amount);
    }
}

#[test]
fn an_open_number_of_images_is_quoted_at_its_most() {
    let most = "6 image × 0.03 = 0.18 estimated";
    assert_quote("seedream/v4", json!({"num_images": 2, "max_images": 3}), most, most);
    let two = "2 image × 0.03 = 0.06 known";
    assert_quote("seedream/v4", json!({"num_images": 2, "image_size": "auto_4K"}), two, two);
}

#[test]
fn a_size_that_cannot_be_told_is_quoted_at_its_largest() {
    let rule =
        json!({"unit": "megapixel", "unit_price": "0.01", "rounding": "per_image_ceil_whole_mp", "confidence": "high"});
    let size = json!({"type": "object", "default": "auto", "options": ["auto", "square"], "description": ""});
    let file = json!({"models": {"m": {"endpoint": "a/b", "display_name": "M", "description": "", "max_megapixels": 4,
        "billing": rule, "parameters": {"image_size": size}}}});
    let catalog = Catalog::builtin().with_file(&file.to_string()).unwrap();
    let quote = |size: Value| catalog.check("m", "x", json!({"image_size": size}).as_object()).unwrap().quote().fal;
    assert_eq!(shown(&quote(json!(null))), "4 megapixel × 0.01 = 0.04 estimated");
    assert_eq!(shown(&quote(json!("square"))), "1 megapixel × 0.01 = 0.01 known");
}

#[test]
fn computing_time_has_no_price_before_it_is_spent() {
    let unpriced = "0 compute_second × 0.00125 = 0 unpriced";
    assert_quote("fast-sdxl", json!({"num_images": 8}), unpriced, unpriced);
    let generation = generation("fast-sdxl", json!({}));
    assert_eq!(shown(&generation.charge(1, None).fal), unpriced);
    let told = generation.charge(1, Some("2.4"));
    assert_eq!(shown(&told.fal), "2.4 compute_second × 0.00125 = 0.003 estimated");
    assert_eq!(shown(&told.catalog), unpriced);
}

#[test]
fn the_catalog_charges_images_and_fal_its_own_units() {
    let charge = generation("hidream/hidream-i1-dev", json!({"num_images": 4})).charge(3, Some("3.5"));
    assert_eq!(shown(&charge.catalog), "3 image × 0.004 = 0.012 known");
    assert_eq!(shown(&charge.fal), "3.5 megapixel × 0.03 = 0.105 known");
    assert_eq!(charge.billable_units.unwrap().to_string(), "3.5");
    assert_eq!((charge.account(PriceBook::Catalog), charge.account(PriceBook::Fal)), (&charge.catalog, &charge.fal));
    assert_eq!(split(charge.catalog.amount, 3), ["0.004"; 3].map(|each| each.parse().unwrap()));
}

#[test]
fn without_a_readable_report_fal_s_amount_is_estimated() {
    let order = json!({"num_images": 2, "image_size": {"width": 2048, "height": 1024}});
    let generation = generation("flux/schnell", order);
    let too_much = "9".repeat(30);
    for report in [None, Some(""), Some("-1"), Some("free"), Some("1e3"), Some(too_much.as_str())] {
        let charge = generation.charge(2, report);
        assert_eq!(shown(&charge.fal), "4 megapixel × 0.003 = 0.012 estimated", "{report:?}");
        assert_eq!(charge.billable_units, None);
    }
    assert_eq!(shown(&generation.charge(2, Some(" 2.0 ")).fal), "2 megapixel × 0.003 = 0.006 known");
}

#[test]
fn a_dearer_variant_is_a_higher_price_or_more_units_and_never_both() {
    let four_k = generation("nano-banana-pro", json!({"resolution": "4K", "num_images": 2}));
    let large = generation("flux-2-pro", json!({"image_size": {"width": 2048, "height": 2048}}));
    for (generation, images, report, amount) in [
        (&four_k, 2, "2", "2 image × 0.3 = 0.6 known"),
        (&four_k, 2, "4", "4 image × 0.15 = 0.6 known"),
        (&four_k, 2, "3", "3 image × 0.15 = 0.45 estimated"),
        (&large, 1, "4", "4 megapixel × 0.03 = 0.075 known"),
        (&large, 1, "2.5", "2.5 megapixel × 0.03 = 0.075 known"),
    ] {
        assert_eq!(shown(&generation.charge(images, Some(report)).fal), amount);
    }
}

#[test]
fn no_images_cost_nothing_unless_fal_says_so() {
    let generation = generation("nano-banana-pro", json!({"enable_web_search": true}));
    let charge = generation.charge(0, None);
    assert_eq!((charge.catalog.amount.nano(), charge.fal.amount.nano()), (0, 0));
    assert_eq!(generation.charge(0, Some("1")).fal.amount.to_string(), "0.15");
}

#[test]
fn the_largest_order_at_the_highest_price_fits() {
    let extra = json!({"when": {"parameter": "num_images", "is": 100}, "amount": "1000"});
    let rule = json!({"unit": "megapixel", "unit_price": "1000", "confidence": "high", "surcharges": vec![extra; 64]});
    let count = json!({"type": "integer", "default": 1, "min": 1, "max": 100, "description": ""});
    let file = json!({"models": {"m": {"endpoint": "a/b", "display_name": "M", "description": "", "max_megapixels": 191,
        "images_per_run": "per_run", "billing": rule, "parameters": {"num_images": count, "per_run": count}}}});
    let catalog = Catalog::builtin().with_file(&file.to_string()).unwrap();
    let most = catalog.check("m", "x", json!({"num_images": 100, "per_run": 100}).as_object()).unwrap();
    assert_eq!(most.quote().fal.amount.to_string(), "1910064000");
    assert_eq!(most.charge(u32::MAX, None).catalog.amount.to_string(), "1910064000");
}

#[test]
fn charges_are_exact_in_json() {
    let charge = generation("flux/schnell", json!({"num_images": 3})).charge(3, Some("3"));
    assert_eq!(
        serde_json::to_string(&charge).unwrap(),
        concat!(
            r#"{"catalog":{"unit":"image","units":3,"unit_price":0.003,"amount":0.009,"certainty":"known"},"#,
            r#""fal":{"unit":"megapixel","units":3,"unit_price":0.003,"amount":0.009,"certainty":"known"},"#,
            r#""billable_units":3}"#
        )
    );
}

#[test]
fn price_books_have_names() {
    assert_eq!("catalog".parse(), Ok(PriceBook::Catalog));
    assert_eq!("fal".parse(), Ok(PriceBook::Fal));
    assert!("FAL".parse::<PriceBook>().is_err());
}

#[test]
fn without_its_rule_a_request_is_charged_at_its_quoted_price() {
    let quote = generation("hidream/hidream-i1-dev", json!({"num_images": 2})).quote();
    for (images, report, catalog, fal, kept) in [
        (2, None, "2 image × 0.004 = 0.008 estimated", "2 megapixel × 0.03 = 0.06 estimated", false),
        (1, Some("1.5"), "1 image × 0.004 = 0.004 estimated", "1.5 megapixel × 0.03 = 0.045 estimated", true),
        (2, Some("nonsense"), "2 image × 0.004 = 0.008 estimated", "2 megapixel × 0.03 = 0.06 estimated", false),
    ] {
        let charge = quote.charge(images, report);
        assert_eq!((shown(&charge.catalog).as_str(), shown(&charge.fal).as_str()), (catalog, fal), "{report:?}");
        assert_eq!(charge.billable_units.is_some(), kept);
    }
}
