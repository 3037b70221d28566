//! Folders, preferences and kept pictures.

use crate::api::Done;
use crate::api::{collections, preferences};
use crate::openapi::operation::{Access, Operations};
use crate::openapi::shapes;
use serde_json::json;

pub(super) fn describe(operations: &mut Operations) {
    operations.group("Library", "Folders, what you like to use with a model, and kept pictures. The rest are records.");
    operations
        .get("/api/custom/collections", "listFolders", "Your folders, the newest first")
        .answers::<collections::Listed>(200, "The folders.");
    operations
        .post("/api/custom/collections/create", "createFolder", "Makes a folder")
        .takes::<collections::Create>()
        .example(json!({ "name": "Harbours" }))
        .answers::<collections::Created>(200, "The folder.")
        .refused(404, "You have no such folder to put it in.");
    operations
        .post("/api/custom/preferences/get", "getPreferences", "A model's settings")
        .takes::<preferences::Load>()
        .example(json!({ "model_name": "flux/schnell" }))
        .answers::<preferences::Loaded>(200, "The settings, empty where none were saved.");
    operations
        .post("/api/custom/preferences/save", "savePreferences", "Replaces a model's settings")
        .takes::<preferences::Save>()
        .example(json!({ "model_name": "flux/schnell", "preferences": { "num_inference_steps": 4 } }))
        .answers::<Done>(200, "Saved.");
    file(operations);
}

fn file(operations: &mut Operations) {
    let binary = || json!({});
    let mut file = operations
        .get("/api/files/images/{id}/{name}", "getFile", "A kept picture or its preview")
        .details("Links stand in the pictures' records, as `file_url` and `thumbnail_url`. Whoever has one sees the picture.")
        .access(Access::Public)
        .in_path::<shapes::FileName>("name", "What nobody can guess.")
        .header("Range", "The part that is wanted.", json!({ "type": "string" }))
        .header("If-None-Match", "The entity tag of what the caller has.", json!({ "type": "string" }));
    for kind in ["image/png", "image/jpeg", "image/webp"] {
        file =
            file.answers_with(200, "The picture.", kind, binary()).answers_with(206, "A part of it.", kind, binary());
    }
    file.answers_empty(304, "The caller has it.")
        .refused(404, "There is no such picture.")
        .answers_empty(416, "There is no such part.");
}
