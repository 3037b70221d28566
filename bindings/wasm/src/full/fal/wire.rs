//! What a call wants of JavaScript, and what happened.

use generatio_core::Timestamp;
use generatio_core::fal::transport::{Method, Request};
use serde::Serialize;
use serde_json::value::RawValue;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use zeroize::Zeroizing;

/// Between a call and JavaScript. Ids stand for one exchange or one sleep each.
pub(super) struct Wire {
    now: Cell<Timestamp>,
    last_id: Cell<u32>,
    wants: RefCell<Vec<Want>>,
    events: RefCell<Vec<(u32, Event)>>,
    keys: RefCell<Vec<(u32, Zeroizing<String>)>>,
    news: RefCell<Vec<Box<RawValue>>>,
}

/// Something to do.
#[derive(Serialize)]
#[serde(rename_all = "camelCase", tag = "do")]
pub(super) enum Want {
    /// Send a request; its `authorization` is asked for apart.
    #[serde(rename_all = "camelCase")]
    Send {
        id: u32,
        method: &'static str,
        url: String,
        headers: Vec<(&'static str, String)>,
        body: Option<String>,
        max_body: usize,
    },
    /// Read the next chunk of its answer.
    Read { id: u32 },
    /// Sleep.
    Sleep { id: u32, ms: u64 },
    /// Forget it: cut the exchange off, or sleep no more.
    Forget { id: u32 },
}

/// Something that happened.
pub(super) enum Event {
    Head { status: u16, headers: Vec<(String, String)> },
    Chunk(Vec<u8>),
    Failed { too_large: bool },
    Woke,
}

/// What a poll gives JavaScript.
#[derive(Serialize)]
pub(super) struct Step {
    wants: Vec<Want>,
    news: Vec<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    done: Option<Box<RawValue>>,
}

impl Wire {
    pub(super) fn new(now: Timestamp) -> Rc<Self> {
        Rc::new(Self {
            now: Cell::new(now),
            last_id: Cell::new(0),
            wants: RefCell::default(),
            events: RefCell::default(),
            keys: RefCell::default(),
            news: RefCell::default(),
        })
    }

    pub(super) fn now(&self) -> Timestamp {
        self.now.get()
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "milliseconds of a clock; what is beyond stays at the end of time"
    )]
    pub(super) fn set_now(&self, ms: f64) {
        self.now.set(Timestamp::from_unix_ms(ms as i64));
    }

    pub(super) fn id(&self) -> u32 {
        self.last_id.set(self.last_id.get() + 1);
        self.last_id.get()
    }

    pub(super) fn want(&self, want: Want) {
        self.wants.borrow_mut().push(want);
    }

    /// Wants `request` sent. The key stays here until it is asked for. `user-agent` is the browser's own.
    pub(super) fn send(&self, id: u32, request: Request) {
        let mut headers = Vec::new();
        for header in request.headers {
            match header.name {
                "authorization" => self.keys.borrow_mut().push((id, header.value)),
                "user-agent" => {}
                name => headers.push((name, header.value.to_string())),
            }
        }
        let method = match request.method {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
        };
        let body = request.body.map(|body| String::from_utf8_lossy(&body).into_owned());
        self.want(Want::Send { id, method, url: request.url, headers, body, max_body: request.max_body });
    }

    pub(super) fn authorization(&self, id: u32) -> Option<Vec<u8>> {
        let mut keys = self.keys.borrow_mut();
        let at = keys.iter().position(|(own, _)| *own == id)?;
        let (_, value) = keys.swap_remove(at);
        Some(value.as_bytes().to_vec())
    }

    /// Whatever is no longer waited for has no effect.
    pub(super) fn forget(&self, id: u32) {
        self.keys.borrow_mut().retain(|(own, _)| *own != id);
        self.events.borrow_mut().retain(|(own, _)| *own != id);
        self.want(Want::Forget { id });
    }

    pub(super) fn happened(&self, id: u32, event: Event) {
        self.events.borrow_mut().push((id, event));
    }

    /// What happened to it first.
    pub(super) fn event(&self, id: u32) -> Option<Event> {
        let mut events = self.events.borrow_mut();
        let at = events.iter().position(|(own, _)| *own == id)?;
        Some(events.remove(at).1)
    }

    /// News for JavaScript, as JSON.
    pub(super) fn tell(&self, json: Option<Box<RawValue>>) {
        self.news.borrow_mut().extend(json);
    }

    /// What has gathered since the last step.
    pub(super) fn step(&self, done: Option<String>) -> Step {
        Step {
            wants: self.wants.take(),
            news: self.news.take(),
            done: done.and_then(|done| RawValue::from_string(done).ok()),
        }
    }
}
