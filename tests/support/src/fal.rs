//! One FAL request that tests talk about.

use generatio_core::fal::{Endpoint, Hosts, Submitted, SubmittedParts};
use generatio_core::{FalKey, SecretText};

/// The text of [`key`]: what must never turn up.
pub const KEY_TEXT: &str = "0b2f5a3e-key-id:5ec2e7";
/// The id of [`submitted`].
pub const REQUEST_ID: &str = "0199c0de-1a2b-7c3d-8e4f-0123456789ab";
/// Where [`endpoint`] is submitted.
pub const SUBMIT_URL: &str = "https://queue.fal.run/fal-ai/flux/schnell";
/// Where [`submitted`] lives.
pub const REQUEST_URL: &str = "https://queue.fal.run/fal-ai/flux/requests/0199c0de-1a2b-7c3d-8e4f-0123456789ab";

/// A key of FAL's form.
#[must_use]
pub fn key() -> FalKey {
    FalKey::parse(SecretText::new(KEY_TEXT.to_owned())).expect("a key's form")
}

/// FLUX.1 \[schnell\].
#[must_use]
pub fn endpoint() -> Endpoint {
    Endpoint::parse("fal-ai/flux/schnell").expect("an endpoint id")
}

/// A request that FAL has taken.
#[must_use]
pub fn submitted() -> Submitted {
    let parts = SubmittedParts { request_id: REQUEST_ID.to_owned(), ..SubmittedParts::default() };
    Submitted::restore(&Hosts::fal(), &endpoint(), parts).expect("a safe id")
}
