//! One operation of the document, as it is described: who may call it, what it takes and what it answers.

mod describe;

use super::schemas::Schemas;
use super::shapes;
use http::Method;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const NOT_LOGGED_IN: &str = "Nobody is logged in: the token is missing, expired or void.";

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Everybody.
    Public,
    /// Everybody; who is logged in sees what is theirs.
    Guest,
    /// Who is logged in. To all others records of users read as missing.
    Login,
    /// Who is logged in and has a session.
    Session,
}

impl Access {
    fn security(self) -> Value {
        match self {
            Self::Public => json!([]),
            Self::Guest => json!([{}, { "login": [] }]),
            Self::Login => json!([{ "login": [] }]),
            Self::Session => json!([{ "login": [], "session": [] }]),
        }
    }
}

/// An operation.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) method: Method,
    pub(super) path: String,
    tag: &'static str,
    id: String,
    summary: String,
    description: String,
    access: Access,
    parameters: Vec<Value>,
    body: Option<Value>,
    answers: BTreeMap<u16, Value>,
}

/// An operation while it is described.
pub(super) struct Describe<'a> {
    operation: &'a mut Operation,
    schemas: &'a mut Schemas,
}

/// All operations, in the order they are described in.
pub(super) struct Operations {
    pub(super) all: Vec<Operation>,
    pub(super) schemas: Schemas,
    /// Names and what they mean.
    pub(super) tags: Vec<(&'static str, &'static str)>,
}

impl Operations {
    pub(super) fn new() -> Self {
        Self { all: Vec::new(), schemas: Schemas::new(), tags: Vec::new() }
    }

    /// What comes next belongs together.
    pub(super) fn group(&mut self, tag: &'static str, description: &'static str) {
        self.tags.push((tag, description));
    }

    pub(super) fn get(
        &mut self,
        path: impl Into<String>,
        id: impl Into<String>,
        summary: impl Into<String>,
    ) -> Describe<'_> {
        self.add(Method::GET, path.into(), id.into(), summary.into())
    }

    pub(super) fn post(
        &mut self,
        path: impl Into<String>,
        id: impl Into<String>,
        summary: impl Into<String>,
    ) -> Describe<'_> {
        self.add(Method::POST, path.into(), id.into(), summary.into())
    }

    pub(super) fn put(
        &mut self,
        path: impl Into<String>,
        id: impl Into<String>,
        summary: impl Into<String>,
    ) -> Describe<'_> {
        self.add(Method::PUT, path.into(), id.into(), summary.into())
    }

    pub(super) fn patch(
        &mut self,
        path: impl Into<String>,
        id: impl Into<String>,
        summary: impl Into<String>,
    ) -> Describe<'_> {
        self.add(Method::PATCH, path.into(), id.into(), summary.into())
    }

    pub(super) fn delete(
        &mut self,
        path: impl Into<String>,
        id: impl Into<String>,
        summary: impl Into<String>,
    ) -> Describe<'_> {
        self.add(Method::DELETE, path.into(), id.into(), summary.into())
    }

    fn add(&mut self, method: Method, path: String, id: String, summary: String) -> Describe<'_> {
        let tag = self.tags.last().map_or("", |(tag, _)| tag);
        let has_id = path.contains("{id}");
        let operation = Operation {
            method,
            path,
            tag,
            id,
            summary,
            description: String::new(),
            access: Access::Login,
            parameters: Vec::new(),
            body: None,
            answers: BTreeMap::new(),
        };
        self.all.push(operation);
        let last = self.all.len() - 1;
        let described = Describe { operation: &mut self.all[last], schemas: &mut self.schemas };
        let described = described.refused(500, "Something of the server's own failed; its log says what.");
        let described = if described.is_custom() { described.refused(401, NOT_LOGGED_IN) } else { described };
        if has_id { described.in_path::<shapes::Id>("id", "The id of the record.") } else { described }
    }
}

impl Operation {
    /// The Operation Object (OpenAPI 3.1.1 §4.8.10).
    pub(super) fn to_value(&self) -> Value {
        let answers: Map<_, _> =
            self.answers.iter().map(|(status, answer)| (status.to_string(), answer.clone())).collect();
        let mut value = json!({
            "operationId": self.id,
            "tags": [self.tag],
            "summary": self.summary,
            "security": self.access.security(),
            "responses": answers,
        });
        let further = [
            ("description", (!self.description.is_empty()).then(|| self.description.clone().into())),
            ("parameters", (!self.parameters.is_empty()).then(|| self.parameters.clone().into())),
            ("requestBody", self.body.clone()),
        ];
        for (name, part) in further {
            if let Some(part) = part {
                value[name] = part;
            }
        }
        value
    }
}
