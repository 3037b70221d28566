//! Submitting: what is sent, and that nothing is ever bought twice.

use generatio_core::fal::transport::{Reason, TransportError};
use generatio_core::fal::{Client, Hosts, SubmitError, SubmitOptions, Submitted};
use generatio_core::{ErrorCode, Timestamp};
use generatio_testkit::fal::{KEY_TEXT, REQUEST_ID, REQUEST_URL, SUBMIT_URL, endpoint, key, submitted};
use generatio_testkit::transport::{Exchange, ScriptedTransport, block_on};
use serde_json::{Map, Value, json};
use std::time::Duration;

const START: Timestamp = Timestamp::from_unix_ms(1_800_000_000_000);
const CUT: TransportError = TransportError::MaybeSent(Reason::Connection);
const NOT_SENT: TransportError = TransportError::NotSent(Reason::Connection);

fn options() -> SubmitOptions {
    SubmitOptions { webhook: None, start_timeout: None, deadline: START.after(Duration::from_secs(60)) }
}

fn input() -> Map<String, Value> {
    json!({"prompt": "a very private cat", "num_images": 2}).as_object().expect("an object").clone()
}

fn submit(host: &ScriptedTransport, options: &SubmitOptions) -> Result<Submitted, SubmitError> {
    let client = Client::new(host.clone(), Hosts::fal());
    block_on(client.submit(&key(), &endpoint(), &input(), options))
}

fn post() -> Exchange {
    Exchange::post(SUBMIT_URL)
}

fn accepted() -> Exchange {
    let body = json!({"status": "IN_QUEUE", "request_id": REQUEST_ID, "response_url": REQUEST_URL,
        "status_url": format!("{REQUEST_URL}/status"), "cancel_url": format!("{REQUEST_URL}/cancel"),
        "logs": null, "metrics": {}, "queue_position": 0});
    post().chunk(body.to_string())
}

fn is_not_taken(error: &SubmitError, code: ErrorCode) -> bool {
    matches!(error, SubmitError::NotTaken(inner) if inner.code() == code)
}

#[test]
fn the_input_goes_unwrapped_and_the_request_comes_back() {
    let host = ScriptedTransport::new(START, [accepted()]);
    assert_eq!(submit(&host, &options()), Ok(submitted()));

    let sent = &host.sent()[0];
    assert_eq!(serde_json::from_slice::<Value>(sent.body.as_ref().unwrap()).unwrap(), Value::Object(input()));
    assert_eq!(sent.header("authorization"), Some(&*format!("Key {KEY_TEXT}")));
    assert_eq!(sent.header("content-type"), Some("application/json"));
    assert_eq!(sent.header("accept"), Some("application/json"));
    assert_eq!(sent.header("x-fal-request-timeout"), None);
    assert_eq!((sent.deadline, sent.max_body), (options().deadline, 1 << 20));
    assert!(!sent.debug.contains(KEY_TEXT) && !sent.debug.contains("private"), "{}", sent.debug);
}

#[test]
fn options_become_a_query_and_a_header() {
    let webhook = "https://me.example/hook?nonce=n0nce&a=b c";
    let url = format!("{SUBMIT_URL}?fal_webhook=https%3A%2F%2Fme.example%2Fhook%3Fnonce%3Dn0nce%26a%3Db+c");
    for (limit, header) in [(Duration::from_millis(90_500), "90.500"), (Duration::ZERO, "1.001")] {
        let script = [Exchange::post(&url).chunk(json!({"request_id": REQUEST_ID}).to_string())];
        let host = ScriptedTransport::new(START, script);
        let options = SubmitOptions { webhook: Some(webhook.to_owned()), start_timeout: Some(limit), ..options() };
        assert_eq!(submit(&host, &options), Ok(submitted()));
        assert_eq!(host.sent()[0].header("x-fal-request-timeout"), Some(header));
        assert!(!host.sent()[0].debug.contains("n0nce") && !format!("{options:?}").contains("n0nce"));
    }
}

#[test]
fn foreign_follow_up_urls_are_replaced() {
    let body = json!({"request_id": REQUEST_ID, "response_url": "https://evil.example/", "status_url": 7,
        "cancel_url": format!("http://queue.fal.run/fal-ai/flux/requests/{REQUEST_ID}/cancel")});
    let host = ScriptedTransport::new(START, [post().chunk(body.to_string())]);
    assert_eq!(submit(&host, &options()), Ok(submitted()));
}

