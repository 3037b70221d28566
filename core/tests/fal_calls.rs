//! The calls that are safe to repeat: status, result, cancel, key check.

use generatio_core::fal::transport::{Reason, TransportError};
use generatio_core::fal::{CancelOutcome, Client, FalError, Hosts, Output, State, SubmitOptions};
use generatio_core::{ErrorCode, Timestamp};
use generatio_testkit::fal::{KEY_TEXT, REQUEST_URL, endpoint, key, submitted};
use generatio_testkit::transport::{Exchange, ScriptedTransport, block_on};
use std::time::Duration;

const START: Timestamp = Timestamp::from_unix_ms(1_800_000_000_000);
const CUT: TransportError = TransportError::MaybeSent(Reason::Connection);
const NOBODY: &str = "https://queue.fal.run/fal-ai/flux/requests/00000000-0000-0000-0000-000000000000/status";

fn client(host: &ScriptedTransport) -> Client<ScriptedTransport> {
    Client::new(host.clone(), Hosts::fal())
}

fn result(script: impl IntoIterator<Item = Exchange>) -> (Result<Output, FalError>, ScriptedTransport) {
    let host = ScriptedTransport::new(START, script);
    let outcome = block_on(client(&host).result(&key(), &submitted(), START.after(Duration::from_secs(100))));
    (outcome, host)
}

fn get() -> Exchange {
    Exchange::get(REQUEST_URL)
}

fn picture() -> Exchange {
    get()
        .header("X-Fal-Billable-Units", "1.0")
        .chunk("{\"images\":[{\"url\":\"https://v3.")
        .chunk("fal.media/a.png\"}]}")
}

#[test]
fn a_result_is_fetched_through_passing_trouble() {
    let script = [
        get().status(503).chunk("<html>nginx"),
        get().status(429).header("retry-after", "2"),
        get().status(400).chunk("{\"detail\":\"Request is still in progress\"}"),
        get().status(500).header("x-fal-request-id", "x").chunk("{\"detail\":\"Internal Server Error\"}"),
        get().fail(TransportError::NotSent(Reason::Connection)),
        get().chunk("{\"images\":").cut(CUT),
        get().chunk("<html>"),
        get().silence(),
        picture(),
    ];
    let (outcome, host) = result(script);
    assert_eq!(outcome.unwrap().billable_units.as_deref(), Some("1.0"));
    assert!(host.sent().iter().all(|sent| sent.deadline.since(sent.at) <= Duration::from_secs(30)));
    assert!(host.sent().iter().all(|sent| sent.max_body == 16 << 20 && !sent.debug.contains(KEY_TEXT)));
}

/// Each script has one exchange, so a second attempt fails the test.
#[test]
fn the_models_last_word_is_not_asked_for_again() {
    let internal = "{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"m\",\"type\":\"internal_server_error\"}]}";
    let typed = |status, name| get().status(status).header("x-fal-error-type", name);
    let cases = [
        (get().status(422).chunk("{\"detail\":\"no\"}"), ErrorCode::FalInputRefused, false),
        (get().status(500).chunk(internal), ErrorCode::FalUnavailable, true),
        (typed(503, "runner_scheduling_failure"), ErrorCode::FalUnavailable, true),
        (typed(499, "client_cancelled"), ErrorCode::FalCanceled, false),
        (get().status(503).header("x-fal-retryable", "false"), ErrorCode::FalUnavailable, false),
        (get().status(504).header("x-fal-request-timeout-type", "user"), ErrorCode::FalTimeout, false),
        (get().status(404), ErrorCode::FalResultExpired, false),
        (get().status(401), ErrorCode::FalKeyRefused, false),
        (get().status(301).header("location", "https://evil.example/"), ErrorCode::FalHostRefused, false),
        (get().chunk("{\"images\":[]}"), ErrorCode::FalNoPictures, false),
        (get().chunk("{\"images\":5}"), ErrorCode::FalProtocol, false),
    ];
    for (exchange, code, retryable) in cases {
        let error = result([exchange]).0.unwrap_err();
        assert_eq!((error.code(), error.retryable()), (code, retryable));
    }
}

#[test]
fn what_is_probably_the_last_word_is_asked_for_thrice_more() {
    let failed = || get().status(500).header("x-fal-request-id", "x").chunk("{\"detail\":\"boom\"}");
    let (outcome, host) = result([failed(), failed(), failed(), failed()]);
    assert_eq!(outcome.unwrap_err().code(), ErrorCode::FalUnavailable);
    assert_eq!(host.sleeps().len(), 3);
}

