//! The blocking way: a loop over a call's steps, with the caller's callbacks for exchange, clock and sleep.

use crate::boundary::{guard_telling, handle};
use crate::call::{Call, ended};
use crate::error::Failure;
use crate::numbers::Step;
use crate::progress::Progress;
use crate::request::Request;
use crate::status::Status;
use std::ffi::c_void;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The longest sleep at a time, so that an abort is noticed soon.
const NAP_MS: i64 = 100;

/// What a program brings to run calls with. The structure may grow: set `size` to `sizeof(generatio_transport)`, and
/// what is not used to NULL.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Transport {
    /// `sizeof(generatio_transport)`.
    pub size: usize,
    /// Handed to every callback; the library does not look at it.
    pub context: *mut c_void,
    /// Makes one HTTP exchange: sends `request`, and as the answer arrives calls `generatio_call_head`,
    /// `generatio_call_header` for each header, `generatio_call_head_done`, and `generatio_call_chunk` for the bytes of
    /// the body, all with `call` and `exchange`. While `generatio_call_wants` says no, it stops, and gives back
    /// whatever it likes. Gives back a `generatio_exchange_end`; other numbers count as
    /// `GENERATIO_EXCHANGE_END_MAYBE_SENT`. It must not throw, unwind or jump out.
    pub exchange: Option<
        unsafe extern "C" fn(context: *mut c_void, call: *mut Call, exchange: u64, request: *const Request) -> u32,
    >,
    /// The time in Unix milliseconds. NULL: the operating system's.
    pub now_ms: Option<unsafe extern "C" fn(context: *mut c_void) -> i64>,
    /// Comes back after so many milliseconds, at most 100, or earlier. NULL: the operating system's.
    pub sleep_ms: Option<unsafe extern "C" fn(context: *mut c_void, ms: i64)>,
    /// Told each progress of a wait, which is lent for the time of the callback. NULL: nobody is told.
    pub progress: Option<unsafe extern "C" fn(context: *mut c_void, progress: *const Progress)>,
}

/// Who drives a call that is run.
#[derive(Clone, Copy)]
pub(crate) struct Running(Transport);

impl Running {
    fn now_ms(&self) -> i64 {
        match self.0.now_ms {
            // SAFETY: the caller keeps to the conventions: the callback is one of this type.
            Some(now_ms) => unsafe { now_ms(self.0.context) },
            None => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
            }
        }
    }

    fn sleep(&self, ms: i64) {
        let ms = ms.clamp(0, NAP_MS);
        match self.0.sleep_ms {
            // SAFETY: as above.
            Some(sleep_ms) => unsafe { sleep_ms(self.0.context, ms) },
            None => std::thread::sleep(Duration::from_millis(ms.unsigned_abs())),
        }
    }

    fn tell(&self, call: &Call) {
        loop {
            // The lock goes before the callback runs.
            let next = call.mail().news.pop_front();
            let Some(progress) = next else { return };
            if let Some(tell) = self.0.progress {
                // SAFETY: as above.
                unsafe { tell(self.0.context, &raw const progress) };
            }
        }
    }

    fn exchange(&self, call: &Call) -> Result<(), Status> {
        let Some(id) = call.mail().exchange_id() else { return Ok(()) };
        let Some(request) = call.state().send() else { return Ok(()) };
        let send = self.0.exchange.ok_or(Status::BadArgument)?;
        // SAFETY: as above. The request lives until the callback is back, whatever it feeds.
        let end = unsafe { send(self.0.context, std::ptr::from_ref(call).cast_mut(), id, &raw const *request) };
        let end = ended(end).unwrap_or(Err(generatio_core::fal::transport::TransportError::MaybeSent(
            generatio_core::fal::transport::Reason::Connection,
        )));
        call.end(id, end)
    }
}

/// Goes on with a call that is run, after its exchange brought something.
pub(crate) fn go_on(call: &Call) {
    let running = call.state().running;
    if let Some(running) = running {
        // What it wants next, the loop below finds out.
        _ = call.advance(running.now_ms());
        running.tell(call);
    }
}

/// Takes the transport out again, whatever happens.
struct Run<'a>(&'a Call);

impl Drop for Run<'_> {
    fn drop(&mut self) {
        self.0.state().running = None;
    }
}

/// Runs a call to its end over the program's callbacks, in this thread, and gives back how it ended, as
/// `generatio_call_finish` does. The callbacks may use the call they are handed, and other handles, but not run this
/// call. `transport` is not needed any longer afterwards. Blocks, until the call's deadline at the latest;
/// `generatio_call_abort` ends it from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_call_run(
    call: *mut Call,
    transport: *const Transport,
    error: *mut *mut Failure,
) -> Status {
    let body = || {
        // SAFETY: the caller keeps to the conventions.
        let (call, transport) = unsafe { (handle(call)?, handle(transport)?) };
        if transport.size != size_of::<Transport>() || transport.exchange.is_none() {
            return Err(Status::BadArgument.into());
        }
        run(call, Running(*transport))
    };
    // SAFETY: the caller keeps to the conventions.
    unsafe { guard_telling(error, body) }
}

fn run(call: &Call, running: Running) -> Result<(), Failure> {
    {
        let mut state = call.state();
        if state.running.is_some() {
            return Err(Status::OutOfTurn.into());
        }
        state.running = Some(running);
    }
    let _run = Run(call);
    loop {
        let step = call.advance(running.now_ms())?;
        running.tell(call);
        match step {
            Step::Send => running.exchange(call)?,
            // An exchange that began as steps, and is not ours to read.
            Step::Read => return Err(Status::OutOfTurn.into()),
            Step::Wait => {
                let until = call.mail().wait_until().map_or(i64::MAX, generatio_core::Timestamp::unix_ms);
                running.sleep(until.saturating_sub(running.now_ms()));
            }
            Step::Done => return call.finish(),
        }
    }
}