/// The script has one exchange, so a second submit fails the test.
#[test]
fn a_submit_that_may_have_been_taken_is_never_repeated() {
    let with_id = |status| post().status(status).header("x-fal-request-id", REQUEST_ID);
    let half_mib = vec![b' '; 600_000];
    let cases = [
        ("lost answer", post().fail(CUT), ErrorCode::FalInterrupted),
        ("late answer", post().fail(TransportError::MaybeSent(Reason::Deadline)), ErrorCode::FalTimeout),
        ("buffered giant", post().fail(TransportError::MaybeSent(Reason::TooLarge)), ErrorCode::FalAnswerTooLarge),
        ("no answer", post().silence(), ErrorCode::FalTimeout),
        ("no end", post().chunk("{").stall(), ErrorCode::FalTimeout),
        ("cut body", post().chunk("{\"request").cut(CUT), ErrorCode::FalInterrupted),
        ("cut body, wrongly told", post().cut(NOT_SENT), ErrorCode::FalInterrupted),
        ("giant body", post().chunk(&half_mib).chunk(&half_mib), ErrorCode::FalAnswerTooLarge),
        ("empty", post(), ErrorCode::FalProtocol),
        ("html", post().chunk("<html>"), ErrorCode::FalProtocol),
        ("no id", post().chunk("{\"status\":\"IN_QUEUE\"}"), ErrorCode::FalProtocol),
        ("odd id", post().chunk("{\"request_id\":\"a/../b\"}"), ErrorCode::FalProtocol),
        ("202 without id", post().status(202).chunk("{}"), ErrorCode::FalProtocol),
        ("500", post().status(500), ErrorCode::FalUnavailable),
        ("502 of nginx", post().status(502).chunk("<html>nginx"), ErrorCode::FalUnavailable),
        ("504 of nginx", post().status(504).chunk("<html>nginx"), ErrorCode::FalUnavailable),
        ("503 of a request", with_id(503).header("retry-after", "1"), ErrorCode::FalUnavailable),
        ("499", with_id(499), ErrorCode::FalCanceled),
        ("redirect", post().status(307).header("location", "https://evil.example/"), ErrorCode::FalHostRefused),
    ];
    for (name, exchange, code) in cases {
        let host = ScriptedTransport::new(START, [exchange]);
        let error = submit(&host, &options()).expect_err(name);
        let unknown = matches!(&error, SubmitError::Unknown(inner) if inner.code() == code && !inner.retryable());
        assert!(unknown, "{name}: {error:?}");
        assert_eq!(host.sent().len(), 1, "{name}");
    }
}

#[test]
fn a_refusal_is_certain_and_final() {
    let cases = [
        (400, ErrorCode::FalInputRefused),
        (401, ErrorCode::FalKeyRefused),
        (403, ErrorCode::FalAccessDenied),
        (404, ErrorCode::FalNotFound),
        (405, ErrorCode::FalNotFound),
        (408, ErrorCode::FalUnavailable),
        (413, ErrorCode::FalInputRefused),
        (422, ErrorCode::FalInputRefused),
        (425, ErrorCode::FalUnavailable),
    ];
    for (status, code) in cases {
        for exchange in [post().status(status), post().status(status).chunk("{").cut(CUT)] {
            let error = submit(&ScriptedTransport::new(START, [exchange]), &options()).unwrap_err();
            assert!(is_not_taken(&error, code), "{status}: {error:?}");
        }
    }
}

#[test]
fn what_was_not_taken_is_sent_again() {
    let refusals = [
        post().fail(NOT_SENT),
        post().status(429),
        post().status(503).chunk("<html>nginx"),
        post().status(503).chunk("<html>").cut(CUT),
    ];
    for refusal in refusals {
        let host = ScriptedTransport::new(START, [refusal, accepted()]);
        assert_eq!(submit(&host, &options()), Ok(submitted()));
        assert!((188..=250).contains(&host.sleeps()[0].as_millis()), "{:?}", host.sleeps());
        assert_eq!(host.sent()[0].body, host.sent()[1].body);
    }
}

#[test]
fn a_safe_retry_that_gets_lost_ends_as_unknown() {
    let host = ScriptedTransport::new(START, [post().status(429), post().fail(CUT)]);
    assert!(matches!(submit(&host, &options()), Err(SubmitError::Unknown(_))));
}

#[test]
fn retry_after_is_honoured_within_the_deadline() {
    let host = ScriptedTransport::new(START, [post().status(429).header("Retry-After", "7"), accepted()]);
    assert!(submit(&host, &options()).is_ok());
    assert_eq!(host.sleeps(), [Duration::from_secs(7)]);

    let host = ScriptedTransport::new(START, [post().status(429).header("Retry-After", "60")]);
    let error = submit(&host, &options()).unwrap_err();
    assert!(is_not_taken(&error, ErrorCode::FalBusy), "{error:?}");
    assert_eq!(error.error().retry_after(), Some(Duration::from_secs(60)));
    assert!(host.sleeps().is_empty());
}

#[test]
fn retries_back_off_until_the_deadline() {
    let host = ScriptedTransport::new(START, (0..12).map(|_| post().fail(NOT_SENT)));
    let error = submit(&host, &options()).unwrap_err();
    assert!(is_not_taken(&error, ErrorCode::FalUnreachable), "{error:?}");
    let full = [250, 500, 1_000, 2_000, 4_000, 8_000].into_iter().chain(std::iter::repeat(10_000));
    for (pause, full) in host.sleeps().iter().zip(full) {
        assert!((full - full / 4..=full).contains(&pause.as_millis()), "{:?}", host.sleeps());
    }
    assert!(host.sent().last().unwrap().at < options().deadline);
}

#[test]
fn an_aborted_submit_is_left_alone() {
    let host = ScriptedTransport::new(START, [post().fail(TransportError::NotSent(Reason::Aborted))]);
    assert!(matches!(submit(&host, &options()), Err(SubmitError::NotTaken(_))));
}

#[test]
fn nothing_is_sent_after_the_deadline() {
    let host = ScriptedTransport::new(options().deadline, []);
    let error = submit(&host, &options()).unwrap_err();
    assert!(is_not_taken(&error, ErrorCode::FalTimeout), "{error:?}");
}
