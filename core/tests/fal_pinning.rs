//! Where a key may go: follow-up URLs, whoever they came from.

use generatio_core::fal::transport::{Method, Request};
use generatio_core::fal::{FalError, Hosts, Submitted, SubmittedParts, wire};
use generatio_core::{ErrorCode, Timestamp};
use generatio_testkit::fal::{KEY_TEXT, REQUEST_ID, REQUEST_URL, endpoint, key, submitted};

/// A restored request whose status and response URLs were stored as `url`.
fn restored(url: &str) -> Submitted {
    let parts = SubmittedParts {
        request_id: REQUEST_ID.to_owned(),
        status_url: Some(url.to_owned()),
        response_url: Some(url.to_owned()),
        cancel_url: None,
    };
    Submitted::restore(&Hosts::fal(), &endpoint(), parts).expect("a safe id")
}

#[test]
fn urls_that_are_missing_are_the_documented_ones() {
    let rebuilt = submitted();
    assert_eq!(rebuilt.status_url, format!("{REQUEST_URL}/status"));
    assert_eq!(rebuilt.response_url, REQUEST_URL);
    assert_eq!(rebuilt.cancel_url, format!("{REQUEST_URL}/cancel"));
}

#[test]
fn urls_under_the_request_are_kept_in_normal_form() {
    for tail in ["/response", "/v2/status", ""] {
        let url = format!("{REQUEST_URL}{tail}");
        assert_eq!(restored(&url).response_url, url);
    }
    let spelled = format!("HTTPS://QUEUE.FAL.RUN:443/x/../fal-ai/flux/requests/{REQUEST_ID}/status");
    assert_eq!(restored(&spelled).status_url, format!("{REQUEST_URL}/status"));
}

#[test]
fn urls_that_lead_elsewhere_are_replaced() {
    let tail = format!("fal-ai/flux/requests/{REQUEST_ID}/status");
    let foreign = [
        format!("http://queue.fal.run/{tail}"),
        format!("https://queue.fal.run:8443/{tail}"),
        format!("https://queue.fal.run.evil.example/{tail}"),
        format!("https://evil.example/{tail}"),
        format!("https://queue.fal.run@evil.example/{tail}"),
        format!("https://me:pw@queue.fal.run/{tail}"),
        format!("https://queue.fal.run/fal-ai/flux/schnell/requests/{REQUEST_ID}/status"),
        format!("https://queue.fal.run/fal-ai/other/requests/{REQUEST_ID}/status"),
        "https://queue.fal.run/fal-ai/flux/requests/another/status".to_owned(),
        format!("{REQUEST_URL}0/status"),
        format!("{REQUEST_URL}/../../../../tokens"),
        format!("{REQUEST_URL}/%2e%2e/another"),
        format!("{REQUEST_URL}/%2fx"),
        format!("{REQUEST_URL}/status?to=x"),
        format!("{REQUEST_URL}/status#x"),
        format!("{REQUEST_URL}/{}", "a".repeat(2048)),
        "/status".to_owned(),
        String::new(),
    ];
    for url in &foreign {
        assert_eq!(restored(url), submitted(), "{url}");
    }
}

#[test]
fn ids_that_could_change_a_url_are_refused() {
    let restore = |request_id: &str| {
        let parts = SubmittedParts { request_id: request_id.to_owned(), ..SubmittedParts::default() };
        Submitted::restore(&Hosts::fal(), &endpoint(), parts).map_err(|error| error.code())
    };
    assert!(restore(&"a".repeat(128)).is_ok());
    for id in ["", "a/b", "..", "a?b", "a b", "ä", "a%20", &"a".repeat(129)] {
        assert_eq!(restore(id), Err(ErrorCode::FalProtocol), "{id}");
    }
}

#[test]
fn a_stand_in_keeps_its_own_origin() {
    let hosts = Hosts::at("http://127.0.0.1:9000").unwrap();
    let url = format!("http://127.0.0.1:9000/fal-ai/flux/requests/{REQUEST_ID}/status");
    let stored = |url: &str| SubmittedParts {
        request_id: REQUEST_ID.to_owned(),
        status_url: Some(url.to_owned()),
        ..SubmittedParts::default()
    };
    for text in [&*url, "https://queue.fal.run/", "http://127.0.0.1:9001/"] {
        assert_eq!(Submitted::restore(&hosts, &endpoint(), stored(text)).unwrap().status_url, url, "{text}");
    }
}

#[test]
fn a_request_of_other_hosts_gets_no_key() {
    let refused = |made: Result<Request, FalError>| made.unwrap_err().code();
    let elsewhere = Hosts::at("https://proxy.example").unwrap();
    let at = Timestamp::default();
    let mut bent = submitted();
    bent.cancel_url = "https://queue.fal.run.evil.example/".to_owned();
    assert_eq!(refused(wire::cancel_request(&Hosts::fal(), &key(), &bent, at)), ErrorCode::FalHostRefused);
    assert_eq!(refused(wire::status_request(&elsewhere, &key(), &submitted(), true, at)), ErrorCode::FalHostRefused);
    assert_eq!(refused(wire::result_request(&elsewhere, &key(), &submitted(), at)), ErrorCode::FalHostRefused);
    assert_eq!(refused(wire::stream_request(&elsewhere, &key(), &submitted(), at)), ErrorCode::FalHostRefused);
}

#[test]
fn follow_ups_go_where_fal_documents_and_hide_the_key() {
    let (hosts, key, at) = (Hosts::fal(), key(), Timestamp::from_unix_ms(5));
    let requests = [
        (wire::status_request(&hosts, &key, &submitted(), false, at), Method::Get, "/status", 1 << 20),
        (wire::status_request(&hosts, &key, &submitted(), true, at), Method::Get, "/status?logs=1", 1 << 20),
        (wire::stream_request(&hosts, &key, &submitted(), at), Method::Get, "/status/stream?logs=1", 16 << 20),
        (wire::result_request(&hosts, &key, &submitted(), at), Method::Get, "", 16 << 20),
        (wire::cancel_request(&hosts, &key, &submitted(), at), Method::Put, "/cancel", 1 << 20),
    ];
    for (request, method, tail, max_body) in requests {
        let request = request.unwrap();
        assert_eq!((request.method, request.url.strip_prefix(REQUEST_URL)), (method, Some(tail)));
        assert_eq!((request.max_body, request.deadline, &request.body), (max_body, at, &None));
        let value = |name: &str| request.headers.iter().find(|header| header.name == name).unwrap().value.to_string();
        assert_eq!(value("authorization"), format!("Key {KEY_TEXT}"));
        assert_eq!(value("accept"), if tail.contains("stream") { "text/event-stream" } else { "application/json" });
        assert!(value("user-agent").starts_with("generatio/"));
        let shown = format!("{request:?}");
        assert!(!shown.contains(KEY_TEXT) && shown.contains("[redacted]"), "{shown}");
    }
}
