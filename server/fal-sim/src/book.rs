//! The book: what was accepted, how it ended and what it was billed. It holds no keys, prompts or links.

use crate::clock::{unix_ms, unix_us};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Most requests the book lists; the totals go on counting.
const MAX_ENTRIES: usize = 20_000;

/// A copy of the book, as `GET /sim/book` gives it in JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Book {
    /// Requests accepted: by the queue, and synchronous calls.
    pub submissions: u64,
    /// Submissions and calls that were turned away: key, credit, unknown app, limits, faults.
    pub refused: u64,
    /// Requests that ended well.
    pub completed: u64,
    /// Requests that ended with an error.
    pub failed: u64,
    /// Requests that were cancelled before their end.
    pub cancelled: u64,
    /// Requests to the CDN that carried a key, which no client should send there.
    pub keys_sent_to_cdn: u64,
    /// What was billed, oldest first.
    pub billed: Vec<Bill>,
    /// Every accepted request, oldest first; the oldest fall off after 20,000.
    pub requests: Vec<Entry>,
}

/// One billed request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    /// FAL's request id.
    pub request_id: String,
    /// Full endpoint id.
    pub endpoint: String,
    /// Billing units, decimal text, as `x-fal-billable-units` says them.
    pub units: String,
    /// What a unit is: `images`, `megapixels` or `compute seconds`.
    pub unit: String,
}

/// One accepted request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// FAL's request id.
    pub request_id: String,
    /// Full endpoint id, as submitted.
    pub endpoint: String,
    /// How it came.
    pub source: Source,
    /// SHA-256 of the body as received, lower-case hex.
    pub input_sha256: String,
    /// Where it stands.
    pub state: State,
    /// Billing units once it is completed, decimal text.
    pub units: Option<String>,
    /// What a unit is; `None` for a path that does not exist.
    pub unit: Option<String>,
    /// When it was accepted, milliseconds since 1970.
    pub accepted_ms: u64,
    /// When a runner took it.
    pub started_ms: Option<u64>,
    /// When it ended.
    pub ended_ms: Option<u64>,
    /// The same moment in microseconds, for those who measure how long its caller waited on.
    pub ended_us: Option<u64>,
    /// How its webhook fared, if it has one.
    pub webhook: Option<Delivery>,
}

/// How a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Submitted to the queue.
    Queue,
    /// A synchronous call.
    Run,
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waiting in the queue.
    Queued,
    /// A runner has it.
    Running,
    /// Ended well.
    Completed,
    /// Ended with an error.
    Failed,
    /// Cancelled before its end.
    Cancelled,
}

/// How a webhook fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Not delivered yet.
    Pending,
    /// Answered with a 2xx.
    Delivered,
    /// Given up.
    Failed,
    /// Never tried: not a loopback address, or webhooks are off.
    Dropped,
}

/// The book while it is being written.
#[derive(Default)]
pub(crate) struct Ledger(Mutex<Pages>);

#[derive(Default)]
struct Pages {
    totals: Book,
    order: VecDeque<String>,
    entries: HashMap<String, Entry>,
}

impl Ledger {
    /// A request was accepted.
    pub(crate) fn accept(&self, entry: Entry) {
        let mut pages = self.pages();
        pages.totals.submissions += 1;
        if pages.order.len() == MAX_ENTRIES {
            let oldest = pages.order.pop_front().unwrap_or_default();
            pages.entries.remove(&oldest);
        }
        pages.order.push_back(entry.request_id.clone());
        pages.entries.insert(entry.request_id.clone(), entry);
    }

    /// A submission was turned away.
    pub(crate) fn refuse(&self) {
        self.pages().totals.refused += 1;
    }

    /// A key was sent to the CDN.
    pub(crate) fn key_sent_to_cdn(&self) {
        self.pages().totals.keys_sent_to_cdn += 1;
    }

