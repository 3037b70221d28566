//! Synchronous calls.

use crate::client::{Answer, Fal, KEY};
use generatio_fal_sim::Source;
use serde_json::{Value, json};

const RUN: &str = "/run/fal-ai/flux/schnell";

#[tokio::test]
async fn a_call_answers_with_the_output() {
    let fal = Fal::immediate().await;
    let answer = fal.try_submit(RUN, &json!({"prompt": "a cat", "seed": 5})).await.unwrap();
    assert_eq!((answer.status, answer.header("x-fal-billable-units")), (200, Some("1")));
    assert_eq!(answer.json()["seed"], 5);
    let book = fal.sim.book();
    assert_eq!(
        (book.requests[0].source, answer.header("x-fal-request-id")),
        (Source::Run, Some(book.requests[0].request_id.as_str()))
    );
}

#[tokio::test]
async fn problems_come_at_once() {
    let fal = Fal::immediate().await;
    let cases = [
        (RUN, json!({}), 422),
        ("/run/fal-ai/nothing", json!({"prompt": "x"}), 404),
        ("/run/fal-ai/flux/nothing", json!({"prompt": "x"}), 404),
        (RUN, json!({"prompt": "x", "x_sim": {"fault": "submit_429"}}), 429),
        (RUN, json!({"prompt": "x", "x_sim": {"fault": "result_500"}}), 500),
        (RUN, json!({"prompt": "x", "x_sim": {"fault": "job_failed_503"}}), 503),
        (RUN, json!({"prompt": "x", "x_sim": {"unknown": 1}}), 400),
    ];
    for (path, input, status) in cases {
        assert_eq!(fal.try_submit(path, &input).await.unwrap().status, status, "{path} {input}");
    }
}

#[tokio::test]
async fn output_can_be_streamed() {
    let fal = Fal::immediate().await;
    let answer = fal.try_submit("/run/fal-ai/flux/dev/stream", &json!({"prompt": "a cat"})).await.unwrap();
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
    let event = answer.body.strip_prefix(b"data: ").and_then(|rest| rest.strip_suffix(b"\n\n")).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(event).unwrap()["prompt"], "a cat");
}

#[tokio::test]
async fn a_browser_token_opens_a_call() {
    let fal = Fal::immediate().await;
    let token =
        fal.try_submit("/tokens/", &json!({"allowed_apps": ["flux"], "token_expiration": 120})).await.unwrap().json();
    let url = format!("{RUN}?fal_jwt_token={}", token.as_str().unwrap());
    let answer = fal.request("POST", &url).body(r#"{"prompt":"x"}"#).send().await.unwrap();
    assert_eq!(Answer::read(answer).await.unwrap().status, 200);
    let guess =
        fal.request("POST", &format!("{RUN}?fal_jwt_token=guess")).body(r#"{"prompt":"x"}"#).send().await.unwrap();
    assert_eq!(guess.status(), 401);
}

#[tokio::test]
async fn a_caller_who_hangs_up_is_billed_all_the_same() {
    let fal = Fal::immediate().await;
    let input = json!({"prompt": "x", "x_sim": {"latency_ms": 20}});
    let call = tokio::spawn(fal.request("POST", RUN).header("authorization", KEY).body(input.to_string()).send());
    while fal.sim.book().submissions == 0 {
        tokio::task::yield_now().await;
    }
    call.abort();
    while fal.sim.book().completed == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(fal.sim.book().billed.len(), 1);
}
