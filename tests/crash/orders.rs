//! What users ask for, and what they were told.

use crate::plan::Dice;
use generatio_tests::{Reply, User};
use http::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const IMAGE: &str = "/api/custom/generate/image";

/// What may go wrong at FAL in a crash run. None makes a result unreadable for good: every picture that was billed can be
/// fetched by whoever knows its request.
const FAULTS: [&str; 16] = [
    "submit_reset_before",
    "submit_reset_after",
    "submit_truncated",
    "submit_503",
    "stream_404",
    "stream_cut",
    "stream_junk",
    "stream_reset",
    "result_500",
    "result_reset",
    "result_truncated",
    "job_failed_422",
    "job_failed_500",
    "zero_images",
    "flagged",
    "no_billable_header",
];
/// One order in so many has a fault, where it may.
const FAULTY: usize = 3;
/// FAL takes less than this, milliseconds.
const LATENCY_MS: usize = 60;

/// A generation somebody wants. Its prompt is its own, so that FAL's input tells whose a request is.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// Which user's.
    pub(crate) user: usize,
    /// The `Idempotency-Key`, with which it may be repeated.
    pub(crate) key: Option<String>,
    prompt: String,
    is_async: bool,
}

/// What a caller was told of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// The key of the call.
    pub(crate) key: Option<String>,
    /// The job.
    pub(crate) job: String,
    /// Its state then.
    pub(crate) state: String,
    /// Its pictures then.
    pub(crate) pictures: Vec<String>,
}

impl Order {
    /// The `number`th order of a run. `sound` ones meet no fault.
    pub(crate) fn new(user: usize, number: usize, sound: bool, dice: &mut Dice) -> Self {
        let latency = dice.below(LATENCY_MS);
        let mut directive = json!({ "latency_ms": latency, "queue_ms": latency / 4 });
        if !sound && dice.one_in(FAULTY) {
            directive["fault"] = json!(dice.pick(&FAULTS));
        }
        Self {
            user,
            key: (!dice.one_in(3)).then(|| format!("order-{number}")),
            prompt: format!("order {number} [[sim: {directive}]]"),
            is_async: dice.one_in(3),
        }
    }

    /// Asks for it; `None` when the server died before it had answered.
    pub(crate) async fn ask(&self, user: &User) -> Option<Reply> {
        let mut headers: Vec<(&str, &str)> = self.key.iter().map(|key| ("idempotency-key", key.as_str())).collect();
        headers.extend(self.is_async.then_some(("prefer", "respond-async")));
        let body = json!({ "model": "flux/schnell", "prompt": self.prompt }).to_string();
        user.try_send(Method::POST, IMAGE, &headers, Some(&body)).await.ok()
    }

    /// What `reply` says of the order's job.
    ///
    /// # Panics
    /// When it says nothing of a job: no order is one that could be refused.
    pub(crate) fn told(&self, reply: &Reply) -> Told {
        let body = reply.json();
        let (job, state) = match reply.status.as_u16() {
            200 => (&body["job"], &json!("completed")),
            202 => (&body["id"], &body["state"]),
            502 => (&body["details"]["job"], &body["details"]["state"]),
            _ => panic!("{self:?} was answered {}: {}", reply.status, reply.text),
        };
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let pictures = body["images"].as_array().into_iter().flatten().map(|image| text(&image["id"])).collect();
        Told { key: self.key.clone(), job: text(job), state: text(state), pictures }
    }
}

/// Orders that may be repeated, because of their key.
#[derive(Debug, Default)]
pub(crate) struct Repeatable {
    /// Nobody was told how they ended.
    open: BTreeMap<String, Order>,
    /// The last of those whose callers know.
    answered: Vec<Order>,
}

impl Repeatable {
    /// Answered orders that are remembered.
    const KEPT: usize = 32;

    /// Remembers what came of a call.
    pub(crate) fn note(&mut self, order: &Order, told: Option<&Told>) {
        let Some(key) = order.key.clone() else { return };
        if told.is_none_or(|told| ["created", "submitting", "submitted"].contains(&told.state.as_str())) {
            self.open.insert(key, order.clone());
        } else {
            self.open.remove(&key);
            self.answered.insert(0, order.clone());
            self.answered.truncate(Self::KEPT);
        }
    }

    /// Up to `most` orders of `user` to be made again: open ones, else an answered one.
    pub(crate) fn again(&self, user: usize, most: usize) -> Vec<Order> {
        let of_user = |order: &&Order| order.user == user;
        let answered = self.answered.iter().find(of_user);
        self.open.values().filter(of_user).chain(answered).take(most).cloned().collect()
    }

    /// All that are open.
    pub(crate) fn all_open(&self) -> Vec<Order> {
        self.open.values().cloned().collect()
    }
}
