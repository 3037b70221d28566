//! Every way to be refused.

use crate::sent::{NOW_S, Sent, about, ok, payload, signer};
use generatio_core::fal::webhook::WebhookError;
use generatio_core::fal::wire::RESULT_MAX;
use generatio_testkit::fal::REQUEST_ID;
use proptest::prelude::*;
use serde_json::{Value, json};

#[test]
fn what_was_altered_is_refused() {
    let refused = |change: fn(&mut Sent)| {
        let mut sent = ok();
        assert!(sent.verify().is_ok());
        change(&mut sent);
        sent.verify().unwrap_err()
    };
    let signature: [fn(&mut Sent); 7] = [
        |sent| sent.body.push(b' '),
        |sent| sent.body.clear(),
        |sent| sent.request_id.push('0'),
        |sent| sent.user_id.push('5'),
        |sent| sent.timestamp = (NOW_S + 1).to_string(),
        |sent| sent.timestamp.insert(0, '0'),
        |sent| sent.signature = "0".repeat(128),
    ];
    for (at, change) in signature.into_iter().enumerate() {
        assert_eq!(refused(change), WebhookError::Signature, "{at}");
    }
    let malformed: [fn(&mut Sent); 6] = [
        |sent| sent.signature.truncate(127),
        |sent| sent.signature.truncate(126),
        |sent| sent.signature.push_str("00"),
        |sent| sent.signature.replace_range(..2, "0x"),
        |sent| sent.signature.replace_range(..2, "é"),
        |sent| sent.signature.clear(),
    ];
    for (at, change) in malformed.into_iter().enumerate() {
        assert_eq!(refused(change), WebhookError::Malformed, "{at}");
    }
}

#[test]
fn hexadecimal_digits_have_no_case() {
    let mut sent = ok();
    sent.signature = sent.signature.to_uppercase();
    assert!(sent.signature.contains(|digit: char| digit.is_ascii_uppercase()));
    assert_eq!(sent.verify(), ok().verify());
}

#[test]
fn times_outside_the_window_are_told_apart_from_forgeries() {
    let at = |second: i64| Sent { timestamp: second.to_string(), ..ok() };
    for second in [NOW_S - 300, NOW_S, NOW_S + 300] {
        assert!(at(second).signed(&signer()).verify().is_ok(), "{second}");
    }
    let expired = Err(WebhookError::Expired { request_id: REQUEST_ID.to_owned() });
    for second in [NOW_S - 301, NOW_S + 301, 0, 999_999_999_999] {
        assert_eq!(at(second).signed(&signer()).verify(), expired, "{second}");
        assert_eq!(at(second).verify(), Err(WebhookError::Signature), "{second}");
    }
}

#[test]
fn signed_headers_of_another_form_are_refused() {
    let forms: [fn(&mut Sent); 10] = [
        |sent| sent.timestamp.clear(),
        |sent| sent.timestamp.insert(0, '+'),
        |sent| sent.timestamp.insert(0, '-'),
        |sent| sent.timestamp.push_str(".5"),
        |sent| sent.timestamp = "1".repeat(13),
        |sent| sent.user_id.clear(),
        |sent| sent.user_id = "u".repeat(257),
        |sent| sent.user_id.push('\n'),
        |sent| sent.request_id = "a/../b".to_owned(),
        |sent| sent.request_id = "r".repeat(129),
    ];
    for (at, form) in forms.into_iter().enumerate() {
        let mut sent = ok();
        form(&mut sent);
        assert_eq!(sent.signed(&signer()).verify(), Err(WebhookError::Malformed), "{at}");
    }
}

#[test]
fn signed_bodies_of_another_form_are_refused() {
    let id = |id: Value| json!({"request_id": id, "status": "OK", "payload": payload()}).to_string();
    let twice = format!(r#"{{"request_id":"x","request_id":"{REQUEST_ID}","status":"OK"}}"#);
    let bodies = [id(json!("another")), id(json!(7)), id(json!(null)), twice, "nonsense".to_owned(), String::new()];
    for body in bodies {
        assert_eq!(Sent::new(body.clone()).verify(), Err(WebhookError::Malformed), "{body}");
    }
    for status in [json!("SHINY"), json!("ok"), json!(1), json!(null)] {
        let sent = about(&json!({"status": status, "payload": payload()}));
        assert_eq!(sent.verify(), Err(WebhookError::Malformed), "{status}");
    }
    assert_eq!(Sent::new(b"{\"request_id\":\"\xff\"}").verify(), Err(WebhookError::Malformed));
}

#[test]
fn bodies_are_bounded() {
    let padded = |bytes: usize| {
        let mut body = ok().body;
        body.resize(bytes, b' ');
        Sent::new(body).verify().map(|_| ())
    };
    assert_eq!(padded(RESULT_MAX), Ok(()));
    assert_eq!(padded(RESULT_MAX + 1), Err(WebhookError::Malformed));
}

#[test]
fn errors_have_their_codes_and_no_words_of_others() {
    let expired = WebhookError::Expired { request_id: REQUEST_ID.to_owned() };
    assert!(!expired.to_string().contains(REQUEST_ID));
    let cases = [
        (expired, "webhook_expired"),
        (WebhookError::Keys, "fal_protocol"),
        (WebhookError::Malformed, "webhook_malformed"),
        (WebhookError::NoKeys, "fal_unavailable"),
        (WebhookError::Signature, "webhook_signature"),
    ];
    for (error, code) in cases {
        assert_eq!(error.code().as_str(), code);
    }
}

proptest! {
    #[test]
    fn nothing_unsigned_is_believed(
        ids in ("[a-z0-9-]{1,8}|.*", "[!-~]{1,9}|.*"), timestamp in "[0-9]{0,13}|.*", signature in "[0-9a-fA-F]{128}|.*",
        body: Vec<u8>,
    ) {
        let sent = Sent { request_id: ids.0, user_id: ids.1, timestamp, signature, body };
        prop_assert!(matches!(sent.verify(), Err(WebhookError::Malformed | WebhookError::Signature)));
    }

    #[test]
    fn any_signed_body_is_read_or_refused(
        status in "OK|ERROR|.*", error in "Invalid status code: [0-9]{1,6}|.*",
        payload in r#"null|[1-9][0-9]{0,8}|"[a-z]*"|\[\{"url":7\}\]|\{"(images|detail|seed)":(\[\{"url":"[a-z:/.]*"\}\]|7|"x")\}"#,
        junk: Vec<u8>,
    ) {
        let payload: Value = serde_json::from_str(&payload).unwrap();
        let body = json!({"status": status, "error": error, "payload": payload});
        let known = status == "OK" || status == "ERROR";
        prop_assert_eq!(about(&body).verify().is_ok(), known);
        prop_assert_eq!(Sent::new(junk).verify(), Err(WebhookError::Malformed));
    }

    #[test]
    fn one_flipped_bit_is_enough(at: prop::sample::Index, bit in 0_u8..8) {
        let mut sent = ok();
        let at = at.index(sent.body.len());
        sent.body[at] ^= 1 << bit;
        prop_assert_eq!(sent.verify(), Err(WebhookError::Signature));
    }
}