#[test]
fn a_giant_result_is_dropped_where_it_passes_the_limit() {
    let chunk = vec![b' '; 1 << 20];
    let giant = (0..17).fold(get(), |exchange, _| exchange.chunk(&chunk)).stall();
    let (outcome, host) = result([giant]);
    assert_eq!(outcome.unwrap_err().code(), ErrorCode::FalAnswerTooLarge);
    assert!(host.sleeps().is_empty(), "read on past the limit");
}

#[test]
fn a_result_is_asked_for_until_the_deadline() {
    let (outcome, host) = result((0..16).map(|_| get().status(502)));
    assert_eq!(outcome.unwrap_err().fal_status(), Some(502));
    let waited: Duration = host.sleeps().iter().sum();
    assert!((80..100).contains(&waited.as_secs()), "{waited:?}");

    let late = block_on(client(&ScriptedTransport::new(START, [])).result(&key(), &submitted(), START));
    assert_eq!(late.unwrap_err().code(), ErrorCode::FalTimeout);
}

#[test]
fn a_status_is_looked_up() {
    let with_logs = format!("{REQUEST_URL}/status?logs=1");
    let queued = "{\"status\":\"IN_QUEUE\",\"queue_position\":4}";
    let script = [
        Exchange::get(&with_logs).status(502),
        Exchange::get(&with_logs).fail(TransportError::MaybeSent(Reason::TooLarge)),
        Exchange::get(&format!("{REQUEST_URL}/status")).status(202).chunk(queued),
    ];
    let status = block_on(client(&ScriptedTransport::new(START, script)).status(&key(), &submitted())).unwrap();
    assert_eq!(status.state, State::Queued { position: Some(4) });
}

#[test]
fn a_cancel_is_repeated_until_it_is_heard() {
    let put = || Exchange::put(&format!("{REQUEST_URL}/cancel"));
    let host = ScriptedTransport::new(START, [put().fail(CUT), put().status(503), put().status(202)]);
    assert_eq!(block_on(client(&host).cancel(&key(), &submitted())), Ok(CancelOutcome::Requested));
    assert!(host.sent().iter().all(|sent| sent.body.is_none()));

    let host = ScriptedTransport::new(START, (0..8).map(|_| put().fail(CUT)));
    let error = block_on(client(&host).cancel(&key(), &submitted())).unwrap_err();
    assert_eq!(error.code(), ErrorCode::FalInterrupted);
    assert!(host.sleeps().iter().sum::<Duration>() < Duration::from_secs(30));
}

#[test]
fn a_key_is_checked_by_a_request_that_costs_nothing() {
    let host = ScriptedTransport::new(START, [Exchange::get(NOBODY).status(503), Exchange::get(NOBODY).status(404)]);
    assert_eq!(block_on(client(&host).check_key(&key(), START.after(Duration::from_secs(60)))), Ok(()));
    let host = ScriptedTransport::new(START, [Exchange::get(NOBODY).status(401)]);
    assert_eq!(
        block_on(client(&host).check_key(&key(), START.after(Duration::from_secs(60)))).unwrap_err().code(),
        ErrorCode::FalKeyRefused
    );
}

/// A redirect is an error like any other: the script would fail a request to where it points.
#[test]
fn the_key_follows_no_redirect() {
    let redirect = Exchange::get(NOBODY).status(302).header("location", "https://evil.example/");
    let host = ScriptedTransport::new(START, [redirect]);
    assert_eq!(
        block_on(client(&host).check_key(&key(), START.after(Duration::from_secs(60)))).unwrap_err().code(),
        ErrorCode::FalHostRefused
    );
    assert_eq!(host.sent().len(), 1);
}

/// Compiles only while the client adds nothing to its futures that is not `Send`.
#[test]
fn futures_are_send_when_the_hosts_are() {
    fn send<T: Send>(_: &T) {}
    let client = client(&ScriptedTransport::new(START, []));
    let (key, endpoint, submitted, input) = (key(), endpoint(), submitted(), serde_json::Map::new());
    let options = SubmitOptions { webhook: None, start_timeout: None, deadline: START };
    send(&client.submit(&key, &endpoint, &input, &options));
    send(&client.status(&key, &submitted));
    send(&client.wait(&key, &submitted, START, |_| {}));
    send(&client.result(&key, &submitted, START));
    send(&client.cancel(&key, &submitted));
    send(&client.check_key(&key, START));
}
