//! The API's own description, OpenAPI 3.1.1: at `/openapi.json`, as a page at `/docs`, and by `generatio openapi`.
//!
//! Schemas are derived from the types that requests are read into and answers written from, and from the tables of
//! collections; what the types cannot say stands in `areas`. A test walks the table of routes: none without a
//! description, and none described that is not there.

mod areas;
mod operation;
mod page;
mod schemas;
mod tables;

pub(crate) mod shapes;

use crate::app::App;
use crate::http::{RecordsError, Request, Response};
use crate::page::Made;
use operation::Operations;
use serde_json::{Map, Value, json};
use std::sync::{Arc, LazyLock};

/// What the document says of itself.
const ABOUT: &str = "\
Pictures from FAL's models: accounts, sealed FAL keys, a library and exact spending.

Authenticated calls carry `Authorization: <token>`, with or without `Bearer`; those with a session carry `X-Session-ID` \
too. Errors under `/api/custom` are `{\"error\", \"message\"}` and sometimes `details`; all others are PocketBase's \
`{\"data\", \"message\", \"status\"}`, as are those for paths that do not exist.";

/// The document.
#[must_use]
pub fn document() -> &'static Value {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
        let mut operations = Operations::new();
        areas::describe(&mut operations);
        assemble(operations)
    });
    &DOCUMENT
}

/// The document as text, indented.
#[must_use]
pub fn text() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| format!("{:#}\n", document()));
    &TEXT
}

/// `GET /openapi.json`: the document, for everybody.
///
/// # Errors
/// None.
pub(crate) async fn show(_app: &Arc<App>, request: Request) -> Result<Response, RecordsError> {
    static MADE: LazyLock<Made> = LazyLock::new(|| Made::new("application/json", text(), None));
    Ok(MADE.answer(&request))
}

/// `GET /docs`: the document as a page, for everybody.
///
/// # Errors
/// None.
pub(crate) async fn show_page(_app: &Arc<App>, request: Request) -> Result<Response, RecordsError> {
    static HTML: LazyLock<String> = LazyLock::new(|| page::html(document()));
    static MADE: LazyLock<Made> = LazyLock::new(|| Made::new("text/html; charset=utf-8", &HTML, Some(page::policy())));
    Ok(MADE.answer(&request))
}

fn assemble(operations: Operations) -> Value {
    let mut paths = Map::new();
    for operation in &operations.all {
        let method = operation.method.as_str().to_lowercase();
        paths.entry(operation.path.clone()).or_insert_with(|| json!({}))[method] = operation.to_value();
    }
    let tags: Vec<_> =
        operations.tags.iter().map(|(name, description)| json!({ "name": name, "description": description })).collect();
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": "Generatio",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/", "description": "This server." }],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": operations.schemas.into_named(),
            "securitySchemes": {
                "login": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "The token of a login. `Bearer` may be left out.",
                },
                "session": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "X-Session-ID",
                    "description": "The id of a session, which opens the FAL key.",
                },
            },
        },
    })
}

#[cfg(test)]
mod tests;
