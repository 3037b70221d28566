//! What the FAL client makes of each fault of the stand-in: one row a fault, over real sockets and the server's own
//! transport. Whatever happens, a request is paid for at most once.

use clap::ValueEnum;
use generatio_core::fal::transport::Host;
use generatio_core::fal::{CancelOutcome, Client, Endpoint, Hosts, Output, SubmitError, SubmitOptions, Submitted};
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

/// How long a request runs that is canceled meanwhile, milliseconds.
const LONG_MS: u64 = 2_000;

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
    (Fault::File404, "1 picture at the second look: 404; taken 1", "no picture: 404; taken 1"),
    (Fault::File500, "1 picture at the second look: 500; taken 1", "no picture: 500; taken 1"),
    (Fault::FileTruncated, "1 picture at the second look: cut off; taken 1", "no picture: cut off; taken 1"),
    (Fault::FileReset, "1 picture at the second look: no answer; taken 1", "no picture: no answer; taken 1"),
    (Fault::FileStall, "1 picture at the second look: silence; taken 1", "no picture: silence; taken 1"),
    (Fault::JobFailed422, "result: fal_input_refused; taken 1", "result: fal_input_refused; taken 1"),
    (Fault::JobFailed500, "result: fal_unavailable; taken 1", "result: fal_unavailable; taken 1"),
    (Fault::JobFailed503, "result: fal_unavailable; taken 1", "result: fal_unavailable; taken 1"),
    (Fault::ContentPolicy, "result: fal_input_refused; taken 1", "result: fal_input_refused; taken 1"),
    (Fault::Flagged, "1 picture, flagged; taken 1", "1 picture, flagged; taken 1"),
    (Fault::ZeroImages, "result: fal_no_pictures; taken 1", "result: fal_no_pictures; taken 1"),
    (Fault::NoBillableHeader, "1 picture, units not told; taken 1", "1 picture, units not told; taken 1"),
    (Fault::CancelIgnored, "cancel requested, 1 picture; taken 1", "cancel requested, 1 picture; taken 1"),
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

/// One request from submit to its pictures, in words: how far it got and why no further, and how often FAL took it.
async fn run(fault: Fault, times: u32) -> String {
    let is_canceled = fault == Fault::CancelIgnored;
    // What is canceled must still run then.
    let latency = if is_canceled { LONG_MS } else { 0 };
    let options = Options { faults: faults(fault), fault_times: times, latency, ..Options::immediate() };
    let sim = Sim::start(options).await.expect("the stand-in starts");
    let host = FalHost::plain().expect("a transport");
    let client = Client::new(host, Hosts::at(&sim.url()).expect("a loopback address"));
    let stalls = matches!(fault, Fault::StatusStall | Fault::StreamStall);
    let patience = if stalls || is_canceled { STREAM_PATIENCE } else { PATIENCE };
    let told = match finish(&client, is_canceled, patience).await {
        Ok(told) | Err(told) => told,
    };
    format!("{told}; taken {}", sim.book().submissions)
}

/// The fault, and what it takes to meet it: a status is polled only when there is no stream.
fn faults(fault: Fault) -> Vec<Fault> {
    let of_a_poll = Fault::value_variants().iter().filter(|fault| format!("{fault:?}").starts_with("Status"));
    let polled = of_a_poll.copied().any(|polled| polled == fault);
    if polled { vec![Fault::Stream404, fault] } else { vec![fault] }
}

async fn finish<H: Host>(client: &Client<H>, is_canceled: bool, patience: Duration) -> Result<String, String> {
    let key = FalKey::parse(SecretText::new("some-id:secret".to_owned())).expect("a key");
    let submitted = submit(client, &key).await?;
    let canceled = if is_canceled { cancel(client, &key, &submitted).await } else { "" };
    let completion = client.wait(&key, &submitted, within(patience), |_| ()).await;
    completion.map_err(|error| format!("{canceled}wait: {}", error.code().as_str()))?;
    let output = client.result(&key, &submitted, within(PATIENCE)).await;
    let output = output.map_err(|error| format!("{canceled}result: {}", error.code().as_str()))?;
    Ok(format!("{canceled}{}", delivered(&output).await))
}

async fn cancel<H: Host>(client: &Client<H>, key: &FalKey, submitted: &Submitted) -> &'static str {
    match client.cancel(key, submitted).await {
        Ok(CancelOutcome::Requested) => "cancel requested, ",
        Ok(CancelOutcome::AlreadyCompleted) => "cancel too late, ",
        Ok(CancelOutcome::NotFound) => "nothing to cancel, ",
        Err(_) => "cancel failed, ",
    }
}

/// What came with a result, its pictures included: they are looked at as a browser would, twice if need be.
async fn delivered(output: &Output) -> String {
    let url = &output.images[0].url;
    let pictures = match look(url).await {
        Ok(()) => format!("{} picture", output.images.len()),
        Err(first) => match look(url).await {
            Ok(()) => format!("{} picture at the second look: {first}", output.images.len()),
            Err(second) => format!("no picture: {second}"),
        },
    };
    let flagged = if output.has_nsfw_concepts == [false] { "" } else { ", flagged" };
    let units = if output.billable_units.as_deref() == Some("1") { "" } else { ", units not told" };
    format!("{pictures}{flagged}{units}")
}

async fn look(url: &str) -> Result<(), String> {
    let browser = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().expect("a client");
    let silent = |error: &reqwest::Error| error.is_timeout().then(|| "silence".to_owned());
    let no_answer = |error| silent(&error).unwrap_or_else(|| "no answer".to_owned());
    let response = browser.get(url).send().await.map_err(no_answer)?;
    if !response.status().is_success() {
        return Err(response.status().as_u16().to_string());
    }
    let bytes = response.bytes().await.map_err(|error| silent(&error).unwrap_or_else(|| "cut off".to_owned()))?;
    if bytes.starts_with(b"\xff\xd8") { Ok(()) } else { Err("no JPEG".to_owned()) }
}

async fn submit<H: Host>(client: &Client<H>, key: &FalKey) -> Result<Submitted, String> {
    let endpoint = Endpoint::parse("fal-ai/flux/schnell").expect("an endpoint");
    let size = json!({ "width": 64, "height": 64 });
    let input = Map::from_iter([("prompt".to_owned(), json!("a heron")), ("image_size".to_owned(), size)]);
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
