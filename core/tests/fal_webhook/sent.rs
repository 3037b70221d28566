//! Deliveries signed as FAL signs them, with a key of our own.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use base64ct::{Base64UrlUnpadded, Encoding as _};
use ed25519_dalek::{Signer as _, SigningKey};
use generatio_core::Timestamp;
use generatio_core::fal::Hosts;
use generatio_core::fal::webhook::{Delivery, Headers, KeySet, WebhookError, verify};
use generatio_testkit::fal::REQUEST_ID;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub(crate) const NOW_S: i64 = 1_790_000_000;
pub(crate) const NOW: Timestamp = Timestamp::from_unix_ms(NOW_S * 1000);

pub(crate) fn signer() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

/// A delivery as it comes over the wire.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) request_id: String,
    pub(crate) user_id: String,
    pub(crate) timestamp: String,
    pub(crate) signature: String,
    pub(crate) body: Vec<u8>,
}

impl Sent {
    pub(crate) fn new(body: impl Into<Vec<u8>>) -> Self {
        let (request_id, user_id) = (REQUEST_ID.to_owned(), "github|1234".to_owned());
        let timestamp = NOW_S.to_string();
        Self { request_id, user_id, timestamp, signature: String::new(), body: body.into() }.signed(&signer())
    }

    pub(crate) fn signed(mut self, key: &SigningKey) -> Self {
        let digest = hex(&Sha256::digest(&self.body));
        let message = format!("{}\n{}\n{}\n{digest}", self.request_id, self.user_id, self.timestamp);
        self.signature = hex(&key.sign(message.as_bytes()).to_bytes());
        self
    }

    pub(crate) fn verify_with(&self, keys: &KeySet) -> Result<Delivery, WebhookError> {
        let headers = Headers {
            request_id: &self.request_id,
            user_id: &self.user_id,
            timestamp: &self.timestamp,
            signature: &self.signature,
        };
        verify(&Hosts::fal(), keys, &headers, &self.body, NOW)
    }

    pub(crate) fn verify(&self) -> Result<Delivery, WebhookError> {
        self.verify_with(&KeySet::parse(&jwks(&[jwk(&signer())]), NOW).unwrap())
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn jwk(key: &SigningKey) -> Value {
    jwk_of(key.verifying_key().as_bytes())
}

pub(crate) fn jwk_of(point: &[u8]) -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "x": Base64UrlUnpadded::encode_string(point)})
}

pub(crate) fn jwks(keys: &[Value]) -> String {
    json!({ "keys": keys }).to_string()
}

pub(crate) fn payload() -> Value {
    json!({"images": [{"url": "https://v3.fal.media/a.png", "width": 64}], "seed": 4, "has_nsfw_concepts": [false]})
}

pub(crate) fn ok() -> Sent {
    about(&json!({"status": "OK", "payload": payload()}))
}

/// A signed delivery about the usual request.
pub(crate) fn about(rest: &Value) -> Sent {
    let mut body = json!({"request_id": REQUEST_ID, "gateway_request_id": "last-attempt"});
    body.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    Sent::new(body.to_string())
}
