//! Webhooks: whether FAL sent this, and what it says. Pure: the host takes the request and fetches FAL's keys.
//!
//! A good signature says that FAL sent the delivery, for some account of FAL's. Whose job it is about, the caller knows
//! from the address it came to and from the request id. A delivery comes at least once, late or early, and in any order.
//!
//! Source: fal.ai/docs, "Webhooks", read 2026.

mod keys;

pub use keys::{KeySet, jwks_request, read_keys};

use super::error::{FalError, STATUS_UNTOLD};
use super::hosts::Hosts;
use super::transport::Answer;
use super::wire::{Output, RESULT_MAX, is_safe_token, read_result};
use crate::{ErrorCode, Timestamp, json};
use ed25519_dalek::Signature;
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use std::time::Duration;

/// How far the time of a signature may be off, either way.
pub const WINDOW: Duration = Duration::from_secs(300);

/// Longest user id, in bytes.
const MAX_USER_ID: usize = 256;
/// Most digits of a timestamp; that many seconds fit every type.
const MAX_TIMESTAMP: usize = 12;
/// How FAL says with which HTTP status a request ended.
const STATUS_TEXT: &str = "Invalid status code: ";

/// The four headers that FAL signs with, as they came.
#[derive(Clone, Copy, Debug)]
pub struct Headers<'a> {
    /// `X-Fal-Webhook-Request-Id`.
    pub request_id: &'a str,
    /// `X-Fal-Webhook-User-Id`: FAL's name for the owner of the key the request was paid with.
    pub user_id: &'a str,
    /// `X-Fal-Webhook-Timestamp`: Unix seconds.
    pub timestamp: &'a str,
    /// `X-Fal-Webhook-Signature`: Ed25519, 128 hexadecimal digits of either case.
    pub signature: &'a str,
}

/// What FAL says about a request.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Delivery {
    /// The request's id, fit for [`super::SubmittedParts`].
    pub request_id: String,
    /// The id of the last attempt; another than `request_id` when FAL's queue tried again.
    pub gateway_request_id: Option<String>,
    /// How it ended. This is final.
    pub outcome: Outcome,
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The pictures. A webhook tells no billable units, so `billable_units` is `None`.
    Delivered(Output),
    /// There are none, and why: the model's or FAL's failure with its problems, or what [`read_result`] objects to in
    /// the output.
    Failed(FalError),
    /// It went well, and the output could not be sent along. Fetching the result may still bring it.
    PayloadLost,
}

/// Why a webhook or a set of keys is not to be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// FAL signed it, at a time more than [`WINDOW`] away. The delivery is not to be believed as it stands; the request
    /// it names is worth a look at its status.
    #[error("the webhook's signature is too old, or a clock is wrong")]
    Expired {
        /// The request FAL signed for, fit for [`super::SubmittedParts`].
        request_id: String,
    },
    /// The text is no set of keys, or none in it can verify a signature.
    #[error("FAL's webhook keys could not be read")]
    Keys,
    /// The headers or the body are not of FAL's form, the body is above [`RESULT_MAX`] bytes, or the two name different
    /// requests.
    #[error("the request is not a webhook of FAL's form")]
    Malformed,
    /// There are no keys to check with, or they are [`KeySet::stale`]. FAL should be told to come again.
    #[error("there are no current keys to check the webhook with")]
    NoKeys,
    /// No key fits. The keys may have changed: see [`KeySet::may_refetch`].
    #[error("FAL did not sign this webhook")]
    Signature,
}

impl WebhookError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Expired { .. } => ErrorCode::WebhookExpired,
            Self::Keys => ErrorCode::FalProtocol,
            Self::Malformed => ErrorCode::WebhookMalformed,
            Self::NoKeys => ErrorCode::FalUnavailable,
            Self::Signature => ErrorCode::WebhookSignature,
        }
    }
}

