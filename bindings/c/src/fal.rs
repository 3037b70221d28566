//! Calls to FAL: how each begins. How it goes on is in [`crate::call`].

use crate::boundary::{self, Out, free, guard, handle};
use crate::call::{Call, Outcome, Work};
use crate::catalog::object;
use crate::generation::Generation;
use crate::host::MailHost;
use crate::mailbox::Mailbox;
use crate::output::Output;
use crate::progress::Progress;
use crate::status::Status;
use crate::submitted::Submitted;
use crate::text::Text;
use generatio_core::fal::{self, Client, Endpoint, Hosts, SubmitOptions};
use generatio_core::{FalKey, SecretText, Timestamp};
use serde_json::{Map, Value};
use std::ffi::c_char;
use std::sync::Arc;
use std::time::Duration;

/// Where FAL is. It does not change, so any number of threads may use one at the same time.
pub struct Fal {
    pub(crate) hosts: Hosts,
}

/// FAL itself when `base_url` is empty, else a stand-in or proxy there: scheme, host and port alone, https, or http to a
/// loopback address. A
/// key is sent there and nowhere else. `*fal` is the caller's, freed with `generatio_fal_free`; calls may outlive it.
/// Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_fal_new(base_url: *const c_char, base_url_len: usize, fal: *mut *mut Fal) -> Status {
    guard(|| {
        // SAFETY: the caller keeps to the conventions.
        let (fal, base_url) = unsafe { (Out::handle(fal)?, boundary::optional_text(base_url, base_url_len)?) };
        fal.give(Fal { hosts: base_url.map_or_else(|| Ok(Hosts::fal()), Hosts::at)? });
        Ok(())
    })
}

/// A picture's address in normal form, if it may be fetched: https, at most 2,048 bytes, no user info.
/// `GENERATIO_FAL_HOST_REFUSED` if not. `*checked` is the caller's, freed with `generatio_text_free`. Any thread; does
/// not block.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_fal_picture_url(
    fal: *const Fal,
    url: *const c_char,
    url_len: usize,
    checked: *mut *mut Text,
) -> Status {
    guard(|| {
        // SAFETY: the caller keeps to the conventions.
        let (checked, fal, url) = unsafe { (Out::handle(checked)?, handle(fal)?, boundary::text(url, url_len)?) };
        checked.give(Text::new(&fal.hosts.picture_url(url).ok_or(Status::FalHostRefused)?));
        Ok(())
    })
}

/// Frees the handle; NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_fal_free(fal: *mut Fal) {
    // SAFETY: the caller keeps to the conventions.
    unsafe { free(fal) }
}

type Mailed = Client<MailHost>;

/// Begins a call without a key.
fn begin_with(
    fal: &Fal,
    call: Out<'_, *mut Call>,
    buys: bool,
    work: impl FnOnce(Mailed, &Arc<Mailbox>) -> Result<Work, Status>,
) -> Result<(), Status> {
    let mailbox = Arc::new(Mailbox::default());
    let work = work(Client::new(MailHost(Arc::clone(&mailbox)), fal.hosts.clone()), &mailbox)?;
    call.give(Call::new(mailbox, buys, work));
    Ok(())
}

/// Begins a call.
///
/// # Safety
/// The pointers are as the conventions demand.
unsafe fn begin(
    fal: *const Fal,
    key: (*const c_char, usize),
    call: *mut *mut Call,
    buys: bool,
    work: impl FnOnce(Mailed, FalKey, &Arc<Mailbox>) -> Result<Work, Status>,
) -> Status {
    guard(|| {
        // SAFETY: as above.
        let (call, fal, key) = unsafe { (Out::handle(call)?, handle(fal)?, boundary::text(key.0, key.1)?) };
        let key = FalKey::parse(SecretText::new(key.to_owned()))?;
        begin_with(fal, call, buys, |client, mailbox| work(client, key, mailbox))
    })
}

/// Begins a call about a request that FAL has taken.
///
/// # Safety
/// As for [`begin`].
unsafe fn begin_about(
    fal: *const Fal,
    key: (*const c_char, usize),
    submitted: *const Submitted,
    call: *mut *mut Call,
    work: impl FnOnce(Mailed, FalKey, fal::Submitted, &Arc<Mailbox>) -> Work,
) -> Status {
    let work = |client, key, mailbox: &_| {
        // SAFETY: as above.
        let submitted = unsafe { handle(submitted) }?.submitted.clone();
        Ok(work(client, key, submitted, mailbox))
    };
    // SAFETY: as above.
    unsafe { begin(fal, key, call, false, work) }
}

