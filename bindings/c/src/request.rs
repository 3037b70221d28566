//! Requests that a call wants sent.

use crate::boundary::{look, part};
use crate::text::{Text, View};
use generatio_core::fal::transport::{self, Method};

/// A request, lent by the call that wants it sent. Send it as it is: to this URL only, following no redirect, with these
/// headers and no credentials of your own.
pub struct Request {
    method: &'static str,
    url: Text,
    headers: Vec<Header>,
    body: Text,
    max_body: usize,
    deadline_ms: i64,
}

struct Header {
    name: Text,
    value: Text,
    secret: bool,
}

impl From<transport::Request> for Request {
    fn from(request: transport::Request) -> Self {
        let header = |header: &transport::Header| Header {
            name: Text::new(header.name),
            value: Text::new(&header.value),
            secret: header.sensitive,
        };
        Self {
            method: match request.method {
                Method::Get => "GET\0",
                Method::Post => "POST\0",
                Method::Put => "PUT\0",
            },
            url: Text::new(&request.url),
            headers: request.headers.iter().map(header).collect(),
            body: Text::of_bytes(request.body.as_deref().unwrap_or_default()),
            max_body: request.max_body,
            deadline_ms: request.deadline.unix_ms(),
        }
    }
}

/// "GET", "POST" or "PUT". Static; any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_request_method(request: *const Request) -> View {
    let method = |request: &Request| View { data: request.method.as_ptr().cast(), len: request.method.len() - 1 };
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(request, method) }
}

/// The absolute URL, already checked against FAL's hosts. Lent until the call's next step; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_request_url(request: *const Request) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(request, |request| request.url.view()) }
}

/// How many headers there are. Does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_request_header_count(request: *const Request) -> usize {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(request, |request| request.headers.len()) }
}

/// The name of a header, in lower case; empty beyond the count. Lent until the call's next step; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_request_header_name(request: *const Request, index: usize) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(request, |request| part(&request.headers, index, |header| header.name.view())) }
}

/// The value of a header, visible ASCII; empty beyond the count. Lent until the call's next step; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_request_header_value(request: *const Request, index: usize) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(request, |request| part(&request.headers, index, |header| header.value.view())) }
}

/// Whether logs and caches must not see a header's value: it holds the FAL key. Does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_request_header_is_secret(request: *const Request, index: usize) -> bool {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(request, |request| request.headers.get(index).is_some_and(|header| header.secret)) }
}

/// The body, JSON text; empty if there is none. Lent until the call's next step; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_request_body(request: *const Request) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(request, |request| request.body.view()) }
}

/// The most bytes that the answer's body may have; at more the exchange ends with `GENERATIO_EXCHANGE_END_TOO_LARGE`. What is
/// fed beyond it counts as that too. Does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_request_max_body(request: *const Request) -> usize {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(request, |request| request.max_body) }
}

/// When to give the exchange up, in Unix milliseconds. The call does so by itself when it is asked for its next step. Does
/// not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_request_deadline_ms(request: *const Request) -> i64 {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(request, |request| request.deadline_ms) }
}
