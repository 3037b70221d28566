//! What a call wants of JavaScript, and what happened.

use super::super::json::{self, Object};
use generatio_core::Timestamp;
use generatio_core::fal::transport::{Method, Request};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use zeroize::Zeroizing;

/// Between a call and JavaScript. Ids stand for one exchange or one sleep each.
pub(super) struct Wire {
    now: Cell<Timestamp>,
    last_id: Cell<u32>,
    wants: RefCell<Vec<String>>,
    events: RefCell<Vec<(u32, Event)>>,
    keys: RefCell<Vec<(u32, Zeroizing<String>)>>,
    news: RefCell<Vec<String>>,
}

/// Something to do.
pub(super) enum Want {
    /// Read the next chunk of its answer.
    Read,
    /// Sleep.
    Sleep { ms: u64 },
    /// Forget it: cut the exchange off, or sleep no more.
    Forget,
}

/// Something that happened.
pub(super) enum Event {
    Head { status: u16, headers: Vec<(String, String)> },
    Chunk(Vec<u8>),
    Failed { too_large: bool },
    Woke,
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

    pub(super) fn want(&self, id: u32, want: &Want) {
        let (kind, ms) = match want {
            Want::Read => ("read", None),
            Want::Sleep { ms } => ("sleep", Some(*ms)),
            Want::Forget => ("forget", None),
        };
        self.push(Object::default().text("do", kind).json("id", id).json_if("ms", ms).end());
    }

    fn push(&self, want: String) {
        self.wants.borrow_mut().push(want);
    }

    /// Wants `request` sent. The key stays here until it is asked for. `user-agent` is the browser's own.
    pub(super) fn send(&self, id: u32, request: Request) {
        let mut headers = Vec::new();
        for header in request.headers {
            match header.name {
                "authorization" => self.keys.borrow_mut().push((id, header.value)),
                "user-agent" => {}
                name => headers.push(json::list(&[json::quoted(name), json::quoted(&header.value)])),
            }
        }
        let method = match request.method {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
        };
        let body = request.body.map(|body| String::from_utf8_lossy(&body).into_owned());
        self.push(
            Object::default()
                .text("do", "send")
                .json("id", id)
                .text("method", method)
                .text("url", &request.url)
                .json("headers", json::list(&headers))
                .text_or_null("body", body.as_deref())
                .json("maxBody", request.max_body)
                .end(),
        );
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
        self.want(id, &Want::Forget);
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
    pub(super) fn tell(&self, json: String) {
        self.news.borrow_mut().push(json);
    }

    /// What has gathered since the last step, and what came of the call: `{wants, news, done?}`.
    pub(super) fn step(&self, done: Option<String>) -> String {
        let (wants, news) = (self.wants.take(), self.news.take());
        Object::default().json("wants", json::list(&wants)).json("news", json::list(&news)).json_if("done", done).end()
    }
}
