//! Core's host: what its client asks for goes into the mailbox, and what it is told comes out of it.

use crate::mailbox::{Event, Mailbox};
use generatio_core::Timestamp;
use generatio_core::fal::transport::{Body, Host, Reason, Request, Response, Transport, TransportError};
use generatio_core::time::Clock;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

/// The host of one call.
pub(crate) struct MailHost(pub(crate) Arc<Mailbox>);

impl Clock for MailHost {
    fn now(&self) -> Timestamp {
        self.0.lock().now
    }
}

impl Transport for MailHost {
    type Body = Arriving;

    async fn send(&self, request: Request) -> Result<Response<Arriving>, TransportError> {
        let id = self.0.lock().send(request);
        let body = Arriving { mailbox: Arc::clone(&self.0), id };
        match body.event().await {
            Event::Head { status, headers } => Ok(Response { status, headers, body }),
            Event::Failed(error) => Err(error),
            // The mailbox keeps the order.
            Event::Chunk(_) | Event::End => Err(TransportError::MaybeSent(Reason::Connection)),
        }
    }
}

impl Host for MailHost {
    async fn sleep(&self, duration: Duration) {
        let timer = Timer { mailbox: &self.0, id: self.0.lock().start_timer(duration) };
        poll_fn(|_| if timer.mailbox.lock().has_rung(timer.id) { Poll::Ready(()) } else { Poll::Pending }).await;
    }
}

/// The body of an answer. When it goes, the exchange is no longer wanted.
pub(crate) struct Arriving {
    mailbox: Arc<Mailbox>,
    id: u64,
}

impl Arriving {
    async fn event(&self) -> Event {
        poll_fn(|_| self.mailbox.lock().event(self.id).map_or(Poll::Pending, Poll::Ready)).await
    }
}

impl Body for Arriving {
    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        match self.event().await {
            Event::Chunk(bytes) => Ok(Some(bytes)),
            Event::End => Ok(None),
            Event::Failed(error) => Err(error),
            Event::Head { .. } => Err(TransportError::MaybeSent(Reason::Connection)),
        }
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        self.mailbox.lock().drop_exchange(self.id);
    }
}

struct Timer<'a> {
    mailbox: &'a Mailbox,
    id: u64,
}

impl Drop for Timer<'_> {
    fn drop(&mut self) {
        self.mailbox.lock().drop_timer(self.id);
    }
}
