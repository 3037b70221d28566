//! Core's host, which writes its wants down.

use super::wire::{Event, Want, Wire};
use generatio_core::Timestamp;
use generatio_core::fal::transport::{Body, Host, Reason, Request, Response, Transport, TransportError};
use generatio_core::time::Clock;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

/// The host of one call.
pub(super) struct Wired(pub(super) Rc<Wire>);

impl Clock for Wired {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

impl Transport for Wired {
    type Body = Arriving;

    async fn send(&self, request: Request) -> Result<Response<Arriving>, TransportError> {
        let body = Arriving(Open::new(&self.0));
        self.0.send(body.0.id, request);
        match body.0.event().await {
            Event::Head { status, headers } => Ok(Response { status, headers, body }),
            event => Err(failure(&event)),
        }
    }
}

impl Host for Wired {
    async fn sleep(&self, duration: Duration) {
        let sleep = Open::new(&self.0);
        self.0.want(sleep.id, &Want::Sleep { ms: u64::try_from(duration.as_millis()).unwrap_or(u64::MAX) });
        sleep.event().await;
    }
}

/// The body of an answer.
pub(super) struct Arriving(Open);

impl Body for Arriving {
    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        self.0.wire.want(self.0.id, &Want::Read);
        match self.0.event().await {
            Event::Chunk(bytes) if bytes.is_empty() => Ok(None),
            Event::Chunk(bytes) => Ok(Some(bytes)),
            event => Err(failure(&event)),
        }
    }
}

/// A failed `fetch` does not say whether the request left, so it may have.
fn failure(event: &Event) -> TransportError {
    let too_large = matches!(event, Event::Failed { too_large: true });
    TransportError::MaybeSent(if too_large { Reason::TooLarge } else { Reason::Connection })
}

/// Something JavaScript is at. It is told when nobody waits for it any more.
struct Open {
    wire: Rc<Wire>,
    id: u32,
}

impl Open {
    fn new(wire: &Rc<Wire>) -> Self {
        Self { wire: Rc::clone(wire), id: wire.id() }
    }

    async fn event(&self) -> Event {
        poll_fn(|_| self.wire.event(self.id).map_or(Poll::Pending, Poll::Ready)).await
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.wire.forget(self.id);
    }
}
