//! A call to FAL under way, as steps: what to send, until when to wait, what came of it. The blocking way
//! ([`crate::run`]) is a loop over these steps.

pub mod outcome;

pub(crate) use outcome::Outcome;

use crate::boundary::{self, Out, Pointer, free, guard, guard_telling, handle, look};
use crate::error::Failure;
use crate::mailbox::{Mail, Mailbox, Misfed};
use crate::numbers::{ExchangeEnd, Step};
use crate::progress::Progress;
use crate::request::Request;
use crate::run::Running;
use crate::status::Status;
use generatio_core::Timestamp;
use generatio_core::fal::transport::{Reason, TransportError};
use std::ffi::c_char;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// What a call does, until it is over.
pub(crate) type Work = Pin<Box<dyn Future<Output = Result<Outcome, Failure>> + Send>>;

/// A call to FAL under way. It does nothing by itself: `generatio_call_run` drives it over callbacks, or the program
/// takes step after step with `generatio_call_next`.
pub struct Call {
    mailbox: Arc<Mailbox>,
    /// Whether FAL charges for what it submits.
    buys: bool,
    aborted: AtomicBool,
    state: Mutex<State>,
}

/// Locked for moments, and never while a callback runs; so callbacks may call in again.
pub(crate) struct State {
    work: Option<Work>,
    outcome: Option<Result<Outcome, Failure>>,
    /// The request that is lent.
    request: Option<Box<Request>>,
    /// Nobody was asked to send it yet. One that somebody was asked to send is never sent again by itself.
    unsent: bool,
    /// Who drives it while it is run.
    pub(crate) running: Option<Running>,
}

impl Call {
    pub(crate) fn new(mailbox: Arc<Mailbox>, buys: bool, work: Work) -> Self {
        let state = State { work: Some(work), outcome: None, request: None, unsent: false, running: None };
        Self { mailbox, buys, aborted: AtomicBool::new(false), state: Mutex::new(state) }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // What a panic could leave behind is an unfinished call, which says so itself.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn mail(&self) -> MutexGuard<'_, Mail> {
        self.mailbox.lock()
    }

    pub(crate) fn is_aborted(&self) -> bool {
        self.aborted.load(Ordering::Acquire)
    }

    /// Goes on as far as it goes without anybody else.
    pub(crate) fn advance(&self, now_ms: i64) -> Result<Step, Status> {
        let mut state = self.state();
        if state.outcome.is_some() {
            return Ok(Step::Done);
        }
        // Gone while it was polled: that was a panic, and there is nothing to go on with.
        let mut work = state.work.take().ok_or(Status::Panic)?;
        if self.is_aborted() {
            let taken = self.buys && self.mail().may_be_at_fal();
            drop(work);
            state.over(Err(Failure::aborted(taken)));
            return Ok(Step::Done);
        }
        self.mail().now = Timestamp::from_unix_ms(now_ms);
        let polled = work.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        if let Poll::Ready(outcome) = polled {
            drop(work);
            state.over(outcome);
            return Ok(Step::Done);
        }
        state.work = Some(work);
        let mut mail = self.mail();
        if let Some(request) = mail.take_request() {
            state.request = Some(Box::new(request.into()));
            state.unsent = true;
        }
        if state.unsent && mail.exchange_id().is_some() {
            return Ok(Step::Send);
        }
        let step = if mail.exchange_id().is_some() { Step::Read } else { Step::Wait };
        if matches!(step, Step::Wait) {
            state.request = None;
        }
        Ok(step)
    }

    /// The status the call ended with, and its error.
    pub(crate) fn finish(&self) -> Result<(), Failure> {
        match &self.state().outcome {
            None => Err(Status::OutOfTurn.into()),
            Some(Ok(_)) => Ok(()),
            Some(Err(failure)) => Err(failure.clone()),
        }
    }

    /// Feeds something to the exchange of that number, and while the call is run, goes on.
    fn feed(&self, feed: impl FnOnce(&mut Mail) -> Result<(), Misfed>) -> Result<(), Status> {
        match feed(&mut self.mail()) {
            Ok(()) => {}
            Err(Misfed::Late) => return Ok(()),
            Err(Misfed::Order) => return Err(Status::OutOfTurn),
        }
        crate::run::go_on(self);
        Ok(())
    }

