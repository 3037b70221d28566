//! Carries out the faults that spoil one answer, whatever the answer is about.

use crate::fault::Fault;
use crate::reply::{self, Cut, Reply};
use bytes::Bytes;
use futures_util::stream;
use http::{Response, StatusCode, header};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use std::time::Duration;

/// How long an answer that never comes is held back. Longer than any client waits, and not for ever.
const STALL: Duration = Duration::from_secs(600);

/// Long enough for what was written to leave before the connection is dropped.
pub(crate) const FLUSH: Duration = Duration::from_millis(20);

/// Answers with `good`, spoiled by `fault`; `None` leaves it as it is.
pub(crate) async fn spoil(fault: Option<Fault>, good: Reply) -> Reply {
    match fault {
        Some(Fault::Submit429 | Fault::Status429 | Fault::Result429) => too_many(),
        Some(Fault::Submit503) => reply::page(StatusCode::SERVICE_UNAVAILABLE),
        Some(Fault::Status500 | Fault::Result500 | Fault::File500) => {
            reply::detail(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
        }
        Some(Fault::SubmitHtml | Fault::StatusHtml | Fault::ResultHtml) => reply::page(StatusCode::OK),
        Some(Fault::File404) => reply::detail(StatusCode::NOT_FOUND, "Not Found"),
        Some(Fault::SubmitTruncated | Fault::StatusTruncated | Fault::ResultTruncated | Fault::FileTruncated) => {
            half(good)
        }
        Some(Fault::SubmitResetBefore | Fault::SubmitResetAfter) => Reply::Reset,
        Some(Fault::StatusReset | Fault::ResultReset | Fault::FileReset) => Reply::Reset,
        Some(Fault::SubmitStall | Fault::StatusStall | Fault::ResultStall | Fault::FileStall) => stall(good).await,
        Some(Fault::OversizedResult) => oversized(),
        _ => good,
    }
}

/// What `fault` gives in place of an answer that there is none of.
pub(crate) async fn instead(fault: Fault) -> Reply {
    spoil(Some(fault), reply::detail(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")).await
}

/// FAL's 429 for an account at its limit.
pub(crate) fn too_many() -> Reply {
    let text = "Too many concurrent requests. Please try again later.";
    reply::infrastructure(StatusCode::TOO_MANY_REQUESTS, "concurrent_requests_limit", text)
        .with("x-fal-needs-retry", "1")
        .with("retry-after", "1")
}

async fn stall(good: Reply) -> Reply {
    tokio::time::sleep(STALL).await;
    good
}

/// Promises the whole length, sends half, and closes.
fn half(good: Reply) -> Reply {
    let Reply::Whole(response) = good else { return good };
    let (mut head, bytes) = response.into_parts();
    head.headers.insert(header::CONTENT_LENGTH, bytes.len().into());
    let steps = stream::unfold(Some(bytes.slice(..bytes.len() / 2)), |left| async move {
        if let Some(bytes) = left {
            return Some((Ok(Frame::data(bytes)), None));
        }
        tokio::time::sleep(FLUSH).await;
        Some((Err(Cut), None))
    });
    Reply::Flow(Response::from_parts(head, StreamBody::new(steps).boxed_unsync()))
}

/// 256 MiB of JSON, written from one small buffer.
fn oversized() -> Reply {
    const CHUNK: usize = 64 * 1024;
    let filler = Bytes::from(vec![b'a'; CHUNK]);
    let chunks = std::iter::once(Bytes::from_static(b"{\"padding\":\""))
        .chain(std::iter::repeat_n(filler, 256 * 1024 * 1024 / CHUNK))
        .chain(std::iter::once(Bytes::from_static(b"\"}")));
    let body = StreamBody::new(stream::iter(chunks.map(|chunk| Ok(Frame::data(chunk))))).boxed_unsync();
    Reply::Flow(Response::new(body)).with("content-type", "application/json")
}
