//! What people ask for: a body that no other order has, with trouble built in at times.

use crate::dice::Dice;
use generatio_tests::{Reply, User};
use http::Method;
use serde_json::{Value, json};

const IMAGE: &str = "/api/custom/generate/image";

/// Models with a price in both books; in the second one the books differ.
const MODELS: [&str; 2] = ["flux/schnell", "hidream/hidream-i1-dev"];

/// How long FAL works on it, milliseconds.
const LATENCIES: [u32; 9] = [0, 0, 0, 5, 20, 60, 60, 150, 400];

/// What goes wrong at FAL or on the way. None of them takes long.
const FAULTS: [(usize, &[&str]); 22] = [
    (100, &[]),
    (12, &["submit_truncated"]),
    (10, &["submit_reset_after"]),
    (6, &["submit_reset_before"]),
    (3, &["submit_html"]),
    (3, &["submit_503"]),
    (4, &["submit_truncated", "job_failed_422"]),
    (4, &["submit_truncated", "result_expired"]),
    (8, &["job_failed_422"]),
    (3, &["job_failed_500"]),
    (3, &["job_failed_503"]),
    (6, &["zero_images"]),
    (8, &["no_billable_header"]),
    (10, &["cancel_ignored"]),
    (10, &["result_expired"]),
    (3, &["result_500"]),
    (3, &["result_reset"]),
    (3, &["result_html"]),
    (3, &["stream_cut"]),
    (3, &["stream_duplicate"]),
    (3, &["stream_junk"]),
    (3, &["stream_404"]),
];

/// One thing that somebody asks for, once or again.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// The call's body.
    pub(crate) body: String,
    /// What the call can be repeated with.
    pub(crate) key: Option<String>,
    /// The job it led to, as far as somebody was told.
    pub(crate) job: Option<String>,
    /// The pictures somebody was answered with.
    pub(crate) pictures: Option<Value>,
}

impl Order {
    /// The order number `number` of the person called `name`.
    pub(crate) fn draw(dice: &mut Dice, name: &str, number: usize, folder: &str) -> Self {
        let prompt = format!("{name} {number} [[sim: {}]]", directive(dice));
        let count = if dice.chance(70) { 1 } else { 2 + dice.below(2) };
        let folder = if dice.chance(20) { folder } else { "" };
        let body = json!({
            "model": dice.pick(&MODELS),
            "prompt": prompt,
            "parameters": { "num_images": count },
            "collection_id": folder,
        });
        let key = dice.chance(50).then(|| format!("key-{number}"));
        Self { body: body.to_string(), key, job: None, pictures: None }
    }

    /// The same key with another body.
    pub(crate) fn contradicted(&self) -> Self {
        let mut body: Value = serde_json::from_str(&self.body).expect("it was made of JSON");
        body["parameters"]["seed"] = json!(7);
        Self { body: body.to_string(), ..self.clone() }
    }

    /// Sends it to a server that may go away meanwhile.
    pub(crate) async fn send(&self, user: &User, is_async: bool) -> Option<Reply> {
        let key = self.key.as_deref().map(|key| ("idempotency-key", key));
        let headers: Vec<_> = key.into_iter().chain(is_async.then_some(("prefer", "respond-async"))).collect();
        user.try_send(Method::POST, IMAGE, &headers, Some(&self.body)).await.ok()
    }
}

fn directive(dice: &mut Dice) -> Value {
    let fault = dice.weighted(&FAULTS);
    let mut directive = json!({
        "latency_ms": dice.pick(&LATENCIES),
        "queue_ms": dice.pick(&[0, 0, 5, 20]),
        "logs": 1,
        "fault": fault,
    });
    if fault.is_empty() && dice.chance(8) {
        // FAL bills otherwise than it was expected to.
        directive["units"] = json!(dice.pick(&["0.5", "2.125", "7"]));
    }
    directive
}