    /// Whether the exchange is still wanted.
    fn wants(&self, exchange: u64) -> bool {
        !self.is_aborted() && self.mail().exchange_id() == Some(exchange)
    }

    pub(crate) fn end(&self, exchange: u64, how: Result<(), TransportError>) -> Result<(), Status> {
        self.feed(|mail| mail.end(exchange, how))
    }
}

impl State {
    /// The request, which the caller now sends.
    pub(crate) fn send(&mut self) -> Option<Box<Request>> {
        self.unsent = false;
        self.request.take()
    }

    fn over(&mut self, outcome: Result<Outcome, Failure>) {
        self.request = None;
        self.outcome = Some(outcome);
    }

    /// The request that is lent.
    pub(crate) fn lent(&self) -> *const Request {
        self.request.as_deref().map_or(std::ptr::null(), |request| request)
    }
}

/// How an exchange ended, by its number.
pub(crate) fn ended(number: u32) -> Option<Result<(), TransportError>> {
    const COMPLETE: u32 = ExchangeEnd::Complete as u32;
    const NOT_SENT: u32 = ExchangeEnd::NotSent as u32;
    const MAYBE_SENT: u32 = ExchangeEnd::MaybeSent as u32;
    const TIMED_OUT: u32 = ExchangeEnd::TimedOut as u32;
    const TOO_LARGE: u32 = ExchangeEnd::TooLarge as u32;
    const CUT_OFF: u32 = ExchangeEnd::CutOff as u32;
    Some(match number {
        COMPLETE => Ok(()),
        NOT_SENT => Err(TransportError::NotSent(Reason::Connection)),
        MAYBE_SENT => Err(TransportError::MaybeSent(Reason::Connection)),
        TIMED_OUT => Err(TransportError::MaybeSent(Reason::Deadline)),
        TOO_LARGE => Err(TransportError::MaybeSent(Reason::TooLarge)),
        CUT_OFF => Err(TransportError::MaybeSent(Reason::Aborted)),
        _ => return None,
    })
}

/// Goes on with a call at `now_ms`, Unix milliseconds of the program's clock, and says what it wants next: `*step` is a
/// `generatio_step`. Ask again after every feed, and at `generatio_call_wait_until`; asking too often does no harm. When
/// the number of `generatio_call_exchange` changes, the exchange before is no longer wanted: cut it off.
///
/// One thread at a time; does not block.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_call_next(call: *mut Call, now_ms: i64, step: *mut u32) -> Status {
    guard(|| {
        // SAFETY: the caller keeps to the conventions.
        let (step, call) = unsafe { (Out::cleared(step, 0)?, handle(call)?) };
        if call.state().running.is_some() {
            return Err(Status::OutOfTurn);
        }
        let next = call.advance(now_ms)?;
        call.state().unsent = false;
        step.set(next as u32);
        Ok(())
    })
}

/// The request to send, after `GENERATIO_STEP_SEND`; NULL when there is none. Lent until the call's next step; one
/// thread at a time; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_call_request(call: *const Call) -> *const Request {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(call, |call| Pointer(call.state().lent())) }.0
}

/// The number of the exchange that is under way; 0 when there is none. One thread at a time; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_call_exchange(call: *const Call) -> u64 {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(call, |call| call.mail().exchange_id().unwrap_or(0)) }
}

/// Until when to wait before asking for the next step, in Unix milliseconds, if nothing else happens. One thread at a
/// time; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_call_wait_until(call: *const Call) -> i64 {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(call, |call| call.mail().wait_until().map_or(i64::MAX, Timestamp::unix_ms)) }
}

/// Whether the exchange of this number is still wanted. If not, cut it off; what is fed for it has no effect. While the
/// call is run this also looks at the clock: call it about every second while nothing arrives, so that deadlines and
/// aborts are noticed. One thread at a time; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_call_wants(call: *mut Call, exchange: u64) -> bool {
    let wants = |call: &Call| {
        crate::run::go_on(call);
        call.wants(exchange)
    };
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(call, wants) }
}

