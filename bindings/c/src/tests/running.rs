//! Calls run over callbacks.

use super::script::{DEADLINE_MS, KEY, Script, Scripted, chars, fal, submit, text, told};
use crate::call::outcome::{generatio_call_completion, generatio_call_output, generatio_call_submitted};
use crate::call::{Call, generatio_call_abort, generatio_call_free};
use crate::fal::{Fal, generatio_fal_free, generatio_fal_result, generatio_fal_wait};
use crate::numbers::{ExchangeEnd, JobState};
use crate::output::{generatio_output_billable_units, generatio_output_free, generatio_output_url};
use crate::run::generatio_call_run;
use crate::status::Status;
use crate::submitted::{Submitted, generatio_submitted_free, generatio_submitted_request_id};
use crate::text::View;
use std::ptr::null_mut;

/// Runs `call` over `script`; with what it ended, and whether a submit may have been taken. Frees the call.
fn run(script: &Script, call: *mut Call) -> (Status, bool) {
    let mut error = null_mut();
    let transport = script.transport();
    // SAFETY: handles of our own.
    let status = unsafe { generatio_call_run(call, &raw const transport, &raw mut error) };
    // SAFETY: freed once.
    unsafe { generatio_call_free(call) };
    let (number, taken) = told(error);
    assert_eq!(number, status.number());
    (status, taken)
}

fn taken(fal: *const Fal) -> *mut Submitted {
    let (call, mut error, mut submitted) = (submit(fal), null_mut(), null_mut());
    let script = Script::of([Scripted::submitted()]);
    let transport = script.transport();
    // SAFETY: handles of our own.
    unsafe {
        assert_eq!(generatio_call_run(call, &raw const transport, &raw mut error), Status::Ok);
        assert!(error.is_null());
        assert_eq!(generatio_call_submitted(call, &raw mut submitted), Status::Ok);
        generatio_call_free(call);
        assert_eq!(text(generatio_submitted_request_id(submitted)), "r-1");
    }
    assert_eq!(script.asked(), "POST /fal-ai/flux/dev");
    submitted
}

