//! Webhooks: whether FAL sent this, and what it says.

use crate::boundary::{self, Out, Pointer, free, guard_telling, handle, look};
use crate::error::Failure;
use crate::fal::Fal;
use crate::numbers::DeliveryOutcome;
use crate::output::Output;
use crate::status::Status;
use crate::text::{Text, View};
use generatio_core::Timestamp;
use generatio_core::fal::webhook::{self, Delivery as CoreDelivery, Headers, KeySet, Outcome};
use std::ffi::c_char;

/// The keys that FAL signs its webhooks with, as they were at one moment.
pub struct WebhookKeys {
    keys: KeySet,
}

impl WebhookKeys {
    pub(crate) fn new(keys: KeySet) -> Self {
        Self { keys }
    }
}

/// Reads a JSON Web Key Set that was asked for at `fetched_ms`, Unix milliseconds. `*keys` is the caller's, freed with
/// `generatio_webhook_keys_free`. Any thread; does not block.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_webhook_keys_parse(
    jwks: *const c_char,
    jwks_len: usize,
    fetched_ms: i64,
    keys: *mut *mut WebhookKeys,
    error: *mut *mut Failure,
) -> Status {
    let body = || {
        // SAFETY: the caller keeps to the conventions.
        let (keys, jwks) = unsafe { (Out::handle(keys)?, boundary::text(jwks, jwks_len)?) };
        keys.give(WebhookKeys::new(KeySet::parse(jwks, Timestamp::from_unix_ms(fetched_ms))?));
        Ok(())
    };
    // SAFETY: the caller keeps to the conventions.
    unsafe { guard_telling(error, body) }
}

/// Whether the keys are 24 hours old: nothing is verified with them any more. True for NULL. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_webhook_keys_stale(keys: *const WebhookKeys, now_ms: i64) -> bool {
    // SAFETY: the caller keeps to the conventions.
    !unsafe { look(keys, |keys| !keys.keys.stale(Timestamp::from_unix_ms(now_ms))) }
}

/// Whether keys may be fetched again, because these are stale or fit no signature: once a minute, so that forged
/// webhooks do not turn into requests to FAL. True for NULL. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_webhook_keys_may_refetch(keys: *const WebhookKeys, now_ms: i64) -> bool {
    // SAFETY: the caller keeps to the conventions.
    !unsafe { look(keys, |keys| !keys.keys.may_refetch(Timestamp::from_unix_ms(now_ms))) }
}

/// Notes that keys are being asked for; call it before the request, since a failed attempt counts. No other thread may
/// use the keys meanwhile; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_webhook_keys_refetching(keys: *mut WebhookKeys, now_ms: i64) {
    // SAFETY: the caller keeps to the conventions.
    if let Some(keys) = unsafe { keys.as_mut() } {
        keys.keys.refetching(Timestamp::from_unix_ms(now_ms));
    }
}

/// Frees the keys; NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_webhook_keys_free(keys: *mut WebhookKeys) {
    // SAFETY: the caller keeps to the conventions.
    unsafe { free(keys) }
}

/// What FAL says about a request.
pub struct Delivery {
    request_id: Text,
    gateway_request_id: Text,
    outcome: u32,
    output: Option<Output>,
    failure: Option<Failure>,
}

impl From<CoreDelivery> for Delivery {
    fn from(delivery: CoreDelivery) -> Self {
        let (outcome, output, failure) = match delivery.outcome {
            Outcome::Delivered(output) => (DeliveryOutcome::Pictures, Some(Output::from(&output)), None),
            Outcome::Failed(error) => (DeliveryOutcome::Failed, None, Some(Failure::from(error))),
            Outcome::PayloadLost => (DeliveryOutcome::PayloadLost, None, None),
        };
        Self {
            request_id: Text::new(&delivery.request_id),
            gateway_request_id: Text::new(delivery.gateway_request_id.as_deref().unwrap_or_default()),
            outcome: outcome as u32,
            output,
            failure,
        }
    }
}

/// Judges and reads a delivery: its form, FAL's signature, its time, its body. The four headers are `X-Fal-Webhook-`
/// `Request-Id`, `User-Id`, `Timestamp` and `Signature` as they came; `body` is raw. `*delivery` is the caller's, freed
/// with `generatio_delivery_free`. Any thread; does not block.
///
/// `GENERATIO_WEBHOOK_EXPIRED`: FAL signed it too long ago; `generatio_error_request_id` tells for which request.
/// `GENERATIO_FAL_UNAVAILABLE`: the keys are stale.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_webhook_verify(
    fal: *const Fal,
    keys: *const WebhookKeys,
    request_id: *const c_char,
    request_id_len: usize,
    user_id: *const c_char,
    user_id_len: usize,
    timestamp: *const c_char,
    timestamp_len: usize,
    signature: *const c_char,
    signature_len: usize,
    body: *const u8,
    body_len: usize,
    now_ms: i64,
    delivery: *mut *mut Delivery,
    error: *mut *mut Failure,
) -> Status {
    let judge = || {
        // SAFETY: the caller keeps to the conventions.
        let (out, fal, keys, headers, body) = unsafe {
            (
                Out::handle(delivery)?,
                handle(fal)?,
                handle(keys)?,
                Headers {
                    request_id: boundary::text(request_id, request_id_len)?,
                    user_id: boundary::text(user_id, user_id_len)?,
                    timestamp: boundary::text(timestamp, timestamp_len)?,
                    signature: boundary::text(signature, signature_len)?,
                },
                boundary::bytes(body, body_len)?,
            )
        };
        let now = Timestamp::from_unix_ms(now_ms);
        out.give(webhook::verify(&fal.hosts, &keys.keys, &headers, body, now)?.into());
        Ok(())
    };
    // SAFETY: the caller keeps to the conventions.
    unsafe { guard_telling(error, judge) }
}

/// The request's id. Lent until the delivery is freed; any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_delivery_request_id(delivery: *const Delivery) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(delivery, |delivery| delivery.request_id.view()) }
}

/// The id of the last attempt, where FAL's queue tried again; else empty or the same. Lent until the delivery is freed;
/// any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_delivery_gateway_request_id(delivery: *const Delivery) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(delivery, |delivery| delivery.gateway_request_id.view()) }
}

/// How the request ended, for good: a `generatio_delivered`; 0 for NULL. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_delivery_outcome(delivery: *const Delivery) -> u32 {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(delivery, |delivery| delivery.outcome) }
}

/// The pictures; NULL if there are none. Lent until the delivery is freed; any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_delivery_output(delivery: *const Delivery) -> *const Output {
    let output = |delivery: &Delivery| Pointer(delivery.output.as_ref().map_or(std::ptr::null(), |output| output));
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(delivery, output) }.0
}

/// Why there are no pictures; NULL if there are, or the payload was lost. Lent until the delivery is freed; any thread;
/// does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_delivery_error(delivery: *const Delivery) -> *const Failure {
    let failure = |delivery: &Delivery| Pointer(delivery.failure.as_ref().map_or(std::ptr::null(), |failure| failure));
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(delivery, failure) }.0
}

/// Frees a delivery; NULL is fine. No view, output or error of it may be used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_delivery_free(delivery: *mut Delivery) {
    // SAFETY: the caller keeps to the conventions.
    unsafe { free(delivery) }
}
