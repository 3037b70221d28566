//! What the FAL client makes of each fault of the stand-in: one row a fault, over real sockets and the server's own
//! transport. Whatever happens, a request is paid for at most once.

use clap::ValueEnum;
use generatio_core::fal::transport::Host;
use generatio_core::fal::{Client, Endpoint, Hosts, SubmitError, SubmitOptions, Submitted};
use generatio_core::time::Clock;
use generatio_core::{FalKey, SecretText, Timestamp};
use generatio_fal_sim::{Fault, Options, Sim};
use generatio_server::transport::FalHost;
use serde_json::{Map, json};
use std::time::Duration;

/// How long each call of a row may take. Faults that never end are met by these deadlines.
const PATIENCE: Duration = Duration::from_secs(3);

/// What the client grants a silent stream or status before it looks again, and a little more.
const STREAM_PATIENCE: Duration = Duration::from_secs(25);

/// A fault, what comes of it when it strikes once, and when it strikes always.
type Row = (Fault, &'static str, &'static str);

const ROWS: [Row; 41] = [
    (Fault::Submit429, "1 picture; taken 1", "not taken: fal_busy; taken 0"),
    (Fault::Submit503, "1 picture; taken 1", "not taken: fal_unavailable; taken 0"),
    (Fault::SubmitHtml, "unknown: fal_protocol; taken 0", "unknown: fal_protocol; taken 0"),
    (Fault::SubmitResetBefore, "unknown: fal_interrupted; taken 0", "unknown: fal_interrupted; taken 0"),
    (Fault::SubmitResetAfter, "unknown: fal_interrupted; taken 1", "unknown: fal_interrupted; taken 1"),
    (Fault::SubmitTruncated, "unknown: fal_interrupted; taken 1", "unknown: fal_interrupted; taken 1"),
    (Fault::SubmitStall, "unknown: fal_timeout; taken 1", "unknown: fal_timeout; taken 1"),
    (Fault::Status429, "1 picture; taken 1", "wait: fal_timeout; taken 1"),
    (Fault::Status500, "1 picture; taken 1", "wait: fal_timeout; taken 1"),
    (Fault::StatusHtml, "1 picture; taken 1", "wait: fal_timeout; taken 1"),
    (Fault::StatusTruncated, "1 picture; taken 1", "wait: fal_timeout; taken 1"),
    (Fault::StatusReset, "1 picture; taken 1", "wait: fal_timeout; taken 1"),
    (Fault::StatusStall, "1 picture; taken 1", "wait: fal_timeout; taken 1"),
    (Fault::StreamCut, "1 picture; taken 1", "1 picture; taken 1"),
    (Fault::StreamSlow, "1 picture; taken 1", "1 picture; taken 1"),
    (Fault::StreamDuplicate, "1 picture; taken 1", "1 picture; taken 1"),
    (Fault::StreamJunk, "1 picture; taken 1", "1 picture; taken 1"),
    (Fault::StreamReset, "1 picture; taken 1", "1 picture; taken 1"),
    (Fault::StreamStall, "1 picture; taken 1", "1 picture; taken 1"),
    (Fault::Stream404, "1 picture; taken 1", "1 picture; taken 1"),
    (Fault::Result429, "1 picture; taken 1", "result: fal_busy; taken 1"),
    (Fault::Result500, "1 picture; taken 1", "result: fal_unavailable; taken 1"),
    (Fault::ResultHtml, "1 picture; taken 1", "result: fal_protocol; taken 1"),
    (Fault::ResultTruncated, "1 picture; taken 1", "result: fal_interrupted; taken 1"),
    (Fault::ResultReset, "1 picture; taken 1", "result: fal_interrupted; taken 1"),
    (Fault::ResultStall, "result: fal_timeout; taken 1", "result: fal_timeout; taken 1"),
    (Fault::ResultExpired, "result: fal_result_expired; taken 1", "result: fal_result_expired; taken 1"),
    (Fault::OversizedResult, "result: fal_answer_too_large; taken 1", "result: fal_answer_too_large; taken 1"),
    (Fault::File404, "1 picture; taken 1", "1 picture; taken 1"),
    (Fault::File500, "1 picture; taken 1", "1 picture; taken 1"),
    (Fault::FileTruncated, "1 picture; taken 1", "1 picture; taken 1"),
    (Fault::FileReset, "1 picture; taken 1", "1 picture; taken 1"),
    (Fault::FileStall, "1 picture; taken 1", "1 picture; taken 1"),
    (Fault::JobFailed422, "result: fal_input_refused; taken 1", "result: fal_input_refused; taken 1"),
    (Fault::JobFailed500, "result: fal_unavailable; taken 1", "result: fal_unavailable; taken 1"),
    (Fault::JobFailed503, "result: fal_unavailable; taken 1", "result: fal_unavailable; taken 1"),
    (Fault::ContentPolicy, "result: fal_input_refused; taken 1", "result: fal_input_refused; taken 1"),
    (Fault::Flagged, "1 picture; taken 1", "1 picture; taken 1"),
    (Fault::ZeroImages, "result: fal_protocol; taken 1", "result: fal_protocol; taken 1"),
    (Fault::NoBillableHeader, "1 picture; taken 1", "1 picture; taken 1"),
    (Fault::CancelIgnored, "1 picture; taken 1", "1 picture; taken 1"),
];

