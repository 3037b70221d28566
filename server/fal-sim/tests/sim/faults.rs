//! Every fault but the stream's: what the client sees, and what the book says.

use crate::client::{Answer, Fal, KEY, NEVER_MS, SCHNELL};
use generatio_fal_sim::{Fault, Options};
use serde_json::{Value, json};
use std::error::Error as _;
use std::io;
use std::time::Duration;

/// How an exchange ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Json(u16),
    Html(u16),
    Reset,
    /// The head came, and not all of the body.
    Half,
    Silence,
}
use End::{Half, Html, Json, Reset, Silence};

/// Sends, and waits for what is expected: for silence not long, for an answer as long as a busy machine may need.
async fn end(request: reqwest::RequestBuilder, expected: &End) -> End {
    let patience = if *expected == Silence { Duration::from_millis(200) } else { Duration::from_secs(20) };
    match request.header("authorization", KEY).timeout(patience).send().await {
        Ok(response) => match Answer::read(response).await {
            Ok(answer) if answer.header("content-type") == Some("text/html") => Html(answer.status),
            Ok(answer) => Json(answer.status),
            Err(_) => Half,
        },
        Err(error) if error.is_timeout() => Silence,
        Err(error) => {
            assert!(is_reset(&error), "{error:?}");
            Reset
        }
    }
}

fn is_reset(error: &reqwest::Error) -> bool {
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    causes
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::ConnectionReset)
}

fn input(fault: &str) -> Value {
    json!({"prompt": "x", "image_size": {"width": 16, "height": 16}, "x_sim": {"fault": fault}})
}

#[tokio::test]
async fn submits_go_wrong_once() {
    let cases = [
        ("submit_429", Json(429), 0),
        ("submit_503", Html(503), 0),
        ("submit_html", Html(200), 0),
        ("submit_reset_before", Reset, 0),
        ("submit_reset_after", Reset, 1),
        ("submit_truncated", Half, 1),
        ("submit_stall", Silence, 1),
    ];
    for (fault, expected, accepted) in cases {
        let fal = Fal::immediate().await;
        let submit = || fal.request("POST", SCHNELL).body(input(fault).to_string());
        assert_eq!(end(submit(), &expected).await, expected, "{fault}");
        assert_eq!(fal.sim.book().submissions, accepted, "{fault}");
        assert_eq!(end(submit(), &Json(200)).await, Json(200), "{fault}");
        assert_eq!(fal.sim.book().submissions, accepted + 1, "{fault}");
    }
}

#[tokio::test]
async fn reads_go_wrong_once() {
    let cases = [
        ("status_429", Json(429)),
        ("status_500", Json(500)),
        ("status_html", Html(200)),
        ("status_truncated", Half),
        ("status_reset", Reset),
        ("status_stall", Silence),
        ("result_429", Json(429)),
        ("result_500", Json(500)),
        ("result_html", Html(200)),
        ("result_truncated", Half),
        ("result_reset", Reset),
        ("result_stall", Silence),
    ];
    let fal = Fal::immediate().await;
    for (fault, expected) in cases {
        let links = fal.links(&input(fault)).await;
        let url = if fault.starts_with("status") { links.status } else { links.result };
        assert_eq!(end(fal.request("GET", &url), &expected).await, expected, "{fault}");
        assert_eq!(end(fal.request("GET", &url), &Json(200)).await, Json(200), "{fault}");
    }
}

#[tokio::test]
async fn pictures_go_wrong_once() {
    let fal = Fal::immediate().await;
    let cases = [
        ("file_404", Json(404)),
        ("file_500", Json(500)),
        ("file_truncated", Half),
        ("file_reset", Reset),
        ("file_stall", Silence),
    ];
    for (fault, expected) in cases {
        let links = fal.links(&input(fault)).await;
        let url = fal.ask("GET", &links.result).await.text("/images/0/url");
        assert_eq!(end(fal.request("GET", &url), &expected).await, expected, "{fault}");
        assert_eq!(end(fal.request("GET", &url), &Json(200)).await, Json(200), "{fault}");
    }
}

#[tokio::test]
async fn models_fail_on_request() {
    let cases = [
        ("job_failed_422", 422, "no_media_generated"),
        ("job_failed_500", 500, "internal_server_error"),
        ("job_failed_503", 503, "runner_disconnected"),
        ("content_policy", 422, "content_policy_violation"),
    ];
    let fal = Fal::immediate().await;
    for (fault, code, kind) in cases {
        let links = fal.links(&input(fault)).await;
        let status = fal.ask("GET", &links.status).await;
        assert_eq!(
            (status.text("/error"), status.text("/error_type")),
            (format!("Invalid status code: {code}"), kind.to_owned())
        );
        let result = fal.ask("GET", &links.result).await;
        assert_eq!((result.status, result.header("x-fal-billable-units")), (code, Some("0")), "{fault}");
        assert!(String::from_utf8_lossy(&result.body).contains(kind));
    }
    let book = fal.sim.book();
    assert_eq!((book.failed, book.billed.len()), (4, 0));
}

