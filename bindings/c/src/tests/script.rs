//! A FAL of scripted answers, and what the tests need to call the functions as C does.

use crate::call::Call;
use crate::error::{Failure, generatio_error_free, generatio_error_may_have_been_taken, generatio_error_status};
use crate::fal::{Fal, generatio_fal_new, generatio_fal_submit_input};
use crate::numbers::ExchangeEnd;
use crate::progress::{Progress, generatio_progress_state};
use crate::request::{Request, generatio_request_method, generatio_request_url};
use crate::run::Transport;
use crate::status::Status;
use crate::text::View;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::ffi::{c_char, c_void};
use std::ptr::{null, null_mut};

pub(super) const BASE: &str = "http://127.0.0.1:9";
pub(super) const KEY: &str = "key-id:key-secret";
pub(super) const DEADLINE_MS: i64 = 600_000;

/// The text behind a view.
pub(super) fn text(view: View) -> String {
    // SAFETY: views are lent by handles that live, with a NUL behind.
    let bytes = unsafe { std::slice::from_raw_parts(view.data.cast::<u8>(), view.len + 1) };
    assert_eq!(bytes.last(), Some(&0));
    String::from_utf8(bytes[..view.len].to_vec()).unwrap()
}

pub(super) fn chars(text: &str) -> (*const c_char, usize) {
    (text.as_ptr().cast(), text.len())
}

pub(super) fn fal() -> *mut Fal {
    let (mut fal, (base, len)) = (null_mut(), chars(BASE));
    // SAFETY: a text and a place of our own.
    assert_eq!(unsafe { generatio_fal_new(base, len, &raw mut fal) }, Status::Ok);
    fal
}

/// Begins a submit.
pub(super) fn submit(fal: *const Fal) -> *mut Call {
    let (mut call, (key, key_len)) = (null_mut(), chars(KEY));
    let ((endpoint, endpoint_len), (input, input_len)) = (chars("fal-ai/flux/dev"), chars(r#"{"prompt":"a fox"}"#));
    let out = &raw mut call;
    // SAFETY: texts, a handle and a place of our own.
    let status = unsafe {
        generatio_fal_submit_input(
            fal,
            key,
            key_len,
            endpoint,
            endpoint_len,
            input,
            input_len,
            null(),
            0,
            0,
            DEADLINE_MS,
            out,
        )
    };
    assert_eq!(status, Status::Ok);
    call
}

/// One scripted answer.
pub(super) struct Scripted {
    pub(super) status: u16,
    pub(super) kind: &'static str,
    pub(super) chunks: Vec<String>,
    pub(super) end: u32,
}

impl Scripted {
    pub(super) fn json(status: u16, body: &str) -> Self {
        let chunks = vec![body[..body.len() / 2].to_owned(), body[body.len() / 2..].to_owned()];
        Self { status, kind: "application/json", chunks, end: ExchangeEnd::Complete as u32 }
    }

    pub(super) fn events(events: &[&str]) -> Self {
        let chunks = events.iter().map(|event| format!("data: {event}\n\n")).collect();
        Self { status: 200, kind: "text/event-stream", chunks, end: ExchangeEnd::Complete as u32 }
    }

    /// No answer.
    pub(super) fn ended(end: u32) -> Self {
        Self { status: 0, kind: "", chunks: Vec::new(), end }
    }

    /// The answers of a request that goes well.
    pub(super) fn submitted() -> Self {
        Self::json(200, r#"{"request_id": "r-1"}"#)
    }
}

/// The other side of a [`Transport`].
#[derive(Default)]
pub(super) struct Script {
    pub(super) answers: RefCell<VecDeque<Scripted>>,
    pub(super) asked: RefCell<Vec<String>>,
    pub(super) states: RefCell<Vec<u32>>,
    pub(super) now_ms: Cell<i64>,
    /// Called in the middle of an exchange.
    pub(super) midway: Option<fn(*mut Call, u64)>,
}

impl Script {
    pub(super) fn of(answers: impl IntoIterator<Item = Scripted>) -> Self {
        Self { answers: RefCell::new(answers.into_iter().collect()), ..Self::default() }
    }

    pub(super) fn transport(&self) -> Transport {
        Transport {
            size: size_of::<Transport>(),
            context: std::ptr::from_ref(self).cast_mut().cast(),
            exchange: Some(exchange),
            now_ms: Some(now_ms),
            sleep_ms: Some(sleep_ms),
            progress: Some(progress),
        }
    }

    /// What was asked for, one a line.
    pub(super) fn asked(&self) -> String {
        self.asked.borrow().join("\n")
    }

    pub(super) fn note(&self, request: *const Request) {
        // SAFETY: a request that is lent at the time.
        let (method, url) = unsafe { (generatio_request_method(request), generatio_request_url(request)) };
        self.asked.borrow_mut().push(format!("{} {}", text(method), text(url).trim_start_matches(BASE)));
    }
}

/// # Safety
/// `context` is a living [`Script`].
unsafe fn script<'a>(context: *mut c_void) -> &'a Script {
    // SAFETY: as above.
    unsafe { &*context.cast::<Script>() }
}

unsafe extern "C" fn exchange(context: *mut c_void, call: *mut Call, exchange: u64, request: *const Request) -> u32 {
    use crate::call::{
        generatio_call_chunk, generatio_call_head, generatio_call_head_done, generatio_call_header,
        generatio_call_wants,
    };
    // SAFETY: the transport below made the context; call and request are lent for the time of the callback.
    unsafe {
        let script = script(context);
        script.note(request);
        if let Some(midway) = script.midway {
            midway(call, exchange);
        }
        let answer = script.answers.borrow_mut().pop_front().expect("no more is asked for than is scripted");
        if answer.status == 0 {
            return answer.end;
        }
        assert_eq!(generatio_call_head(call, exchange, answer.status), Status::Ok);
        let ((name, name_len), (value, value_len)) = (chars("Content-Type"), chars(answer.kind));
        assert_eq!(generatio_call_header(call, exchange, name, name_len, value, value_len), Status::Ok);
        assert_eq!(generatio_call_head_done(call, exchange), Status::Ok);
        for chunk in answer.chunks {
            if !generatio_call_wants(call, exchange) {
                return ExchangeEnd::CutOff as u32;
            }
            assert_eq!(generatio_call_chunk(call, exchange, chunk.as_ptr(), chunk.len()), Status::Ok);
        }
        answer.end
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
    now.set(now.get() + ms.max(1));
}

unsafe extern "C" fn progress(context: *mut c_void, progress: *const Progress) {
    // SAFETY: the transport's own context, and a progress that is lent for the time of the callback.
    let (script, state) = unsafe { (script(context), generatio_progress_state(progress)) };
    script.states.borrow_mut().push(state);
}

/// What an error says, which is freed: its status, and whether a submit may have been taken.
pub(super) fn told(error: *mut Failure) -> (u32, bool) {
    // SAFETY: an error of our own, freed once.
    unsafe {
        let told = (generatio_error_status(error), generatio_error_may_have_been_taken(error));
        generatio_error_free(error);
        told
    }
}
