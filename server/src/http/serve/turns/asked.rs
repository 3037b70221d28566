//! A request's body that knows whether it was read to its end.

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

/// What a client sends after a request's head.
#[derive(Debug)]
pub(in crate::http::serve) struct Asked {
    body: Incoming,
    reading: Reading,
}

/// How far the reading of a body is, whoever reads it.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading(Arc<AtomicBool>);

impl Reading {
    /// Whether nothing is left.
    pub(super) fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn over(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Asked {
    pub(super) fn new(body: Incoming) -> Self {
        let reading = Reading::default();
        if body.is_end_stream() {
            reading.over();
        }
        Self { body, reading }
    }

    pub(super) fn reading(&self) -> Reading {
        self.reading.clone()
    }
}

impl Body for Asked {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if frame.is_none() || self.body.is_end_stream() {
            self.reading.over();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