#[tokio::test]
async fn outputs_are_odd_on_request() {
    let fal = Fal::immediate().await;
    let result = async |fault: &str| fal.ask("GET", &fal.links(&input(fault)).await.result).await;

    let flagged = result("flagged").await;
    assert_eq!(
        (flagged.json()["has_nsfw_concepts"].clone(), flagged.header("x-fal-billable-units")),
        (json!([true]), Some("1"))
    );
    let empty = result("zero_images").await;
    assert_eq!((empty.json()["images"].clone(), empty.header("x-fal-billable-units")), (json!([]), Some("0")));
    let silent = result("no_billable_header").await;
    assert_eq!((silent.status, silent.header("x-fal-billable-units")), (200, None));
    assert_eq!(fal.sim.book().billed.len(), 2);
}

#[tokio::test]
async fn a_result_can_be_found_expired_and_stays_so() {
    let fal = Fal::immediate().await;
    let links = fal.links(&input("result_expired")).await;
    assert_eq!(fal.ask("GET", &links.status).await.text("/status"), "COMPLETED");
    for url in [&links.result, &links.result, &links.status] {
        assert_eq!(fal.ask("GET", url).await.json(), json!({"status": "NOT_FOUND"}));
    }
}

#[tokio::test]
async fn a_result_can_be_far_too_large() {
    let fal = Fal::immediate().await;
    let links = fal.links(&input("oversized_result")).await;
    let mut response = fal.request("GET", &links.result).header("authorization", KEY).send().await.unwrap();
    let mut read = 0;
    while read < 20_000_000 {
        read += response.chunk().await.unwrap().unwrap().len();
    }
}

#[tokio::test]
async fn a_cancel_can_be_ignored() {
    let fal = Fal::immediate().await;
    let directive = json!({"fault": "cancel_ignored", "latency_ms": 60, "queue_ms": 0});
    let links = fal.links(&json!({"prompt": "x", "x_sim": directive})).await;
    assert_eq!(fal.ask("PUT", &links.cancel).await.status, 202);
    crate::stream::until(&fal, &links, "COMPLETED").await;
    assert_eq!(fal.ask("GET", &links.result).await.status, 200);
    assert_eq!((fal.sim.book().cancelled, fal.sim.book().billed.len()), (0, 1));
}

#[tokio::test]
async fn faults_strike_as_often_as_asked() {
    let fal = Fal::immediate().await;
    let links = fal.links(&json!({"prompt": r#"x [[sim: {"fault":["status_500","result_429"],"times":2}]]"#})).await;
    let ask = async |url: &String| fal.ask("GET", url).await.status;
    assert_eq!([ask(&links.status).await, ask(&links.status).await, ask(&links.status).await], [500, 500, 200]);
    assert_eq!([ask(&links.result).await, ask(&links.result).await, ask(&links.result).await], [429, 429, 200]);
    let always = fal.links(&json!({"prompt": "x", "x_sim": {"fault": "status_500", "times": 0}})).await;
    for _ in 0..5 {
        assert_eq!(ask(&always.status).await, 500);
    }
}

#[tokio::test]
async fn flags_set_faults_for_everybody() {
    let options = Options { faults: vec![Fault::Submit429, Fault::Flagged], fault_times: 2, ..Options::immediate() };
    let fal = Fal::start(options).await;
    let mut seen = Vec::new();
    for number in 0..5 {
        let answer = fal.submit(&json!({"prompt": format!("{number}")})).await;
        if answer.status == 200 {
            let result = fal.ask("GET", &answer.text("/response_url")).await.json();
            seen.push(result["has_nsfw_concepts"][0] == true);
        }
    }
    assert_eq!(seen, [true, true, false]);
    assert_eq!((fal.sim.book().submissions, fal.sim.book().refused), (3, 2));
}

#[tokio::test]
async fn a_429_says_when_to_come_back() {
    let fal = Fal::immediate().await;
    let answer = fal.submit(&input("submit_429")).await;
    assert_eq!((answer.header("retry-after"), answer.header("x-fal-needs-retry")), (Some("1"), Some("1")));
    assert_eq!(answer.text("/error_type"), "concurrent_requests_limit");
    let page = fal.submit(&input("submit_503")).await;
    assert!(page.header("x-fal-request-id").is_none() && page.body.windows(5).any(|word| word == b"nginx"));
}

#[tokio::test]
async fn a_directive_that_cannot_be_read_is_refused() {
    let fal = Fal::immediate().await;
    for input in [json!({"prompt": "x", "x_sim": {"fault": "nothing"}}), json!({"prompt": "x [[sim: {oops}]]"})] {
        let answer = fal.submit(&input).await;
        assert_eq!((answer.status, answer.header("x-fal-error-type")), (400, Some("bad_request")), "{input}");
    }
    assert_eq!(fal.sim.book().submissions, 0);
}

#[tokio::test]
async fn stopping_waits_for_nobody() {
    let fal = Fal::immediate().await;
    fal.links(&json!({"prompt": "x", "x_sim": {"latency_ms": NEVER_MS}})).await;
    let request = fal.request("POST", SCHNELL).header("authorization", KEY).body(input("submit_stall").to_string());
    let stalled = tokio::spawn(request.send());
    while fal.sim.book().submissions < 2 {
        tokio::task::yield_now().await;
    }
    tokio::time::timeout(Duration::from_secs(5), fal.sim.shutdown()).await.unwrap();
    assert!(stalled.await.unwrap().is_err());
}
