//! The server as a client sees it: JSON over HTTP, and failures that say what was expected and what came.

use crate::Outcome;
use serde_json::Value;
use std::time::Duration;
use ureq::http::Response;
use ureq::{Agent, Body, RequestBuilder};

/// Longest wait for an answer; pictures of the stand-in take seconds.
const PATIENCE: Duration = Duration::from_secs(120);

/// A client, and who it is signed in as.
pub(crate) struct Api {
    agent: Agent,
    url: String,
    /// The JWT, once signed in.
    pub(crate) token: Option<String>,
    /// The session, once there is one.
    pub(crate) session: Option<String>,
}

/// A whole answer.
pub(crate) struct Answer {
    call: String,
    status: u16,
    text: String,
}

impl Api {
    /// A guest of the server at `url`.
    pub(crate) fn new(url: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            // Both programs are on this machine, where no proxy leads.
            .proxy(None)
            .build();
        Self { agent: config.into(), url: url.to_owned(), token: None, session: None }
    }

    pub(crate) fn get(&self, path: &str) -> Outcome<Answer> {
        let request = self.signed(self.agent.get(self.address(path)));
        Answer::read(format!("GET {path}"), request.call())
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Outcome<Answer> {
        let request = self.signed(self.agent.post(self.address(path))).content_type("application/json");
        Answer::read(format!("POST {path}"), request.send(body.to_string()))
    }

    /// The same for an answer as soon as what was asked for is under way.
    pub(crate) fn post_async(&self, path: &str, body: &Value) -> Outcome<Answer> {
        let request = self.signed(self.agent.post(self.address(path))).content_type("application/json");
        Answer::read(format!("POST {path}"), request.header("Prefer", "respond-async").send(body.to_string()))
    }

    pub(crate) fn delete(&self, path: &str) -> Outcome<Answer> {
        let request = self.signed(self.agent.delete(self.address(path)));
        Answer::read(format!("DELETE {path}"), request.call())
    }

    /// Fetches a picture from wherever it is, as nobody in particular.
    pub(crate) fn download(&self, url: &str) -> Outcome<Vec<u8>> {
        let mut response = self.agent.get(url).call().map_err(|error| format!("GET {url}: {error}"))?;
        if response.status() != 200 {
            return Err(mismatch(&format!("GET {url}: 200"), response.status()).into());
        }
        Ok(response.body_mut().read_to_vec()?)
    }

    fn address(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    fn signed<B>(&self, request: RequestBuilder<B>) -> RequestBuilder<B> {
        let request = match &self.token {
            Some(token) => request.header("Authorization", format!("Bearer {token}")),
            None => request,
        };
        match &self.session {
            Some(session) => request.header("X-Session-ID", session),
            None => request,
        }
    }
}

impl Answer {
    fn read(call: String, response: Result<Response<Body>, ureq::Error>) -> Outcome<Self> {
        let mut response = response.map_err(|error| format!("{call}: {error}"))?;
        let status = response.status().as_u16();
        Ok(Self { call, status, text: response.body_mut().read_to_string()? })
    }

    /// The document of a 200.
    pub(crate) fn ok(self) -> Outcome<Value> {
        self.with_status(200)
    }

    /// The text of a 200, byte for byte.
    pub(crate) fn body(self) -> Outcome<String> {
        self.check(200)?;
        Ok(self.text)
    }

    fn check(&self, expected: u16) -> Outcome {
        if self.status == expected {
            return Ok(());
        }
        let got = format!("{} {}", self.status, self.text.trim_end());
        Err(mismatch(&format!("{}: {expected}", self.call), got).into())
    }

    /// The document of an answer that must have this status.
    pub(crate) fn with_status(self, expected: u16) -> Outcome<Value> {
        self.check(expected)?;
        serde_json::from_str(&self.text).map_err(|_| mismatch(&format!("{}: JSON", self.call), self.text).into())
    }
}

/// What should have been, and what was.
pub(crate) fn mismatch(expected: &str, got: impl std::fmt::Display) -> String {
    format!("  expected  {expected}\n  got       {got}")
}

/// Fails unless the member at `pointer` (RFC 6901) is `expected`.
pub(crate) fn expect(document: &Value, pointer: &str, expected: &Value) -> Outcome {
    match document.pointer(pointer) {
        Some(value) if value == expected => Ok(()),
        _ => Err(mismatch(&format!("{pointer} to be {expected}"), document).into()),
    }
}

/// The text at `pointer`; an empty one is as good as none.
pub(crate) fn text<'a>(document: &'a Value, pointer: &str) -> Outcome<&'a str> {
    let found = document.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
    found.ok_or_else(|| mismatch(&format!("a text at {pointer}"), document).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer(status: u16, text: &str) -> Answer {
        Answer { call: "GET /x".into(), status, text: text.into() }
    }

    #[test]
    fn a_failure_says_what_was_expected_and_what_came() {
        let error = answer(500, "{\"error\":\"internal_error\"}\n").ok().unwrap_err().to_string();
        assert_eq!(error, "  expected  GET /x: 200\n  got       500 {\"error\":\"internal_error\"}");
        assert_eq!(answer(200, "oops").ok().unwrap_err().to_string(), "  expected  GET /x: JSON\n  got       oops");
        assert_eq!(answer(400, "{}").with_status(400).unwrap(), json!({}));
    }

    #[test]
    fn members_are_compared_where_they_are() {
        let document = json!({"images": [{"url": "u", "id": ""}], "cost": 0.013});
        assert!(expect(&document, "/cost", &json!(0.013)).is_ok());
        assert!(expect(&document, "/cost", &json!(0.013_000_000_000_000_003)).is_err());
        assert!(expect(&document, "/absent", &json!(null)).is_err());
        assert_eq!(text(&document, "/images/0/url").unwrap(), "u");
        assert!(text(&document, "/images/0/id").is_err() && text(&document, "/cost").is_err());
    }
}
