//! Waiting: the stream, the polls behind it, and what ends a wait.

use generatio_core::fal::transport::{Head, Reason, TransportError};
use generatio_core::fal::wait::{Flow, Step, Wait};
use generatio_core::fal::{Client, Completion, FalError, Hosts, State, Status};
use generatio_core::{ErrorCode, Timestamp};
use generatio_testkit::fal::{KEY_TEXT, REQUEST_URL, key, submitted};
use generatio_testkit::transport::{Exchange, ScriptedTransport, block_on};
use serde_json::{Value, json};
use std::time::Duration;

const START: Timestamp = Timestamp::from_unix_ms(1_800_000_000_000);
const CUT: TransportError = TransportError::MaybeSent(Reason::Connection);
const NOT_SENT: TransportError = TransportError::NotSent(Reason::Connection);

fn deadline() -> Timestamp {
    START.after(Duration::from_secs(600))
}

fn wait(host: &ScriptedTransport) -> (Result<Completion, FalError>, Vec<Status>) {
    let client = Client::new(host.clone(), Hosts::fal());
    let mut seen = Vec::new();
    let outcome = block_on(client.wait(&key(), &submitted(), deadline(), |status| seen.push(status.clone())));
    (outcome, seen)
}

/// Completes, and says how many statuses and which log lines were seen.
fn completes(host: &ScriptedTransport) -> (usize, Vec<String>) {
    let (outcome, seen) = wait(host);
    assert_eq!(outcome.expect("a completion").failed, None);
    (seen.len(), seen.into_iter().flat_map(|status| status.logs).map(|line| line.message).collect())
}

fn stream_call() -> Exchange {
    Exchange::get(&format!("{REQUEST_URL}/status/stream?logs=1"))
}

fn stream() -> Exchange {
    stream_call().header("Content-Type", "Text/Event-Stream; charset=utf-8")
}

fn no_stream() -> Exchange {
    stream_call().status(404)
}

fn poll() -> Exchange {
    Exchange::get(&format!("{REQUEST_URL}/status?logs=1"))
}

fn status(word: &str, logs: &[&str]) -> String {
    let logs: Vec<Value> = logs.iter().map(|text| json!({"message": text, "level": "INFO"})).collect();
    json!({"status": word, "logs": logs, "request_id": "x"}).to_string()
}

fn event(word: &str, logs: &[&str]) -> String {
    format!("data: {}\n\n", status(word, logs))
}

fn polled(word: &str, logs: &[&str]) -> Exchange {
    poll().chunk(status(word, logs))
}

#[test]
fn the_stream_tells_of_completion_at_once() {
    let script = [stream()
        .chunk("data: {\"status\":\"IN_QUEUE\",\"queue_position\":1}\n\n")
        .chunk(": ping\n\n")
        .chunk("data: {\"status\":\"IN_QUEUE\",\"queue_position\":1}\n\n")
        .chunk("data: {\"status\":\"IN_QUEUE\",\"queue_position\":0}\n\n")
        .chunk(event("IN_PROGRESS", &["one"]) + &event("IN_PROGRESS", &["two", "three"]))
        .chunk("data: {\"status\":\"COMPLETED\",\"metrics\":{\"inference_time\":2}}\n\n")
        .stall()];
    let host = ScriptedTransport::new(START, script);
    let (outcome, seen) = wait(&host);
    assert_eq!(outcome.unwrap().inference_ms, Some(2_000));
    assert!(host.sleeps().is_empty(), "{:?}", host.sleeps());
    let states: Vec<_> = seen.iter().map(|status| status.state.clone()).collect();
    let queued = |position| State::Queued { position: Some(position) };
    let completed = State::Completed { failed: None };
    assert_eq!(states, [queued(1), queued(0), State::InProgress, State::InProgress, completed]);
    let lines: Vec<usize> = seen.iter().map(|status| status.logs.len()).collect();
    assert_eq!(lines, [0, 0, 1, 2, 0]);
    assert_eq!(host.sent()[0].deadline, deadline());
    assert!(!host.sent()[0].debug.contains(KEY_TEXT));
}

#[test]
fn events_may_be_cut_anywhere() {
    let text = event("IN_PROGRESS", &["žluťoučký 🐎"]).replace('\n', "\r\n") + &event("COMPLETED", &[]);
    let bytewise = text.as_bytes().chunks(1).fold(stream(), |stream, byte| stream.chunk(byte));
    assert_eq!(completes(&ScriptedTransport::new(START, [bytewise])), (2, vec!["žluťoučký 🐎".to_owned()]));
}

