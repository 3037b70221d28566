//! How an operation is described, word by word.

use super::{Access, Describe};
use crate::http::error::{ApiDocument, ApiErrorKind, RecordsDocument};
use schemars::JsonSchema;
use serde_json::{Map, Value, json};

impl Describe<'_> {
    /// More than the summary, in Markdown.
    pub(in crate::openapi) fn details(self, text: &str) -> Self {
        text.clone_into(&mut self.operation.description);
        self
    }

    /// Gives clients a type for what the texts mention.
    pub(in crate::openapi) fn mentions<T: JsonSchema>(self) -> Self {
        self.schemas.answer::<T>();
        self
    }

    /// Who may call, if not [`Access::Login`].
    pub(in crate::openapi) fn access(self, access: Access) -> Self {
        self.operation.access = access;
        match access {
            Access::Public | Access::Guest => {
                self.operation.answers.remove(&401);
                self
            }
            Access::Session => self.refused(401, "Nobody is logged in, or there is no such session."),
            Access::Login => self,
        }
    }

    /// What stands in the path at `{name}`.
    pub(in crate::openapi) fn in_path<T: JsonSchema>(self, name: &str, description: &str) -> Self {
        let schema = self.schemas.request::<T>();
        self.parameter("path", name, description, schema)
    }

    /// A query parameter, which may be left out.
    pub(in crate::openapi) fn query(self, name: &str, description: &str, schema: Value) -> Self {
        self.parameter("query", name, description, schema).refused(400, "A parameter is not what it must be.")
    }

    /// A query parameter of a type's values.
    pub(in crate::openapi) fn query_of<T: JsonSchema>(self, name: &str, description: &str) -> Self {
        let schema = self.schemas.request::<T>();
        self.query(name, description, schema)
    }

    /// An empty text counts as none for all query parameters so far.
    pub(in crate::openapi) fn empty_is_none(self) -> Self {
        for parameter in self.operation.parameters.iter_mut().filter(|one| one["in"] == "query") {
            parameter["allowEmptyValue"] = true.into();
        }
        self
    }

    /// A header of the request, which may be left out.
    pub(in crate::openapi) fn header(self, name: &str, description: &str, schema: Value) -> Self {
        self.parameter("header", name, description, schema)
    }

    fn parameter(self, place: &str, name: &str, description: &str, schema: Value) -> Self {
        let required = place == "path";
        self.operation.parameters.push(
            json!({ "in": place, "name": name, "description": description, "required": required, "schema": schema }),
        );
        self
    }

    /// The body is a `T` in JSON.
    pub(in crate::openapi) fn takes<T: JsonSchema>(self) -> Self {
        let schema = self.schemas.request::<T>();
        self.takes_json(schema, true)
    }

    /// The body is a `T` in JSON; none is the same as `{}`.
    pub(in crate::openapi) fn takes_optional<T: JsonSchema>(self) -> Self {
        let schema = self.schemas.request::<T>();
        self.takes_json(schema, false)
    }

    /// The body is these members of a `T`, all of which are needed.
    pub(in crate::openapi) fn takes_of<T: JsonSchema>(self, members: &[&str]) -> Self {
        let whole = self.schemas.request_in_full::<T>();
        let parts: Map<_, _> =
            members.iter().map(|name| ((*name).to_owned(), whole["properties"][name].clone())).collect();
        self.takes_json(json!({ "type": "object", "properties": parts, "required": members }), true)
    }

    /// The body in JSON. Where it is not `required`, none is the same as `{}`.
    pub(in crate::openapi) fn takes_json(self, schema: Value, required: bool) -> Self {
        self.operation.body =
            Some(json!({ "required": required, "content": { "application/json": { "schema": schema } } }));
        self.refused(400, "The body is not what it must be.").refused(413, "The body is larger than the server takes.")
    }

    /// A body that is taken, for who reads and for who tries it out.
    pub(in crate::openapi) fn example(self, example: Value) -> Self {
        if let Some(body) = &mut self.operation.body {
            body["content"]["application/json"]["example"] = example;
        }
        self
    }

    /// The answer of this status is a `T` in JSON.
    pub(in crate::openapi) fn answers<T: JsonSchema>(self, status: u16, description: &str) -> Self {
        let schema = self.schemas.answer::<T>();
        self.answers_with(status, description, "application/json", schema)
    }

    /// The answer of this status is this, or this as well.
    pub(in crate::openapi) fn answers_with(
        mut self,
        status: u16,
        description: &str,
        kind: &str,
        schema: Value,
    ) -> Self {
        let answer = self.answer(status, description);
        answer["content"][kind] = json!({ "schema": schema });
        self
    }

    /// The answer is a stream of server-sent events; its schema is that of each.
    pub(in crate::openapi) fn streams(self, description: &str, events: &[Value]) -> Self {
        self.answers_with(200, description, "text/event-stream", json!({ "anyOf": events }))
    }

    /// An event of this or any name, whose data are a `T` in JSON.
    pub(in crate::openapi) fn event<T: JsonSchema>(&mut self, name: Option<&str>) -> Value {
        let name = name.map_or_else(|| json!({ "type": "string" }), |name| json!({ "type": "string", "const": name }));
        let data = self.schemas.answer::<T>();
        json!({
            "type": "object",
            "properties": {
                "id": { "type": "string" },
                "event": name,
                "data": { "type": "string", "contentMediaType": "application/json", "contentSchema": data },
            },
            "required": ["id", "event", "data"],
        })
    }

    /// The answer of this status has no body.
    pub(in crate::openapi) fn answers_empty(mut self, status: u16, description: &str) -> Self {
        self.answer(status, description);
        self
    }

    /// A header of the answer of this status.
    pub(in crate::openapi) fn with_header(self, status: u16, name: &str, description: &str, schema: Value) -> Self {
        let headers = &mut self.operation.answers.entry(status).or_insert_with(|| json!({}))["headers"];
        headers[name] = json!({ "description": description, "schema": schema });
        self
    }

    /// What it answers when it refuses. The last word on a status counts, so that this comes after what says something
    /// general.
    pub(in crate::openapi) fn refused(self, status: u16, description: &str) -> Self {
        let schema = match self.is_custom() {
            true => self.schemas.answer::<ApiDocument<'_>>(),
            false => self.schemas.answer::<RecordsDocument<'_>>(),
        };
        let code = ApiErrorKind::ALL.into_iter().map(ApiErrorKind::status_and_code).find(|(one, _)| *one == status);
        let text = match code {
            Some((_, code)) if self.is_custom() => format!("`{code}`: {description}"),
            _ => description.to_owned(),
        };
        let described = self.answers_with(status, &text, "application/json", schema);
        if status != 429 {
            return described;
        }
        let seconds = json!({ "type": "integer", "minimum": 1 });
        described.with_header(429, "Retry-After", "After how many seconds it is worth trying again.", seconds)
    }

    /// Whether errors are told in the shape of `/api/custom`.
    pub(super) fn is_custom(&self) -> bool {
        self.operation.path.starts_with("/api/custom/")
    }

    fn answer(&mut self, status: u16, description: &str) -> &mut Value {
        let answer = self.operation.answers.entry(status).or_insert_with(|| json!({}));
        answer["description"] = description.into();
        answer
    }
}
