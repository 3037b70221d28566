//! Pictures: asked for here, or at FAL by the client itself.

use super::rows;
use crate::api::estimate;
use crate::api::generate::{Generate, Generated};
use crate::api::headers::MAX_KEY;
use crate::api::jobs::events::{LogData, StateData};
use crate::api::jobs::wishes::{CanceledView, Resolve};
use crate::api::jobs::{self, JobView};
use crate::api::record::{self, report};
use crate::openapi::operation::{Access, Describe, Operations};
use crate::openapi::shapes;
use crate::store::Phase;
use serde_json::{Value, json};

const NO_JOB: &str = "You have no such job.";

pub(super) fn describe(operations: &mut Operations) {
    operations.group(
        "Generation",
        "A job is `created`, `submitting`, `submitted`, and then `completed`, `failed`, `canceled` or `unknown`.",
    );
    asking(operations);
    jobs(operations);
    operations.group(
        "Direct mode",
        "Your client runs the job at FAL itself, so that no server sees the key, and reports what comes of it.",
    );
    direct(operations);
    webhook(operations);
}

fn asking(operations: &mut Operations) {
    operations
        .get("/api/custom/generate/models", "listModels", "Models, their parameters and prices")
        .answers::<shapes::Catalog>(200, "The models by name.");
    operations
        .post("/api/custom/generate/estimate", "estimate", "Checks and prices a generation without one")
        .details("Refuses what the generation would refuse, and spends nothing.")
        .takes::<estimate::Body>()
        .example(picture())
        .answers::<estimate::Estimate>(200, "The price, and what is left of the budget.")
        .refused(400, "The model, a parameter or the prompt is not good; `details.problems` lists all that is wrong.")
        .refused(404, "You have no such folder.");
    let image = operations
        .post("/api/custom/generate/image", "generateImages", "Makes pictures")
        .access(Access::Session)
        .header("Prefer", "`respond-async` answers 202 with the job at once.", json!({ "type": "string" }));
    repeatable(image)
        .takes::<Generate>()
        .example(picture())
        .answers::<Generated<'_>>(200, "The pictures.")
        .answers::<JobView>(202, "The job, which goes on: preferred, or it takes longer than `--sync-wait`.")
        .with_header(202, "Location", "Where the job is.", json!({ "type": "string" }))
        .with_header(
            202,
            "Preference-Applied",
            "`respond-async`, where that was followed.",
            json!({ "type": "string" }),
        )
        .refused(400, "The model, a parameter or the prompt is not good; `details.problems` lists all that is wrong.")
        .refused(402, "It does not fit the budget; `details` says what is left.")
        .refused(403, "This server takes no keys.")
        .refused(404, "You have no such folder.")
        .refused(409, "The `Idempotency-Key` was used with another request.")
        .refused(429, "Too many generations are running.")
        .refused(502, "FAL refused or failed; `details` has the job and its state.");
}

fn picture() -> Value {
    json!({ "model": "flux/schnell", "prompt": "A harbour at dawn", "parameters": { "num_images": 1 } })
}

