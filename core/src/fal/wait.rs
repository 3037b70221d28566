//! Waiting for a request to complete, as steps: what to send, how long to pause, what came of it. Pure; the host sends,
//! reads and sleeps. [`crate::fal::Client::wait`] is the driver for hosts with futures, and an example for others.
//!
//! The status stream comes first, since it tells of completion at once. When it breaks, ends early, falls silent or sends
//! junk, the status is polled; a stream that broke gets one more chance as soon as a poll has worked. Nothing that passes
//! ends the wait before its deadline: the request is paid for, and goes on without us.

use super::error::{Again, FalError, retry_after};
use super::hosts::Hosts;
use super::retry::{Backoff, Pace};
use super::sse::Parser;
use super::transport::{Head, Reason, Request, TransportError};
use super::wire::{self, ANSWER_MAX, Failure, STREAM_MAX, State, Status, Submitted};
use crate::{ErrorCode, FalKey, Timestamp};
use std::time::Duration;

/// How long the head of an answer, or the next chunk of its body, may stay away before the driver reports
/// [`Wait::failed`] with `MaybeSent(Deadline)`.
pub const SILENCE: Duration = Duration::from_secs(20);

/// What the driver does next.
#[derive(Debug)]
pub enum Step {
    /// Send this and report: [`Wait::head`], then [`Wait::chunk`] for each chunk while it says [`Flow::More`], then
    /// [`Wait::end`]; or [`Wait::failed`] at any point. Then ask for the next step.
    Send(Request),
    /// Sleep that long, then ask again.
    Sleep(Duration),
    /// It is over.
    Done(Result<Completion, FalError>),
}

/// Whether to go on reading an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Read on.
    More,
    /// Drop the rest, and ask for the next step.
    Enough,
}

/// A request that is over. The result has what came of it, for failed ones too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Completion {
    /// Present when FAL says that it failed or was canceled.
    pub failed: Option<Failure>,
    /// How long the model ran, milliseconds.
    pub inference_ms: Option<u64>,
}

/// One wait.
#[derive(Debug)]
pub struct Wait {
    hosts: Hosts,
    submitted: Submitted,
    deadline: Timestamp,
    source: Source,
    pace: Backoff,
    pause: Option<Duration>,
    /// A stream may be opened once more.
    second_stream: bool,
    /// The last stream broke in a way that makes another worth trying.
    reopen: bool,
    /// Polls ask for log lines.
    with_logs: bool,
    logs_seen: usize,
    last: Option<State>,
    news: Vec<Status>,
    outcome: Option<Result<Completion, FalError>>,
}

/// Where the status comes from, and what of the present answer has arrived.
#[derive(Debug)]
enum Source {
    Stream { events: Parser, bytes: usize, logs: usize },
    Poll { head: Option<Head>, body: Vec<u8> },
}

impl Source {
    fn stream() -> Self {
        Self::Stream { events: Parser::new(ANSWER_MAX), bytes: 0, logs: 0 }
    }

    fn poll() -> Self {
        Self::Poll { head: None, body: Vec::new() }
    }
}

impl Wait {
    /// A wait for `submitted` that is over by `deadline`.
    #[must_use]
    pub fn new(hosts: &Hosts, submitted: &Submitted, deadline: Timestamp) -> Self {
        Self {
            hosts: hosts.clone(),
            deadline,
            source: Source::stream(),
            pace: Backoff::new(&Pace::POLL, &submitted.request_id),
            submitted: submitted.clone(),
            pause: None,
            second_stream: true,
            reopen: false,
            with_logs: true,
            logs_seen: 0,
            last: None,
            news: Vec::new(),
            outcome: None,
        }
    }

    /// The next step. [`Step::Done`] comes again when asked again.
    ///
    /// It ends with [`ErrorCode::FalTimeout`] at the deadline, or with what FAL says when waiting is of no use: 401, 403,
    /// 404, 405 and other refusals of a poll, a start deadline that struck, `X-Fal-Retryable: false`.
    pub fn next(&mut self, key: &FalKey, now: Timestamp) -> Step {
        if self.outcome.is_none() && now >= self.deadline {
            self.outcome = Some(Err(FalError::timeout()));
        }
        if let Some(outcome) = &self.outcome {
            return Step::Done(outcome.clone());
        }
        if let Some(pause) = self.pause.take() {
            return Step::Sleep(pause.min(self.deadline.since(now)));
        }
        self.request(key, now).map_or_else(|error| Step::Done(Err(error)), Step::Send)
    }

    /// Reports the head of an answer.
    pub fn head(&mut self, answer: Head) -> Flow {
        match &mut self.source {
            Source::Poll { head, .. } => {
                *head = Some(answer);
                Flow::More
            }
            Source::Stream { .. } if is_event_stream(&answer) => Flow::More,
            Source::Stream { .. } => {
                self.leave_stream(false, retry_after(&answer));
                Flow::Enough
            }
        }
    }

