//! A host that plays a script: exchanges in order, a clock that only sleeping moves, no socket.

use generatio_core::Timestamp;
use generatio_core::fal::transport::{Body, Host, Method, Request, Response, Transport, TransportError};
use generatio_core::time::Clock;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// Runs a future over doubles, which are always ready.
///
/// # Panics
/// When the future waits for something no double will ever bring.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the future waits for something that never comes"),
    }
}

/// One exchange of a script: what must be asked, and what is answered.
#[derive(Debug)]
pub struct Exchange {
    method: Method,
    url: String,
    reply: Reply,
    body: VecDeque<Part>,
}

#[derive(Debug)]
enum Reply {
    Head(u16, Vec<(String, String)>),
    Fail(TransportError),
    Silence,
}

/// A piece of an answer.
#[derive(Debug)]
enum Part {
    Bytes(Vec<u8>),
    Fail(TransportError),
    Stall,
}

impl Exchange {
    /// Expects `method` at exactly `url`; answers 200 without a body unless told otherwise.
    #[must_use]
    pub fn new(method: Method, url: &str) -> Self {
        Self { method, url: url.to_owned(), reply: Reply::Head(200, Vec::new()), body: VecDeque::new() }
    }

    /// Expects a GET.
    #[must_use]
    pub fn get(url: &str) -> Self {
        Self::new(Method::Get, url)
    }

    /// Expects a POST.
    #[must_use]
    pub fn post(url: &str) -> Self {
        Self::new(Method::Post, url)
    }

    /// Expects a PUT.
    #[must_use]
    pub fn put(url: &str) -> Self {
        Self::new(Method::Put, url)
    }

    /// Answers with `status`.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        if let Reply::Head(present, _) = &mut self.reply {
            *present = status;
        }
        self
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Reply::Head(_, headers) = &mut self.reply {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// Adds a chunk to the body.
    #[must_use]
    pub fn chunk(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.body.push_back(Part::Bytes(bytes.as_ref().to_vec()));
        self
    }

    /// Breaks the body off here.
    #[must_use]
    pub fn cut(mut self, error: TransportError) -> Self {
        self.body.push_back(Part::Fail(error));
        self
    }

    /// Sends nothing more from here on, and does not end.
    #[must_use]
    pub fn stall(mut self) -> Self {
        self.body.push_back(Part::Stall);
        self
    }

    /// Fails instead of answering.
    #[must_use]
    pub fn fail(mut self, error: TransportError) -> Self {
        self.reply = Reply::Fail(error);
        self
    }

    /// Never answers.
    #[must_use]
    pub fn silence(mut self) -> Self {
        self.reply = Reply::Silence;
        self
    }
}

/// A request as it was sent. Keys are in the clear here: tests look for them.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The method.
    pub method: Method,
    /// The address.
    pub url: String,
    /// All headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Option<Vec<u8>>,
    /// The size limit.
    pub max_body: usize,
    /// The deadline.
    pub deadline: Timestamp,
    /// When it was sent.
    pub at: Timestamp,
    /// What `Debug` shows of it.
    pub debug: String,
}

impl Sent {
    /// The header of that name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
    }
}

/// The double. Clones share one script, so that a test can keep one to look at. A request that is not the next of the
/// script panics; so does a script that was not played to its end, when the last clone is dropped.
#[derive(Clone, Debug)]
pub struct ScriptedTransport(Arc<Mutex<Script>>);

#[derive(Debug)]
struct Script {
    now: Timestamp,
    to_come: VecDeque<Exchange>,
    sent: Vec<Sent>,
    sleeps: Vec<Duration>,
}

impl Drop for Script {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(self.to_come.is_empty(), "never asked: {:#?}", self.to_come);
        }
    }
}

impl ScriptedTransport {
    /// A host whose clock shows `now`.
    #[must_use]
    pub fn new(now: Timestamp, script: impl IntoIterator<Item = Exchange>) -> Self {
        let to_come = script.into_iter().collect();
        Self(Arc::new(Mutex::new(Script { now, to_come, sent: Vec::new(), sleeps: Vec::new() })))
    }

    /// All requests so far.
    #[must_use]
    pub fn sent(&self) -> Vec<Sent> {
        self.script().sent.clone()
    }

    /// All sleeps that came to their end, in order; waiting for an answer that stalls is one.
    #[must_use]
    pub fn sleeps(&self) -> Vec<Duration> {
        self.script().sleeps.clone()
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().expect("no test goes on after a panic")
    }
}

impl Clock for ScriptedTransport {
    fn now(&self) -> Timestamp {
        self.script().now
    }
}

impl Host for ScriptedTransport {
    async fn sleep(&self, duration: Duration) {
        let mut script = self.script();
        script.now = script.now.after(duration);
        script.sleeps.push(duration);
    }
}

impl Transport for ScriptedTransport {
    type Body = ScriptedBody;

    async fn send(&self, request: Request) -> Result<Response<ScriptedBody>, TransportError> {
        let (reply, parts) = {
            let mut script = self.script();
            let next = script.to_come.pop_front();
            let next = next.unwrap_or_else(|| panic!("not in the script: {request:?}"));
            assert_eq!((request.method, &request.url), (next.method, &next.url), "out of order");
            let at = script.now;
            script.sent.push(sent(request, at));
            (next.reply, next.body)
        };
        match reply {
            Reply::Head(status, headers) => Ok(Response { status, headers, body: ScriptedBody(parts) }),
            Reply::Fail(error) => Err(error),
            Reply::Silence => std::future::pending().await,
        }
    }
}

fn sent(request: Request, at: Timestamp) -> Sent {
    let debug = format!("{request:?}");
    let headers = request.headers.iter().map(|header| (header.name, header.value.to_string())).collect();
    let Request { method, url, body, max_body, deadline, .. } = request;
    Sent { method, url, headers, body, max_body, deadline, at, debug }
}

/// The body of a scripted answer.
#[derive(Debug)]
pub struct ScriptedBody(VecDeque<Part>);

impl Body for ScriptedBody {
    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        match self.0.pop_front() {
            None => Ok(None),
            Some(Part::Bytes(bytes)) => Ok(Some(bytes)),
            Some(Part::Fail(error)) => Err(error),
            Some(Part::Stall) => std::future::pending().await,
        }
    }
}