#[test]
fn a_failed_request_completes_with_its_failure() {
    let text = "data: {\"status\":\"COMPLETED\",\"error\":\"x\",\"error_type\":\"client_cancelled\"}\n\n";
    let (outcome, _) = wait(&ScriptedTransport::new(START, [stream().chunk(text)]));
    assert_eq!(outcome.unwrap().failed.unwrap().error_type, Some("client_cancelled"));
}

#[test]
fn a_stream_that_cannot_be_used_is_replaced_by_polling() {
    let broken = [
        ("404", no_stream()),
        ("405", stream_call().status(405)),
        ("503 in html", stream_call().status(503).chunk("<html>nginx")),
        ("not a stream", stream_call().header("content-type", "application/json").chunk("{}")),
        ("junk", stream().chunk("data: hello\n\n").stall()),
        ("no state", stream().chunk("data: {\"detail\":\"boo\"}\n\n").stall()),
        ("endless line", (0..12).fold(stream(), |stream, _| stream.chunk(vec![b'x'; 100_000])).stall()),
        ("endless talk", (0..170).fold(stream(), |stream, _| stream.chunk(vec![b'\n'; 100_000])).stall()),
    ];
    for (name, first) in broken {
        let script = [first, polled("IN_QUEUE", &[]), polled("IN_PROGRESS", &[]), polled("COMPLETED", &[])];
        let host = ScriptedTransport::new(START, script);
        assert_eq!(completes(&host).0, 3, "{name}");
        let pauses = host.sleeps();
        assert_eq!(pauses.len(), 3, "{name}: {pauses:?}");
        assert!(pauses.iter().all(|pause| (75..=100).contains(&pause.as_millis())), "{name}: {pauses:?}");
    }
}

