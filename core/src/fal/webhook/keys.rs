//! The keys FAL signs its webhooks with, and when they are fetched.

use super::WebhookError;
use crate::fal::error::FalError;
use crate::fal::hosts::Hosts;
use crate::fal::transport::{Answer, Header, Method, Request};
use crate::fal::wire;
use crate::{Timestamp, json};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use ed25519_dalek::{Signature, VerifyingKey};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::time::Duration;

/// How long keys may be used.
const LIFE: Duration = Duration::from_secs(24 * 60 * 60);
/// Shortest time from one attempt to fetch keys to the next.
const PAUSE: Duration = Duration::from_secs(60);

/// FAL's public keys as they were at one moment. The default holds none: it is stale and may be fetched at once.
#[derive(Clone, Debug, Default)]
pub struct KeySet {
    keys: Vec<VerifyingKey>,
    fetched: Option<Timestamp>,
    asked: Option<Timestamp>,
}

impl KeySet {
    /// Most entries of a set.
    pub const MAX_KEYS: usize = 32;
    /// Most bytes of a set's text.
    pub const MAX_BYTES: usize = 64 << 10;

    /// Reads a JSON Web Key Set (RFC 7517) that was asked for at `fetched`. Ed25519 keys (RFC 8037: `kty` is `OKP`) are
    /// kept; others, broken ones and those that anything verifies under (points of small order) are passed over.
    ///
    /// # Errors
    /// [`WebhookError::Keys`] for other texts, above [`KeySet::MAX_BYTES`] or [`KeySet::MAX_KEYS`], and when no key is
    /// left.
    pub fn parse(jwks: &str, fetched: Timestamp) -> Result<Self, WebhookError> {
        let keys = Some(jwks).filter(|text| text.len() <= Self::MAX_BYTES).and_then(keys).unwrap_or_default();
        if keys.is_empty() {
            return Err(WebhookError::Keys);
        }
        Ok(Self { keys, fetched: Some(fetched), asked: Some(fetched) })
    }

    /// Whether the keys are 24 hours old, or were never fetched: [`super::verify`] trusts them no more. A clock that was
    /// set back as far counts too.
    #[must_use]
    pub fn stale(&self, now: Timestamp) -> bool {
        self.fetched.is_none_or(|fetched| apart(fetched, now) >= LIFE)
    }

    /// Whether keys may be fetched again, because these are stale or fit no signature: once a minute, so that forged
    /// webhooks do not turn into requests to FAL.
    #[must_use]
    pub fn may_refetch(&self, now: Timestamp) -> bool {
        self.asked.is_none_or(|asked| apart(asked, now) >= PAUSE)
    }

    /// Notes that keys are being asked for. Call it before the request: a failed attempt counts.
    pub fn refetching(&mut self, now: Timestamp) {
        self.asked = Some(now);
    }

    /// Whether one of the keys made `signature`.
    pub(super) fn verify(&self, message: &[u8], signature: &Signature) -> bool {
        self.keys.iter().any(|key| key.verify_strict(message, signature).is_ok())
    }
}

/// Asks for FAL's webhook keys: at `rest.fal.ai`, or at `hosts` itself when that is on this machine. It carries no key.
/// The body of a successful answer is what [`KeySet::parse`] takes.
#[must_use]
pub fn jwks_request(hosts: &Hosts, deadline: Timestamp) -> Request {
    Request {
        method: Method::Get,
        url: hosts.webhook_keys_url(),
        headers: vec![Header::plain("accept", wire::JSON), Header::plain("user-agent", wire::USER_AGENT)],
        body: None,
        max_body: KeySet::MAX_BYTES,
        deadline,
    }
}

/// Reads the answer to [`jwks_request`], which was sent at `asked`.
///
/// # Errors
/// [`ErrorCode::FalProtocol`](crate::ErrorCode::FalProtocol) for a success that is no set of keys; else what the answer
/// says.
pub fn read_keys(answer: &Answer, asked: Timestamp) -> Result<KeySet, FalError> {
    if !answer.is_success() {
        return Err(FalError::from_answer(answer));
    }
    let text = std::str::from_utf8(&answer.body).ok();
    text.and_then(|text| KeySet::parse(text, asked).ok()).ok_or_else(|| FalError::protocol(answer.status))
}

/// The time between two moments, whichever is first.
fn apart(one: Timestamp, other: Timestamp) -> Duration {
    one.since(other).max(other.since(one))
}

#[derive(Deserialize)]
struct WireSet<'a> {
    #[serde(borrow)]
    keys: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct WireKey<'a> {
    #[serde(borrow)]
    kty: Option<&'a RawValue>,
    #[serde(borrow)]
    crv: Option<&'a RawValue>,
    #[serde(borrow)]
    x: Option<&'a RawValue>,
}

fn keys(jwks: &str) -> Option<Vec<VerifyingKey>> {
    let wire: WireSet<'_> = serde_json::from_str(jwks).ok()?;
    let few = json::length(wire.keys) <= KeySet::MAX_KEYS;
    let entries = json::list(wire.keys, KeySet::MAX_KEYS).filter(|_| few)?;
    Some(entries.into_iter().filter_map(key).collect())
}

fn key(entry: &RawValue) -> Option<VerifyingKey> {
    let wire: WireKey<'_> = serde_json::from_str(entry.get()).ok()?;
    let is = |raw, word: &str| json::text(raw).is_some_and(|text| text == word);
    if !(is(wire.kty, "OKP") && is(wire.crv, "Ed25519")) {
        return None;
    }
    let (text, mut point) = (json::text(wire.x)?, [0; 32]);
    let whole = Base64UrlUnpadded::decode(&text, &mut point).is_ok_and(|bytes| bytes.len() == 32);
    VerifyingKey::from_bytes(&point).ok().filter(|key| whole && !key.is_weak())
}