    /// A runner took a request.
    pub(crate) fn start(&self, id: &str) {
        self.change(id, |entry| {
            entry.state = State::Running;
            entry.started_ms = Some(unix_ms());
        });
    }

    /// A request ended as `state`; `units` are billed.
    pub(crate) fn end(&self, id: &str, state: State, units: Option<&str>) {
        let mut pages = self.pages();
        match state {
            State::Completed => pages.totals.completed += 1,
            State::Cancelled => pages.totals.cancelled += 1,
            _ => pages.totals.failed += 1,
        }
        if let Some(entry) = pages.entries.get_mut(id) {
            entry.state = state;
            entry.units = units.map(str::to_owned);
            let now = unix_us();
            (entry.ended_ms, entry.ended_us) = (Some(now / 1000), Some(now));
        }
    }

    /// How a webhook fared.
    pub(crate) fn webhook(&self, id: &str, delivery: Delivery) {
        self.change(id, |entry| entry.webhook = Some(delivery));
    }

    /// A copy of everything.
    pub(crate) fn snapshot(&self) -> Book {
        let pages = self.pages();
        let requests: Vec<_> = pages.order.iter().filter_map(|id| pages.entries.get(id)).cloned().collect();
        let billed = requests.iter().filter_map(Entry::bill).collect();
        Book { billed, requests, ..pages.totals.clone() }
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.pages().entries.get_mut(id) {
            change(entry);
        }
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    /// Nothing is billed for nothing.
    fn bill(&self) -> Option<Bill> {
        let (units, unit) = (self.units.clone()?, self.unit.clone()?);
        let bill = Bill { request_id: self.request_id.clone(), endpoint: self.endpoint.clone(), units, unit };
        (bill.units != "0").then_some(bill)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str) -> Entry {
        Entry {
            request_id: id.to_owned(),
            endpoint: "fal-ai/flux/schnell".to_owned(),
            source: Source::Queue,
            input_sha256: String::new(),
            state: State::Queued,
            units: None,
            unit: Some("megapixels".to_owned()),
            accepted_ms: 1,
            started_ms: None,
            ended_ms: None,
            ended_us: None,
            webhook: None,
        }
    }

    #[test]
    fn what_ends_well_is_billed() {
        let ledger = Ledger::default();
        ["good", "bad", "empty"].into_iter().for_each(|id| ledger.accept(entry(id)));
        ledger.start("good");
        ledger.end("good", State::Completed, Some("2"));
        ledger.end("bad", State::Failed, None);
        ledger.end("empty", State::Completed, Some("0"));
        let book = ledger.snapshot();
        assert_eq!((book.submissions, book.completed, book.failed), (3, 2, 1));
        assert_eq!(book.billed.iter().map(|bill| bill.request_id.as_str()).collect::<Vec<_>>(), ["good"]);
        assert!(book.requests[0].started_ms <= book.requests[0].ended_ms);
    }

    #[test]
    fn an_end_is_one_moment_in_both_units() {
        let ledger = Ledger::default();
        ledger.accept(entry("one"));
        assert_eq!(ledger.snapshot().requests[0].ended_us, None);
        let before = unix_us();
        ledger.end("one", State::Completed, Some("1"));
        let after = unix_us();
        let ended = &ledger.snapshot().requests[0];
        assert!(ended.ended_us.is_some_and(|at| (before..=after).contains(&at)), "{before} {ended:?} {after}");
        assert_eq!(ended.ended_ms, ended.ended_us.map(|at| at / 1000));
    }

    #[test]
    fn the_list_is_bounded_and_the_totals_are_not() {
        let ledger = Ledger::default();
        (0..=MAX_ENTRIES).for_each(|n| ledger.accept(entry(&n.to_string())));
        let book = ledger.snapshot();
        assert_eq!((book.submissions, book.requests.len()), (20_001, MAX_ENTRIES));
        assert_eq!(book.requests[0].request_id, "1");
    }
}