/// Streams that broke, and how many seconds of silence that took.
fn broken_streams() -> [(&'static str, Exchange, u64); 6] {
    let begun = || stream().chunk(event("IN_PROGRESS", &["one"]));
    [
        ("refused", stream_call().fail(NOT_SENT), 0),
        ("lost", stream_call().fail(CUT), 0),
        ("cut", begun().cut(CUT), 0),
        ("ended", begun(), 0),
        ("ended inside an event", stream().chunk("data: {\"status\":\"COMPLETED\"}\n"), 0),
        ("fell silent", begun().stall(), 20),
    ]
}

#[test]
fn a_stream_that_broke_gets_one_more_chance() {
    for (name, first, silence_s) in broken_streams() {
        let second = stream().chunk(event("IN_PROGRESS", &["one", "two"])).chunk(event("COMPLETED", &["three"]));
        let host = ScriptedTransport::new(START, [first, polled("IN_PROGRESS", &["one", "two"]), second]);
        assert_eq!(completes(&host).1, ["one", "two", "three"], "{name}");
        let waited: Duration = host.sleeps().iter().sum();
        assert_eq!(waited.as_secs(), silence_s, "{name}: {:?}", host.sleeps());
    }
}

#[test]
fn a_stream_that_never_began_gets_no_other_chance() {
    for first in [stream_call().silence(), stream().stall()] {
        let host = ScriptedTransport::new(START, [first, polled("IN_PROGRESS", &[]), polled("COMPLETED", &[])]);
        assert_eq!(completes(&host).0, 2);
        assert_eq!(host.sleeps()[0], Duration::from_secs(20));
    }
}

#[test]
fn a_stream_gets_no_third_chance() {
    for (name, second, _) in broken_streams() {
        let going = || polled("IN_PROGRESS", &["one"]);
        let script = [stream(), going(), second, going(), going(), polled("COMPLETED", &["one", "two"])];
        assert_eq!(completes(&ScriptedTransport::new(START, script)).1, ["one", "two"], "{name}");
    }
}

#[test]
fn polls_slow_down_and_bring_only_what_is_new() {
    let same = (0..12).map(|_| polled("IN_PROGRESS", &["one"]));
    let script = [no_stream()].into_iter().chain(same).chain([polled("COMPLETED", &["one", "two"])]);
    let host = ScriptedTransport::new(START, script);
    assert_eq!(completes(&host), (2, vec!["one".to_owned(), "two".to_owned()]));
    let full = [100, 100, 150, 225, 337, 505, 757, 1135, 1702, 2_000, 2_000, 2_000, 2_000];
    assert_eq!(host.sleeps().len(), full.len());
    for (pause, full) in host.sleeps().iter().zip(full) {
        assert!((full - full / 4..=full).contains(&pause.as_millis()), "{:?}", host.sleeps());
    }
}

#[test]
fn what_passes_does_not_end_a_wait() {
    let troubles = [
        poll().status(408),
        poll().status(425),
        poll().status(500).header("x-fal-request-id", "x"),
        poll().status(502).chunk("<html>"),
        poll().status(503).header("X-Fal-Error-Type", "runner_disconnected"),
        poll().status(504).chunk("<html>").cut(CUT),
        poll().status(429),
        poll().fail(NOT_SENT),
        poll().fail(CUT),
        poll().chunk("{\"status\":").cut(CUT),
        poll().silence(),
        poll().chunk("<html>"),
        poll().chunk("{\"status\":\"SHINY_NEW_WORD\"}"),
    ];
    let script = [no_stream()].into_iter().chain(troubles).chain([polled("COMPLETED", &[])]);
    completes(&ScriptedTransport::new(START, script));
}

#[test]
fn retry_after_is_honoured() {
    let busy = stream_call().status(429).header("retry-after", "3");
    let script = [busy, poll().status(503).header("retry-after", "5"), polled("COMPLETED", &[])];
    let host = ScriptedTransport::new(START, script);
    completes(&host);
    assert_eq!(host.sleeps(), [Duration::from_secs(3), Duration::from_secs(5)]);
}

#[test]
fn a_status_too_large_is_asked_for_without_its_log_lines() {
    let plain = || Exchange::get(&format!("{REQUEST_URL}/status")).chunk(status("COMPLETED", &[]));
    let giant = (0..11).fold(poll(), |poll, _| poll.chunk(vec![b' '; 100_000])).stall();
    completes(&ScriptedTransport::new(START, [no_stream(), giant, plain()]));
    let told = poll().fail(TransportError::MaybeSent(Reason::TooLarge));
    completes(&ScriptedTransport::new(START, [no_stream(), told, plain()]));
}

#[test]
fn a_wait_ends_when_asking_is_of_no_use() {
    let cases = [
        (poll().status(401), ErrorCode::FalKeyRefused),
        (poll().status(403), ErrorCode::FalAccessDenied),
        (poll().status(404).chunk("{\"status\":\"NOT_FOUND\"}"), ErrorCode::FalNotFound),
        (poll().status(405), ErrorCode::FalNotFound),
        (poll().status(302).header("location", "https://evil.example/"), ErrorCode::FalHostRefused),
        (poll().status(503).header("X-Fal-Retryable", "false"), ErrorCode::FalUnavailable),
        (poll().status(504).header("X-Fal-Request-Timeout-Type", "user"), ErrorCode::FalTimeout),
        (poll().fail(TransportError::NotSent(Reason::Aborted)), ErrorCode::FalUnreachable),
        (poll().status(401).chunk("{").cut(CUT), ErrorCode::FalKeyRefused),
    ];
    for (exchange, code) in cases {
        let host = ScriptedTransport::new(START, [stream_call().status(302), exchange]);
        assert_eq!(wait(&host).0.unwrap_err().code(), code);
    }
}

#[test]
fn the_deadline_ends_a_wait() {
    let host = ScriptedTransport::new(START, [stream_call().status(429).header("retry-after", "9999")]);
    assert_eq!(wait(&host).0.unwrap_err().code(), ErrorCode::FalTimeout);
    assert_eq!(host.sleeps(), [Duration::from_secs(600)]);

    let host = ScriptedTransport::new(deadline().before(Duration::from_secs(5)), [stream().stall()]);
    assert_eq!(wait(&host).0.unwrap_err().code(), ErrorCode::FalTimeout);
    assert_eq!(host.sleeps(), [Duration::from_secs(5)]);

    assert_eq!(wait(&ScriptedTransport::new(deadline(), [])).0.unwrap_err().code(), ErrorCode::FalTimeout);
}

/// As the C library does it: no futures, no transport.
#[test]
fn a_wait_can_be_driven_by_hand() {
    let mut wait = Wait::new(&Hosts::fal(), &submitted(), deadline());
    let head = |status| Head { status, headers: Vec::new(), body: () };
    let soon = START.after(Duration::from_secs(20));
    assert!(matches!(wait.next(&key(), START), Step::Send(request) if request.url.ends_with("/stream?logs=1")));
    assert_eq!(wait.head(head(500)), Flow::Enough);
    assert!(matches!(wait.next(&key(), START), Step::Sleep(pause) if pause <= Duration::from_millis(100)));
    assert!(matches!(wait.next(&key(), START), Step::Send(request) if request.deadline == soon));
    assert_eq!(wait.head(head(202)), Flow::More);
    assert_eq!(wait.chunk(b"{\"status\":"), Flow::More);
    assert_eq!(wait.chunk(b"\"COMPLETED\"}"), Flow::More);
    wait.end();
    assert_eq!(wait.take_news().len(), 1);
    assert_eq!(wait.take_news().len(), 0);
    for _ in 0..2 {
        assert!(matches!(wait.next(&key(), deadline()), Step::Done(Ok(Completion { failed: None, .. }))));
    }
}
