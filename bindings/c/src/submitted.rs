//! Requests that FAL has taken.

use crate::boundary::{self, Out, free, guard_telling, handle, look};
use crate::error::Failure;
use crate::fal::Fal;
use crate::status::Status;
use crate::text::{Text, View};
use generatio_core::fal;
use generatio_core::fal::{Endpoint, SubmittedParts};
use std::ffi::c_char;

/// A request that FAL has taken, and where it is followed up. Keep its parts on disk at once: it is paid for.
pub struct Submitted {
    pub(crate) submitted: fal::Submitted,
    endpoint: Text,
    request_id: Text,
    status_url: Text,
    response_url: Text,
    cancel_url: Text,
}

impl Submitted {
    pub(crate) fn new(endpoint: &Endpoint, submitted: fal::Submitted) -> Self {
        Self {
            endpoint: Text::new(endpoint.as_str()),
            request_id: Text::new(&submitted.request_id),
            status_url: Text::new(&submitted.status_url),
            response_url: Text::new(&submitted.response_url),
            cancel_url: Text::new(&submitted.cancel_url),
            submitted,
        }
    }
}

/// Puts together what a program kept of a request. An address that is empty, or does not lie at FAL's queue under the
/// request's own path, is replaced by the one FAL documents. `*submitted` is the caller's, freed with
/// `generatio_submitted_free`. Any thread; does not block.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_submitted_restore(
    fal: *const Fal,
    endpoint: *const c_char,
    endpoint_len: usize,
    request_id: *const c_char,
    request_id_len: usize,
    status_url: *const c_char,
    status_url_len: usize,
    response_url: *const c_char,
    response_url_len: usize,
    cancel_url: *const c_char,
    cancel_url_len: usize,
    submitted: *mut *mut Submitted,
    error: *mut *mut Failure,
) -> Status {
    let body = || {
        // SAFETY: the caller keeps to the conventions.
        let (submitted, fal, endpoint, request_id, status_url, response_url, cancel_url) = unsafe {
            (
                Out::handle(submitted)?,
                handle(fal)?,
                boundary::text(endpoint, endpoint_len)?,
                boundary::text(request_id, request_id_len)?,
                boundary::optional_text(status_url, status_url_len)?,
                boundary::optional_text(response_url, response_url_len)?,
                boundary::optional_text(cancel_url, cancel_url_len)?,
            )
        };
        let endpoint = Endpoint::parse(endpoint).map_err(Status::from)?;
        let parts = SubmittedParts {
            request_id: request_id.to_owned(),
            status_url: status_url.map(ToOwned::to_owned),
            response_url: response_url.map(ToOwned::to_owned),
            cancel_url: cancel_url.map(ToOwned::to_owned),
        };
        submitted.give(Submitted::new(&endpoint, fal::Submitted::restore(&fal.hosts, &endpoint, parts)?));
        Ok(())
    };
    // SAFETY: the caller keeps to the conventions.
    unsafe { guard_telling(error, body) }
}

/// FAL's endpoint that took the request. Lent until the handle is freed; any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_submitted_endpoint(submitted: *const Submitted) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(submitted, |submitted| submitted.endpoint.view()) }
}

/// FAL's id of the request. Lent until the handle is freed; any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_submitted_request_id(submitted: *const Submitted) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(submitted, |submitted| submitted.request_id.view()) }
}

/// Where the request's status is asked for. Lent until the handle is freed; any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_submitted_status_url(submitted: *const Submitted) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(submitted, |submitted| submitted.status_url.view()) }
}

/// Where the request's output is. Lent until the handle is freed; any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_submitted_response_url(submitted: *const Submitted) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(submitted, |submitted| submitted.response_url.view()) }
}

/// Where the request is canceled. Lent until the handle is freed; any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_submitted_cancel_url(submitted: *const Submitted) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(submitted, |submitted| submitted.cancel_url.view()) }
}

/// Frees the handle; NULL is fine. No view of it may be used afterwards. What FAL does goes on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_submitted_free(submitted: *mut Submitted) {
    // SAFETY: the caller keeps to the conventions.
    unsafe { free(submitted) }
}
