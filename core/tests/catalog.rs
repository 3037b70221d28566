//! The built-in catalog and its wire form.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use generatio_core::catalog::Catalog;
use serde_json::{Map, Value, json};

fn wire(model: &str) -> Value {
    serde_json::to_value(Catalog::builtin().get(model).unwrap().as_ref()).unwrap()
}

#[test]
fn there_are_21_models_of_fal() {
    let catalog = Catalog::builtin();
    assert_eq!((catalog.len(), catalog.models().len()), (21, 21));
    let names: Vec<_> = catalog.models().map(|model| model.name.as_str()).collect();
    assert!(names.is_sorted());
    assert!(!names.iter().any(|name| name.contains("image-to-image") || name.ends_with("/edit")), "{names:?}");
    for model in catalog.models() {
        assert!(model.endpoint.as_str().starts_with("fal-ai/"), "{}", model.name);
        assert!(model.parameter("prompt").is_none() && !model.parameters.is_empty(), "{}", model.name);
    }
}

/// A parameter of the seed's table, without its description.
fn parameter(kind: &str, default: Value, limits: &Value) -> Value {
    let mut members = Map::from_iter([("type".to_owned(), json!(kind)), ("default".to_owned(), default)]);
    members.insert("required".to_owned(), json!(false));
    members.extend(limits.as_object().unwrap().clone());
    Value::Object(members)
}

/// What the seed's three models have in common; HiDream has `negative_prompt` besides.
fn seed_parameters(size: Value, steps: Value) -> Value {
    let sizes = ["square_hd", "square", "portrait_4_3", "portrait_16_9", "landscape_4_3", "landscape_16_9"];
    json!({
        "image_size": parameter("object", size, &json!({"options": sizes})),
        "num_images": parameter("integer", json!(1), &json!({"min": 1, "max": 4})),
        "num_inference_steps": steps,
        "seed": parameter("integer", json!(null), &json!({})),
        "sync_mode": parameter("boolean", json!(false), &json!({})),
        "enable_safety_checker": parameter("boolean", json!(true), &json!({})),
        "output_format": parameter("string", json!("jpeg"), &json!({"options": ["jpeg", "png"]})),
    })
}

fn flux_schnell() -> Value {
    let steps = parameter("integer", json!(4), &json!({"min": 1, "max": 50}));
    let mut parameters = seed_parameters(json!("landscape_4_3"), steps);
    parameters["guidance_scale"] = parameter("float", json!(3.5), &json!({"min": 1, "max": 20}));
    parameters["acceleration"] = parameter("string", json!("none"), &json!({"options": ["none", "regular", "high"]}));
    parameters
}

fn hidream(default: i64, min: i64, max: i64) -> Value {
    let steps = parameter("integer", json!(default), &json!({"min": min, "max": max}));
    let mut parameters = seed_parameters(json!(null), steps);
    parameters["negative_prompt"] = parameter("string", json!(""), &json!({"max_length": 5000}));
    parameters
}

#[test]
fn the_seed_s_models_are_as_the_seed_has_them() {
    for (name, display_name, price, parameters) in [
        ("flux/schnell", "Flux Schnell", 0.003, flux_schnell()),
        ("hidream/hidream-i1-dev", "HiDream I1 Dev", 0.004, hidream(16, 10, 100)),
        ("hidream/hidream-i1-fast", "HiDream I1 Fast", 0.003, hidream(8, 4, 20)),
    ] {
        let mut wire = wire(name);
        for parameter in wire["parameters"].as_object_mut().unwrap().values_mut() {
            assert!(parameter.as_object_mut().unwrap().remove("description").unwrap().is_string());
        }
        assert_eq!(wire["parameters"], parameters, "{name}");
        assert_eq!((&wire["name"], &wire["display_name"]), (&json!(name), &json!(display_name)));
        assert_eq!(wire["cost_per_image"], json!(price), "{name}");
    }
}

#[test]
fn the_wire_form_keeps_prices_exact_and_parameters_in_order() {
    let text = serde_json::to_string(&Catalog::builtin()).unwrap();
    assert!(text.starts_with(r#"{"fast-sdxl":{"name":"fast-sdxl","display_name":"Stable Diffusion XL","#));
    let schnell = r#""cost_per_image":0.003,"parameters":{"image_size":{"type":"object","default":"landscape_4_3","#;
    assert!(text.contains(schnell));
    assert!(text.contains(r#""guidance_scale":{"type":"float","default":3.5,"min":1,"max":20,"description":"#));
}

#[test]
fn what_the_seed_does_not_have_stands_beside() {
    let dev = wire("hidream/hidream-i1-dev");
    assert_eq!((&dev["endpoint"], &dev["pricing"]), (&json!("fal-ai/hidream-i1-dev"), &json!("known")));
    assert_eq!(dev["billing"], json!({"unit": "image", "unit_price": "0.004", "confidence": "project-defined"}));
    assert_eq!(dev["fal_billing"], json!({"unit": "megapixel", "unit_price": "0.03", "confidence": "high"}));
    assert_eq!((&dev["cost_per_image"], &dev["fal_cost_per_image"]), (&json!(0.004), &json!(0.03)));
    assert_eq!(dev["default_size"], json!({"width": 1024, "height": 1024}));
    let sdxl = wire("fast-sdxl");
    assert_eq!((&sdxl["cost_per_image"], &sdxl["pricing"]), (&json!(null), &json!("unpriced")));
    assert_eq!(wire("recraft/v3")["prompt"], json!({"min_length": 1, "max_length": 1000}));
    assert_eq!(wire("seedream/v4")["images_per_run"], json!("max_images"));
}

#[test]
fn every_default_is_a_value_the_model_takes() {
    let catalog = Catalog::builtin();
    for model in catalog.models() {
        let defaults: Map<_, _> = model.parameters.iter().map(|p| (p.name.clone(), p.default.clone())).collect();
        let generation = catalog.check(&model.name, "a fox", Some(&defaults)).unwrap();
        assert_eq!(generation.num_images(), 1, "{}", model.name);
    }
}