/// What is asked for with a key happens once.
fn repeatable(operation: Describe<'_>) -> Describe<'_> {
    let schema = json!({ "type": "string", "minLength": 1, "maxLength": MAX_KEY, "pattern": "^[!-~]+$" });
    operation.header(
        "Idempotency-Key",
        "Repeated with the same key and body, the call leads to the same job and is paid for once.",
        schema,
    )
}

fn jobs(operations: &mut Operations) {
    operations
        .get("/api/custom/generate/jobs", "listJobs", "Your jobs, the newest first")
        .query_of::<shapes::JobState>("state", "Only those that stand so.")
        .query_of::<shapes::Source>("source", "Only those that are run so.")
        .query("open", "Only those that are not over.", json!({ "type": "boolean", "default": false }))
        .query("limit", "Jobs of a page.", rows(jobs::USUAL_LIMIT, jobs::MAX_LIMIT))
        .query_of::<shapes::Id>("cursor", "`next` of the page before.")
        .answers::<jobs::Page>(200, "A page.");
    operations
        .get("/api/custom/generate/jobs/{id}", "getJob", "Where a job stands and what came of it")
        .answers::<JobView>(200, "The job.")
        .refused(404, NO_JOB);
    operations
        .delete("/api/custom/generate/jobs/{id}", "cancelJob", "Stops a job, as far as FAL still can")
        .access(Access::Session)
        .answers::<CanceledView>(200, "It is over, stopped or not.")
        .answers::<CanceledView>(202, "FAL was asked, and has not said what becomes of it.")
        .refused(404, NO_JOB)
        .refused(409, "Your client runs it, or whether FAL has it is not known.")
        .refused(502, "FAL could not be asked; the job goes on.");
    events(operations);
    operations
        .post("/api/custom/generate/jobs/{id}/resolve", "resolveJob", "Ends a job that is `unknown`, by your word")
        .takes::<Resolve>()
        .example(json!({ "outcome": "not_charged" }))
        .answers::<JobView>(200, "The job, over now.")
        .refused(404, NO_JOB)
        .refused(409, "It is not `unknown`.");
}

fn events(operations: &mut Operations) {
    let mut stream =
        operations.get("/api/custom/generate/jobs/{id}/events", "streamJob", "The job as it goes: server-sent events");
    let events = [
        stream.event::<StateData>(Some("state")),
        stream.event::<Phase>(Some("progress")),
        stream.event::<LogData>(Some("log")),
    ];
    stream
        .details("The stream ends with the job.")
        .header(
            "Last-Event-ID",
            "The id of the last event that was received: what came after it follows.",
            json!({ "type": "string", "pattern": r"^([0-9]{1,18}\.[0-9]{1,9})?$" }),
        )
        .streams("The events.", &events)
        .answers_empty(204, "Nothing is left to come.")
        .refused(400, "`Last-Event-ID` is no event of a job.")
        .refused(404, NO_JOB)
        .refused(429, "Too many streams are open.");
}

fn direct(operations: &mut Operations) {
    let reserve =
        operations.post("/api/custom/generate/record", "reserveDirect", "Reserves a job that your client runs at FAL");
    repeatable(reserve)
        .details("Checks and prices as a generation, holds the budget, and says what to send to FAL.")
        .takes::<Generate>()
        .example(picture())
        .answers::<record::Reserved<'_>>(200, "A call with this `Idempotency-Key` was here before.")
        .answers::<record::Reserved<'_>>(201, "Reserved.")
        .with_header(200, "Location", "Where the job is.", json!({ "type": "string" }))
        .with_header(201, "Location", "Where the job is.", json!({ "type": "string" }))
        .refused(400, "The model, a parameter or the prompt is not good; `details.problems` lists all that is wrong.")
        .refused(402, "It does not fit the budget; `details` says what is left.")
        .refused(403, "Direct mode is not allowed here.")
        .refused(404, "You have no such folder.")
        .refused(409, "The `Idempotency-Key` was used with another request.")
        .refused(429, "Too many generations are running.");
    operations
        .put(
            "/api/custom/generate/record/{id}/submitted",
            "reportSubmitted",
            "FAL's request id, as soon as there is one",
        )
        .takes::<record::Submitted>()
        .example(json!({ "request_id": "764cabcf-b745-4b3e-ae38-1200304cf45b" }))
        .answers::<JobView>(200, "The job.")
        .refused(404, NO_JOB)
        .refused(409, "It contradicts what is known; `details.state` says where the job stands.");
    operations
        .put("/api/custom/generate/record/{id}/result", "reportResult", "What came of it")
        .details("Either `images`, with `seed` and `billable_units` where FAL gave them, or `error`.")
        .takes::<report::Body>()
        .example(json!({ "error": { "type": "content_policy_violation", "status": 422 } }))
        .answers::<JobView>(200, "The job.")
        .refused(404, NO_JOB)
        .refused(409, "It contradicts what is known; `details.state` says where the job stands.");
    operations
        .delete(
            "/api/custom/generate/record/{id}",
            "giveUpDirect",
            "Gives the job up: not submitted, or canceled at FAL",
        )
        .answers::<JobView>(200, "The job.")
        .refused(404, NO_JOB)
        .refused(409, "It contradicts what is known; `details.state` says where the job stands.");
}

fn webhook(operations: &mut Operations) {
    let mut operation = operations
        .post("/api/custom/webhooks/fal/{nonce}", "receiveWebhook", "For FAL alone: what became of a job")
        .access(Access::Public)
        .details("The nonce says which job it is, FAL's signature (Ed25519, in four headers) that it is true.")
        .in_path::<String>("nonce", "Given to FAL with the job, unguessable and good for that job.");
    for name in
        ["X-Fal-Webhook-Request-Id", "X-Fal-Webhook-User-Id", "X-Fal-Webhook-Timestamp", "X-Fal-Webhook-Signature"]
    {
        operation = operation.header(name, "As FAL sends it.", json!({ "type": "string" }));
    }
    operation
        .takes_json(json!({ "type": "object", "description": "FAL's result." }), true)
        .answers_empty(204, "It is recorded, or was known.")
        .refused(403, "FAL did not sign it.")
        .refused(404, "No job waits for it.")
        .refused(409, "It is too old, or about another request than the job's.");
}
