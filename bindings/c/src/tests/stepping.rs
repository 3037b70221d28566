//! Calls taken step by step.

use super::script::{DEADLINE_MS, Script, Scripted, chars, fal, submit, text, told};
use crate::call::outcome::{generatio_call_output, generatio_call_submitted};
use crate::call::{
    Call, generatio_call_chunk, generatio_call_end, generatio_call_exchange, generatio_call_finish,
    generatio_call_free, generatio_call_head, generatio_call_next, generatio_call_request, generatio_call_wait_until,
    generatio_call_wants,
};
use crate::fal::generatio_fal_free;
use crate::numbers::{ExchangeEnd, Step};
use crate::request::{
    generatio_request_body, generatio_request_header_count, generatio_request_header_is_secret,
    generatio_request_header_name, generatio_request_header_value, generatio_request_max_body,
};
use crate::run::generatio_call_run;
use crate::status::Status;
use crate::submitted::{generatio_submitted_free, generatio_submitted_status_url};
use std::ptr::null_mut;

const SEND: u32 = Step::Send as u32;
const READ: u32 = Step::Read as u32;
const WAIT: u32 = Step::Wait as u32;
const DONE: u32 = Step::Done as u32;

fn next(call: *mut Call, now_ms: i64) -> u32 {
    let mut step = 0;
    // SAFETY: a call and a place of our own.
    assert_eq!(unsafe { generatio_call_next(call, now_ms, &raw mut step) }, Status::Ok);
    step
}

#[test]
fn a_submit_in_steps() {
    let fal = fal();
    let call = submit(fal);
    assert_eq!(next(call, 0), SEND);
    // SAFETY: handles of our own.
    unsafe {
        let (request, exchange) = (generatio_call_request(call), generatio_call_exchange(call));
        assert_eq!(text(generatio_request_body(request)), r#"{"prompt":"a fox"}"#);
        let headers = (0..generatio_request_header_count(request)).map(|index| {
            let secret = generatio_request_header_is_secret(request, index);
            let (name, value) =
                (generatio_request_header_name(request, index), generatio_request_header_value(request, index));
            (text(name), text(value), secret)
        });
        let headers: Vec<_> = headers.collect();
        assert!(headers.contains(&("authorization".to_owned(), "Key key-id:key-secret".to_owned(), true)));
        assert_eq!(headers.iter().filter(|(_, _, secret)| *secret).count(), 1);

        // Asking again does not ask for it to be sent again.
        assert_eq!(next(call, 1), READ);
        assert!(generatio_call_wants(call, exchange));
        assert_eq!(generatio_call_chunk(call, exchange, b"x".as_ptr(), 1), Status::OutOfTurn);
        assert_eq!(generatio_call_head(call, exchange, 503), Status::Ok);
        assert_eq!(generatio_call_head(call, exchange, 503), Status::OutOfTurn);
        assert_eq!(generatio_call_end(call, exchange, 99), Status::BadArgument);
        assert_eq!(generatio_call_end(call, exchange, ExchangeEnd::Complete as u32), Status::Ok);

        // The ingress was busy: it is tried again in a while, and what comes of the first exchange no longer counts.
        assert_eq!(next(call, 2), WAIT);
        assert!(generatio_call_request(call).is_null());
        assert_eq!(generatio_call_exchange(call), 0);
        assert!(!generatio_call_wants(call, exchange));
        assert_eq!(generatio_call_chunk(call, exchange, b"late".as_ptr(), 4), Status::Ok);
        let until = generatio_call_wait_until(call);
        assert!((150..=300).contains(&until), "{until}");
        assert_eq!(next(call, until - 1), WAIT);
        assert_eq!(next(call, until), SEND);

        let second = generatio_call_exchange(call);
        assert_ne!(second, exchange);
        let body = br#"{"request_id": "r-1", "status_url": "https://elsewhere.example/steal"}"#;
        assert_eq!(generatio_call_head(call, second, 200), Status::Ok);
        assert_eq!(generatio_call_chunk(call, second, body.as_ptr(), body.len()), Status::Ok);
        let mut error = null_mut();
        assert_eq!(generatio_call_finish(call, &raw mut error), Status::OutOfTurn);
        assert_eq!(told(error).0, Status::OutOfTurn.number());
        assert_eq!(generatio_call_end(call, second, ExchangeEnd::Complete as u32), Status::Ok);
        assert_eq!(next(call, until), DONE);
        assert_eq!(next(call, until), DONE);
        assert_eq!(generatio_call_finish(call, null_mut()), Status::Ok);

        let (mut submitted, mut output) = (null_mut(), null_mut());
        assert_eq!(generatio_call_output(call, &raw mut output), Status::OutOfTurn);
        assert_eq!(generatio_call_submitted(call, &raw mut submitted), Status::Ok);
        // The key follows no address that leads elsewhere.
        assert!(text(generatio_submitted_status_url(submitted)).ends_with("/fal-ai/flux/requests/r-1/status"));
        generatio_call_free(call);
        generatio_submitted_free(submitted);
        generatio_fal_free(fal);
    }
}

#[test]
fn time_ends_a_submit_that_nothing_is_heard_of() {
    let fal = fal();
    let call = submit(fal);
    assert_eq!(next(call, 0), SEND);
    // SAFETY: handles of our own.
    unsafe {
        assert_eq!(generatio_call_wait_until(call), DEADLINE_MS);
        assert_eq!(next(call, DEADLINE_MS), DONE);
        let mut error = null_mut();
        assert_eq!(generatio_call_finish(call, &raw mut error), Status::FalTimeout);
        assert_eq!(told(error), (Status::FalTimeout.number(), true));
        generatio_call_free(call);
        generatio_fal_free(fal);
    }
}

#[test]
fn a_body_beyond_the_most_ends_the_exchange() {
    let fal = fal();
    let call = submit(fal);
    assert_eq!(next(call, 0), SEND);
    // SAFETY: handles of our own.
    unsafe {
        let exchange = generatio_call_exchange(call);
        let most = generatio_request_max_body(generatio_call_request(call));
        assert_eq!(generatio_call_head(call, exchange, 200), Status::Ok);
        let body = vec![b' '; most + 1];
        assert_eq!(generatio_call_chunk(call, exchange, body.as_ptr(), body.len()), Status::Ok);
        assert_eq!(next(call, 0), DONE);
        assert_eq!(generatio_call_finish(call, null_mut()), Status::FalAnswerTooLarge);
        generatio_call_free(call);
        generatio_fal_free(fal);
    }
}

/// It would be bought twice.
#[test]
fn what_was_given_out_to_be_sent_is_not_sent_by_a_run_too() {
    let fal = fal();
    let call = submit(fal);
    assert_eq!(next(call, 0), SEND);
    let script = Script::of([Scripted::submitted()]);
    let transport = script.transport();
    // SAFETY: handles of our own.
    unsafe {
        assert_eq!(generatio_call_run(call, &raw const transport, null_mut()), Status::OutOfTurn);
        generatio_call_free(call);
        generatio_fal_free(fal);
    }
    assert_eq!(script.asked(), "");
    assert_eq!(chars("").1, 0);
}
