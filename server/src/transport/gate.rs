//! Whether a request's body has left: what makes a failed submit safe to repeat, or not.
//!
//! A server must not act on a request whose body is incomplete (RFC 9112 §8). So as long as the connection has not
//! asked for the body, and is kept from asking later, the request has certainly not arrived.

use bytes::Bytes;
use generatio_core::fal::transport::{Reason, TransportError};
use hyper::body::{Frame, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

const SHUT: u8 = 0;
const PASSED: u8 = 1;
const LOCKED: u8 = 2;

/// The sender's side: tells failures apart.
#[derive(Debug)]
pub(super) struct Gate(Option<Arc<AtomicU8>>);

/// A body and the gate before it. Without a body there is nothing to hold back, and every failure is uncertain.
pub(super) fn gated(body: Option<Vec<u8>>) -> (Option<reqwest::Body>, Gate) {
    let Some(body) = body.filter(|body| !body.is_empty()) else { return (None, Gate(None)) };
    let state = Arc::new(AtomicU8::new(SHUT));
    let body = GatedBody { bytes: Some(Bytes::from(body)), state: Arc::clone(&state) };
    (Some(reqwest::Body::wrap(body)), Gate(Some(state)))
}

impl Gate {
    /// The failure to report. The body will not leave after this.
    pub(super) fn failure(&self, reason: Reason) -> TransportError {
        let lock = |state: &Arc<AtomicU8>| turn(state, LOCKED);
        if self.0.as_ref().is_some_and(lock) {
            TransportError::NotSent(reason)
        } else {
            TransportError::MaybeSent(reason)
        }
    }
}

/// Whether the gate was still shut and now is `state`.
fn turn(gate: &AtomicU8, state: u8) -> bool {
    gate.compare_exchange(SHUT, state, Ordering::SeqCst, Ordering::SeqCst).is_ok()
}

/// The whole body in one piece, if it may pass.
struct GatedBody {
    bytes: Option<Bytes>,
    state: Arc<AtomicU8>,
}

/// The sender has given up; the connection ends without the body.
#[derive(Debug, thiserror::Error)]
#[error("the request was given up")]
struct GivenUp;

impl hyper::body::Body for GatedBody {
    type Data = Bytes;
    type Error = GivenUp;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, GivenUp>>> {
        let Some(bytes) = self.bytes.take() else { return Poll::Ready(None) };
        let passes = turn(&self.state, PASSED);
        Poll::Ready(Some(if passes { Ok(Frame::data(bytes)) } else { Err(GivenUp) }))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::{Gate, GatedBody, SHUT, gated};
    use generatio_core::fal::transport::{Reason, TransportError};
    use http_body_util::BodyExt;
    use std::sync::Arc;
    use std::sync::atomic::AtomicU8;

    fn pair() -> (GatedBody, Gate) {
        let state = Arc::new(AtomicU8::new(SHUT));
        let body = GatedBody { bytes: Some("body".into()), state: Arc::clone(&state) };
        (body, Gate(Some(state)))
    }

    #[tokio::test]
    async fn a_body_that_passed_may_have_arrived() {
        let (body, gate) = pair();
        assert_eq!(body.collect().await.unwrap().to_bytes(), "body");
        assert_eq!(gate.failure(Reason::Deadline), TransportError::MaybeSent(Reason::Deadline));
    }

    #[tokio::test]
    async fn a_failure_locks_the_gate() {
        let (body, gate) = pair();
        assert_eq!(gate.failure(Reason::Deadline), TransportError::NotSent(Reason::Deadline));
        assert!(body.collect().await.is_err());
    }

    #[test]
    fn without_a_body_nothing_is_certain() {
        for body in [None, Some(Vec::new())] {
            let (_, gate) = gated(body);
            assert_eq!(gate.failure(Reason::Connection), TransportError::MaybeSent(Reason::Connection));
        }
    }
}
