//! The checks of requests against the catalog.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use generatio_core::ErrorCode::{
    self, ParameterOption, ParameterRange, ParameterSize, ParameterType, ParameterUnknown,
};
use generatio_core::catalog::{Catalog, Problems};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn problems(model: &str, prompt: &str, parameters: &Value) -> Problems {
    Catalog::builtin().check(model, prompt, parameters.as_object()).unwrap_err()
}

fn accepted(model: &str, parameters: &Value) -> Map<String, Value> {
    let generation = Catalog::builtin().check(model, "a fox", parameters.as_object()).unwrap();
    generation.parameters().clone()
}

#[test]
fn a_checked_request_is_fal_s_body() {
    let given = json!({"num_images": 2.0, "seed": u64::MAX, "guidance_scale": 3, "acceleration": null,
        "image_size": {"width": 640.0, "height": 480}, "sync_mode": false});
    let generation = Catalog::builtin().check("flux/schnell", " a fox ", given.as_object()).unwrap();
    assert_eq!(
        Value::Object(generation.input()).to_string(),
        concat!(
            r#"{"guidance_scale":3,"image_size":{"height":480,"width":640},"num_images":2,"#,
            r#""prompt":" a fox ","seed":18446744073709551615,"sync_mode":false}"#
        )
    );
    assert_eq!((generation.num_images(), generation.size()), (2, Some((640, 480))));
    assert_eq!(generation.model().endpoint.as_str(), "fal-ai/flux/schnell");
    assert_eq!(format!("{generation:?}"), r#"Generation { model: "flux/schnell", .. }"#);
}

#[test]
fn the_size_is_the_one_asked_for_or_the_default() {
    for (model, parameters, size) in [
        ("flux/schnell", json!({}), Some((1024, 768))),
        ("flux/schnell", json!({"image_size": "portrait_16_9"}), Some((576, 1024))),
        ("hidream/hidream-i1-fast", json!({}), Some((1024, 1024))),
        ("seedream/v4.5", json!({}), Some((2048, 2048))),
        ("seedream/v4", json!({"image_size": "auto"}), None),
        ("imagen4/preview", json!({"aspect_ratio": "16:9"}), None),
    ] {
        assert_eq!(Catalog::builtin().check(model, "a fox", parameters.as_object()).unwrap().size(), size, "{model}");
    }
}

#[test]
fn integers_stay_exact() {
    let seed = |text: &str| serde_json::from_str::<Value>(&format!(r#"{{"seed": {text}}}"#)).unwrap();
    for (given, kept) in [
        ("9007199254740993", "9007199254740993"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("4e0", "4"),
        ("-0.0", "0"),
        ("9007199254740992.0", "9007199254740992"),
    ] {
        assert_eq!(accepted("flux/schnell", &seed(given))["seed"].to_string(), kept);
    }
    for refused in ["18446744073709551616", "9007199254740994.0", "0.5", "1e300", "\"1\"", "true"] {
        assert_eq!(
            problems("flux/schnell", "a fox", &seed(refused)).to_string(),
            "seed must be an integer",
            "{refused}"
        );
    }
}

#[test]
fn null_is_absent() {
    let nulls = json!({"num_images": null, "image_size": null, "seed": null, "sync_mode": null});
    assert!(accepted("flux/schnell", &nulls).is_empty());
}

/// One refused parameter of `flux/schnell`: where, its code, and the message, which begins with the place.
#[track_caller]
fn assert_refused(path: &str, value: Value, code: ErrorCode, rest: &str) {
    let name = path.split('.').next().unwrap();
    let found = problems("flux/schnell", "a fox", &json!({ name: value }));
    let only = found.first();
    let message =
        if code == ParameterUnknown { format!("unknown parameter: {path}") } else { format!("{path} {rest}") };
    assert_eq!((found.iter().count(), only.code, &only.message), (1, code, &message));
    assert_eq!(only.path, format!("parameters.{path}"));
}

#[test]
fn each_refusal_says_what_and_where() {
    assert_refused("num_images", json!("2"), ParameterType, "must be an integer");
    assert_refused("num_images", json!(0), ParameterRange, "must be at least 1");
    assert_refused("num_images", json!(5), ParameterRange, "must be at most 4");
    assert_refused("num_images", json!(u64::MAX), ParameterRange, "must be at most 4");
    assert_refused("guidance_scale", json!("3"), ParameterType, "must be a number");
    assert_refused("guidance_scale", json!(0.99), ParameterRange, "must be at least 1");
    assert_refused("guidance_scale", json!(20.01), ParameterRange, "must be at most 20");
    assert_refused("output_format", json!(1), ParameterType, "must be a string");
    assert_refused("output_format", json!("gif"), ParameterOption, "must be one of: jpeg, png");
    assert_refused("enable_safety_checker", json!(1), ParameterType, "must be a boolean");
    let inline = "must be false: images are returned as links";
    assert_refused("sync_mode", json!(true), ErrorCode::ParameterRefused, inline);
    assert_refused("style", json!("x"), ParameterUnknown, "");
    assert_refused("prompt", json!("another"), ParameterUnknown, "");
}

#[test]
fn each_refused_size_says_what_and_where() {
    let of = |width: Value, height: Value| json!({"width": width, "height": height});
    let presets = "must be one of: square_hd, square, portrait_4_3, portrait_16_9, landscape_4_3, landscape_16_9 \
        or an object with width and height";
    assert_refused("image_size", json!("huge"), ParameterOption, presets);
    let either = "must be either a string (preset) or an object with width and height";
    assert_refused("image_size", json!(512), ParameterType, either);
    let both = "object must have both 'width' and 'height' properties";
    assert_refused("image_size", json!({"width": 1}), ParameterType, both);
    assert_refused("image_size", of(json!(1), json!(null)), ParameterType, both);
    let large = "must have at most 16 megapixels";
    assert_refused("image_size", of(json!(4097), json!(4096)), ParameterSize, large);
    assert_refused("image_size.width", of(json!(1.5), json!(1)), ParameterType, "must be an integer");
    assert_refused("image_size.width", of(json!(0), json!(1)), ParameterSize, "must be at least 1");
    assert_refused("image_size.height", of(json!(1), json!(-1)), ParameterSize, "must be at least 1");
    assert_refused("image_size.height", of(json!(1), json!(14_143)), ParameterSize, "must be at most 14142");
    assert_refused("image_size.height", of(json!(1), json!(u64::MAX)), ParameterSize, "must be at most 14142");
    assert_refused("image_size.depth", json!({"width": 1, "height": 1, "depth": 1}), ParameterUnknown, "");
    accepted("flux/schnell", &json!({"image_size": of(json!(14_142), json!(1))}));
}

#[test]
fn arrays_are_taken_item_by_item() {
    let loras = json!({"loras": [{"path": "https://x.test/a", "scale": 0.5}, {"path": "b", "scale": null}]});
    let kept = json!([{"path": "https://x.test/a", "scale": 0.5}, {"path": "b"}]);
    assert_eq!(accepted("fast-sdxl", &loras)["loras"], kept);
    let colors = json!({"colors": [{"r": 255.0, "g": 0}, {}]});
    assert_eq!(accepted("recraft/v3", &colors)["colors"].to_string(), r#"[{"g":0,"r":255},{}]"#);
    assert_eq!(accepted("ideogram/v3", &json!({"style_codes": ["0a1b2c3d"]}))["style_codes"], json!(["0a1b2c3d"]));
}

#[test]
fn arrays_are_refused_item_by_item() {
    for (model, parameters, message) in [
        ("fast-sdxl", json!({"loras": {}}), "loras must be an array"),
        ("fast-sdxl", json!({"loras": vec![json!({"path": "a"}); 9]}), "loras must have at most 8 items"),
        ("fast-sdxl", json!({"loras": ["a"]}), "loras.0 must be an object with path, scale"),
        ("fast-sdxl", json!({"loras": [{"scale": 1}]}), "loras.0.path must be a string"),
        ("fast-sdxl", json!({"loras": [{"path": ""}]}), "loras.0.path must not be empty"),
        ("fast-sdxl", json!({"loras": [{"path": "x".repeat(2049)}]}), "loras.0.path must have at most 2048 characters"),
        ("fast-sdxl", json!({"loras": [{"path": "a", "scale": 4.1}]}), "loras.0.scale must be at most 4"),
        ("fast-sdxl", json!({"loras": [{"path": "a", "scale": "1"}]}), "loras.0.scale must be a number"),
        ("fast-sdxl", json!({"loras": [{"path": "a", "x": 1}]}), "unknown parameter: loras.0.x"),
        ("recraft/v3", json!({"colors": [{"r": 256}]}), "colors.0.r must be at most 255"),
        ("recraft/v3", json!({"colors": [{"g": -1}]}), "colors.0.g must be at least 0"),
        ("recraft/v3", json!({"colors": [{"b": 0.5}]}), "colors.0.b must be an integer"),
        ("ideogram/v3", json!({"style_codes": ["a", 1]}), "style_codes.1 must be a string"),
    ] {
        assert_eq!(problems(model, "a fox", &parameters).to_string(), message);
    }
}

#[test]
fn open_options_take_other_texts_and_texts_have_a_length() {
    let ratio = json!({"aspect_ratio": "5:7"});
    assert_eq!(accepted("flux-pro/v1.1-ultra", &ratio)["aspect_ratio"], json!("5:7"));
    problems("imagen4/preview", "a fox", &ratio);
    let hidream = "hidream/hidream-i1-dev";
    accepted(hidream, &json!({"negative_prompt": "é".repeat(5000)}));
    let found = problems(hidream, "a fox", &json!({"negative_prompt": "é".repeat(5001)}));
    assert_eq!(found.to_string(), "negative_prompt must have at most 5000 characters");
}

#[test]
fn every_problem_is_told_in_a_fixed_order() {
    let given = json!({"zebra": 1, "acceleration": 7, "Alpha": 2, "num_images": 9,
        "image_size": {"width": 0, "height": 0, "x": 0}});
    let found = problems("flux/schnell", "  ", &given);
    let paths: Vec<_> = found.iter().map(|problem| problem.path.trim_start_matches("parameters.")).collect();
    let sizes = ["image_size.x", "image_size.width", "image_size.height"];
    assert_eq!(paths, [&["prompt"], &sizes[..], &["num_images", "acceleration", "Alpha", "zebra"]].concat());
    assert!(found.to_string().starts_with("Model and prompt are required; unknown parameter: image_size.x; image_"));
}

#[test]
fn models_and_prompts_are_checked_too() {
    let none = json!({});
    let missing = problems("", "", &none);
    assert_eq!(missing.to_string(), "Model and prompt are required");
    let codes: Vec<_> = missing.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, [ErrorCode::ModelUnknown, ErrorCode::PromptMissing]);
    assert_eq!(problems("dall-e\n<b>", "x", &none).to_string(), "unsupported model: dall-e?<b>");
    for (model, prompt, code, message) in [
        ("flux/schnell", "x".repeat(5001), ErrorCode::PromptTooLong, "prompt must have at most 5000 characters"),
        ("recraft/v3", "x".repeat(1001), ErrorCode::PromptTooLong, "prompt must have at most 1000 characters"),
        ("nano-banana", "ab".to_owned(), ErrorCode::PromptTooShort, "prompt must have at least 3 characters"),
    ] {
        let found = problems(model, &prompt, &none);
        assert_eq!((found.first().code, found.to_string().as_str()), (code, message));
    }
}

#[test]
fn a_flood_of_problems_is_cut_and_names_are_shortened() {
    let flood: Map<String, Value> = (0..10_000).map(|n| (format!("{n:0200}"), json!(n))).collect();
    let found = problems("flux/schnell", "x", &Value::Object(flood));
    assert_eq!(found.iter().count(), Problems::MAX);
    assert_eq!(found.first().message, format!("unknown parameter: {}", "0".repeat(64)));
}

/// JSON of any kind, deep and wide enough to meet each check.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-2_i64..20).prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    let key = prop_oneof![Just("width"), Just("height"), Just("path"), Just("scale"), Just("r"), Just("\u{0}x")];
    leaf.prop_recursive(3, 24, 6, move |inner| {
        let members = proptest::collection::vec((key.clone().prop_map(str::to_owned), inner.clone()), 0..4);
        prop_oneof![
            proptest::collection::vec(inner, 0..6).prop_map(Value::from),
            members.prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn checks_and_quotes_never_panic(
        values in proptest::collection::vec(any_json(), 20), odd in ".{0,80}", mask: u32, images: u32,
    ) {
        let catalog = Catalog::builtin();
        for model in catalog.models() {
            let names = model.parameters.iter().map(|parameter| parameter.name.clone()).chain([odd.clone()]);
            let asked = names.zip(values.iter().cloned()).enumerate().filter(|(at, _)| (mask >> at) & 1 == 1);
            let given: Map<String, Value> = asked.map(|(_, member)| member).collect();
            match catalog.check(&model.name, &odd, Some(&given)) {
                Ok(generation) => drop((generation.quote(), generation.charge(images, Some(&odd)))),
                Err(problems) => prop_assert!(!problems.to_string().is_empty()),
            }
        }
    }
}