#[test]
fn a_request_is_submitted_waited_for_and_fetched() {
    let fal = fal();
    let (submitted, (key, key_len)) = (taken(fal), chars(KEY));
    let script = Script::of([
        Scripted::events(&[
            r#"{"status": "IN_QUEUE", "queue_position": 2}"#,
            r#"{"status": "IN_PROGRESS", "logs": [{"message": "half", "level": "INFO"}]}"#,
            r#"{"status": "COMPLETED", "metrics": {"inference_time": 1.5}}"#,
            r#"{"status": "never read"}"#,
        ]),
        Scripted::json(200, r#"{"images": [{"url": "https://fal.media/1.png", "width": 512}], "seed": 7}"#),
    ]);
    let transport = script.transport();
    let (mut call, mut error) = (null_mut(), null_mut());
    // SAFETY: handles of our own.
    unsafe {
        let began = generatio_fal_wait(fal, key, key_len, submitted, DEADLINE_MS, &raw mut call);
        assert_eq!(began, Status::Ok);
        assert_eq!(generatio_call_run(call, &raw const transport, &raw mut error), Status::Ok);
        let (mut failed, mut kind, mut inference_ms) = (true, View::default(), 0);
        let read = generatio_call_completion(call, &raw mut failed, &raw mut kind, &raw mut inference_ms);
        assert_eq!((read, failed, text(kind), inference_ms), (Status::Ok, false, String::new(), 1500));
        generatio_call_free(call);

        let began = generatio_fal_result(fal, key, key_len, submitted, DEADLINE_MS, &raw mut call);
        assert_eq!(began, Status::Ok);
        assert_eq!(generatio_call_run(call, &raw const transport, &raw mut error), Status::Ok);
        let mut output = null_mut();
        assert_eq!(generatio_call_output(call, &raw mut output), Status::Ok);
        generatio_call_free(call);
        assert_eq!(text(generatio_output_url(output, 0)), "https://fal.media/1.png");
        assert_eq!(text(generatio_output_url(output, 1)), "");
        assert_eq!(text(generatio_output_billable_units(output)), "");
        generatio_output_free(output);
        generatio_submitted_free(submitted);
        generatio_fal_free(fal);
    }
    let states = [JobState::Queued, JobState::Running, JobState::Completed].map(|state| state as u32);
    assert_eq!(*script.states.borrow(), states);
    let path = "/fal-ai/flux/requests/r-1";
    assert_eq!(script.asked(), format!("GET {path}/status/stream?logs=1\nGET {path}"));
}

#[test]
fn a_submit_is_sent_again_only_when_it_certainly_never_left() {
    let fal = fal();
    let never = ExchangeEnd::NotSent as u32;
    let script = Script::of([Scripted::ended(never), Scripted::ended(never), Scripted::submitted()]);
    assert_eq!(run(&script, submit(fal)), (Status::Ok, false));
    assert_eq!(script.asked.borrow().len(), 3);

    let open = [
        (ExchangeEnd::MaybeSent as u32, Status::FalInterrupted),
        (ExchangeEnd::TimedOut as u32, Status::FalTimeout),
        (ExchangeEnd::CutOff as u32, Status::FalInterrupted),
        // Neither a number nobody knows nor an answer without a head makes it safe.
        (77, Status::FalInterrupted),
        (ExchangeEnd::Complete as u32, Status::FalInterrupted),
    ];
    for (end, status) in open {
        let script = Script::of([Scripted::ended(end)]);
        assert_eq!(run(&script, submit(fal)), (status, true), "{end}");
        assert_eq!(script.asked.borrow().len(), 1);
    }
    // SAFETY: freed once.
    unsafe { generatio_fal_free(fal) };
}

#[test]
fn an_abort_in_the_middle_of_a_submit_leaves_it_open_whether_it_was_taken() {
    let fal = fal();
    // SAFETY: the call is lent to the callback.
    let abort = |call, _| unsafe { generatio_call_abort(call) };
    let script = Script { midway: Some(abort), ..Script::of([Scripted::submitted()]) };
    assert_eq!(run(&script, submit(fal)), (Status::Aborted, true));

    let (script, call) = (Script::default(), submit(fal));
    // SAFETY: a call of our own.
    unsafe { generatio_call_abort(call) };
    assert_eq!(run(&script, call), (Status::Aborted, false));
    assert_eq!(script.asked(), "");
    // SAFETY: freed once.
    unsafe { generatio_fal_free(fal) };
}

#[test]
fn a_call_is_not_run_within_itself() {
    let fal = fal();
    let again = |call, _| {
        let script = Script::default();
        let transport = script.transport();
        // SAFETY: the call is lent to the callback.
        assert_eq!(unsafe { generatio_call_run(call, &raw const transport, null_mut()) }, Status::OutOfTurn);
    };
    let script = Script { midway: Some(again), ..Script::of([Scripted::submitted()]) };
    assert_eq!(run(&script, submit(fal)), (Status::Ok, false));
    // SAFETY: freed once.
    unsafe { generatio_fal_free(fal) };
}

#[test]
fn a_transport_of_another_size_or_without_an_exchange_is_refused() {
    let fal = fal();
    let call = submit(fal);
    let script = Script::default();
    let (mut small, mut mute) = (script.transport(), script.transport());
    small.size -= 1;
    mute.exchange = None;
    for transport in [small, mute] {
        // SAFETY: handles of our own.
        let status = unsafe { generatio_call_run(call, &raw const transport, null_mut()) };
        assert_eq!(status, Status::BadArgument);
    }
    // SAFETY: freed once.
    unsafe {
        generatio_call_free(call);
        generatio_fal_free(fal);
    }
}
