//! A plain HTTP client against a stand-in of its own.

use bytes::Bytes;
use generatio_fal_sim::{Options, Running, Sim};
use reqwest::header::HeaderMap;
use reqwest::{Method, Response};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

pub(crate) const KEY: &str = "Key tester:secret";
pub(crate) const SCHNELL: &str = "/fal-ai/flux/schnell";

/// Longer than any test takes: a time at which nothing has happened yet.
pub(crate) const NEVER_MS: u64 = 3_600_000;

pub(crate) struct Fal {
    pub(crate) sim: Running,
    pub(crate) http: reqwest::Client,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) async fn read(response: Response) -> Result<Self, reqwest::Error> {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Self { status, headers, body: response.bytes().await? })
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// A string of the JSON body.
    pub(crate) fn text(&self, pointer: &str) -> String {
        self.json()
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("no {pointer}: {self:?}"))
            .to_owned()
    }
}

impl Fal {
    pub(crate) async fn start(options: Options) -> Self {
        Self { sim: Sim::start(options).await.unwrap(), http: http_client() }
    }

    /// A stand-in whose requests are over at once.
    pub(crate) async fn immediate() -> Self {
        Self::start(Options::immediate()).await
    }

    pub(crate) fn request(&self, method: &str, target: &str) -> reqwest::RequestBuilder {
        let url = if target.starts_with("http") { target.to_owned() } else { format!("{}{target}", self.sim.url()) };
        self.http.request(Method::from_bytes(method.as_bytes()).unwrap(), url)
    }

    /// With a good key.
    pub(crate) async fn ask(&self, method: &str, target: &str) -> Answer {
        self.try_ask(method, target).await.unwrap()
    }

    pub(crate) async fn try_ask(&self, method: &str, target: &str) -> Result<Answer, reqwest::Error> {
        let request = self.request(method, target).header("authorization", KEY).timeout(Duration::from_secs(20));
        Answer::read(request.send().await?).await
    }

    pub(crate) async fn submit(&self, input: &Value) -> Answer {
        self.try_submit(SCHNELL, input).await.unwrap()
    }

    pub(crate) async fn try_submit(&self, path: &str, input: &Value) -> Result<Answer, reqwest::Error> {
        let request = self.request("POST", path).header("authorization", KEY).timeout(Duration::from_secs(20));
        Answer::read(request.body(input.to_string()).send().await?).await
    }

    /// Submits, and gives the three links of the answer.
    pub(crate) async fn links(&self, input: &Value) -> Links {
        let answer = self.submit(input).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        Links {
            status: answer.text("/status_url"),
            result: answer.text("/response_url"),
            cancel: answer.text("/cancel_url"),
        }
    }
}

pub(crate) struct Links {
    pub(crate) status: String,
    pub(crate) result: String,
    pub(crate) cancel: String,
}

fn http_client() -> reqwest::Client {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let tls = tls.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth();
    let builder = reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy();
    // A client that repeats requests by itself would use up faults unseen.
    builder.retry(reqwest::retry::never()).build().unwrap()
}
