use super::Body;
use crate::http::error::ApiErrorKind;
use crate::jobs::Report;
use generatio_core::fal::{Hosts, Output};
use serde_json::{Value, json};

const PICTURE: &str = "https://v3.fal.media/files/a/b.png";

fn read(body: &Value) -> Result<Report, ApiErrorKind> {
    let body: Body = serde_json::from_value(body.clone()).map_err(|_| ApiErrorKind::Validation)?;
    body.read(&Hosts::fal()).map_err(|error| error.kind())
}

fn output(body: &Value) -> Output {
    match read(body) {
        Ok(Report::Output(output)) => output,
        other => panic!("{body}: {other:?}"),
    }
}

fn pictures(more: &Value) -> Value {
    let mut body = json!({ "images": [{ "url": PICTURE }] });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

#[test]
fn a_whole_result_is_read_as_fals_own() {
    let read = output(&json!({
        "images": [
            { "url": PICTURE, "width": 1024, "height": 768, "content_type": "image/png", "file_size": 7, "file_name": null },
            { "url": "https://V3.fal.media/files/a/c.png", "width": 0, "height": null },
        ],
        "seed": 18_446_744_073_709_551_615_u64,
        "billable_units": " 2.250 ",
    }));
    let [first, second] = read.images.as_slice() else { panic!("{:?}", read.images) };
    assert_eq!((first.url.as_str(), first.width, first.height), (PICTURE, Some(1024), Some(768)));
    assert_eq!((first.content_type.as_deref(), first.file_size), (Some("image/png"), None));
    assert_eq!((second.url.as_str(), second.width), ("https://v3.fal.media/files/a/c.png", None), "in normal form");
    assert_eq!(read.seed.and_then(|seed| seed.as_u64()), Some(u64::MAX));
    assert_eq!(read.billable_units.as_deref(), Some("2.250"));
}

#[test]
fn what_is_optional_may_be_missing() {
    for more in [json!({}), json!({ "seed": null, "billable_units": null, "error": null })] {
        let read = output(&pictures(&more));
        assert_eq!((read.images.len(), read.seed, read.billable_units), (1, None, None));
    }
    assert_eq!(output(&pictures(&json!({ "billable_units": 1.5 }))).billable_units.as_deref(), Some("1.5"));
    assert_eq!(output(&pictures(&json!({ "seed": -3 }))).seed.and_then(|seed| seed.as_i64()), Some(-3));
}

#[test]
fn what_fal_could_not_have_said_is_refused() {
    let long = |length: usize| "x".repeat(length);
    let image = |more: Value| {
        let mut image = json!({ "url": PICTURE });
        image.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "images": [image] })
    };
    for body in [
        json!({}),
        json!({ "images": null }),
        json!({ "images": [] }),
        json!({ "images": vec![json!({ "url": PICTURE }); 65] }),
        json!({ "images": [{}] }),
        json!({ "images": [PICTURE] }),
        json!({ "images": [{ "url": PICTURE }], "error": {} }),
        image(json!({ "url": "https://example.com/a.png" })),
        image(json!({ "url": "http://v3.fal.media/a.png" })),
        image(json!({ "url": "https://v3.fal.media:8443/a.png" })),
        image(json!({ "url": "https://me@v3.fal.media/a.png" })),
        image(json!({ "url": "data:image/png;base64,AAAA" })),
        image(json!({ "url": "http://127.0.0.1:9000/a.png" })),
        image(json!({ "url": format!("https://v3.fal.media/{}", long(2048)) })),
        image(json!({ "width": 65_537 })),
        image(json!({ "height": -1 })),
        image(json!({ "width": "1024" })),
        image(json!({ "content_type": long(101) })),
        pictures(&json!({ "seed": 1.5 })),
        pictures(&json!({ "seed": "7" })),
        json!({ "error": { "status": 422 }, "seed": 1.5 }),
        json!({ "error": { "status": 422 }, "billable_units": "one" }),
        pictures(&json!({ "billable_units": "" })),
        pictures(&json!({ "billable_units": "-1" })),
        pictures(&json!({ "billable_units": "1e3" })),
        pictures(&json!({ "billable_units": "one" })),
        pictures(&json!({ "billable_units": true })),
        pictures(&json!({ "billable_units": long(41).replace('x', "1") })),
        json!({ "error": { "type": "a b" } }),
        json!({ "error": { "type": long(101) } }),
        json!({ "error": { "message": long(1001) } }),
        json!({ "error": { "status": 399 } }),
        json!({ "error": { "status": 600 } }),
        json!({ "error": { "status": "422" } }),
        json!({ "error": "text" }),
    ] {
        assert_eq!(read(&body).err(), Some(ApiErrorKind::Validation), "{body}");
    }
}

#[test]
fn an_error_may_say_little() {
    for (error, status, kind, words) in [
        (json!({}), None, None, None),
        (json!({ "type": null, "message": null, "status": null }), None, None, None),
        (json!({ "status": 503 }), Some(503), None, None),
        (
            json!({ "type": "content_policy_violation", "status": 422 }),
            Some(422),
            Some("content_policy_violation"),
            None,
        ),
        (json!({ "type": "new_of_fals" }), None, None, None),
        (json!({ "message": "x\u{1}y", "status": 422 }), Some(422), None, Some("x y")),
    ] {
        let Ok(Report::Error(told)) = read(&json!({ "error": error })) else { panic!("{error}") };
        assert_eq!((told.fal_status(), told.error_type()), (status, kind), "{error}");
        assert_eq!(told.problems().first().map(|problem| problem.message.as_str()), words, "{error}");
        assert!(!format!("{told} {told:?}").contains("x y"), "the words are for their owner");
    }
}