fn submit(client: Mailed, key: FalKey, endpoint: Endpoint, input: Map<String, Value>, options: SubmitOptions) -> Work {
    Box::pin(async move {
        let submitted = client.submit(&key, &endpoint, &input, &options).await?;
        Ok(Outcome::Submitted { endpoint, submitted })
    })
}

/// # Safety
/// The pointers are as the conventions demand.
unsafe fn options(
    webhook: (*const c_char, usize),
    start_timeout_ms: u64,
    deadline_ms: i64,
) -> Result<SubmitOptions, Status> {
    // SAFETY: as above.
    let webhook = unsafe { boundary::optional_text(webhook.0, webhook.1) }?;
    Ok(SubmitOptions {
        webhook: webhook.map(ToOwned::to_owned),
        start_timeout: Some(start_timeout_ms).filter(|ms| *ms > 0).map(Duration::from_millis),
        deadline: Timestamp::from_unix_ms(deadline_ms),
    })
}

/// Begins to submit a checked request, for which FAL charges. It is sent once, and again only when FAL certainly did not
/// take it, until the deadline in Unix milliseconds. `webhook_url`, where FAL calls when it is done, may be empty;
/// `start_timeout_ms` is the longest FAL may take to start, 0 for none. The outcome is
/// `generatio_call_submitted`; see `generatio_error_may_have_been_taken` for failures.
///
/// `*call` is the caller's, freed with `generatio_call_free`; nothing that is given here is needed any longer. The key
/// is kept, and wiped when the call is over. Any thread; does not block.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_fal_submit(
    fal: *const Fal,
    key: *const c_char,
    key_len: usize,
    generation: *const Generation,
    webhook_url: *const c_char,
    webhook_url_len: usize,
    start_timeout_ms: u64,
    deadline_ms: i64,
    call: *mut *mut Call,
) -> Status {
    let work = |client, key, _: &_| {
        // SAFETY: the caller keeps to the conventions.
        let (generation, options) =
            unsafe { (handle(generation)?, options((webhook_url, webhook_url_len), start_timeout_ms, deadline_ms)?) };
        let generation = &generation.generation;
        Ok(submit(client, key, generation.model().endpoint.clone(), generation.input(), options))
    };
    // SAFETY: the caller keeps to the conventions.
    unsafe { begin(fal, (key, key_len), call, true, work) }
}

/// The same for an input that no catalog has checked: `input` is the JSON object that FAL's endpoint takes.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_fal_submit_input(
    fal: *const Fal,
    key: *const c_char,
    key_len: usize,
    endpoint: *const c_char,
    endpoint_len: usize,
    input: *const c_char,
    input_len: usize,
    webhook_url: *const c_char,
    webhook_url_len: usize,
    start_timeout_ms: u64,
    deadline_ms: i64,
    call: *mut *mut Call,
) -> Status {
    let work = |client, key, _: &_| {
        // SAFETY: the caller keeps to the conventions.
        let (endpoint, input, options) = unsafe {
            (
                boundary::text(endpoint, endpoint_len)?,
                boundary::text(input, input_len)?,
                options((webhook_url, webhook_url_len), start_timeout_ms, deadline_ms)?,
            )
        };
        Ok(submit(client, key, Endpoint::parse(endpoint)?, object(input)?, options))
    };
    // SAFETY: the caller keeps to the conventions.
    unsafe { begin(fal, (key, key_len), call, true, work) }
}

/// Begins to look where a request stands, with all its log lines so far; at most 30 seconds. The outcome is
/// `generatio_call_progress`. For the rest see `generatio_fal_submit`.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_fal_status(
    fal: *const Fal,
    key: *const c_char,
    key_len: usize,
    submitted: *const Submitted,
    call: *mut *mut Call,
) -> Status {
    let work = |client: Mailed, key, submitted, _: &_| -> Work {
        Box::pin(async move { Ok(Outcome::Status(client.status(&key, &submitted).await?)) })
    };
    // SAFETY: the caller keeps to the conventions.
    unsafe { begin_about(fal, (key, key_len), submitted, call, work) }
}

