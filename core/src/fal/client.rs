//! The client over a host's transport, clock and sleep. It runs what [`super::wire`], [`super::retry`] and
//! [`super::wait`] decide, and decides nothing itself.

use super::endpoint::Endpoint;
use super::error::{FalError, SubmitError};
use super::hosts::Hosts;
use super::retry::Attempts;
use super::transport::{Answer, Body, Host, Reason, Request, TransportError};
use super::wait::{Completion, Flow, SILENCE, Step, Wait};
use super::webhook::{self, KeySet};
use super::wire::{self, CancelOutcome, Output, Status, SubmitOptions, Submitted};
use crate::{ErrorCode, FalKey, Timestamp};
use serde_json::{Map, Value};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

/// How long one attempt of a safe call may take.
const ATTEMPT: Duration = Duration::from_secs(30);
/// How long a call without a deadline of its own may take, retries included.
const CALL: Duration = Duration::from_secs(30);

/// A client of FAL's queue. Its futures are `Send` when the host's are.
#[derive(Debug)]
pub struct Client<H> {
    host: H,
    hosts: Hosts,
}

impl<H: Host> Client<H> {
    /// A client that reaches `hosts` through `host`.
    #[must_use]
    pub fn new(host: H, hosts: Hosts) -> Self {
        Self { host, hosts }
    }

    /// What sends this client's requests.
    #[must_use]
    pub fn host(&self) -> &H {
        &self.host
    }

    /// Where this client sends keys.
    #[must_use]
    pub fn hosts(&self) -> &Hosts {
        &self.hosts
    }

    /// Submits `input`, the model's own object, for which FAL charges. Sent once; again only, until `options.deadline`,
    /// when FAL certainly did not take it: it never left, 429, or a 503 of the ingress.
    ///
    /// # Errors
    /// [`SubmitError::Unknown`] whenever FAL may have taken it: do not submit again.
    pub async fn submit(
        &self,
        key: &FalKey,
        endpoint: &Endpoint,
        input: &Map<String, Value>,
        options: &SubmitOptions,
    ) -> Result<Submitted, SubmitError> {
        let started = self.host.now();
        if started >= options.deadline {
            return Err(SubmitError::NotTaken(FalError::timeout()));
        }
        let mut attempts = Attempts::new(&format!("{endpoint} {}", started.unix_ms()), options.deadline);
        loop {
            let request = wire::submit_request(&self.hosts, key, endpoint, input, options);
            let error = match wire::read_submit(&self.hosts, endpoint, self.exchange(request).await) {
                Err(SubmitError::NotTaken(error)) => error,
                settled => return settled,
            };
            let Some(pause) = attempts.again(&error, self.host.now()) else {
                return Err(SubmitError::NotTaken(error));
            };
            self.host.sleep(pause).await;
        }
    }

    /// Looks where a request stands, with all its log lines so far. Takes at most 30 seconds, retries included.
    ///
    /// # Errors
    /// What FAL or the connection says.
    pub async fn status(&self, key: &FalKey, submitted: &Submitted) -> Result<Status, FalError> {
        let deadline = self.host.now().after(CALL);
        let look = async |logs| {
            let request = |deadline| wire::status_request(&self.hosts, key, submitted, logs, deadline);
            self.call(&submitted.request_id, deadline, request, wire::read_status).await
        };
        match look(true).await {
            // Log lines are what makes a status large.
            Err(error) if error.code() == ErrorCode::FalAnswerTooLarge => look(false).await,
            looked => looked,
        }
    }

    /// Waits until a request is over, by its status stream, else by polling. `on_status` is called with each status that
    /// brings another state or position, or new log lines, of which it has the new ones only.
    ///
    /// A failed request completes too; [`Client::result`] tells why it failed.
    ///
    /// # Errors
    /// [`ErrorCode::FalTimeout`] at `deadline`; see [`Wait::next`] for what else ends a wait. The request goes on.
    pub async fn wait(
        &self,
        key: &FalKey,
        submitted: &Submitted,
        deadline: Timestamp,
        mut on_status: impl FnMut(&Status),
    ) -> Result<Completion, FalError> {
        let mut wait = Wait::new(&self.hosts, submitted, deadline);
        loop {
            match wait.next(key, self.host.now()) {
                Step::Send(request) => self.follow(&mut wait, request, &mut on_status).await,
                Step::Sleep(pause) => self.host.sleep(pause).await,
                Step::Done(outcome) => return outcome,
            }
        }
    }

    /// One exchange of a wait, reported as it happens.
    async fn follow(&self, wait: &mut Wait, request: Request, on_status: &mut impl FnMut(&Status)) {
        let deadline = request.deadline;
        let patience = || deadline.min(self.host.now().after(SILENCE));
        let (head, mut body) = match self.within(patience(), self.host.send(request)).await {
            Ok(response) => response.split(),
            Err(error) => return wait.failed(error),
        };
        let mut flow = wait.head(head);
        while flow == Flow::More {
            match self.within(patience(), body.chunk()).await {
                Ok(Some(chunk)) => flow = wait.chunk(&chunk),
                Ok(None) => {
                    wait.end();
                    flow = Flow::Enough;
                }
                Err(error) => {
                    wait.failed(error);
                    flow = Flow::Enough;
                }
            }
            wait.take_news().iter().for_each(&mut *on_status);
        }
    }

