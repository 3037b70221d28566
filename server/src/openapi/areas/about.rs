//! What anybody may ask: whether the server is there, what it offers, and this document.

use crate::api::status::Status;
use crate::openapi::operation::{Access, Operations};
use crate::ops::health::{Alive, Ready};
use crate::records::health::Health;
use serde_json::json;

pub(super) fn describe(operations: &mut Operations) {
    operations.group("About", "Whether the server is there, and what it offers.");
    operations
        .get("/api/custom/status", "getStatus", "How the server is, the models, and what is allowed here")
        .access(Access::Public)
        .answers::<Status<'_>>(200, "How it is.");
    operations
        .get("/api/health", "getHealth", "Whether anybody is there, as PocketBase's SDK asks")
        .access(Access::Public)
        .answers::<Health>(200, "Somebody is.");
    operations
        .get("/healthz", "getAlive", "Whether the process answers, for whoever restarts it")
        .access(Access::Public)
        .answers::<Alive>(200, "It does.");
    operations
        .get("/readyz", "getReady", "Whether database, writer and disk are ready, for whoever sends traffic")
        .access(Access::Public)
        .answers::<Ready>(200, "They are.")
        .answers::<Ready>(503, "One of them is not.");
    operations
        .get("/openapi.json", "getOpenApi", "This document")
        .access(Access::Public)
        .header("If-None-Match", "The entity tag of the document that the caller has.", json!({ "type": "string" }))
        .answers_with(200, "OpenAPI 3.1.", "application/json", json!({ "type": "object" }))
        .answers_empty(304, "The caller has it.");
    operations
        .get("/docs", "getDocs", "This document as a page")
        .access(Access::Public)
        .header("If-None-Match", "The entity tag of the page that the caller has.", json!({ "type": "string" }))
        .answers_with(200, "A page that loads nothing from elsewhere.", "text/html", json!({ "type": "string" }))
        .answers_empty(304, "The caller has it.");
}