    /// Reports the next chunk of the body.
    pub fn chunk(&mut self, chunk: &[u8]) -> Flow {
        match &mut self.source {
            Source::Stream { events, bytes, .. } => {
                *bytes += chunk.len();
                match events.feed(chunk) {
                    Ok(events) if *bytes <= STREAM_MAX => self.events(&events),
                    _ => {
                        self.leave_stream(false, None);
                        Flow::Enough
                    }
                }
            }
            Source::Poll { body, .. } if body.len() + chunk.len() <= ANSWER_MAX => {
                body.extend_from_slice(chunk);
                Flow::More
            }
            Source::Poll { .. } => {
                self.failed(TransportError::MaybeSent(Reason::TooLarge));
                Flow::Enough
            }
        }
    }

    /// Reports that the body has ended.
    pub fn end(&mut self) {
        match std::mem::replace(&mut self.source, Source::poll()) {
            Source::Poll { head: Some(head), body } => match wire::read_status(&head.with_body(body)) {
                Ok(status) => self.polled(status),
                Err(error) => self.poll_failed(&error),
            },
            Source::Poll { head: None, .. } => self.poll_failed(&FalError::new(ErrorCode::FalProtocol)),
            Source::Stream { .. } => self.leave_stream(true, None),
        }
    }

    /// Reports that the exchange failed, or stayed silent for [`SILENCE`].
    pub fn failed(&mut self, error: TransportError) {
        match std::mem::replace(&mut self.source, Source::poll()) {
            // One that never began may sit behind something that buffers; another would too.
            Source::Stream { .. } => self.leave_stream(!is_silence(error) || self.last.is_some(), None),
            // What a cut body has to say is in its head.
            Source::Poll { head: Some(head), .. } if !head.is_success() => {
                self.poll_failed(&FalError::from_answer(&head.with_body(Vec::new())));
            }
            Source::Poll { .. } => self.poll_failed(&FalError::from_transport(error)),
        }
    }

    /// The statuses that brought something new since the last call: another state or position, or log lines, of which
    /// only the new ones are there.
    pub fn take_news(&mut self) -> Vec<Status> {
        std::mem::take(&mut self.news)
    }

    fn request(&self, key: &FalKey, now: Timestamp) -> Result<Request, FalError> {
        let Self { hosts, submitted, deadline, .. } = self;
        match self.source {
            Source::Stream { .. } => wire::stream_request(hosts, key, submitted, *deadline),
            Source::Poll { .. } => {
                let soon = now.after(SILENCE).min(*deadline);
                wire::status_request(hosts, key, submitted, self.with_logs, soon)
            }
        }
    }

    fn events(&mut self, events: &[String]) -> Flow {
        for event in events {
            match wire::parse_status(event.as_bytes()) {
                Some(status) => self.observe(status),
                None => self.leave_stream(false, None),
            }
            if self.outcome.is_some() || matches!(self.source, Source::Poll { .. }) {
                return Flow::Enough;
            }
        }
        Flow::More
    }

    fn polled(&mut self, status: Status) {
        self.observe(status);
        if std::mem::take(&mut self.reopen) {
            self.source = Source::stream();
        } else {
            self.pause = Some(self.pace.next());
        }
    }

    /// From here on the status is polled; `broke` leaves the way back open, once.
    fn leave_stream(&mut self, broke: bool, retry_after: Option<Duration>) {
        self.source = Source::poll();
        self.reopen = broke && std::mem::take(&mut self.second_stream);
        self.pause = Some(self.pace.next().max(retry_after.unwrap_or_default()));
    }

    /// Ends the wait when asking again is of no use. An answer that cannot be read is worth asking again.
    fn poll_failed(&mut self, error: &FalError) {
        self.source = Source::poll();
        let unreadable = matches!(error.code(), ErrorCode::FalProtocol | ErrorCode::FalAnswerTooLarge);
        if error.again() == Again::Never && !unreadable {
            self.outcome = Some(Err(error.clone()));
        }
        // Log lines are what makes a status large.
        self.with_logs &= error.code() != ErrorCode::FalAnswerTooLarge;
        self.pause = Some(self.pace.next().max(error.retry_after().unwrap_or_default()));
    }

    fn observe(&mut self, mut status: Status) {
        let known = self.known_lines(status.logs.len());
        status.logs.drain(..known);
        if self.last.as_ref().map(std::mem::discriminant) != Some(std::mem::discriminant(&status.state)) {
            self.pace.reset();
        }
        if let State::Completed { failed } = status.state {
            self.outcome = Some(Ok(Completion { failed, inference_ms: status.inference_ms }));
        }
        if self.last.as_ref() != Some(&status.state) || !status.logs.is_empty() {
            self.last = Some(status.state.clone());
            self.news.push(status);
        }
    }

    /// How many of `count` lines were seen before. A poll has all lines so far; so has a stream, counted from its start.
    fn known_lines(&mut self, count: usize) -> usize {
        let before = match &mut self.source {
            Source::Stream { logs, .. } => {
                *logs += count;
                *logs - count
            }
            Source::Poll { .. } => 0,
        };
        let known = self.logs_seen.saturating_sub(before).min(count);
        self.logs_seen = self.logs_seen.max(before + count);
        known
    }
}

fn is_silence(error: TransportError) -> bool {
    let (TransportError::NotSent(reason) | TransportError::MaybeSent(reason)) = error;
    reason == Reason::Deadline
}

fn is_event_stream(head: &Head) -> bool {
    let kind = head.header("content-type").unwrap_or_default().trim_start();
    head.is_success() && kind.get(..17).is_some_and(|start| start.eq_ignore_ascii_case("text/event-stream"))
}
