//! The status stream.

use crate::client::{Fal, KEY, Links, NEVER_MS};
use generatio_fal_sim::Options;
use serde_json::{Value, json};

/// Reads a request's status stream until `word`.
pub(crate) async fn until(fal: &Fal, links: &Links, word: &str) {
    let mut response = open(fal, links, "").await;
    let mut text = String::new();
    while !text.contains(&format!(r#""status":"{word}""#)) {
        let chunk = response.chunk().await.unwrap().unwrap_or_else(|| panic!("no {word} in {text}"));
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
}

async fn open(fal: &Fal, links: &Links, query: &str) -> reqwest::Response {
    let url = format!("{}/stream{query}", links.status);
    let response = fal.request("GET", &url).header("authorization", KEY).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    response
}

/// All events until the server closes.
async fn events(fal: &Fal, links: &Links, query: &str) -> Vec<Value> {
    let text = open(fal, links, query).await.text().await.unwrap();
    let event = |event: &str| serde_json::from_str(event.strip_prefix("data: ").unwrap()).unwrap();
    text.split_terminator("\n\n").map(event).collect()
}

#[tokio::test]
async fn every_change_is_told_and_then_the_stream_ends() {
    let fal = Fal::start(Options { queue_length: 2, ..Options::immediate() }).await;
    let links = fal.links(&json!({"prompt": "x", "x_sim": {"queue_ms": 90, "latency_ms": 60, "logs": 2}})).await;
    let events = events(&fal, &links, "?logs=1").await;
    let of = |status: &str| events.iter().filter(|event| event["status"] == status).collect::<Vec<_>>();
    let positions: Vec<_> = of("IN_QUEUE").iter().map(|event| event["queue_position"].as_u64().unwrap()).collect();
    assert!(positions.is_sorted_by(|a, b| a > b) && positions.contains(&0), "{positions:?}");
    assert!(!of("IN_PROGRESS").is_empty());
    assert_eq!((of("COMPLETED").len(), &events.last().unwrap()["status"]), (1, &json!("COMPLETED")));
    // Each line is told once.
    let lines = events.iter().filter_map(|event| event["logs"].as_array()).flatten();
    let lines: Vec<_> = lines.map(|line| line["message"].as_str().unwrap()).collect();
    assert_eq!(lines, ["prompt: x", "100%|██████████| 2/2"]);
}

#[tokio::test]
async fn the_present_is_told_at_once() {
    let fal = Fal::immediate().await;
    let over = fal.links(&json!({"prompt": "x"})).await;
    let told = events(&fal, &over, "").await;
    assert_eq!((told.len(), &told[0]["status"], &told[0]["logs"]), (1, &json!("COMPLETED"), &Value::Null));
    let waiting = fal.links(&json!({"prompt": "x", "x_sim": {"queue_ms": NEVER_MS}})).await;
    until(&fal, &waiting, "IN_QUEUE").await;
}

#[tokio::test]
async fn whoever_follows_hears_of_a_cancel() {
    let fal = Fal::immediate().await;
    let links = fal.links(&json!({"prompt": "x", "x_sim": {"queue_ms": NEVER_MS}})).await;
    let stream = open(&fal, &links, "").await;
    fal.ask("PUT", &links.cancel).await;
    let text = stream.text().await.unwrap();
    assert!(text.contains(r#""error_type":"client_cancelled""#), "{text}");
}

async fn spoiled(fault: &str) -> (Result<String, reqwest::Error>, Fal, Links) {
    let fal = Fal::immediate().await;
    let directive = json!({"fault": fault, "latency_ms": 30, "queue_ms": 30, "logs": 2});
    let links = fal.links(&json!({"prompt": "x", "x_sim": directive})).await;
    let mut response = open(&fal, &links, "?logs=1").await;
    let mut text = Vec::new();
    let end = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => text.extend_from_slice(&chunk),
            Ok(None) => break Ok(String::from_utf8(text).unwrap()),
            Err(error) => break Err(error),
        }
    };
    (end, fal, links)
}

#[tokio::test]
async fn a_cut_stream_ends_early_and_the_next_is_whole() {
    let (text, fal, links) = spoiled("stream_cut").await;
    assert!(!text.unwrap().contains("COMPLETED"));
    until(&fal, &links, "COMPLETED").await;
}

#[tokio::test]
async fn a_reset_stream_is_an_error() {
    assert!(spoiled("stream_reset").await.0.is_err());
}

#[tokio::test]
async fn a_slow_stream_says_the_same() {
    let text = spoiled("stream_slow").await.0.unwrap();
    assert!(text.contains("█") && text.ends_with("\n\n"));
    assert!(text.contains("COMPLETED"));
}

#[tokio::test]
async fn a_duplicate_stream_says_everything_twice() {
    let text = spoiled("stream_duplicate").await.0.unwrap();
    assert_eq!(text.matches("COMPLETED").count(), 2);
}

#[tokio::test]
async fn a_junk_stream_holds_all_that_may_come() {
    let text = spoiled("stream_junk").await.0.unwrap();
    for piece in [": hello\n\n", "retry: 10\n", "data: <not json>\n\n", "event: status\r\n", "\r\ndata: {"] {
        assert!(text.contains(piece), "{piece}");
    }
    assert_eq!(text.matches("<not json>").count(), 1);
    assert!(text.contains("COMPLETED"));
}

#[tokio::test]
async fn a_stalled_stream_stays_open_in_silence() {
    let fal = Fal::immediate().await;
    let links = fal.links(&json!({"prompt": "x", "x_sim": {"fault": "stream_stall"}})).await;
    let mut response = open(&fal, &links, "").await;
    // The request is over, so its only event is told by half.
    let half = response.chunk().await.unwrap().unwrap();
    assert!(half.starts_with(b"data: {\"status\":\"COMPLETED\"") && !half.ends_with(b"\n\n"));
    let silence = tokio::time::timeout(std::time::Duration::from_millis(100), response.chunk()).await;
    assert!(silence.is_err());
}

#[tokio::test]
async fn a_missing_stream_is_404() {
    let fal = Fal::immediate().await;
    let links = fal.links(&json!({"prompt": "x", "x_sim": {"fault": "stream_404"}})).await;
    assert_eq!(fal.ask("GET", &format!("{}/stream", links.status)).await.status, 404);
    until(&fal, &links, "COMPLETED").await;
}