    /// Fetches the output of a completed request, trying again until `deadline`: also while FAL says that it still runs.
    ///
    /// # Errors
    /// Why the request failed, with [`FalError::problems`]; [`ErrorCode::FalResultExpired`] when FAL no longer has it.
    pub async fn result(&self, key: &FalKey, submitted: &Submitted, deadline: Timestamp) -> Result<Output, FalError> {
        let request = |deadline| wire::result_request(&self.hosts, key, submitted, deadline);
        self.call(&submitted.request_id, deadline, request, |answer| wire::read_result(&self.hosts, answer)).await
    }

    /// Asks FAL to drop a request. Takes at most 30 seconds, retries included.
    ///
    /// # Errors
    /// What FAL or the connection says; the request may be canceled all the same.
    pub async fn cancel(&self, key: &FalKey, submitted: &Submitted) -> Result<CancelOutcome, FalError> {
        let request = |deadline| wire::cancel_request(&self.hosts, key, submitted, deadline);
        self.call(&submitted.request_id, self.host.now().after(CALL), request, wire::read_cancel).await
    }

    /// Asks FAL whether it knows `key`, trying again until `deadline`. Costs nothing.
    ///
    /// # Errors
    /// [`ErrorCode::FalKeyRefused`] for a bad key. [`ErrorCode::FalAccessDenied`] for one that FAL knows and does not
    /// serve at present. Any other code says nothing about the key.
    pub async fn check_key(&self, key: &FalKey, deadline: Timestamp) -> Result<(), FalError> {
        let request = |deadline| Ok(wire::check_key_request(&self.hosts, key, deadline));
        self.call("check_key", deadline, request, wire::read_check_key).await
    }

    /// Fetches the keys that FAL signs its webhooks with, trying again until `deadline`. No key of ours is sent. When to
    /// ask, [`KeySet`] says.
    ///
    /// # Errors
    /// What FAL or the connection says; [`ErrorCode::FalProtocol`] for an answer that is no set of keys.
    pub async fn webhook_keys(&self, deadline: Timestamp) -> Result<KeySet, FalError> {
        let asked = self.host.now();
        let request = |deadline| Ok(webhook::jwks_request(&self.hosts, deadline));
        self.call("webhook_keys", deadline, request, |answer| webhook::read_keys(answer, asked)).await
    }

    /// A call that is safe to repeat, repeated as [`Attempts`] says.
    async fn call<T>(
        &self,
        seed: &str,
        deadline: Timestamp,
        request: impl Fn(Timestamp) -> Result<Request, FalError>,
        read: impl Fn(&Answer) -> Result<T, FalError>,
    ) -> Result<T, FalError> {
        let mut attempts = Attempts::new(seed, deadline);
        if self.host.now() >= deadline {
            return Err(FalError::timeout());
        }
        loop {
            let request = request(deadline.min(self.host.now().after(ATTEMPT)))?;
            let answer = self.exchange(request).await.map_err(FalError::from_transport);
            let error = match answer.and_then(|answer| read(&answer)) {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            let Some(pause) = attempts.again(&error, self.host.now()) else { return Err(error) };
            self.host.sleep(pause).await;
        }
    }

    /// One exchange, its body read to the end. A body that breaks off below an error's head is as good as empty: the head
    /// has said what matters. Once there is a head, the request was sent, whatever the body claims.
    async fn exchange(&self, request: Request) -> Result<Answer, TransportError> {
        let (deadline, max_body) = (request.deadline, request.max_body);
        let (head, body) = self.within(deadline, self.host.send(request)).await?.split();
        match self.collect(body, max_body, deadline).await {
            Ok(body) => Ok(head.with_body(body)),
            Err(_) if !head.is_success() => Ok(head.with_body(Vec::new())),
            Err(TransportError::NotSent(reason) | TransportError::MaybeSent(reason)) => {
                Err(TransportError::MaybeSent(reason))
            }
        }
    }

    async fn collect(
        &self,
        mut body: H::Body,
        max_body: usize,
        deadline: Timestamp,
    ) -> Result<Vec<u8>, TransportError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = self.within(deadline, body.chunk()).await? {
            if bytes.len() + chunk.len() > max_body {
                return Err(TransportError::MaybeSent(Reason::TooLarge));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    /// Gives `work` until `deadline`, then drops it.
    async fn within<T>(
        &self,
        deadline: Timestamp,
        work: impl Future<Output = Result<T, TransportError>>,
    ) -> Result<T, TransportError> {
        let mut timer = pin!(self.host.sleep(deadline.since(self.host.now())));
        let mut work = pin!(work);
        poll_fn(|context| match work.as_mut().poll(context) {
            Poll::Ready(done) => Poll::Ready(done),
            Poll::Pending => timer.as_mut().poll(context).map(|()| Err(TransportError::MaybeSent(Reason::Deadline))),
        })
        .await
    }
}
