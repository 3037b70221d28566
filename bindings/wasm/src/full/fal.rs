//! Calls to FAL: core's client, driven by JavaScript, which sends, reads and sleeps.
//!
//! A call is a future of core's client over a host that only writes down what it wants (`wire`). JavaScript polls it,
//! does what is written there, and says what came of it; then it polls again. Nothing is held on JavaScript's side of
//! which Rust would have to be told when an instance is replaced.

mod host;
mod outcome;
mod wire;

use super::catalog::{self, checked};
use super::json::read;
use super::refused;
use crate::error::{locked, misused};
use crate::kept::{self, Kept};
use crate::memory::apart;
use crate::token;
use generatio_core::fal::{Client, Endpoint, Hosts, SubmitOptions, Submitted, SubmittedParts};
use generatio_core::{ErrorCode, FalKey, Timestamp};
use host::Wired;
use outcome::Failed;
use serde_json::Value;
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use wasm_bindgen::prelude::*;
use wire::{Event, Wire};

/// What comes of a call: JSON, or an error.
type Outcome = Result<String, Failed>;

type Work = Pin<Box<dyn Future<Output = Outcome>>>;

/// A call under way.
pub(crate) struct Call {
    wire: Rc<Wire>,
    work: RefCell<Work>,
}

/// Begins a call with the token of this number: JSON of `{kind, url?, now, deadline, …}`, the moments in Unix
/// milliseconds.
#[wasm_bindgen(js_name = falBegin)]
pub fn fal_begin(token: u32, order: &[u8]) -> Result<u32, JsValue> {
    let order = read(order)?;
    let hosts = hosts(order["url"].as_str())?;
    let key = FalKey::parse(token::copy(token).ok_or_else(locked)?).map_err(|error| refused(error.code(), &error))?;
    let moment = |name: &str| order[name].as_i64().map(Timestamp::from_unix_ms).ok_or_else(misused);
    let wire = Wire::new(moment("now")?);
    let work = work(&order, key, hosts, &wire, moment("deadline")?)?;
    Ok(Kept::Call(Call { wire, work: RefCell::new(work) }).keep())
}

/// Whether this may stand for FAL.
#[wasm_bindgen(js_name = falHost)]
pub fn fal_host(url: &[u8]) -> Result<(), JsValue> {
    hosts(Some(std::str::from_utf8(url).unwrap_or_default())).map(drop)
}

/// FAL's, or a stand-in's on this machine: a server must not be able to have keys sent elsewhere.
fn hosts(url: Option<&str>) -> Result<Hosts, JsValue> {
    let Some(url) = url else { return Ok(Hosts::fal()) };
    let hosts = Hosts::at(url).map_err(|error| refused(error.code(), &error))?;
    if hosts.is_loopback() {
        Ok(hosts)
    } else {
        Err(refused(ErrorCode::FalHostRefused, &"only a loopback address may stand for FAL"))
    }
}

fn work(order: &Value, key: FalKey, hosts: Hosts, wire: &Rc<Wire>, deadline: Timestamp) -> Result<Work, JsValue> {
    match order["kind"].as_str() {
        Some("submit") => submit(order, key, hosts, wire, deadline),
        Some("checkKey") => {
            let client = Client::new(Wired(Rc::clone(wire)), hosts);
            Ok(Box::pin(async move {
                client.check_key(&key, deadline).await.map(|()| "null".to_owned()).map_err(Failed::from)
            }))
        }
        kind => follow(kind.unwrap_or_default(), &order["submitted"], key, hosts, wire, deadline),
    }
}

fn submit(order: &Value, key: FalKey, hosts: Hosts, wire: &Rc<Wire>, deadline: Timestamp) -> Result<Work, JsValue> {
    let catalog = order["catalog"].as_u64().and_then(|number| u32::try_from(number).ok()).ok_or_else(misused)?;
    let checked = |catalog: &_| checked(catalog, &order["request"]).map_err(|problems| outcome::thrown(&problems));
    let generation = catalog::with(catalog, checked)?;
    let (endpoint, input) = (generation.model().endpoint.clone(), generation.input());
    let webhook = order["webhook"].as_str().map(ToOwned::to_owned);
    let start_timeout = order["startTimeoutMs"].as_u64().map(Duration::from_millis);
    let client = Client::new(Wired(Rc::clone(wire)), hosts);
    Ok(Box::pin(async move {
        let options = SubmitOptions { webhook, start_timeout, deadline };
        let submitted = client.submit(&key, &endpoint, &input, &options).await;
        submitted.map_err(Failed::from).and_then(|taken| outcome::submitted(&endpoint, &taken))
    }))
}

