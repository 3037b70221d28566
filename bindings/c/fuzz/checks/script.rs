//! The other side of a transport: what its callbacks do is a row of bytes, too.

use super::bytes::Bytes;
use super::texts::TEXTS;
use generatio_c::call::{
    Call, generatio_call_abort, generatio_call_chunk, generatio_call_end, generatio_call_exchange, generatio_call_head,
    generatio_call_head_done, generatio_call_header, generatio_call_next, generatio_call_wants,
};
use generatio_c::progress::{Progress, generatio_progress_log_count, generatio_progress_log_message};
use generatio_c::request::{Request, generatio_request_body, generatio_request_url};
use generatio_c::run::Transport;
use generatio_c::status::Status;
use std::cell::{Cell, RefCell};
use std::ffi::c_void;

/// What callbacks will do.
#[derive(Default)]
pub(crate) struct Script {
    bytes: RefCell<Vec<u8>>,
    now_ms: Cell<i64>,
}

impl Script {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        Self { bytes: RefCell::new(bytes.iter().rev().copied().collect()), now_ms: Cell::new(0) }
    }

    /// A transport of this script. Clock and sleep are its own: nothing waits.
    pub(crate) fn transport(script: *const Self) -> Transport {
        Transport {
            size: size_of::<Transport>(),
            context: script.cast_mut().cast(),
            exchange: Some(exchange),
            now_ms: Some(now_ms),
            sleep_ms: Some(sleep_ms),
            progress: Some(progress),
        }
    }

    fn byte(&self) -> Option<u8> {
        self.bytes.borrow_mut().pop()
    }

    fn text(&self) -> (*const u8, usize) {
        let text = Bytes(&[self.byte().unwrap_or(0)]).pick(TEXTS);
        (text.as_ptr(), text.len())
    }
}

/// # Safety
/// `context` is a living [`Script`].
unsafe fn script<'a>(context: *mut c_void) -> &'a Script {
    // SAFETY: as above.
    unsafe { &*context.cast::<Script>().cast_const() }
}

unsafe extern "C" fn exchange(context: *mut c_void, call: *mut Call, exchange: u64, request: *const Request) -> u32 {
    // SAFETY: the transport's own context; call and request are lent for the time of the callback.
    unsafe {
        let script = script(context);
        assert!(generatio_request_url(request).len > 0);
        _ = generatio_request_body(request);
        while let Some(byte) = script.byte() {
            if byte >= 240 {
                return (byte - 240).into();
            }
            act(script, byte, call, exchange);
        }
        // Nothing is left to say: it must not go on for ever.
        generatio_call_abort(call);
    }
    5
}

/// # Safety
/// The call is being run, and this is its exchange.
unsafe fn act(script: &Script, byte: u8, call: *mut Call, exchange: u64) {
    // SAFETY: as above.
    unsafe {
        match byte % 12 {
            0 => _ = generatio_call_head(call, exchange, 200),
            1 => _ = generatio_call_head(call, exchange, u16::from(script.byte().unwrap_or(0)) * 3),
            2 => {
                let ((name, name_len), (value, value_len)) = (script.text(), script.text());
                _ = generatio_call_header(call, exchange, name.cast(), name_len, value.cast(), value_len);
            }
            3 => _ = generatio_call_head_done(call, exchange),
            4 => {
                let (text, len) = script.text();
                _ = generatio_call_chunk(call, exchange, text, len);
            }
            5 => _ = generatio_call_wants(call, exchange),
            6 => _ = generatio_call_end(call, exchange, script.byte().unwrap_or(0).into()),
            7 => {
                let mut step = 7;
                assert_eq!(generatio_call_next(call, 0, &raw mut step), Status::OutOfTurn);
                assert_eq!(step, 0);
            }
            8 => _ = generatio_call_exchange(call),
            9 if byte > 200 => generatio_call_abort(call),
            // An answer as FAL gives it: head, type, body.
            _ => {
                let (kind, (text, len)) =
                    (if byte.is_multiple_of(2) { "application/json" } else { "text/event-stream" }, script.text());
                _ = generatio_call_head(call, exchange, 200);
                let name = "content-type";
                _ = generatio_call_header(
                    call,
                    exchange,
                    name.as_ptr().cast(),
                    name.len(),
                    kind.as_ptr().cast(),
                    kind.len(),
                );
                _ = generatio_call_chunk(call, exchange, text, len);
            }
        }
    }
}

unsafe extern "C" fn now_ms(context: *mut c_void) -> i64 {
    // SAFETY: the transport's own context.
    unsafe { script(context) }.now_ms.get()
}

unsafe extern "C" fn sleep_ms(context: *mut c_void, ms: i64) {
    assert!((0..=100).contains(&ms));
    // SAFETY: the transport's own context.
    let now = &unsafe { script(context) }.now_ms;
    now.set(now.get().saturating_add(60_000));
}

unsafe extern "C" fn progress(_: *mut c_void, progress: *const Progress) {
    // SAFETY: lent for the time of the callback.
    unsafe {
        for index in 0..=generatio_progress_log_count(progress) {
            assert!(!generatio_progress_log_message(progress, index).data.is_null());
        }
    }
}