#[tokio::test]
async fn each_fault_has_its_outcome() {
    let runs = ROWS.iter().map(|(fault, once, always)| async move {
        let seen = tokio::join!(run(*fault, 1), run(*fault, 0));
        ((seen.0 != *once) || (seen.1 != *always)).then(|| format!("{fault:?}: once {}, always {}", seen.0, seen.1))
    });
    let wrong: Vec<String> = futures_util::future::join_all(runs).await.into_iter().flatten().collect();
    assert_eq!(wrong, [] as [String; 0]);
}

#[test]
fn every_fault_has_a_row() {
    for fault in Fault::value_variants() {
        let rows = ROWS.iter().filter(|row| row.0 == *fault).count();
        assert_eq!(rows, 1, "{fault:?}");
    }
}

/// One request from submit to result, in words: how far it got and why no further, and how often FAL took it.
async fn run(fault: Fault, times: u32) -> String {
    let options = Options { faults: faults(fault), fault_times: times, ..Options::immediate() };
    let sim = Sim::start(options).await.expect("the stand-in starts");
    let host = FalHost::plain().expect("a transport");
    let client = Client::new(host, Hosts::at(&sim.url()).expect("a loopback address"));
    let stalls = matches!(fault, Fault::StatusStall | Fault::StreamStall);
    let patience = if stalls { STREAM_PATIENCE } else { PATIENCE };
    let told = match finish(&client, patience).await {
        Ok(pictures) => format!("{pictures} picture"),
        Err(told) => told,
    };
    format!("{told}; taken {}", sim.book().submissions)
}

/// The fault, and what it takes to meet it: a status is polled only when there is no stream.
fn faults(fault: Fault) -> Vec<Fault> {
    let of_a_poll = Fault::value_variants().iter().filter(|fault| format!("{fault:?}").starts_with("Status"));
    let polled = of_a_poll.copied().any(|polled| polled == fault);
    if polled { vec![Fault::Stream404, fault] } else { vec![fault] }
}

async fn finish<H: Host>(client: &Client<H>, patience: Duration) -> Result<usize, String> {
    let key = FalKey::parse(SecretText::new("some-id:secret".to_owned())).expect("a key");
    let submitted = submit(client, &key).await?;
    let completion = client.wait(&key, &submitted, within(patience), |_| ()).await;
    completion.map_err(|error| format!("wait: {}", error.code().as_str()))?;
    let output = client.result(&key, &submitted, within(PATIENCE)).await;
    let output = output.map_err(|error| format!("result: {}", error.code().as_str()))?;
    Ok(output.images.len())
}

async fn submit<H: Host>(client: &Client<H>, key: &FalKey) -> Result<Submitted, String> {
    let endpoint = Endpoint::parse("fal-ai/flux/schnell").expect("an endpoint");
    let input = Map::from_iter([("prompt".to_owned(), json!("a heron"))]);
    let options = SubmitOptions { webhook: None, start_timeout: None, deadline: within(PATIENCE) };
    let submitted = client.submit(key, &endpoint, &input, &options).await;
    submitted.map_err(|error| match error {
        SubmitError::NotTaken(error) => format!("not taken: {}", error.code().as_str()),
        SubmitError::Unknown(error) => format!("unknown: {}", error.code().as_str()),
    })
}

fn within(patience: Duration) -> Timestamp {
    generatio_server::clock::SystemClock.now().after(patience)
}
