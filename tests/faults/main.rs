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

/// A fault, what comes of it when it strikes once, and when it strikes always.
type Row = (Fault, &'static str, &'static str);

const ROWS: [Row; 0] = [];

#[tokio::test]
async fn each_fault_has_its_outcome() {
    let runs = ROWS.iter().map(|(fault, once, always)| async move {
        let seen = (run(*fault, 1).await, run(*fault, 0).await);
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
    let options = Options { faults: vec![fault], fault_times: times, ..Options::immediate() };
    let sim = Sim::start(options).await.expect("the stand-in starts");
    let host = FalHost::plain().expect("a transport");
    let client = Client::new(host, Hosts::at(&sim.url()).expect("a loopback address"));
    let told = match finish(&client).await {
        Ok(pictures) => format!("{pictures} picture"),
        Err(told) => told,
    };
    format!("{told}; taken {}", sim.book().submissions)
}

async fn finish<H: Host>(client: &Client<H>) -> Result<usize, String> {
    let key = FalKey::parse(SecretText::new("some-id:secret".to_owned())).expect("a key");
    let submitted = submit(client, &key).await?;
    let completion = client.wait(&key, &submitted, soon(), |_| ()).await;
    completion.map_err(|error| format!("wait: {}", error.code().as_str()))?;
    let output = client.result(&key, &submitted, soon()).await;
    let output = output.map_err(|error| format!("result: {}", error.code().as_str()))?;
    Ok(output.images.len())
}

async fn submit<H: Host>(client: &Client<H>, key: &FalKey) -> Result<Submitted, String> {
    let endpoint = Endpoint::parse("fal-ai/flux/schnell").expect("an endpoint");
    let input = Map::from_iter([("prompt".to_owned(), json!("a heron"))]);
    let options = SubmitOptions { webhook: None, start_timeout: None, deadline: soon() };
    let submitted = client.submit(key, &endpoint, &input, &options).await;
    submitted.map_err(|error| match error {
        SubmitError::NotTaken(error) => format!("not taken: {}", error.code().as_str()),
        SubmitError::Unknown(error) => format!("unknown: {}", error.code().as_str()),
    })
}

fn soon() -> Timestamp {
    generatio_server::clock::SystemClock.now().after(PATIENCE)
}