/// Begins to wait until a request is over, well or badly, or until the deadline in Unix milliseconds: by FAL's status
/// stream, else by polling. Progress is told on the way. The outcome is `generatio_call_completion`; then fetch the
/// result, of a failed request too: it says why. When the wait ends early, the request goes on. For the rest see
/// `generatio_fal_submit`.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_fal_wait(
    fal: *const Fal,
    key: *const c_char,
    key_len: usize,
    submitted: *const Submitted,
    deadline_ms: i64,
    call: *mut *mut Call,
) -> Status {
    let work = |client: Mailed, key, submitted, mailbox: &Arc<Mailbox>| -> Work {
        let news = Arc::clone(mailbox);
        Box::pin(async move {
            let tell = |status: &_| news.lock().news.push_back(Progress::from(status));
            let waited = client.wait(&key, &submitted, Timestamp::from_unix_ms(deadline_ms), tell).await?;
            Ok(Outcome::from(&waited))
        })
    };
    // SAFETY: the caller keeps to the conventions.
    unsafe { begin_about(fal, (key, key_len), submitted, call, work) }
}

/// Begins to fetch the output of a request that is over, until the deadline in Unix milliseconds: also while FAL says
/// that it still runs. The outcome is `generatio_call_output`, or why the request failed. For the rest see
/// `generatio_fal_submit`.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_fal_result(
    fal: *const Fal,
    key: *const c_char,
    key_len: usize,
    submitted: *const Submitted,
    deadline_ms: i64,
    call: *mut *mut Call,
) -> Status {
    let work = |client: Mailed, key, submitted, _: &_| -> Work {
        Box::pin(async move {
            let output = client.result(&key, &submitted, Timestamp::from_unix_ms(deadline_ms)).await?;
            Ok(Outcome::Output(Output::from(&output)))
        })
    };
    // SAFETY: the caller keeps to the conventions.
    unsafe { begin_about(fal, (key, key_len), submitted, call, work) }
}

/// Begins to ask FAL to drop a request; at most 30 seconds. The outcome is `generatio_call_cancel_outcome`; only the
/// request's own end tells what it costs. To stop a call of this library use `generatio_call_abort`. For the rest see
/// `generatio_fal_submit`.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_fal_cancel(
    fal: *const Fal,
    key: *const c_char,
    key_len: usize,
    submitted: *const Submitted,
    call: *mut *mut Call,
) -> Status {
    let work = |client: Mailed, key, submitted, _: &_| -> Work {
        Box::pin(async move { Ok(Outcome::Canceled(client.cancel(&key, &submitted).await?)) })
    };
    // SAFETY: the caller keeps to the conventions.
    unsafe { begin_about(fal, (key, key_len), submitted, call, work) }
}

/// Begins to ask FAL whether it knows a key, until the deadline in Unix milliseconds. Costs nothing. It ends with
/// `GENERATIO_OK`, `GENERATIO_FAL_KEY_REFUSED` for a bad key, or `GENERATIO_FAL_ACCESS_DENIED` for one that FAL knows
/// and does not serve at present; any other status says nothing about the key. For the rest see `generatio_fal_submit`.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_fal_check_key(
    fal: *const Fal,
    key: *const c_char,
    key_len: usize,
    deadline_ms: i64,
    call: *mut *mut Call,
) -> Status {
    let work = |client: Mailed, key, _: &_| -> Result<Work, Status> {
        Ok(Box::pin(async move {
            client.check_key(&key, Timestamp::from_unix_ms(deadline_ms)).await?;
            Ok(Outcome::KeyIsGood)
        }))
    };
    // SAFETY: the caller keeps to the conventions.
    unsafe { begin(fal, (key, key_len), call, false, work) }
}

/// Begins to fetch the keys that FAL signs its webhooks with, until the deadline in Unix milliseconds. No key of yours is
/// sent. The outcome is `generatio_call_webhook_keys`. For the rest see `generatio_fal_submit`.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_fal_webhook_keys(fal: *const Fal, deadline_ms: i64, call: *mut *mut Call) -> Status {
    guard(|| {
        // SAFETY: the caller keeps to the conventions.
        let (call, fal) = unsafe { (Out::handle(call)?, handle(fal)?) };
        begin_with(fal, call, false, |client, _| {
            Ok(Box::pin(async move {
                let keys = client.webhook_keys(Timestamp::from_unix_ms(deadline_ms)).await?;
                Ok(Outcome::Keys(keys))
            }))
        })
    })
}
