//! A plain HTTP client: what was sent and what came back, nothing hidden.

use crate::stream::Stream;
use http::{HeaderMap, Method, StatusCode};
use serde_json::Value;

/// Calls one server.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: String,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
}

impl Reply {
    /// The body as JSON; `null` when it is not.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// The JSON of an answer that must be 200.
    ///
    /// # Panics
    /// When it is not.
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text);
        self.json()
    }

    /// Checks a refusal of our own endpoints: status, code and message.
    ///
    /// # Panics
    /// When it is another.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str, message: &str) {
        let body = self.json();
        let told = (self.status.as_u16(), body["error"].as_str(), body["message"].as_str());
        assert_eq!(told, (status, Some(code), Some(message)), "{}", self.text);
    }
}

impl Client {
    /// A client of the server at `base`.
    ///
    /// # Panics
    /// When TLS cannot be set up.
    #[must_use]
    pub fn new(base: &str) -> Self {
        // Another test of this process may have installed it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build().expect("a client without options");
        Self { http, base: base.to_owned() }
    }

    /// Sends one request.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> Reply {
        self.try_send(method, path, headers, body).await.expect("the server answers, and whole")
    }

    /// Sends one request to a server that may go away meanwhile.
    ///
    /// # Errors
    /// There is no answer, or not all of it.
    pub async fn try_send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Result<Reply, reqwest::Error> {
        self.try_send_as(method, path, headers, body.map(|body| ("application/json", body))).await
    }

    /// The same for a body of any type, which comes before it; without one when that is empty.
    ///
    /// # Errors
    /// There is no answer, or not all of it.
    pub async fn try_send_as(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<(&str, &str)>,
    ) -> Result<Reply, reqwest::Error> {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some((kind, body)) = body {
            request = request.body(body.to_owned());
            if !kind.is_empty() {
                request = request.header("content-type", kind);
            }
        }
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Reply { status, headers, text: response.text().await? })
    }

    /// GET of a stream of events.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn stream(&self, path: &str, headers: &[(&str, &str)]) -> Stream {
        let mut request = self.http.get(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Stream::new(request.send().await.expect("the server answers"))
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, &[], None).await
    }

    /// Posts the same again and again until it is answered 429: all answers before, and that one.
    ///
    /// The wait that begins with the tenth failure is a second, which a slow machine may let pass; each further failure
    /// doubles it.
    ///
    /// # Panics
    /// When it is not within thirty times.
    pub async fn until_throttled(&self, path: &str, body: &Value) -> (Vec<Reply>, Reply) {
        let mut before = Vec::new();
        while before.len() < 30 {
            let reply = self.post(path, body).await;
            if reply.status == StatusCode::TOO_MANY_REQUESTS {
                return (before, reply);
            }
            before.push(reply);
        }
        panic!("never slowed down: {before:?}");
    }

    /// POST of a JSON value.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(Method::POST, path, &[], Some(&body.to_string())).await
    }
}
