//! Submit, status, result and cancel.

use crate::client::{Fal, KEY, NEVER_MS, SCHNELL};
use crate::stream::until;
use generatio_fal_sim::{Options, State};
use serde_json::{Value, json};

#[tokio::test]
async fn submit_answers_as_fal_does() {
    let fal = Fal::immediate().await;
    let answer = fal.submit(&json!({"prompt": "a cat"})).await;
    let (url, id) = (fal.sim.url(), answer.text("/request_id"));
    let base = format!("{url}/fal-ai/flux/requests/{id}");
    let links = format!(r#""response_url":"{base}","status_url":"{base}/status","cancel_url":"{base}/cancel""#);
    let rest = r#""logs":null,"metrics":{},"queue_position":0"#;
    let expected = format!(r#"{{"status":"IN_QUEUE","request_id":"{id}",{links},{rest}}}"#);
    assert_eq!((answer.status, std::str::from_utf8(&answer.body).unwrap()), (200, expected.as_str()));
    assert_eq!(answer.header("x-fal-request-id"), Some(id.as_str()));
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn links_keep_the_prefix_that_was_used() {
    let fal = Fal::immediate().await;
    let answer = fal.try_submit("/queue/fal-ai/flux/schnell", &json!({"prompt": "a cat"})).await.unwrap();
    let status_url = answer.text("/status_url");
    assert!(status_url.starts_with(&format!("{}/queue/fal-ai/flux/requests/", fal.sim.url())), "{status_url}");
    assert_eq!(fal.ask("GET", &status_url).await.text("/status"), "COMPLETED");
}

#[tokio::test]
async fn under_fals_own_host_names_links_are_fals() {
    let fal = Fal::immediate().await;
    let request = fal.request("POST", SCHNELL).header("authorization", KEY).header("host", "queue.fal.run");
    let answer: Value =
        serde_json::from_slice(&request.body(r#"{"prompt":"x"}"#).send().await.unwrap().bytes().await.unwrap())
            .unwrap();
    assert!(answer["status_url"].as_str().unwrap().starts_with("https://queue.fal.run/fal-ai/flux/requests/"));
    let request = fal.request("POST", SCHNELL).header("authorization", KEY).header("host", "fal.run");
    let answer: Value =
        serde_json::from_slice(&request.body(r#"{"prompt":"x"}"#).send().await.unwrap().bytes().await.unwrap())
            .unwrap();
    assert!(answer["images"][0]["url"].as_str().unwrap().starts_with("https://v3b.fal.media/files/b/"));
}

#[tokio::test]
async fn a_request_waits_runs_and_completes() {
    let fal = Fal::immediate().await;
    let links = fal.links(&json!({"prompt": "a cat", "x_sim": {"queue_ms": NEVER_MS, "position": 3}})).await;
    let status = fal.ask("GET", &links.status).await;
    assert_eq!((status.status, status.json()["queue_position"].as_u64()), (202, Some(3)));
    assert_eq!(status.json()["logs"], Value::Null);

    let links = fal.links(&json!({"prompt": "a cat", "x_sim": {"latency_ms": NEVER_MS}})).await;
    until(&fal, &links, "IN_PROGRESS").await;
    for (query, logs) in
        [("", Value::Null), ("?logs=0", Value::Null), ("?logs=1", json!([])), ("?logs=true", json!([]))]
    {
        let status = fal.ask("GET", &format!("{}{query}", links.status)).await;
        assert_eq!((status.status, status.text("/status").as_str()), (202, "IN_PROGRESS"));
        assert_eq!(status.json()["logs"], logs, "{query}");
        assert!(status.json().get("queue_position").is_none());
    }

    let links = fal.links(&json!({"prompt": "a cat", "x_sim": {"latency_ms": 8, "logs": 2}})).await;
    until(&fal, &links, "COMPLETED").await;
    let status = fal.ask("GET", &format!("{}?logs=true", links.status)).await;
    assert_eq!((status.status, status.text("/status").as_str()), (200, "COMPLETED"));
    assert_eq!(status.json()["metrics"], json!({"inference_time": 0.008}));
    assert_eq!(status.json()["logs"].as_array().unwrap().len(), 2);
    for field in ["message", "level", "source", "timestamp"] {
        assert!(!status.text(&format!("/logs/1/{field}")).is_empty());
    }
    assert!(status.json().get("error").is_none());
}

#[tokio::test]
async fn the_result_has_fals_fields() {
    let fal = Fal::immediate().await;
    let input = json!({"prompt": "a cat", "seed": 12_345_678_901_234_567_u64, "num_images": 2, "image_size": "square"});
    let links = fal.links(&input).await;
    for url in [links.result.clone(), format!("{}/response", links.result)] {
        let result = fal.ask("GET", &url).await;
        assert_eq!((result.status, result.header("x-fal-billable-units")), (200, Some("2")));
        assert_eq!(result.header("x-fal-request-id"), links.result.rsplit('/').next());
        let body = result.json();
        assert_eq!((&body["seed"], &body["prompt"]), (&input["seed"], &json!("a cat")));
        assert_eq!(body["has_nsfw_concepts"], json!([false, false]));
        assert_eq!(body["timings"], json!({"inference": 0.0}));
        assert_eq!(
            (&body["images"][1]["width"], &body["images"][1]["content_type"]),
            (&json!(512), &json!("image/jpeg"))
        );
    }
}

#[tokio::test]
async fn a_premature_result_is_refused() {
    let fal = Fal::immediate().await;
    let links = fal.links(&json!({"prompt": "a cat", "x_sim": {"latency_ms": NEVER_MS}})).await;
    let result = fal.ask("GET", &links.result).await;
    assert_eq!((result.status, result.text("/detail").as_str()), (400, "Request is still in progress"));
    assert_eq!(result.text("/status_url"), links.status);
}

#[tokio::test]
async fn bad_input_is_accepted_and_fails_with_the_result() {
    let fal = Fal::immediate().await;
    let links = fal.links(&json!({"num_images": 99})).await;
    let status = fal.ask("GET", &links.status).await;
    assert_eq!((status.status, status.text("/status").as_str()), (200, "COMPLETED"));
    assert_eq!(
        (status.text("/error").as_str(), status.text("/error_type").as_str()),
        ("Invalid status code: 422", "missing")
    );
    let result = fal.ask("GET", &links.result).await;
    assert_eq!((result.status, result.header("x-fal-billable-units")), (422, Some("0")));
    assert_eq!(result.json()["detail"][0]["loc"], json!(["body", "prompt"]));
    assert_eq!(result.json()["detail"][1]["ctx"], json!({"le": 4}));
    let book = fal.sim.book();
    assert_eq!((book.submissions, book.failed, book.billed.len()), (1, 1, 0));
}

#[tokio::test]
async fn unknown_apps_are_refused_and_unknown_paths_are_not() {
    let fal = Fal::immediate().await;
    let answer = fal.try_submit("/fal-ai/nothing", &json!({"prompt": "x"})).await.unwrap();
    assert_eq!((answer.status, answer.json()), (404, json!({"detail": "Application \"nothing\" not found"})));

    let answer = fal.try_submit("/fal-ai/flux/nothing", &json!({"prompt": "x"})).await.unwrap();
    assert_eq!(answer.status, 200);
    let result = fal.ask("GET", &answer.text("/response_url")).await;
    assert_eq!((result.status, result.json()), (404, json!({"detail": "Path /nothing not found"})));
    assert_eq!(result.header("x-fal-billable-units"), Some("0"));
    let book = fal.sim.book();
    assert_eq!((book.submissions, book.refused), (1, 1));
}

#[tokio::test]
async fn follow_ups_live_under_the_app_only() {
    let fal = Fal::immediate().await;
    let links = fal.links(&json!({"prompt": "x"})).await;
    let full = |url: &str| url.replace("/fal-ai/flux/", "/fal-ai/flux/schnell/");
    let cases = [
        ("GET", full(&links.status), 405),
        ("GET", full(&links.result), 405),
        ("PUT", full(&links.cancel), 405),
        ("POST", links.cancel.clone(), 405),
        ("GET", SCHNELL.to_owned(), 405),
        ("GET", links.status.replace("/flux/", "/flux-2/"), 404),
        ("GET", "/fal-ai/flux/requests/0199c0de-0000-7000-8000-000000000000/status".to_owned(), 404),
        ("GET", "/fal-ai/flux/requests/nobody".to_owned(), 404),
        ("PUT", "/fal-ai/flux/requests/nobody/cancel".to_owned(), 404),
    ];
    for (method, url, expected) in cases {
        let answer = fal.ask(method, &url).await;
        assert_eq!(answer.status, expected, "{method} {url}");
        assert!(answer.header("x-fal-request-id").is_some());
        let body =
            if expected == 404 { json!({"status": "NOT_FOUND"}) } else { json!({"detail": "Method Not Allowed"}) };
        assert_eq!(answer.json(), body);
    }
}

#[tokio::test]
async fn cancel_answers_by_where_the_request_stands() {
    let fal = Fal::immediate().await;
    for directive in [json!({"queue_ms": NEVER_MS}), json!({"latency_ms": NEVER_MS})] {
        let links = fal.links(&json!({"prompt": "x", "x_sim": directive})).await;
        let answer = fal.ask("PUT", &links.cancel).await;
        assert_eq!((answer.status, answer.text("/status").as_str()), (202, "CANCELLATION_REQUESTED"));
        let status = fal.ask("GET", &links.status).await;
        assert_eq!(
            (status.text("/status").as_str(), status.text("/error_type").as_str()),
            ("COMPLETED", "client_cancelled")
        );
        assert_eq!(fal.ask("GET", &links.result).await.status, 499);
        let again = fal.ask("PUT", &links.cancel).await;
        assert_eq!((again.status, again.text("/status").as_str()), (400, "ALREADY_COMPLETED"));
    }
    let book = fal.sim.book();
    assert_eq!((book.cancelled, book.billed.len(), book.requests[0].state), (2, 0, State::Cancelled));
}

#[tokio::test]
async fn results_expire() {
    let fal = Fal::start(Options { expire_after: Some(0), ..Options::immediate() }).await;
    let links = fal.links(&json!({"prompt": "x"})).await;
    for url in [&links.status, &links.result] {
        let answer = fal.ask("GET", url).await;
        assert_eq!((answer.status, answer.text("/status").as_str()), (404, "NOT_FOUND"));
    }
    assert_eq!(fal.sim.book().billed.len(), 1);
}

#[tokio::test]
async fn a_start_timeout_strikes_in_the_queue() {
    let fal = Fal::immediate().await;
    let submit = |timeout: &'static str| {
        let request =
            fal.request("POST", SCHNELL).header("authorization", KEY).header("x-fal-request-timeout", timeout);
        request.body(json!({"prompt": "x", "x_sim": {"queue_ms": NEVER_MS}}).to_string()).send()
    };
    let answer: Value = serde_json::from_slice(&submit("0.11").await.unwrap().bytes().await.unwrap()).unwrap();
    let url = |name: &str| answer[name].as_str().unwrap().to_owned();
    let links =
        crate::client::Links { status: url("status_url"), result: url("response_url"), cancel: url("cancel_url") };
    until(&fal, &links, "COMPLETED").await;
    let result = fal.ask("GET", &links.result).await;
    assert_eq!((result.status, result.header("x-fal-request-timeout-type")), (504, Some("user")));
    assert_eq!(
        (result.text("/error_type").as_str(), result.header("x-fal-error-type")),
        ("request_timeout", Some("request_timeout"))
    );
    for bad in ["soon", "0.1", "inf", "-1"] {
        assert_eq!(submit(bad).await.unwrap().status(), 400, "{bad}");
    }
}

#[tokio::test]
async fn a_long_queue_can_be_declined() {
    let fal = Fal::start(Options { queue_length: 2, queue_delay: Some(NEVER_MS), ..Options::immediate() }).await;
    let input = json!({"prompt": "x"});
    let submit = |most: u32| fal.try_submit(format!("{SCHNELL}?fal_max_queue_length={most}").leak(), &input);
    assert_eq!(submit(2).await.unwrap().json()["queue_position"], 2);
    assert_eq!(submit(2).await.unwrap().status, 429);
    assert_eq!(submit(3).await.unwrap().status, 200);
}

#[tokio::test]
async fn the_book_is_read_over_http_too() {
    let fal = Fal::immediate().await;
    let links = fal.links(&json!({"prompt": "private words", "x_sim": {"units": "8.439999999999998"}})).await;
    assert_eq!(fal.ask("GET", &links.result).await.header("x-fal-billable-units"), Some("8.439999999999998"));
    let answer = fal.request("GET", "/sim/book").send().await.unwrap().text().await.unwrap();
    assert_eq!(serde_json::from_str::<generatio_fal_sim::Book>(&answer).unwrap(), fal.sim.book());
    let bill = &fal.sim.book().billed[0];
    assert_eq!(
        (bill.endpoint.as_str(), bill.units.as_str(), bill.unit.as_str()),
        ("fal-ai/flux/schnell", "8.439999999999998", "megapixels")
    );
    assert!(!answer.contains("private") && !answer.contains("secret"));
}
