//! Webhooks: signed with Ed25519 as FAL signs them, sent to loopback addresses only.

use crate::app::App;
use crate::book::Delivery;
use crate::clock::unix_ms;
use crate::dice::hex;
use crate::job::{Job, Outcome, Stage};
use crate::options::Options;
use crate::reply::{Reply, json};
use crate::result;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use ed25519_dalek::{Signer as _, SigningKey};
use http::StatusCode;
use serde::Serialize;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use std::time::Duration;
use url::{Host, Url};

/// How often a delivery is tried.
const TRIES: u32 = 5;
/// How long each try waits for its 2xx.
const PATIENCE: Duration = Duration::from_secs(15);
/// Pause after the first failure; doubled after each.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const USER_ID: &str = "fal-sim-user";

/// Signs and sends.
pub(crate) struct Webhooks {
    key: SigningKey,
    off: bool,
    /// Seconds that signatures pretend to be old.
    age: u64,
}

impl Webhooks {
    /// Signs with the key that `secret` is; sends as `options` say.
    pub(crate) fn new(secret: [u8; 32], options: &Options) -> Self {
        Self { key: SigningKey::from_bytes(&secret), off: options.no_webhooks, age: options.webhook_age }
    }

    /// `GET /.well-known/jwks.json`.
    pub(crate) fn keys(&self) -> Reply {
        let x = Base64UrlUnpadded::encode_string(self.key.verifying_key().as_bytes());
        json(StatusCode::OK, &serde_json::json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "x": x }] }))
    }

    fn signature(&self, request_id: &str, timestamp: &str, body: &[u8]) -> String {
        let digest = hex(&Sha256::digest(body));
        let message = format!("{request_id}\n{USER_ID}\n{timestamp}\n{digest}");
        hex(&self.key.sign(message.as_bytes()).to_bytes())
    }
}

/// Tells `url` how `job` ended, as often as it takes or [`TRIES`] allows.
pub(crate) async fn deliver(app: &App, job: &Arc<Job>, url: &str) {
    let delivery = match target(url).filter(|_| !app.webhooks.off).zip(client()) {
        Some((url, client)) => send(app, job, &url, &client).await,
        None => Delivery::Dropped,
    };
    app.ledger.webhook(&job.id, delivery);
}

/// Only plain HTTP to this machine: the stand-in is no way to reach anybody else.
fn target(url: &str) -> Option<Url> {
    let url = Url::parse(url).ok().filter(|url| url.scheme() == "http")?;
    let near = match url.host()? {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    near.then_some(url)
}

fn client() -> Option<reqwest::Client> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()?;
    let tls = tls.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth();
    let builder = reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().timeout(PATIENCE);
    builder.redirect(reqwest::redirect::Policy::none()).build().ok()
}

async fn send(app: &App, job: &Job, url: &Url, client: &reqwest::Client) -> Delivery {
    let Some(body) = payload(app, job).await else { return Delivery::Failed };
    for attempt in 0..TRIES {
        if attempt > 0 {
            tokio::time::sleep(FIRST_PAUSE * 2u32.pow(attempt - 1)).await;
        }
        match post(app, job, url, client, body.clone()).await {
            Some(status) if status.is_success() => return Delivery::Delivered,
            Some(status) if status.is_redirection() => return Delivery::Failed,
            _ => {}
        }
    }
    Delivery::Failed
}

async fn post(app: &App, job: &Job, url: &Url, client: &reqwest::Client, body: Vec<u8>) -> Option<StatusCode> {
    let timestamp = (unix_ms() / 1000).saturating_sub(app.webhooks.age).to_string();
    let signature = app.webhooks.signature(&job.id, &timestamp, &body);
    let request = client
        .post(url.clone())
        .header("content-type", "application/json")
        .header("x-fal-webhook-request-id", &job.id)
        .header("x-fal-webhook-user-id", USER_ID)
        .header("x-fal-webhook-timestamp", timestamp)
        .header("x-fal-webhook-signature", signature);
    request.body(body).send().await.ok().map(|response| response.status())
}

#[derive(Serialize)]
struct Payload<'a> {
    request_id: &'a str,
    gateway_request_id: &'a str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    payload: Box<RawValue>,
}

async fn payload(app: &App, job: &Job) -> Option<Vec<u8>> {
    let Stage::Ended { outcome, .. } = job.progress().stage else { return None };
    let (status, error, body) = match &*outcome {
        Outcome::Made(output) => ("OK", None, result::body(app, job, output).await),
        Outcome::Failed(failure) => ("ERROR", Some(failure.error()), failure.body().to_vec()),
    };
    let payload = RawValue::from_string(String::from_utf8(body).ok()?).ok()?;
    let whole = Payload { request_id: &job.id, gateway_request_id: &job.id, status, error, payload };
    serde_json::to_vec(&whole).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_reached() {
        for url in ["http://127.0.0.1:9/x", "http://localhost/", "http://[::1]:9/"] {
            assert!(target(url).is_some(), "{url}");
        }
        for url in
            ["https://127.0.0.1/", "http://10.0.0.1/", "http://example.com/", "http://127.0.0.1.example.com/", "x"]
        {
            assert!(target(url).is_none(), "{url}");
        }
    }
}
