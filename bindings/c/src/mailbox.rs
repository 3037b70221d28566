//! What lies between a call's future and whoever drives it: the exchange that is wanted, what came of it, timers, news.

use crate::progress::Progress;
use generatio_core::Timestamp;
use generatio_core::fal::transport::{Reason, Request, TransportError};
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Shared by a call and its host. Locked for moments only, never while a callback runs.
#[derive(Default)]
pub(crate) struct Mailbox(Mutex<Mail>);

/// Its contents.
#[derive(Default)]
pub(crate) struct Mail {
    pub(crate) now: Timestamp,
    last_id: u64,
    exchange: Option<Exchange>,
    timers: Vec<(u64, Timestamp)>,
    pub(crate) news: VecDeque<Progress>,
}

/// The one exchange that is under way.
struct Exchange {
    id: u64,
    /// Until the driver takes it.
    request: Option<Request>,
    max_body: usize,
    fed: usize,
    phase: Phase,
    events: VecDeque<Event>,
}

/// What was fed of an answer.
enum Phase {
    Nothing,
    Head { status: u16, headers: Vec<(String, String)>, bytes: usize },
    Body,
    Over,
}

/// Something that happened to an exchange.
pub(crate) enum Event {
    Head { status: u16, headers: Vec<(String, String)> },
    Chunk(Vec<u8>),
    End,
    Failed(TransportError),
}

/// Why something could not be fed.
pub(crate) enum Misfed {
    /// The exchange is no longer wanted; nothing is wrong.
    Late,
    /// It does not come in this order.
    Order,
}

/// Most headers of an answer, and most bytes of all of them.
const HEADERS_MAX: (usize, usize) = (256, 64 << 10);

impl Mailbox {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Mail> {
        // What a panic could leave behind is plain data, which the next lock may look at.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mail {
    fn id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Wants `request` sent.
    pub(crate) fn send(&mut self, request: Request) -> u64 {
        let id = self.id();
        let max_body = request.max_body;
        let (phase, events) = (Phase::Nothing, VecDeque::new());
        self.exchange = Some(Exchange { id, request: Some(request), max_body, fed: 0, phase, events });
        id
    }

    /// The future no longer wants this exchange.
    pub(crate) fn drop_exchange(&mut self, id: u64) {
        if self.exchange.as_ref().is_some_and(|exchange| exchange.id == id) {
            self.exchange = None;
        }
    }

    pub(crate) fn start_timer(&mut self, pause: Duration) -> u64 {
        let (id, until) = (self.id(), self.now.after(pause));
        self.timers.push((id, until));
        id
    }

    pub(crate) fn has_rung(&self, id: u64) -> bool {
        self.timers.iter().any(|(own, until)| *own == id && *until <= self.now)
    }

    pub(crate) fn drop_timer(&mut self, id: u64) {
        self.timers.retain(|(own, _)| *own != id);
    }

    /// When the first timer rings.
    pub(crate) fn wait_until(&self) -> Option<Timestamp> {
        self.timers.iter().map(|(_, until)| *until).min()
    }

    /// The exchange that is under way.
    pub(crate) fn exchange_id(&self) -> Option<u64> {
        self.exchange.as_ref().map(|exchange| exchange.id)
    }

    /// Whether there is an exchange whose request left this library, and may have reached FAL.
    pub(crate) fn may_be_at_fal(&self) -> bool {
        self.exchange.as_ref().is_some_and(|exchange| exchange.request.is_none())
    }

    /// The request to send, once.
    pub(crate) fn take_request(&mut self) -> Option<Request> {
        self.exchange.as_mut()?.request.take()
    }

    /// The next that happened to this exchange.
    pub(crate) fn event(&mut self, id: u64) -> Option<Event> {
        self.exchange.as_mut().filter(|exchange| exchange.id == id)?.events.pop_front()
    }

    /// Feeds the beginning of a head.
    pub(crate) fn head(&mut self, id: u64, status: u16) -> Result<(), Misfed> {
        let exchange = self.fed(id)?;
        if !matches!(exchange.phase, Phase::Nothing) {
            return Err(Misfed::Order);
        }
        exchange.phase = Phase::Head { status, headers: Vec::new(), bytes: 0 };
        Ok(())
    }

    /// Feeds a header. Beyond what is sensible they are passed over.
    pub(crate) fn header(&mut self, id: u64, name: &str, value: &str) -> Result<(), Misfed> {
        let exchange = self.fed(id)?;
        let Phase::Head { headers, bytes, .. } = &mut exchange.phase else { return Err(Misfed::Order) };
        *bytes = bytes.saturating_add(name.len() + value.len());
        if headers.len() < HEADERS_MAX.0 && *bytes <= HEADERS_MAX.1 {
            headers.push((name.to_owned(), value.to_owned()));
        }
        Ok(())
    }

    /// The head is complete.
    pub(crate) fn head_done(&mut self, id: u64) -> Result<(), Misfed> {
        let exchange = self.fed(id)?;
        if matches!(exchange.phase, Phase::Nothing) {
            return Err(Misfed::Order);
        }
        exchange.close_head();
        Ok(())
    }

    /// Feeds bytes of the body. What is beyond the most that is allowed ends the exchange.
    pub(crate) fn chunk(&mut self, id: u64, bytes: &[u8]) -> Result<(), Misfed> {
        let exchange = self.fed(id)?;
        if matches!(exchange.phase, Phase::Nothing) {
            return Err(Misfed::Order);
        }
        exchange.close_head();
        exchange.fed = exchange.fed.saturating_add(bytes.len());
        if exchange.fed > exchange.max_body {
            exchange.over(Event::Failed(TransportError::MaybeSent(Reason::TooLarge)));
        } else if !bytes.is_empty() {
            exchange.events.push_back(Event::Chunk(bytes.to_vec()));
        }
        Ok(())
    }

    /// The exchange is over: its body is complete, or it failed.
    pub(crate) fn end(&mut self, id: u64, how: Result<(), TransportError>) -> Result<(), Misfed> {
        let exchange = self.fed(id)?;
        let event = match (how, &exchange.phase) {
            // An answer without a head is none.
            (Ok(()), Phase::Nothing) => Event::Failed(TransportError::MaybeSent(Reason::Connection)),
            (Ok(()), _) => Event::End,
            (Err(error), _) => Event::Failed(error),
        };
        exchange.close_head();
        exchange.over(event);
        Ok(())
    }

    /// The exchange of this number, if it may still be fed.
    fn fed(&mut self, id: u64) -> Result<&mut Exchange, Misfed> {
        match self.exchange.as_mut().filter(|exchange| exchange.id == id) {
            Some(Exchange { request: Some(_), .. }) => Err(Misfed::Order),
            Some(Exchange { phase: Phase::Over, .. }) | None => Err(Misfed::Late),
            Some(exchange) => Ok(exchange),
        }
    }
}

impl Exchange {
    fn close_head(&mut self) {
        if let Phase::Head { status, headers, .. } = &mut self.phase {
            self.events.push_back(Event::Head { status: *status, headers: std::mem::take(headers) });
            self.phase = Phase::Body;
        }
    }

    fn over(&mut self, event: Event) {
        self.events.push_back(event);
        self.phase = Phase::Over;
    }
}