/// The calls about a request that FAL has taken.
fn follow(
    kind: &str,
    submitted: &Value,
    key: FalKey,
    hosts: Hosts,
    wire: &Rc<Wire>,
    deadline: Timestamp,
) -> Result<Work, JsValue> {
    let submitted = restored(&hosts, submitted)?;
    let client = Client::new(Wired(Rc::clone(wire)), hosts);
    let news = Rc::clone(wire);
    Ok(match kind {
        "wait" => Box::pin(async move {
            let tell = |status: &_| news.tell(outcome::progress(status));
            let waited = client.wait(&key, &submitted, deadline, tell).await;
            waited.map_err(Failed::from).and_then(|done| outcome::completion(&done))
        }),
        "result" => Box::pin(async move {
            let output = client.result(&key, &submitted, deadline).await;
            output.map_err(Failed::from).and_then(|output| outcome::output(&output))
        }),
        "cancel" => Box::pin(async move {
            let canceled = client.cancel(&key, &submitted).await;
            canceled.map_err(Failed::from).and_then(outcome::canceled)
        }),
        _ => return Err(misused()),
    })
}

/// Checks what JavaScript kept.
fn restored(hosts: &Hosts, kept: &Value) -> Result<Submitted, JsValue> {
    let text = |name: &str| kept[name].as_str().map(ToOwned::to_owned);
    let endpoint = Endpoint::parse(kept["endpoint"].as_str().unwrap_or_default());
    let endpoint = endpoint.map_err(|error| refused(ErrorCode::FalProtocol, &error))?;
    let parts = SubmittedParts {
        request_id: text("requestId").unwrap_or_default(),
        status_url: text("statusUrl"),
        response_url: text("responseUrl"),
        cancel_url: text("cancelUrl"),
    };
    Submitted::restore(hosts, &endpoint, parts).map_err(|error| refused(error.code(), &error))
}

/// Goes on with a call as far as it goes. JSON of `{wants, news, done?}`; an error ends the call.
#[wasm_bindgen(js_name = falPoll)]
pub fn fal_poll(number: u32, now: f64) -> Result<Vec<u8>, JsValue> {
    let step = with(number, |call| {
        call.wire.set_now(now);
        let polled = apart(|| call.work.borrow_mut().as_mut().poll(&mut Context::from_waker(Waker::noop())));
        let done = match polled {
            Poll::Pending => None,
            Poll::Ready(Ok(json)) => Some(json),
            Poll::Ready(Err(failed)) => return Err(failed.thrown()),
        };
        Ok(call.wire.step(done).into_bytes())
    });
    // What is over must not be polled again, and its key goes.
    if step.is_err() {
        drop(kept::take(number));
    }
    step
}

/// The `authorization` header of a request, once.
#[wasm_bindgen(js_name = falAuthorization)]
pub fn fal_authorization(number: u32, id: u32) -> Result<Vec<u8>, JsValue> {
    with(number, |call| call.wire.authorization(id).ok_or_else(misused))
}

/// The head of an answer: its headers as JSON.
#[wasm_bindgen(js_name = falHead)]
pub fn fal_head(number: u32, id: u32, status: u16, headers: &[u8]) -> Result<(), JsValue> {
    let headers = read(headers)?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let headers = headers.as_array().into_iter().flatten().map(|pair| (text(&pair[0]), text(&pair[1]))).collect();
    tell(number, id, Event::Head { status, headers })
}

/// The next chunk of a body; an empty one ends it.
#[wasm_bindgen(js_name = falChunk)]
pub fn fal_chunk(number: u32, id: u32, bytes: Vec<u8>) -> Result<(), JsValue> {
    tell(number, id, Event::Chunk(bytes))
}

/// An exchange failed; `too_large`: because its body is.
#[wasm_bindgen(js_name = falFailed)]
pub fn fal_failed(number: u32, id: u32, too_large: bool) -> Result<(), JsValue> {
    tell(number, id, Event::Failed { too_large })
}

/// Something slept long enough.
#[wasm_bindgen(js_name = falWoke)]
pub fn fal_woke(number: u32, id: u32) -> Result<(), JsValue> {
    tell(number, id, Event::Woke)
}

fn tell(number: u32, id: u32, event: Event) -> Result<(), JsValue> {
    with(number, |call| {
        call.wire.happened(id, event);
        Ok(())
    })
}

fn with<T>(number: u32, look: impl FnOnce(&Call) -> Result<T, JsValue>) -> Result<T, JsValue> {
    let looked = kept::look(number, |kept| match kept {
        Kept::Call(call) => Some(look(call)),
        _ => None,
    });
    looked.unwrap_or_else(|| Err(misused()))
}
