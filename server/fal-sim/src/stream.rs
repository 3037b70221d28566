//! The status stream: server-sent events, one at once and one for each change, until the request is over.

use crate::call::Call;
use crate::fault::{Fault, Phase};
use crate::job::{Job, Progress, Stage};
use crate::line::Line;
use crate::reply::{self, Body, Cut, Reply};
use crate::spoil::FLUSH;
use crate::status::StatusBody;
use bytes::Bytes;
use futures_util::stream;
use http::{Response, StatusCode};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// `GET …/status/stream`.
pub(crate) fn follow(call: &Call, job: &Arc<Job>) -> Reply {
    let fault = job.strike(Phase::Stream);
    if fault == Some(Fault::Stream404) {
        return reply::detail(StatusCode::NOT_FOUND, "Not Found");
    }
    let teller = Teller {
        progress: job.watch(),
        job: Arc::clone(job),
        with_logs: call.wants_logs(),
        logs_told: 0,
        begun: false,
        over: false,
        steps: VecDeque::new(),
        fault,
        line: call.line.clone(),
    };
    sse(StreamBody::new(stream::unfold(teller, Teller::next)).boxed_unsync())
}

/// An answer of events.
pub(crate) fn sse(body: Body) -> Reply {
    Reply::Flow(Response::new(body)).with("content-type", "text/event-stream").with("cache-control", "no-cache")
}

/// Follows one request and tells of it.
struct Teller {
    job: Arc<Job>,
    progress: watch::Receiver<Progress>,
    with_logs: bool,
    /// How many log lines were told already.
    logs_told: usize,
    begun: bool,
    over: bool,
    steps: VecDeque<Step>,
    fault: Option<Fault>,
    line: Line,
}

/// What is done next with the connection.
enum Step {
    Send(Bytes),
    Pause(Duration),
    Reset,
}

impl Teller {
    async fn next(mut self) -> Option<(Result<Frame<Bytes>, Cut>, Self)> {
        loop {
            match self.steps.pop_front() {
                Some(Step::Send(bytes)) => return Some((Ok(Frame::data(bytes)), self)),
                Some(Step::Pause(duration)) => tokio::time::sleep(duration).await,
                Some(Step::Reset) => {
                    self.line.reset();
                    return Some((Err(Cut), self));
                }
                None if self.over => return None,
                None => self.tell().await,
            }
        }
    }

    /// Waits for news, unless it is the first, and plans how to tell them.
    async fn tell(&mut self) {
        if self.begun && self.progress.changed().await.is_err() {
            self.over = true;
            return;
        }
        let progress = self.progress.borrow_and_update().clone();
        self.over = matches!(progress.stage, Stage::Ended { .. });
        let event = self.event(&progress);
        self.plan(event);
        self.begun = true;
    }

    fn event(&mut self, progress: &Progress) -> Bytes {
        let fresh = &progress.logs[self.logs_told.min(progress.logs.len())..];
        let body = StatusBody::of(&self.job, progress, self.with_logs.then_some(fresh));
        let event = format!("data: {}\n\n", serde_json::to_string(&body).expect("our own types become JSON"));
        if !matches!(progress.stage, Stage::Queued(_)) {
            self.logs_told = progress.logs.len();
        }
        event.into()
    }

    fn plan(&mut self, event: Bytes) {
        match self.fault {
            Some(Fault::StreamSlow) => event.chunks(5).for_each(|piece| self.trickle(piece)),
            Some(Fault::StreamDuplicate) => self.steps.extend([Step::Send(event.clone()), Step::Send(event)]),
            Some(Fault::StreamJunk) => self.junk(&event),
            Some(fault @ (Fault::StreamCut | Fault::StreamReset | Fault::StreamStall)) => self.break_off(fault, event),
            _ => self.steps.push_back(Step::Send(event)),
        }
    }

    fn trickle(&mut self, piece: &[u8]) {
        self.steps.push_back(Step::Send(Bytes::copy_from_slice(piece)));
        self.steps.push_back(Step::Pause(Duration::from_millis(1)));
    }

    /// All that the rules of server-sent events allow, and at first something they do not: data that is not JSON.
    fn junk(&mut self, event: &[u8]) {
        let event = String::from_utf8_lossy(event).replace('\n', "\r\n");
        let before = if self.begun { ": still here\n\n" } else { ": hello\n\nretry: 10\n\ndata: <not json>\n\n" };
        self.steps.push_back(Step::Send(format!("{before}event: status\r\nid: 7\r\nmood: fine\r\n{event}").into()));
    }

    /// Tells of the present and no more; of the end, only half.
    fn break_off(&mut self, fault: Fault, event: Bytes) {
        let told = if self.over { event.slice(..event.len() / 2) } else { event };
        self.steps.push_back(Step::Send(told));
        match fault {
            Fault::StreamReset => self.steps.extend([Step::Pause(FLUSH), Step::Reset]),
            Fault::StreamStall => self.steps.push_back(Step::Pause(Duration::from_secs(600))),
            _ => {}
        }
        self.over = true;
    }
}
