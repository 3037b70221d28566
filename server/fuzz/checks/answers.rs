//! What has to hold for everything that FAL, or something that stands in its place, may answer.

use generatio_core::Timestamp;
use generatio_core::fal::transport::{Answer, Response};
use generatio_core::fal::wait::{Flow, Step, Wait};
use generatio_core::fal::webhook::read_keys;
use generatio_core::fal::wire::{read_cancel, read_check_key, read_result, read_status, read_submit};
use generatio_core::fal::{Endpoint, FalError, Hosts, Submitted, SubmittedParts};
use generatio_core::{FalKey, SecretText};

const NOW: Timestamp = Timestamp::from_unix_ms(1_709_210_096_789);
const STATUSES: [u16; 16] = [200, 202, 204, 301, 400, 401, 403, 404, 405, 408, 422, 429, 500, 502, 503, 504];

/// Reads an answer: its first byte says which status it has, its second which headers; the rest is its body.
pub(crate) fn answer(bytes: &[u8]) {
    let [status, header, body @ ..] = bytes else { return };
    let headers = [
        ("retry-after", "7"),
        ("x-fal-retryable", "false"),
        ("x-fal-billable-units", "1.5"),
        ("x-fal-error-type", "request_timeout"),
        ("x-fal-request-timeout-type", "user"),
        ("x-fal-needs-retry", "1"),
        ("content-type", "application/json"),
        ("content-type", "text/event-stream"),
    ];
    let sent = headers.iter().enumerate().filter(|(bit, _)| header >> bit & 1 == 1);
    let headers = sent.map(|(_, (name, value))| ((*name).to_owned(), (*value).to_owned())).collect();
    let status = STATUSES[usize::from(*status) % STATUSES.len()];
    let answer = Response { status, headers, body: body.to_vec() };
    read(&answer);
}

fn read(answer: &Answer) {
    let hosts = Hosts::fal();
    let endpoint = endpoint();
    if let Ok(taken) = read_submit(&hosts, &endpoint, Ok(copy(answer))) {
        // Where a key goes: to the queue, and there to this request alone.
        for url in [&taken.status_url, &taken.response_url, &taken.cancel_url] {
            let own = format!("{}/{}/requests/{}", hosts.queue(), endpoint.app(), taken.request_id);
            assert!(url.starts_with(&own), "{url} is not below {own}");
        }
    }
    match read_result(&hosts, answer) {
        Ok(output) => {
            assert!((1..=64).contains(&output.images.len()));
            assert!(
                output.images.iter().all(|image| hosts.picture_url(&image.url).as_ref() == Some(&image.url)),
                "{output:?}"
            );
        }
        Err(error) => quiet(&error),
    }
    let _ = read_status(answer).map_err(|error| quiet(&error));
    let _ = read_cancel(answer).map_err(|error| quiet(&error));
    let _ = read_check_key(answer).map_err(|error| quiet(&error));
    let _ = read_keys(answer, NOW).map_err(|error| quiet(&error));
}

/// An error's words are ours: codes and fixed sentences, no more than a line.
fn quiet(error: &FalError) {
    let text = error.to_string();
    assert!(text.len() < 400 && !text.contains(['\n', '\r', '\0']), "{text:?}");
}

/// Reads a stream of statuses in two ways, whole and cut where the first two bytes say; both tell the same.
pub(crate) fn stream(bytes: &[u8]) {
    let [first, second, body @ ..] = bytes else { return };
    let first = usize::from(*first).min(body.len());
    let second = (first + usize::from(*second)).min(body.len());
    let whole = follow(&[body]);
    let cut = follow(&[&body[..first], &body[first..second], &body[second..]]);
    assert_eq!(whole, cut, "{:?} cut at {first} and {second}", String::from_utf8_lossy(body));
}

/// What a wait learns from a stream that comes in these pieces, as text.
fn follow(pieces: &[&[u8]]) -> String {
    let key = FalKey::parse(SecretText::new("id:secret".to_owned())).expect("a key");
    let parts = SubmittedParts { request_id: "r".to_owned(), ..SubmittedParts::default() };
    let hosts = Hosts::fal();
    let submitted = Submitted::restore(&hosts, &endpoint(), parts).expect("an id");
    let mut wait = Wait::new(&hosts, &submitted, NOW.after(std::time::Duration::from_secs(60)));
    assert!(matches!(wait.next(&key, NOW), Step::Send(_)));
    let kind = ("content-type".to_owned(), "text/event-stream".to_owned());
    let mut flow = wait.head(Response { status: 200, headers: vec![kind], body: () });
    for piece in pieces {
        if matches!(flow, Flow::More) {
            flow = wait.chunk(piece);
        }
    }
    if matches!(flow, Flow::More) {
        wait.end();
    }
    let news = wait.take_news();
    let step = match wait.next(&key, NOW) {
        // Pauses are drawn by chance.
        Step::Sleep(_) => "sleep".to_owned(),
        Step::Send(request) => request.url,
        Step::Done(outcome) => format!("{outcome:?}"),
    };
    format!("{news:?} {step}")
}

fn endpoint() -> Endpoint {
    Endpoint::parse("fal-ai/flux/dev").expect("an endpoint")
}

fn copy(answer: &Answer) -> Answer {
    Response { status: answer.status, headers: answer.headers.clone(), body: answer.body.clone() }
}
