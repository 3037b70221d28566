//! What deliveries say.

use crate::sent::{about, ok, payload};
use generatio_core::ErrorCode;
use generatio_core::fal::transport::Answer;
use generatio_core::fal::webhook::Outcome;
use generatio_core::fal::wire::read_result;
use generatio_core::fal::{FalError, Hosts};
use generatio_testkit::fal::REQUEST_ID;
use serde_json::{Value, json};

fn failure(rest: &Value) -> FalError {
    match about(rest).verify().expect("a good delivery").outcome {
        Outcome::Failed(error) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_payload_is_read_as_a_fetched_result_is() {
    let delivery = ok().verify().unwrap();
    assert_eq!(delivery.request_id, REQUEST_ID);
    assert_eq!(delivery.gateway_request_id.as_deref(), Some("last-attempt"));
    let fetched = Answer { status: 200, headers: Vec::new(), body: payload().to_string().into_bytes() };
    let Outcome::Delivered(output) = delivery.outcome else { panic!("{delivery:?}") };
    assert_eq!(output, read_result(&Hosts::fal(), &fetched).unwrap());
    assert_eq!((output.images.len(), output.billable_units), (1, None));
}

#[test]
fn an_output_without_pictures_failed() {
    let empty = json!({"status": "OK", "payload": {"images": []}});
    assert_eq!(failure(&empty).code(), ErrorCode::FalNoPictures);
    assert_eq!(failure(&json!({"status": "OK", "payload": "?"})).code(), ErrorCode::FalProtocol);
}

#[test]
fn a_lost_payload_is_no_failure() {
    let lost = json!({"status": "OK", "payload": null, "payload_error": "not JSON serializable"});
    for rest in [lost, json!({"status": "OK"})] {
        assert_eq!(about(&rest).verify().unwrap().outcome, Outcome::PayloadLost);
    }
}

#[test]
fn failures_keep_their_problems() {
    let detail = json!([{"loc": ["body", "image_size", "width"], "msg": "too big", "type": "less_than_equal"}]);
    let error =
        failure(&json!({"status": "ERROR", "error": "Invalid status code: 422", "payload": {"detail": detail}}));
    assert_eq!((error.code(), error.fal_status()), (ErrorCode::FalInputRefused, Some(422)));
    assert_eq!(error.error_type(), Some("less_than_equal"));
    assert_eq!(
        (error.problems()[0].path.as_str(), error.problems()[0].message.as_str()),
        ("image_size.width", "too big")
    );
}

#[test]
fn failures_are_coded_by_their_status_and_type() {
    let canceled = json!({"detail": "Request was cancelled by the client", "error_type": "client_cancelled"});
    let cases = [
        ("Request was cancelled", canceled, ErrorCode::FalCanceled, None),
        ("Invalid status code: 500", json!({"detail": "x"}), ErrorCode::FalUnavailable, Some(500)),
        ("Invalid status code: 404", json!({"detail": "Path /x not found"}), ErrorCode::FalNotFound, Some(404)),
        // What comes along has not expired.
        ("Invalid status code: 404", json!({"detail": "Not Found"}), ErrorCode::FalNotFound, Some(404)),
        ("Invalid status code: 200", payload(), ErrorCode::FalUnavailable, None),
        ("Invalid status code: 70000", json!(null), ErrorCode::FalUnavailable, None),
        ("", json!([1]), ErrorCode::FalUnavailable, None),
    ];
    for (text, payload, code, status) in cases {
        let error = failure(&json!({"status": "ERROR", "error": text, "payload": payload}));
        assert_eq!((error.code(), error.fal_status()), (code, status), "{text}");
    }
    assert_eq!(failure(&json!({"status": "ERROR"})).code(), ErrorCode::FalUnavailable);
}