/// Feeds the beginning of an answer: its HTTP status, whatever it is. Headers follow, then
/// `generatio_call_head_done`. One thread at a time; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_call_head(call: *mut Call, exchange: u64, http_status: u16) -> Status {
    // SAFETY: the caller keeps to the conventions.
    guard(|| unsafe { handle(call) }?.feed(|mail| mail.head(exchange, http_status)))
}

/// Feeds one header of an answer. One whose name or value is not UTF-8 is passed over. One thread at a time; does not
/// block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_call_header(
    call: *mut Call,
    exchange: u64,
    name: *const c_char,
    name_len: usize,
    value: *const c_char,
    value_len: usize,
) -> Status {
    guard(|| {
        // SAFETY: the caller keeps to the conventions.
        let (call, name, value) =
            unsafe { (handle(call)?, boundary::text(name, name_len), boundary::text(value, value_len)) };
        match (name, value) {
            (Ok(name), Ok(value)) => call.feed(|mail| mail.header(exchange, name, value)),
            (Err(Status::BadArgument), _) | (_, Err(Status::BadArgument)) => Err(Status::BadArgument),
            _ => Ok(()),
        }
    })
}

/// All headers were fed. A program that forgets it loses nothing but time: the first bytes of the body say so too. One
/// thread at a time; does not block, but for callbacks while the call is run.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_call_head_done(call: *mut Call, exchange: u64) -> Status {
    // SAFETY: the caller keeps to the conventions.
    guard(|| unsafe { handle(call) }?.feed(|mail| mail.head_done(exchange)))
}

/// Feeds bytes of an answer's body, decoded (no chunked framing, no compression), as soon as they arrive. One thread at
/// a time; does not block, but for callbacks while the call is run.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_call_chunk(
    call: *mut Call,
    exchange: u64,
    bytes: *const u8,
    bytes_len: usize,
) -> Status {
    guard(|| {
        // SAFETY: the caller keeps to the conventions.
        let (call, bytes) = unsafe { (handle(call)?, boundary::bytes(bytes, bytes_len)?) };
        call.feed(|mail| mail.chunk(exchange, bytes))
    })
}

/// Ends an exchange, by a `generatio_exchange_end`: its body is complete, or it failed. An exchange that is run ends by
/// what its callback gives back instead. One thread at a time; does not block, but for callbacks while the call is run.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_call_end(call: *mut Call, exchange: u64, end: u32) -> Status {
    guard(|| {
        // SAFETY: the caller keeps to the conventions.
        let call = unsafe { handle(call) }?;
        call.end(exchange, ended(end).ok_or(Status::BadArgument)?)
    })
}

/// The next progress that a wait has to tell. `*progress` is the caller's, freed with `generatio_progress_free`; NULL
/// when there is none at present. A call that is run tells its progress to the callback instead. One thread at a time;
/// does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_call_next_progress(call: *mut Call, progress: *mut *mut Progress) -> Status {
    guard(|| {
        // SAFETY: the caller keeps to the conventions.
        let (progress, call) = unsafe { (Out::handle(progress)?, handle(call)?) };
        let next = call.mail().news.pop_front();
        if let Some(next) = next {
            progress.give(next);
        }
        Ok(())
    })
}

/// Stops a call: its next step is its last, and it ends with `GENERATIO_ABORTED`. A request that FAL has goes on there,
/// and one that was being submitted may have been taken: see `generatio_error_may_have_been_taken`. Any thread, while
/// others use the call, but not while it is freed; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_call_abort(call: *mut Call) {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(call, |call| call.aborted.store(true, Ordering::Release)) }
}

/// Whether a call was aborted. Any thread, while others use the call; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_call_is_aborted(call: *const Call) -> bool {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(call, Call::is_aborted) }
}

/// How a call ended: its status, and `error` for all but `GENERATIO_OK`. `GENERATIO_OUT_OF_TURN` while it is not over.
/// May be asked again. One thread at a time; does not block.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_call_finish(call: *const Call, error: *mut *mut Failure) -> Status {
    // SAFETY: the caller keeps to the conventions.
    unsafe { guard_telling(error, || handle(call)?.finish()) }
}

/// Frees a call, wherever it stands; NULL is fine. No request of it may be used afterwards. Not while it is run.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_call_free(call: *mut Call) {
    // SAFETY: the caller keeps to the conventions.
    unsafe { free(call) }
}
