//! Records of the other collections, batches of them, and what is told as they change.

use crate::openapi::operation::{Access, Operations};
use crate::openapi::shapes;
use crate::openapi::tables::{self, Names};
use crate::records::Collection;
use crate::records::batch::{Done, MOST, item::Item};
use crate::records::realtime::subscribe::Form as Subscribe;
use schemars::JsonSchema;
use serde_json::json;

pub(super) fn describe(operations: &mut Operations) {
    operations.group(
        "Records",
        "Yours, in PocketBase's language: `filter`, `sort`, `expand` and `fields` are its own. Anybody else's read as \
         missing. Bodies may be JSON or forms, and values of another type are converted where that makes sense.",
    );
    for collection in Collection::ALL.into_iter().filter(|one| *one != Collection::Users) {
        tables::keep(&mut operations.schemas, collection);
        tables::list(operations, collection);
        tables::view(operations, collection);
        if !collection.is_read_only() {
            writes(operations, collection);
        }
    }
    together(operations);
}

fn writes(operations: &mut Operations, collection: Collection) {
    let (name, names) = (collection.name(), Names::of(collection));
    let one = names.one;
    let create = operations.post(names.records(), format!("create{one}"), format!("Makes a record of `{name}`"));
    tables::shown(create)
        .takes_json(names.create(), true)
        .answers_with(200, "The record.", "application/json", names.record())
        .refused(400, "A field is not good, or names what is not yours; `data` may say more.");
    let update = operations.patch(names.one_record(), format!("update{one}"), format!("Changes a record of `{name}`"));
    tables::shown(update)
        .details("What the body does not name stays as it is.")
        .takes_json(names.update(), false)
        .answers_with(200, "The record.", "application/json", names.record())
        .refused(400, "A field is not good; `data` says which and why.")
        .refused(404, "You have no such record, or none that it is to point at.");
    operations
        .delete(names.one_record(), format!("delete{one}"), format!("Deletes a record of `{name}` for good"))
        .details("What pointed at it points nowhere.")
        .answers_empty(204, "It is gone.")
        .refused(404, "You have no such record.");
}

/// What a batch is made of.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "fields are read by the derived schema alone")]
struct Batch {
    #[schemars(length(min = 1, max = MOST))]
    requests: Vec<Item>,
}

/// The first event of a stream.
#[derive(JsonSchema)]
#[schemars(rename = "RealtimeConnected", rename_all = "camelCase")]
#[expect(dead_code, reason = "fields are read by the derived schema alone")]
struct Connected {
    client_id: String,
}

/// What was done with a record.
#[derive(JsonSchema)]
#[schemars(rename = "RealtimeChange")]
#[expect(dead_code, reason = "fields are read by the derived schema alone")]
struct Changed {
    action: shapes::Action,
    record: shapes::Object,
}

fn together(operations: &mut Operations) {
    operations
        .post("/api/batch", "runBatch", "Up to 50 writes of records, all or nothing")
        .takes::<Batch>()
        .example(json!({ "requests": [{
            "method": "POST",
            "url": Names::of(Collection::ModelPreferences).records(),
            "body": { "model_name": "flux/krea", "preferences": { "seed": 7 } },
        }] }))
        .answers::<Vec<Done>>(200, "An answer for each, in their order.")
        .refused(400, "A request is not good, or would have been refused alone; `data.requests` says which and why.")
        .refused(401, "Nobody is logged in.");
    let mut connect = operations.get(
        "/api/realtime",
        "connectRealtime",
        "What changes among your records, as it happens: server-sent events",
    );
    let events = [connect.event::<Connected>(Some("PB_CONNECT")), connect.event::<Changed>(None)];
    connect
        .access(Access::Public)
        .details(
            "Begins with `PB_CONNECT` and the id of the client, which `POST` takes. Later events are called as what was \
             subscribed to (`images/*`).",
        )
        .streams("The events.", &events)
        .refused(429, "Too many streams are open.");
    operations
        .post("/api/realtime", "subscribeRealtime", "What a connected client wants to hear of, and as whom")
        .access(Access::Guest)
        .takes::<Subscribe>()
        .answers_empty(204, "Subscribed to these and nothing else.")
        .refused(403, "The client is another user's.")
        .refused(404, "No such client is connected.")
        .refused(429, "You have too many clients.");
}
