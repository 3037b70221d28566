//! Reading FAL's answers, in the shapes that were recorded or documented.

use generatio_core::ErrorCode;
use generatio_core::fal::transport::Answer;
use generatio_core::fal::wire::{read_cancel, read_check_key, read_result, read_status};
use generatio_core::fal::{CancelOutcome, Hosts, LogLine, State};
use generatio_testkit::fal::REQUEST_ID;
use serde_json::json;
use std::time::Duration;

fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Answer { status, headers, body: body.as_bytes().to_vec() }
}

#[test]
fn statuses_are_read_from_the_body() {
    let completed = State::Completed { failed: None };
    let cases = [
        (202, r#"{"status":"IN_QUEUE","queue_position":3}"#, State::Queued { position: Some(3) }),
        (200, r#"{"status":"IN_QUEUE"}"#, State::Queued { position: None }),
        (202, r#"{"status":"queued","queue_position":"x"}"#, State::Queued { position: None }),
        (202, r#"{"status":"IN_PROGRESS","logs":null}"#, State::InProgress),
        (202, r#"{"status":"processing"}"#, State::InProgress),
        (200, r#"{"status":"SHINY_NEW_WORD"}"#, State::InProgress),
        (202, r#"{"status":"COMPLETED","error":null}"#, completed.clone()),
        (200, r#"{"status":"complete\u0064"}"#, completed),
    ];
    for (http, body, state) in cases {
        assert_eq!(read_status(&answer(http, &[], body)).unwrap().state, state, "{body}");
    }
}

#[test]
fn a_failure_is_seen_in_the_status() {
    let cases = [
        (r#"{"status":"COMPLETED","error":"Invalid status code: 422"}"#, None),
        (r#"{"status":"COMPLETED","error_type":"client_cancelled"}"#, Some("client_cancelled")),
        (r#"{"status":"COMPLETED","error":"x","error_type":"made_up"}"#, None),
    ];
    for (body, error_type) in cases {
        let state = read_status(&answer(200, &[], body)).unwrap().state;
        assert!(matches!(state, State::Completed { failed: Some(f) } if f.error_type == error_type), "{body}");
    }
}

#[test]
fn a_status_brings_its_log_lines_and_time() {
    let long = "x".repeat(5_000);
    let body = json!({"status": "COMPLETED", "metrics": {"inference_time": 1.2345}, "logs": [
        {"message": "one\u{7}", "level": "STDERR", "source": "USER", "timestamp": "2026-04-01T00:00:00Z"},
        {"level": "INFO"}, 7,
        {"message": long, "level": "LOUD", "timestamp": null},
    ]});
    let status = read_status(&answer(200, &[], &body.to_string())).unwrap();
    assert_eq!(status.inference_ms, Some(1234));
    assert_eq!(status.logs.len(), 2);
    let timestamp = Some("2026-04-01T00:00:00Z".to_owned());
    assert_eq!(status.logs[0], LogLine { message: "one".to_owned(), level: "STDERR", timestamp });
    assert_eq!((status.logs[1].message.len(), status.logs[1].level), (2_000, "INFO"));
}

#[test]
fn a_success_without_a_state_is_no_status() {
    for body in ["", "<html>", "[]", "{}", r#"{"status":1}"#, "\"COMPLETED\""] {
        let error = read_status(&answer(200, &[], body)).unwrap_err();
        assert_eq!((error.code(), error.fal_status()), (ErrorCode::FalProtocol, Some(200)), "{body}");
    }
}

#[test]
fn answers_map_to_codes() {
    let nginx = "<html><center>nginx</center></html>";
    let locked = r#"{"detail":"User is locked. Reason: Exhausted balance."}"#;
    let downstream = r#"{"detail":[{"loc":[],"msg":"m","type":"downstream_service_error"}]}"#;
    let cases = [
        (401, "", r#"{"detail":"invalid key credentials"}"#, ErrorCode::FalKeyRefused, false),
        (403, "", locked, ErrorCode::FalAccessDenied, false),
        (404, "", r#"{"status":"NOT_FOUND"}"#, ErrorCode::FalNotFound, false),
        (405, "", "", ErrorCode::FalNotFound, false),
        (408, "", "", ErrorCode::FalUnavailable, true),
        (425, "", "", ErrorCode::FalUnavailable, true),
        (429, "", "", ErrorCode::FalBusy, true),
        (400, "", r#"{"detail":"x","error_type":"bad_request"}"#, ErrorCode::FalInputRefused, false),
        (400, "", downstream, ErrorCode::FalUnavailable, true),
        (422, "", r#"{"detail":"plain"}"#, ErrorCode::FalInputRefused, false),
        (422, "content_policy_violation", "", ErrorCode::FalInputRefused, false),
        (499, "client_cancelled", "", ErrorCode::FalCanceled, false),
        (500, "", nginx, ErrorCode::FalUnavailable, true),
        (502, "runner_incomplete_response", "", ErrorCode::FalUnavailable, true),
        (503, "", nginx, ErrorCode::FalUnavailable, true),
        (504, "request_timeout", "", ErrorCode::FalUnavailable, true),
        (307, "", "", ErrorCode::FalHostRefused, false),
        (101, "", "", ErrorCode::FalProtocol, false),
    ];
    for (status, error_type, body, code, retryable) in cases {
        let headers = [("X-Fal-Error-Type", error_type)];
        let error = read_status(&answer(status, &headers[..usize::from(!error_type.is_empty())], body)).unwrap_err();
        assert_eq!((error.code(), error.retryable()), (code, retryable), "{status} {body}");
        assert_eq!(error.fal_status(), Some(status));
    }
}

#[test]
fn headers_have_the_last_word_on_retrying() {
    let retryable = |status, headers: &[_]| read_status(&answer(status, headers, "")).unwrap_err().retryable();
    assert!(retryable(422, &[("X-Fal-Retryable", "true")]));
    assert!(!retryable(503, &[("X-Fal-Retryable", "false")]));
    assert!(retryable(422, &[("X-Fal-Needs-Retry", "1")]));
    assert!(retryable(503, &[("X-Fal-Retryable", "perhaps")]));

    let late = read_status(&answer(504, &[("X-Fal-Request-Timeout-Type", "user")], "")).unwrap_err();
    assert_eq!((late.code(), late.retryable()), (ErrorCode::FalTimeout, false));

    let busy = |text| read_status(&answer(429, &[("retry-after", text)], "")).unwrap_err().retry_after();
    assert_eq!(busy("7"), Some(Duration::from_secs(7)));
    assert_eq!(busy("99999999999"), Some(Duration::from_secs(86_400)));
    assert_eq!(busy("Wed, 21 Oct 2026 07:28:00 GMT"), None);
}

#[test]
fn only_documented_types_are_handed_on_and_no_words_of_fals_are_printed() {
    let body = json!({"detail": [
        {"loc": ["body", "image_size", "width"], "msg": "secret prompt\u{1b} ".repeat(50), "type": "less_than_equal"},
        {"loc": ["body", "loras", 2], "msg": "no", "type": "sk_secret"},
        {"loc": "x", "msg": "odd"},
        {"loc": ["body"]},
    ]});
    let error = read_result(&Hosts::fal(), &answer(422, &[], &body.to_string())).unwrap_err();
    assert_eq!(error.error_type(), Some("less_than_equal"));
    let problems = error.problems();
    let paths: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(paths, ["image_size.width", "loras.2", ""]);
    assert_eq!(problems[1].error_type(), None);
    assert!(problems[0].message.starts_with("secret prompt  secret") && problems[0].message.chars().count() <= 300);
    assert_eq!(problems[0].to_string(), "the value is too large");
    assert_eq!(error.to_string(), "FAL refused the input: the value is too large");
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("secret") && !shown.contains("image_size"), "{shown}");
}

#[test]
fn a_text_is_a_problem_too_unless_it_is_about_the_key() {
    let locked = read_result(&Hosts::fal(), &answer(403, &[], r#"{"detail":"User is locked."}"#)).unwrap_err();
    assert_eq!(locked.problems()[0].message, "User is locked.");
    let refused = read_result(&Hosts::fal(), &answer(401, &[], r#"{"detail":"invalid key abc"}"#)).unwrap_err();
    assert!(refused.problems().is_empty());
}

#[test]
fn details_are_bounded() {
    let many = json!({"detail": vec![json!({"loc": vec!["p".repeat(900); 90], "msg": "m", "type": "enum"}); 500]});
    let error = read_status(&answer(422, &[], &many.to_string())).unwrap_err();
    assert_eq!(error.problems().len(), 32);
    assert_eq!(error.problems()[0].path.len(), 8 * 64 + 7);
}

#[test]
fn an_output_is_read_whole() {
    let body = r#"{"images":[{"url":"https://v3b.fal.media/files/b/0a/x.jpg","width":1024,"height":768,"file_name":null,
        "content_type":"image/jpeg","file_size":12345}],"timings":{"inference":0.5},"seed":18446744073709551615,
        "has_nsfw_concepts":[true],"prompt":"a cat"}"#;
    let units = [("x-fal-billable-units", " 8.439999999999998 ")];
    let output = read_result(&Hosts::fal(), &answer(200, &units, body)).unwrap();
    let image = &output.images[0];
    assert_eq!(image.url, "https://v3b.fal.media/files/b/0a/x.jpg");
    assert_eq!((image.width, image.height, image.file_size), (Some(1024), Some(768), Some(12345)));
    assert_eq!(image.content_type.as_deref(), Some("image/jpeg"));
    assert_eq!(output.seed.unwrap().to_string(), "18446744073709551615");
    assert_eq!(output.has_nsfw_concepts, [true]);
    assert_eq!(output.inference_ms, Some(500));
    assert_eq!(output.billable_units.as_deref(), Some("8.439999999999998"));
}

#[test]
fn what_is_missing_null_or_odd_costs_no_picture() {
    let body = r#"{"images":[{"url":"https://v3.fal.media/a.png","width":null,"height":-1,"file_size":"x"}],"seed":1.5,
        "timings":7,"has_nsfw_concepts":"no"}"#;
    let long = "1".repeat(41);
    let output = read_result(&Hosts::fal(), &answer(200, &[("x-fal-billable-units", &long)], body)).unwrap();
    let image = &output.images[0];
    assert_eq!((image.width, image.height, image.file_size, &image.content_type), (None, None, None, &None));
    assert_eq!((output.seed, output.inference_ms, output.billable_units), (None, None, None));
    assert!(output.has_nsfw_concepts.is_empty());
}

#[test]
fn good_pictures_survive_bad_ones_with_their_flags() {
    let body = json!({"images": [
        {"url": "data:image/png;base64,AAAA"}, {"url": "https://v3.fal.media/1.png"}, null, {"width": 3},
        {"url": "http://v3.fal.media/4.png"}, {"url": "https://me@v3.fal.media/5.png"},
        {"url": "https://v3.fal.media/6.png"},
    ], "has_nsfw_concepts": [false, true, false, false, false, false, false]});
    let output = read_result(&Hosts::fal(), &answer(200, &[], &body.to_string())).unwrap();
    let urls: Vec<&str> = output.images.iter().map(|image| image.url.as_str()).collect();
    assert_eq!(urls, ["https://v3.fal.media/1.png", "https://v3.fal.media/6.png"]);
    assert_eq!(output.has_nsfw_concepts, [true, false]);
}

#[test]
fn no_picture_or_too_many_is_no_output() {
    let image = json!({"url": "https://v3.fal.media/a.png"});
    let images = |count| json!({"images": vec![image.clone(); count]}).to_string();
    let read = |body: &str| read_result(&Hosts::fal(), &answer(200, &[], body)).map(|output| output.images.len());
    assert_eq!(read(&images(64)), Ok(64));
    assert_eq!(read(&images(0)).unwrap_err().code(), ErrorCode::FalNoPictures);
    for body in [&images(65), "{}", "nonsense", r#"{"images":[{"url":"data:image/png;base64,AA"}]}"#] {
        assert_eq!(read(body).unwrap_err().code(), ErrorCode::FalProtocol, "{body}");
    }
}

#[test]
fn results_that_are_none_say_why() {
    let code = |status, body: &str| {
        let error = read_result(&Hosts::fal(), &answer(status, &[], body)).unwrap_err();
        (error.code(), error.retryable())
    };
    let running = json!({"detail": "Request is still in progress", "request_id": REQUEST_ID}).to_string();
    assert_eq!(code(400, &running), (ErrorCode::FalUnavailable, true));
    assert_eq!(code(400, r#"{"detail":"no"}"#), (ErrorCode::FalInputRefused, false));
    assert_eq!(code(404, r#"{"status":"NOT_FOUND"}"#), (ErrorCode::FalResultExpired, false));
    assert_eq!(code(404, r#"{"detail":"Path /schnel not found"}"#), (ErrorCode::FalNotFound, false));
    assert_eq!(code(404, r#"{"detail":"Application \"x\" not found"}"#), (ErrorCode::FalNotFound, false));
}

#[test]
fn cancels_are_read() {
    let read = |status, body: &str| read_cancel(&answer(status, &[], body)).map_err(|error| error.code());
    assert_eq!(read(202, r#"{"status":"CANCELLATION_REQUESTED"}"#), Ok(CancelOutcome::Requested));
    assert_eq!(read(200, r#"{"success":true}"#), Ok(CancelOutcome::Requested));
    assert_eq!(read(400, r#"{"status":"ALREADY_COMPLETED"}"#), Ok(CancelOutcome::AlreadyCompleted));
    assert_eq!(read(400, r#"{"detail":"Request is already completed."}"#), Ok(CancelOutcome::AlreadyCompleted));
    assert_eq!(read(404, r#"{"status":"NOT_FOUND"}"#), Ok(CancelOutcome::NotFound));
    assert_eq!(read(400, "{}"), Err(ErrorCode::FalInputRefused));
    assert_eq!(read(401, ""), Err(ErrorCode::FalKeyRefused));
}

#[test]
fn keys_are_judged_by_what_they_find() {
    let read = |status| read_check_key(&answer(status, &[], "{}")).map_err(|error| error.code());
    assert_eq!(read(404), Ok(()));
    assert_eq!(read(202), Ok(()));
    assert_eq!(read(401), Err(ErrorCode::FalKeyRefused));
    assert_eq!(read(403), Err(ErrorCode::FalAccessDenied));
    assert_eq!(read(405), Err(ErrorCode::FalNotFound));
    assert_eq!(read(503), Err(ErrorCode::FalUnavailable));
}