/// Judges and reads a delivery: its form, then the signature (Ed25519, RFC 8032, by strict rules) over request id, user
/// id, timestamp and the lower-case hexadecimal SHA-256 of `body`, joined by line feeds; then its time; then the body.
///
/// `body` is the raw body, as received, of at most [`RESULT_MAX`] bytes. Pictures are checked against `hosts`, as in
/// [`read_result`].
///
/// # Errors
/// [`WebhookError`]; [`WebhookError::Expired`] only for what FAL did sign.
pub fn verify(
    hosts: &Hosts,
    keys: &KeySet,
    headers: &Headers<'_>,
    body: &[u8],
    now: Timestamp,
) -> Result<Delivery, WebhookError> {
    let (sent_s, signature) = headers.read().filter(|_| body.len() <= RESULT_MAX).ok_or(WebhookError::Malformed)?;
    if keys.stale(now) {
        return Err(WebhookError::NoKeys);
    }
    if !keys.verify(headers.message(body).as_bytes(), &signature) {
        return Err(WebhookError::Signature);
    }
    if now.unix_s().abs_diff(sent_s) > WINDOW.as_secs() {
        return Err(WebhookError::Expired { request_id: headers.request_id.to_owned() });
    }
    let delivery = read(hosts, body).filter(|delivery| delivery.request_id == headers.request_id);
    delivery.ok_or(WebhookError::Malformed)
}

impl Headers<'_> {
    /// The time in Unix seconds and the signature, if all four have their form. None can hold a line feed, so that what
    /// was signed can be read in one way only.
    fn read(&self) -> Option<(i64, Signature)> {
        let named =
            (1..=MAX_USER_ID).contains(&self.user_id.len()) && self.user_id.bytes().all(|b| b.is_ascii_graphic());
        let digits = self.timestamp.len() <= MAX_TIMESTAMP && self.timestamp.bytes().all(|b| b.is_ascii_digit());
        if !(is_safe_token(self.request_id) && named && digits) {
            return None;
        }
        Some((self.timestamp.parse().ok()?, Signature::from_bytes(&unhex(self.signature)?)))
    }

    fn message(&self, body: &[u8]) -> String {
        let digest: String = Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
        [self.request_id, self.user_id, self.timestamp, &digest].join("\n")
    }
}

fn unhex(text: &str) -> Option<[u8; Signature::BYTE_SIZE]> {
    let digit = |byte: u8| u8::try_from(char::from(byte).to_digit(16)?).ok();
    let mut bytes = [0; Signature::BYTE_SIZE];
    if text.len() != 2 * bytes.len() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

#[derive(Deserialize)]
struct WireDelivery<'a> {
    #[serde(borrow)]
    request_id: Option<&'a RawValue>,
    #[serde(borrow)]
    gateway_request_id: Option<&'a RawValue>,
    #[serde(borrow)]
    status: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
}

fn read(hosts: &Hosts, body: &[u8]) -> Option<Delivery> {
    let wire: WireDelivery<'_> = serde_json::from_slice(body).ok()?;
    let last_attempt = json::text(wire.gateway_request_id);
    Some(Delivery {
        request_id: json::text(wire.request_id)?,
        gateway_request_id: last_attempt.filter(|id| is_safe_token(id)),
        outcome: outcome(hosts, &wire)?,
    })
}

fn outcome(hosts: &Hosts, wire: &WireDelivery<'_>) -> Option<Outcome> {
    let word = json::text(wire.status)?;
    match (word.as_str(), wire.payload) {
        ("OK", None) => Some(Outcome::PayloadLost),
        ("OK", payload) => {
            Some(read_result(hosts, &answer(200, payload)).map_or_else(Outcome::Failed, Outcome::Delivered))
        }
        ("ERROR", payload) => Some(Outcome::Failed(failure(json::text(wire.error), payload))),
        _ => None,
    }
}

/// Not by [`read_result`]: its 404 and 400 are about results that are not there, and this one is.
fn failure(error: Option<String>, payload: Option<&RawValue>) -> FalError {
    let told = error.and_then(|text| text.strip_prefix(STATUS_TEXT)?.trim().parse().ok());
    match told.filter(|status| (400..=599).contains(status)) {
        Some(status) => FalError::from_answer(&answer(status, payload)),
        None => FalError::from_answer(&answer(STATUS_UNTOLD, payload)).unnumbered(),
    }
}

/// The answer that fetching the result would have brought, but for its headers.
fn answer(status: u16, payload: Option<&RawValue>) -> Answer {
    let body = payload.map_or("", RawValue::get).as_bytes().to_vec();
    Answer { status, headers: Vec::new(), body }
}
